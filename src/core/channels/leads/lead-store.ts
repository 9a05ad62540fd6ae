/** SQL of a channel's own data about its leads, in the home unit's database. */
import type { Statement, UnitDb } from "../../../context";
import { LEAD_COLUMNS, type LeadRow, readLead } from "../../leads";
import type { Channel } from "../channel";
import type { ChannelLead, ChannelState } from "./channel-lead";
import type { PropertyValues } from "./properties";

export type StateRow = { channel_id: string; status_id: string; properties: string; legacy_id: number | null };

const STATE_COLUMNS = "m.channel_id, m.status_id, m.properties, m.legacy_id";

export const selectState = (db: UnitDb, leadId: string): Statement<StateRow> =>
  db.sql(`SELECT ${STATE_COLUMNS} FROM channel_leads m WHERE m.unit = ?1 AND m.lead_id = ?2`, leadId);

export const readState = ({ status_id, properties, legacy_id }: Omit<StateRow, "channel_id">): ChannelState => ({
  status_id,
  properties: JSON.parse(properties) as PropertyValues,
  legacy_id,
});

/** A lead of the channel, with the channel's data about it. */
export const selectChannelLead = (db: UnitDb, channelId: string, leadId: string): Statement<ChannelLeadRow> =>
  db.sql(
    `SELECT ${LEAD_COLUMNS}, ${STATE_COLUMNS} FROM leads l CROSS JOIN channel_leads m ON m.unit = l.unit AND m.lead_id = l.lead_id
     WHERE l.unit = ?1 AND l.lead_id = ?2 AND m.channel_id = ?3`,
    leadId,
    channelId,
  );

/** The lead of the unit that has a legacy id, whichever its channel. */
export const selectByLegacyId = (db: UnitDb, legacyId: number): Statement<ChannelLeadRow> =>
  db.sql(
    `SELECT ${LEAD_COLUMNS}, ${STATE_COLUMNS} FROM channel_leads m INDEXED BY channel_leads_by_legacy_id
     CROSS JOIN leads l ON l.unit = m.unit AND l.lead_id = m.lead_id
     WHERE m.unit = ?1 AND m.legacy_id = ?2 AND m.legacy_id IS NOT NULL`,
    legacyId,
  );

/** Newest first: the ids are in the order of creation. */
export const selectNewest = (db: UnitDb, channelId: string, limit: number): Statement<ChannelLeadRow> =>
  db.sql(
    `SELECT ${LEAD_COLUMNS}, ${STATE_COLUMNS} FROM channel_leads m INDEXED BY channel_leads_by_channel
     CROSS JOIN leads l ON l.unit = m.unit AND l.lead_id = m.lead_id
     WHERE m.unit = ?1 AND m.channel_id = ?2 ORDER BY m.lead_id DESC LIMIT ?3`,
    channelId,
    limit,
  );

export type ChannelLeadRow = LeadRow & StateRow;

export function readChannelLead(channel: Channel, row: ChannelLeadRow): ChannelLead {
  const { channel_id: _, status_id, properties, legacy_id, ...lead } = row;
  return { lead: readLead(lead), channel, state: readState({ status_id, properties, legacy_id }) };
}

export const insertState = (
  db: UnitDb,
  row: { lead_id: string; channel_id: string; status_id: string; properties: string; legacy_id: number | null },
): Statement<never> =>
  db.sql(
    "INSERT INTO channel_leads (unit, lead_id, channel_id, status_id, properties, legacy_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    row.lead_id,
    row.channel_id,
    row.status_id,
    row.properties,
    row.legacy_id,
  );

/** For a batch that is guarded by the lead's version. */
export const updateProperties = (db: UnitDb, leadId: string, properties: string): Statement<never> =>
  db.sql("UPDATE channel_leads SET properties = ?3 WHERE unit = ?1 AND lead_id = ?2", leadId, properties);

export const updateStatus = (db: UnitDb, leadId: string, statusId: string): Statement<never> =>
  db.sql("UPDATE channel_leads SET status_id = ?3 WHERE unit = ?1 AND lead_id = ?2", leadId, statusId);
