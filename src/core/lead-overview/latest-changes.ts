/**
 * Leads in the order of their last change, the latest first, however many there are: read from the log of changes, whose order that is. No
 * index keeps it, which would cost a written row for every change. So the list reaches as far back as the log does: 90 days.
 */
import type { Ctx, Statement, UnitDb } from "../../context";
import { Params } from "../leads";
import { currentScore, type Level } from "../scoring";
import { driverConditions } from "./candidates-store";
import type { Found, LeadListQuery } from "./list-overviews";
import { conditionsOf, type ListFilter, type ScannedRow } from "./list-store";
import { passes, scoreRow } from "./passes";

/** Of the log, in one statement: a commit has up to 1,000 leads. */
const COMMITS_PER_SCAN = 50;
const CHANGES_PER_SCAN = 2_000;
/** Then the page ends early, and its cursor goes on. */
const SCANS_MAX = 5;

/** A change: its commit and its lead. */
export type ChangePlace = { seq: number; lead_id: string };
const BEFORE_ALL: ChangePlace = { seq: Number.MAX_SAFE_INTEGER, lead_id: "" };

const scanned = (after: ChangePlace, params: Params): string => {
  const [seq, lead] = [params.add(after.seq), params.add(after.lead_id)];
  return `SELECT g.seq, e.key AS lead_id FROM (
      SELECT seq, changes FROM change_log WHERE unit = ?1 AND seq <= ${seq} ORDER BY seq DESC LIMIT ${COMMITS_PER_SCAN}) g
    CROSS JOIN json_each(g.changes) e WHERE g.seq < ${seq} OR e.key < ${lead} ORDER BY g.seq DESC, e.key DESC LIMIT ${CHANGES_PER_SCAN}`;
};

/** The leads of a scan that pass and have not changed since, each with its folded score. */
export function selectChanged(db: UnitDb, filter: ListFilter, after: ChangePlace, limit: number): Statement<ScannedRow & { seq: number }> {
  const params = new Params();
  const changes = scanned(after, params);
  const conditions = [...conditionsOf(filter, params), ...driverConditions(filter, params)];
  return db.sql(
    `SELECT c.seq, l.lead_id, s.groups, s.at, s.event_id, s.last_event_at, s.event_count, s.version
     FROM (${changes}) c CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = c.lead_id AND l.last_change = c.seq
     LEFT JOIN lead_scores s ON s.unit = ?1 AND s.lead_id = l.lead_id
     ${conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`} ORDER BY c.seq DESC, c.lead_id DESC LIMIT ${params.add(limit)}`,
    ...params.values,
  );
}

/** The last change of a scan; no row at the end of the log. */
export function selectChangesEnd(db: UnitDb, after: ChangePlace): Statement<ChangePlace> {
  const params = new Params();
  return db.sql(`SELECT c.seq, c.lead_id FROM (${scanned(after, params)}) c ORDER BY c.seq, c.lead_id LIMIT 1`, ...params.values);
}

type Latest = { found: Found[]; next: ChangePlace | null };

/** A page, and where the next one begins. One D1 round trip for each 2,000 changes, five at most. */
export async function latestChanges(
  ctx: Ctx,
  { query, filter, levels, at }: { query: LeadListQuery; filter: ListFilter; levels: Level[]; at: number },
  from: ChangePlace | null,
): Promise<Latest> {
  const found: Found[] = [];
  let after = from ?? BEFORE_ALL;
  let toSkip = (query.page - 1) * query.limit;
  for (let scans = 1; ; scans++) {
    const [rows, [end]] = await ctx.db.batch([selectChanged(ctx.db, filter, after, CHANGES_PER_SCAN), selectChangesEnd(ctx.db, after)]);
    for (const { seq, ...row } of rows) {
      const score = currentScore(scoreRow(row), levels, Math.max(at, row.at ?? 0));
      if (!passes(query, score)) continue;
      if (toSkip-- > 0) continue;
      found.push({ lead_id: row.lead_id, score });
      if (found.length === query.limit) return { found, next: { seq, lead_id: row.lead_id } };
    }
    if (!end) return { found, next: null };
    after = end;
    if (scans === SCANS_MAX) return { found, next: after };
  }
}
