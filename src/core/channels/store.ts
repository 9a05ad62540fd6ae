/** Channels in the directory: one statement reads a channel with all that is set on it, so nothing about it can be out of date. */
import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Directory, OrgUnit } from "../../context";
import { channelStatuses, channels, propertyDefinitions, rewardTriggers } from "../../db/schema/channels";
import { answerWrites, type KeptAnswer } from "../idempotency";
import type { RewardTrigger } from "./channel";
import {
  type ChannelAtHome,
  type ChannelHome,
  type ChannelParts,
  type ChannelRow,
  type FoundChannel,
  type LookedUp,
  readChannel,
  type StoredChannel,
} from "./channel-row";

const companyOf = (organizationId: string | null): SQL =>
  sql`(SELECT o.company_id FROM organizations o WHERE o.organization_id = ${organizationId})`;

/** An org unit as JSON. The type fails to compile when a field of `OrgUnit` is missing. */
const HOME_FIELDS: Record<keyof OrgUnit, SQL> = {
  unit: sql`u.unit`,
  unit_id: sql`u.unit_id`,
  organization_id: sql`u.organization_id`,
  workspace_id: sql`u.workspace_id`,
  name: sql`u.name`,
  slug: sql`u.slug`,
  external_ref: sql`u.external_ref`,
  is_default: sql`json(iif(u.is_default, 'true', 'false'))`,
  default_region: sql`u.default_region`,
  link_accounts_by_domain: sql`json(iif(u.link_accounts_by_domain, 'true', 'false'))`,
  shard: sql`u.shard`,
  moving: sql`json(iif(u.moving, 'true', 'false'))`,
  limits: sql`json(u.limits)`,
};
const HOME = sql`json_object(${sql.join(
  Object.entries(HOME_FIELDS).map(([field, value]) => sql`${sql.raw(`'${field}'`)}, ${value}`),
  sql`, `,
)})`;

const columns = (
  organizationId: string | null,
  leadId: SQL,
): SQL => sql`c.*, ${companyOf(organizationId)} AS company_id, ${leadId} AS lead_id,
  (SELECT json_group_array(json_object('id', p.definition_id, 'name', p.name, 'type', p.type, 'order', p."order",
      'visible', json(iif(p.visible, 'true', 'false')), 'active', json(iif(p.active, 'true', 'false'))) ORDER BY p."order", p.definition_id)
    FROM property_definitions p WHERE p.channel_id = c.channel_id) AS definitions,
  (SELECT json_group_array(json_object('id', s.status_id, 'status', s.status, 'order', s."order", 'color', s.color,
      'visible', json(iif(s.visible, 'true', 'false'))) ORDER BY s."order", s.status_id)
    FROM channel_statuses s WHERE s.channel_id = c.channel_id) AS statuses,
  (SELECT json_group_array(json_object('id', t.trigger_id, 'kind', t.kind, 'amount_type', t.amount_type, 'amount', t.amount,
      'status_id', t.status_id, 'active', json(iif(t.active, 'true', 'false')), 'created_at', t.created_at) ORDER BY t.created_at, t.trigger_id)
    FROM reward_triggers t WHERE t.channel_id = c.channel_id) AS triggers,
  (SELECT ${HOME}
    FROM org_units u WHERE u.unit = c.unit) AS home`;

const NONE = sql`NULL`;

/** `isAccessible` in SQL. */
const hasRole = (company: SQL): SQL =>
  sql`(c.creator = ${company} OR c.partner = ${company} OR c.referring = ${company} OR c.receiving = ${company}) AND c.archived_at IS NULL`;

export async function findChannel(
  directory: Directory,
  channelId: string,
  organizationId: string | null,
): Promise<FoundChannel | undefined> {
  return first(
    await directory.all<ChannelRow & LookedUp>(
      sql`SELECT ${columns(organizationId, NONE)} FROM channels c WHERE c.channel_id = ${channelId}`,
    ),
  );
}

/** By its id or its public id. */
export async function findPublicChannel(directory: Directory, id: string): Promise<ChannelAtHome | undefined> {
  return first(
    await directory.all<ChannelRow & LookedUp>(
      sql`SELECT ${columns(null, NONE)} FROM channels c WHERE c.channel_id = ${id} OR c.public_id = ${id} LIMIT 1`,
    ),
  );
}

export async function findChannelOfLead(directory: Directory, leadId: string, organizationId: string): Promise<FoundChannel | undefined> {
  return first(
    await directory.all<ChannelRow & LookedUp>(sql`SELECT ${columns(organizationId, sql`d.lead_id`)}
      FROM lead_directory d CROSS JOIN channels c ON c.channel_id = d.channel_id WHERE d.lead_id = ${leadId}`),
  );
}

/** As many of a company's leads may claim a legacy id before the older ones hide the newer: one in each unit, and those that are gone. */
const LEGACY_CANDIDATES_MAX = 100;

/** Channels of the leads that were given a legacy id: those that the organization's company has a role in first, oldest lead first. */
export async function findChannelsByLegacyId(directory: Directory, legacyId: number, organizationId: string): Promise<FoundChannel[]> {
  const rows = await directory.all<ChannelRow & LookedUp>(sql`SELECT ${columns(organizationId, sql`r.lead_id`)}
    FROM (SELECT d.lead_id, d.channel_id, (${hasRole(companyOf(organizationId))}) IS TRUE AS own
      FROM lead_directory d CROSS JOIN channels c ON c.channel_id = d.channel_id WHERE d.legacy_id = ${legacyId}
      ORDER BY own DESC, d.lead_id LIMIT ${LEGACY_CANDIDATES_MAX}) r
    CROSS JOIN channels c ON c.channel_id = r.channel_id ORDER BY r.own DESC, r.lead_id`);
  return rows.map(readChannel);
}

/** Those that the organization's company has any role in, newest first. */
export async function findChannelsOfCompany(directory: Directory, organizationId: string): Promise<ChannelAtHome[]> {
  const rows = await directory.all<ChannelRow & LookedUp>(sql`SELECT ${columns(null, NONE)} FROM channels c
    WHERE ${hasRole(companyOf(organizationId))}
    ORDER BY c.created_at DESC, c.channel_id`);
  return rows.map(readChannel);
}

const livesIn = ({ organization_id, unit_id = null }: ChannelHome): SQL =>
  organization_id === undefined
    ? sql`true`
    : sql`c.unit IN (SELECT h.unit FROM org_units h
        WHERE h.organization_id = ${organization_id} AND (${unit_id} IS NULL OR h.unit_id = ${unit_id}))`;

/** For the operator: newest first, and how many there are. */
export async function listChannelPage(
  directory: Directory,
  home: ChannelHome,
  limit: number,
  offset: number,
): Promise<{ found: ChannelAtHome[]; total: number }> {
  const counted = sql`(SELECT count(*) FROM channels c WHERE ${livesIn(home)})`;
  const rows = await directory.all<ChannelRow & LookedUp & { total: number }>(sql`SELECT ${columns(null, NONE)}, ${counted} AS total
    FROM channels c WHERE ${livesIn(home)} ORDER BY c.created_at DESC, c.channel_id LIMIT ${limit} OFFSET ${offset}`);
  // a page after the last has no row to carry the total
  const total = rows[0]?.total ?? (await directory.get<{ total: number }>(sql`SELECT ${counted} AS total`)).total;
  return { found: rows.map(readChannel), total };
}

const first = (rows: (ChannelRow & LookedUp)[]): FoundChannel | undefined => rows.map(readChannel)[0];

/** The company ids of these, each a company id or an organization id; what is neither is left out. */
export async function findCompanies(directory: Directory, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await directory.all<{ asked: string; company_id: string }>(sql`SELECT r.value AS asked, o.company_id
    FROM json_each(${JSON.stringify(ids)}) r CROSS JOIN organizations o ON o.company_id = r.value OR o.organization_id = r.value`);
  return new Map(rows.map(({ asked, company_id }) => [asked, company_id]));
}

/** One batch: a channel is there with its statuses or not at all. */
export async function insertChannel(directory: Directory, row: StoredChannel, parts: ChannelParts, kept: KeptAnswer | null): Promise<void> {
  await directory.batch([
    directory.insert(channels).values(row),
    ...upsertParts(directory, row.channel_id, parts),
    ...answerWrites(directory, kept),
  ]);
}

export async function updateChannel(
  directory: Directory,
  channelId: string,
  change: Partial<StoredChannel>,
  parts: ChannelParts,
): Promise<void> {
  const changed =
    Object.keys(change).length === 0 ? [] : [directory.update(channels).set(change).where(eq(channels.channel_id, channelId))];
  await directory.batch([...upsertParts(directory, channelId, parts), ...changed]);
}

function upsertParts(directory: Directory, channelId: string, { definitions, statuses }: ChannelParts) {
  const rows = (items: unknown[][]) => sql`json_each(${JSON.stringify(items)})`;
  const definitionRows = definitions.map(({ id, name, type, order, visible, active }) => [id, name, type, order, +visible, +active]);
  const statusRows = statuses.map(({ id, status, order, color, visible }) => [id, status, order, color, +visible]);
  const changed = (id: string, items: unknown[][]) =>
    sql`channel_id = ${channelId} AND ${sql.identifier(id)} IN (SELECT value->>0 FROM ${rows(items)})`;
  return [
    // names are unique, and checked row by row: two that swap theirs are renamed to their ids first
    directory.update(propertyDefinitions).set({ name: sql`definition_id` }).where(changed("definition_id", definitionRows)),
    directory.update(channelStatuses).set({ status: sql`status_id` }).where(changed("status_id", statusRows)),
    directory
      .insert(propertyDefinitions)
      .select(
        sql`SELECT ${channelId}, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5 FROM ${rows(definitionRows)} WHERE true`,
      )
      .onConflictDoUpdate({
        target: [propertyDefinitions.channel_id, propertyDefinitions.definition_id],
        set: excluded("name", "type", "order", "visible", "active"),
      }),
    directory
      .insert(channelStatuses)
      .select(sql`SELECT ${channelId}, value->>0, value->>1, value->>2, value->>3, value->>4 FROM ${rows(statusRows)} WHERE true`)
      .onConflictDoUpdate({
        target: [channelStatuses.channel_id, channelStatuses.status_id],
        set: excluded("status", "order", "color", "visible"),
      }),
  ] as const;
}

const excluded = (...columns: string[]): Record<string, SQL> =>
  Object.fromEntries(columns.map((column) => [column, sql.raw(`excluded."${column}"`)]));

export async function insertRewardTrigger(
  directory: Directory,
  channelId: string,
  { id, ...trigger }: RewardTrigger,
  kept: KeptAnswer | null,
): Promise<void> {
  await directory.batch([
    directory.insert(rewardTriggers).values({ ...trigger, channel_id: channelId, trigger_id: id }),
    ...answerWrites(directory, kept),
  ]);
}

/** Returns whether there was one. */
export async function updateRewardTrigger(directory: Directory, channelId: string, { id, ...trigger }: RewardTrigger): Promise<boolean> {
  const updated = await directory
    .update(rewardTriggers)
    .set(trigger)
    .where(and(eq(rewardTriggers.channel_id, channelId), eq(rewardTriggers.trigger_id, id)))
    .returning({ id: rewardTriggers.trigger_id });
  return updated.length > 0;
}

/** Returns whether there was one. */
export async function deleteRewardTriggerRow(directory: Directory, channelId: string, id: string): Promise<boolean> {
  const deleted = await directory
    .delete(rewardTriggers)
    .where(and(eq(rewardTriggers.channel_id, channelId), eq(rewardTriggers.trigger_id, id)))
    .returning({ id: rewardTriggers.trigger_id });
  return deleted.length > 0;
}

/** Says in the directory that these leads are in the channel, unless they are in another: before their own rows are written. */
export async function announceLeads(
  directory: Directory,
  channelId: string,
  leads: readonly { lead_id: string; legacy_id: number | null }[],
): Promise<void> {
  const rows = JSON.stringify(leads.map(({ lead_id, legacy_id }) => [lead_id, legacy_id]));
  await directory.run(sql`INSERT INTO lead_directory (lead_id, channel_id, legacy_id)
    SELECT value->>0, ${channelId}, value->>1 FROM json_each(${rows}) WHERE true
    ON CONFLICT (lead_id) DO UPDATE SET legacy_id = excluded.legacy_id
    WHERE channel_id = excluded.channel_id AND excluded.legacy_id IS NOT NULL AND legacy_id IS NOT excluded.legacy_id`);
}

/** Takes back that a lead is in a channel. */
export async function retractLead(directory: Directory, leadId: string): Promise<void> {
  await directory.run(sql`DELETE FROM lead_directory WHERE lead_id = ${leadId}`);
}

/** Those of the leads (32 hex digits) that the directory has in another channel. */
export async function findLeadsElsewhere(directory: Directory, channelId: string, leadIds: readonly string[]): Promise<Set<string>> {
  const rows = await directory.all<{ lead_id: string }>(sql`SELECT d.lead_id FROM json_each(${JSON.stringify(leadIds)}) r
    CROSS JOIN lead_directory d ON d.lead_id = r.value WHERE d.channel_id <> ${channelId}`);
  return new Set(rows.map(({ lead_id }) => lead_id));
}
