/** What a channel stores about leads that are merged, or taken apart again. */
import type { Ctx, Statement, UnitDb } from "../../../context";
import { AppError } from "../../../errors";
import { announceLeads, retractLead } from "../store";
import type { StateRow } from "./lead-store";
import type { PropertyValues } from "./properties";

export type LeadState = StateRow & { lead_id: string };

/** Ids of what is recorded of leads, by table. */
export type RecordIds = { lead_id: string; record: RecordTable; id: string };

const RECORDS = { purchases: "purchase_id", channel_events: "event_id", reward_events: "reward_event_id" } as const;
type RecordTable = keyof typeof RECORDS;

export const selectStates = (db: UnitDb, leadIds: readonly string[]): Statement<LeadState> =>
  db.sql(
    `SELECT m.lead_id, m.channel_id, m.status_id, m.properties, m.legacy_id FROM json_each(?2) r
     CROSS JOIN channel_leads m ON m.unit = ?1 AND m.lead_id = r.value ORDER BY r.key`,
    JSON.stringify(leadIds),
  );

export const selectRecords = (db: UnitDb, leadIds: readonly string[]): Statement<RecordIds> =>
  db.sql(
    Object.entries(RECORDS)
      .map(
        ([table, id]) =>
          `SELECT x.lead_id, '${table}' AS record, x.${id} AS id FROM json_each(?2) r CROSS JOIN ${table} x ON x.unit = ?1 AND x.lead_id = r.value`,
      )
      .join(" UNION ALL "),
    JSON.stringify(leadIds),
  );

/**
 * The target's state once it has those of the sources; null if none of them is in a channel. The target's status, values and legacy id
 * win. Throws conflict for leads of two channels: people have to decide whose lead it is. Pure.
 */
export function mergedState(target: string, states: readonly LeadState[]): LeadState | null {
  const inOrder = [...states].sort((a, b) => Number(b.lead_id === target) - Number(a.lead_id === target));
  const [first] = inOrder;
  if (!first) return null;
  if (states.some(({ channel_id }) => channel_id !== first.channel_id)) {
    throw new AppError("conflict", "The leads are in different partner channels: leads of two channels cannot be merged");
  }
  const values = inOrder.toReversed().map(({ properties }) => JSON.parse(properties) as PropertyValues);
  const properties = inOrder.length === 1 ? first.properties : JSON.stringify(Object.assign({}, ...values));
  const legacy_id = inOrder.find((state) => state.legacy_id !== null)?.legacy_id ?? null;
  return { ...first, lead_id: target, properties, legacy_id };
}

/** Writes states in place of all that these leads have. */
export const replaceStates = (db: UnitDb, leadIds: readonly string[], states: readonly LeadState[]): Statement<never>[] => [
  db.sql("DELETE FROM channel_leads WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?2))", JSON.stringify(leadIds)),
  ...states.map(({ lead_id, channel_id, status_id, properties, legacy_id }) =>
    db.sql<never>(
      "INSERT INTO channel_leads (unit, lead_id, channel_id, status_id, properties, legacy_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      lead_id,
      channel_id,
      status_id,
      properties,
      legacy_id,
    ),
  ),
];

/** Moves everything that is recorded about `sources` to `target`. */
export const moveAllRecords = (db: UnitDb, target: string, sources: readonly string[]): Statement<never>[] =>
  Object.keys(RECORDS).map((table) =>
    db.sql(
      `UPDATE ${table} SET lead_id = ?2 WHERE unit = ?1 AND lead_id IN (SELECT value FROM json_each(?3))`,
      target,
      JSON.stringify(sources),
    ),
  );

/** Gives these records of `from` back to the leads that they were of. */
export const returnRecords = (db: UnitDb, from: string, records: readonly RecordIds[]): Statement<never>[] =>
  [...Map.groupBy(records, ({ lead_id, record }) => `${record} ${lead_id}`).values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return db.sql<never>(
      `UPDATE ${first.record} SET lead_id = ?3 WHERE unit = ?1 AND lead_id = ?2 AND ${RECORDS[first.record]} IN (SELECT value FROM json_each(?4))`,
      from,
      first.lead_id,
      JSON.stringify(group.map(({ id }) => id)),
    );
  });

/** Records the lead's channel in the directory: before its own row is written there. One D1 round trip; none without a state. */
export async function announceState({ directory }: Pick<Ctx, "directory">, state: LeadState | null): Promise<void> {
  if (state) await announceLeads(directory, state.channel_id, [{ lead_id: state.lead_id, legacy_id: state.legacy_id }]);
}

/**
 * The states once the leads are apart again. `merged` is what the merge wrote for the target. A state that the merge gave to the target goes
 * back with whatever was written to it since; a state that was the target's own stays as it is now. Pure.
 */
export function statesApart(
  target: string,
  before: readonly LeadState[],
  merged: LeadState | null,
  now: LeadState | undefined,
): LeadState[] {
  if (!now || JSON.stringify(now) === JSON.stringify(merged)) return now || !merged ? [...before] : [];
  const own = before.find(({ lead_id }) => lead_id === target);
  const others = before.filter(({ lead_id }) => lead_id !== target);
  if (own) return [{ ...now, legacy_id: now.legacy_id === merged?.legacy_id ? own.legacy_id : now.legacy_id }, ...others];
  return others.map((state, at) => (at === 0 ? { ...now, lead_id: state.lead_id } : state));
}

/** Removes the lead's channel from the directory. One D1 round trip. */
export const retractState = ({ directory }: Pick<Ctx, "directory">, leadId: string): Promise<void> => retractLead(directory, leadId);
