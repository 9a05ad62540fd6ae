/** SQL of the ledger: contributions and the blocks that sum them up. Statements only. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import type { Block, Contribution, EventCursor } from "./decay";
import type { ContributionSum } from "./explain";
import type { LedgerRange } from "./ledger";

const COLUMNS = "c.at, c.event_id, c.rule_id, c.ruleset_id, c.weight, c.half_life_ms";

export const LEDGER_SQL = {
  /** `r` is [lead id, time, event id]: the blocks of leads whose fold has passed that cursor */
  blocksOfLate: `SELECT b.lead_id, b.at, b.event_id, b.terms FROM json_each(?2) r
    CROSS JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = r.value->>0 AND (s.at, s.event_id) > (r.value->>1, r.value->>2)
    CROSS JOIN score_blocks b ON b.unit = ?1 AND b.lead_id = s.lead_id ORDER BY b.lead_id, b.at, b.event_id`,
  /** `r` is [lead id, cursor, cursor]: what lies after the first and not after the second */
  ranges: `SELECT r.key AS range, ${COLUMNS} FROM json_each(?2) r
    CROSS JOIN contributions c ON c.unit = ?1 AND c.lead_id = r.value->>0
      AND (c.at, c.event_id) > (r.value->>1, r.value->>2) AND (c.at, c.event_id) <= (r.value->>3, r.value->>4)
    ORDER BY r.key, c.at, c.event_id, c.rule_id LIMIT ?3`,
  blocksUntil: "SELECT at, event_id, terms FROM score_blocks WHERE unit = ?1 AND lead_id = ?2 AND at <= ?3 ORDER BY at, event_id",
  page: `SELECT ${COLUMNS} FROM contributions c WHERE c.unit = ?1 AND c.lead_id = ?2 AND (c.at, c.event_id) > (?3, ?4) AND c.at <= ?5
    ORDER BY c.at, c.event_id, c.rule_id LIMIT ?6`,
  /** what is left of a lead's contributions at ?3, by rule and weight, those from ?4 on apart */
  sums: `SELECT c.rule_id, c.ruleset_id, c.weight, c.at >= ?4 AS in_range, count(*) AS count,
      sum(CASE WHEN c.half_life_ms IS NULL THEN c.weight ELSE c.weight * pow(0.5, 1.0 * (?3 - c.at) / c.half_life_ms) END) AS left
    FROM contributions c WHERE c.unit = ?1 AND c.lead_id = ?2 AND c.at <= ?3 GROUP BY c.rule_id, c.ruleset_id, c.weight, in_range`,
  insertContributions: `INSERT INTO contributions (unit, lead_id, at, event_id, rule_id, ruleset_id, weight, half_life_ms)
    SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 FROM json_each(?2)`,
  writeBlocks: `INSERT INTO score_blocks (unit, lead_id, at, event_id, terms)
    SELECT ?1, value->>0, value->>1, value->>2, value->3 FROM json_each(?2) WHERE true
    ON CONFLICT (unit, lead_id, at, event_id) DO UPDATE SET terms = excluded.terms`,
} as const;

/** Of merges. */
export const LEDGER_MOVE_SQL = {
  /** `r` is [time, event id]: the contributions of these events of a lead */
  ofEvents: `SELECT ${COLUMNS} FROM json_each(?2) r CROSS JOIN contributions c ON c.unit = ?1 AND c.lead_id = ?3 AND c.at = r.value->>0
      AND c.event_id = r.value->>1 LIMIT ?4`,
  move: `UPDATE contributions SET lead_id = ?4 WHERE unit = ?1 AND lead_id = ?3
    AND (at, event_id) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
  dropBlocks: `DELETE FROM score_blocks WHERE unit = ?1 AND lead_id = ?3
    AND (at, event_id) IN (SELECT value->>0, value->>1 FROM json_each(?2))`,
} as const;

export type BlockRow = EventCursor & { terms: string };
export const readBlock = ({ at, event_id, terms }: BlockRow): Block => ({ at, event_id, terms: JSON.parse(terms) });

/** The blocks of those leads whose stored fold has passed the cursor. */
export const selectBlocksOfLate = (db: UnitDb, leads: readonly (EventCursor & { lead_id: string })[]): Statement<OfLead<BlockRow>>[] =>
  jsonArrays(leads.map(({ lead_id, at, event_id }) => JSON.stringify([lead_id, at, event_id]))).map((json) =>
    db.sql(LEDGER_SQL.blocksOfLate, json),
  );

/** After every event: the year 9999 and more. */
const NO_END: EventCursor = { at: Number.MAX_SAFE_INTEGER, event_id: "" };

export type LeadRange = LedgerRange & { lead_id: string };

/** At most `limit` contributions of these ranges, each range's in fold order, with the number of their range. One statement. */
export function selectRanges(db: UnitDb, ranges: readonly LeadRange[], limit: number): Statement<Contribution & { range: number }> {
  const items = ranges.map(({ lead_id, after, until }) => {
    const end = until ?? NO_END;
    return [lead_id, after.at, after.event_id, end.at, end.event_id];
  });
  return db.sql(LEDGER_SQL.ranges, JSON.stringify(items), limit);
}

export const selectBlocksUntil = (db: UnitDb, leadId: string, until: number): Statement<BlockRow> =>
  db.sql(LEDGER_SQL.blocksUntil, leadId, until);

export const selectContributionPage = (
  db: UnitDb,
  leadId: string,
  after: EventCursor,
  until: number,
  limit: number,
): Statement<Contribution> => db.sql(LEDGER_SQL.page, leadId, after.at, after.event_id, until, limit);

export const selectContributionSums = (db: UnitDb, leadId: string, at: number, since: number): Statement<ContributionSum> =>
  db.sql(LEDGER_SQL.sums, leadId, at, since);

type OfLead<Row> = Row & { lead_id: string };

export const ledgerWrites = (
  db: UnitDb,
  contributions: readonly OfLead<Contribution>[],
  blocks: readonly OfLead<Block>[],
): Statement<never>[] => [
  ...jsonArrays(
    contributions.map((c) => JSON.stringify([c.lead_id, c.at, c.event_id, c.rule_id, c.ruleset_id, c.weight, c.half_life_ms])),
  ).map((json) => db.sql<never>(LEDGER_SQL.insertContributions, json)),
  ...jsonArrays(blocks.map((b) => JSON.stringify([b.lead_id, b.at, b.event_id, b.terms]))).map((json) =>
    db.sql<never>(LEDGER_SQL.writeBlocks, json),
  ),
];

const cursorArrays = (cursors: readonly EventCursor[]): string[] =>
  jsonArrays(cursors.map(({ at, event_id }) => JSON.stringify([at, event_id])));

/** The contributions of these events of a lead, in no order; at most `limit` for each 1,000 events. */
export const selectContributionsOf = (
  db: UnitDb,
  leadId: string,
  events: readonly EventCursor[],
  limit: number,
): Statement<Contribution>[] => cursorArrays(events).map((json) => db.sql(LEDGER_MOVE_SQL.ofEvents, json, leadId, limit));

/** Gives the contributions of these events of a lead to another one. */
export const moveContributions = (db: UnitDb, from: string, to: string, events: readonly EventCursor[]): Statement<never>[] =>
  cursorArrays(events).map((json) => db.sql(LEDGER_MOVE_SQL.move, json, from, to));

export const dropBlocks = (db: UnitDb, leadId: string, blocks: readonly EventCursor[]): Statement<never>[] =>
  cursorArrays(blocks).map((json) => db.sql(LEDGER_MOVE_SQL.dropBlocks, json, leadId));
