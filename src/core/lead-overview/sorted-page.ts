/**
 * A page of a list that is sorted by what changes: names, scores, times of change. No index keeps these orders, since each would cost every
 * new lead, or every change, another written row and slow the import into a large store down. So they are sorted on request:
 * at most 10,000 leads, and a longer list has to be narrowed; of a longer list the scores that are highest come by their bounds, and the latest
 * changes from the log.
 */
import { Buffer } from "node:buffer";
import type { Ctx } from "../../context";
import type { AppError } from "../../errors";
import { invalidRequest } from "../../validation";
import { selectKeptTotal } from "../leads";
import { currentScore, type Level, selectLevels, selectRulesetNames } from "../scoring";
import { type CandidateRow, selectCandidates, selectLeastBound } from "./candidates-store";
import { latestChanges } from "./latest-changes";
import type { Found, LeadListQuery, LeadPage } from "./list-overviews";
import { BEFORE_ALL_LEADS, isChecked, isDriven, type ListFilter, selectScanEnd } from "./list-store";
import { passes, passesAll, scoreRow } from "./passes";
import type { LeadSort } from "./schemas";

export const SORTED_LEADS_MAX = 10_000;
/** Enough of the highest bounds for most pages. */
const HIGHEST_FIRST = 500;
export const SORTED_CURSOR_PREFIX = "c2_";

/** No lead was changed before, and no log has as many commits. */
const EARLIEST_MS = Date.UTC(1990, 0);

type Sorted = Exclude<LeadSort, "-created_at">;
type Candidate = Found & { key: number | string };
/** Where a page ends: what it is sorted by, the last lead, and the time at which the scores are those of the first page. */
type Position = { sort: Sorted; key: number | string; lead_id: string; at: number };

/**
 * One or two D1 round trips, three for the highest scores of more than 10,000 leads: of those the list ends where a lead beyond the first
 * 10,000 bounds might come next. Throws invalid_request for more leads in another order, and for a foreign cursor.
 */
export async function findSortedPage(ctx: Ctx, query: LeadListQuery, filter: ListFilter) {
  const sort = query.sort as Sorted;
  const after = query.cursor === undefined ? null : readPosition(query.cursor, sort);
  const at = after?.at ?? ctx.now();
  const highestFirst = sort === "-score" && query.count !== true && !isDriven(filter);
  const [rows, [driven], levels, rulesets, [kept], [least]] = await ctx.db.batch([
    highestFirst
      ? selectCandidates(ctx.db, filter, "scores", HIGHEST_FIRST)
      : selectCandidates(ctx.db, filter, "driver", SORTED_LEADS_MAX, "or none"),
    selectScanEnd(ctx.db, filter, { after: BEFORE_ALL_LEADS, skip: 0, leads: SORTED_LEADS_MAX + 1 }),
    selectLevels(ctx.db),
    selectRulesetNames(ctx.db),
    selectKeptTotal(ctx.db, undefined),
    selectLeastBound(ctx.db, HIGHEST_FIRST),
  ]);
  const first = { rulesets, levels, kept: [], passing: [], counted: [] };
  const whole = (driven?.scanned ?? 0) <= SORTED_LEADS_MAX;
  if (!whole && sort === "-updated_at") {
    const from = after && { seq: Number(after.key), lead_id: after.lead_id };
    const { found, next } = await latestChanges(ctx, { query, filter, levels, at }, from);
    const next_cursor = next && writePosition({ sort, key: next.seq, lead_id: next.lead_id, at });
    return { found, next_cursor, first, totals: {} };
  }
  // where the list was longer when the page before was read, its position was one in the log
  if (after && sort === "-updated_at" && Number(after.key) < EARLIEST_MS) throw notThisCursor();
  const sorting = { query, sort, levels, at };
  const everyLead = !isChecked(filter) && passesAll(query);
  if (highestFirst && (!whole || everyLead)) {
    const page = pageOf(upToBound(sortCandidates(rows, sorting), least), sorting, after);
    if (page.next_cursor !== null) return { ...page, first, totals: whole ? { total: kept?.total ?? 0 } : {} };
  }
  const sorted = !whole
    ? await highestScores(ctx, filter, sorting)
    : sortCandidates(highestFirst ? await ctx.db.all(selectCandidates(ctx.db, filter, "driver", SORTED_LEADS_MAX)) : rows, sorting);
  const totals: Pick<LeadPage, "total" | "total_at_least"> = whole
    ? { total: sorted.length }
    : query.count
      ? { total_at_least: sorted.length }
      : {};
  return { ...pageOf(sorted, sorting, after), first, totals };
}

/** The page after a position, and the cursor of the next one. */
function pageOf(sorted: readonly Candidate[], { query, sort, at }: Sorting, after: Position | null) {
  const rest = after === null ? sorted : sorted.filter((candidate) => comesAfter(candidate, after));
  const from = (query.page - 1) * query.limit;
  const found = rest.slice(from, from + query.limit);
  const last = found.at(-1);
  const more = last && rest.length > from + query.limit;
  return { found, next_cursor: more ? writePosition({ sort, key: last.key, lead_id: last.lead_id, at }) : null };
}

type Sorting = { query: LeadListQuery; sort: Sorted; levels: Level[]; at: number };

function sortCandidates(rows: readonly CandidateRow[], { query, sort, levels, at }: Sorting): Candidate[] {
  return rows
    .flatMap((row) => {
      // no score is known for a time before its fold
      const score = currentScore(scoreRow(row), levels, Math.max(at, row.at ?? 0));
      const key = { "-score": score.score, "-updated_at": row.updated_at, name: nameKey(row.name) }[sort];
      return passes(query, score) ? [{ lead_id: row.lead_id, score, key }] : [];
    })
    .sort(compare);
}

async function highestScores(ctx: Ctx, filter: ListFilter, sorting: Sorting): Promise<readonly Candidate[]> {
  if (sorting.sort !== "-score") {
    const message = `sorts at most ${SORTED_LEADS_MAX} leads by ${sorting.sort.replace("-", "")}: narrow the list by q, owner_id, account_id, status or range`;
    throw invalidRequest([{ path: "sort", message }]);
  }
  const [rows, [least]] = await ctx.db.batch([
    selectCandidates(ctx.db, filter, "scores", SORTED_LEADS_MAX),
    selectLeastBound(ctx.db, SORTED_LEADS_MAX),
  ]);
  return upToBound(sortCandidates(rows, sorting), least);
}

/** Those that no lead beyond the highest bounds can precede, nor one without events: its score is 0, and no bound is kept for it. */
const upToBound = (sorted: readonly Candidate[], least: { bound: number } | undefined): readonly Candidate[] =>
  sorted.filter(({ key }) => Number(key) > 0 && Number(key) >= (least?.bound ?? 0));

/** Highest and latest first, names from A to Z and leads without one last; the newest lead first among equals. */
function compare(a: Pick<Position, "key" | "lead_id">, b: Pick<Position, "key" | "lead_id">): number {
  const byKey =
    typeof a.key === "number" && typeof b.key === "number" ? b.key - a.key : compareTexts(String(a.key) || LAST, String(b.key) || LAST);
  return byKey || compareTexts(b.lead_id, a.lead_id);
}

const LAST = "\u{10ffff}";
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Letters without their marks: `Émile` comes among the Es. */
const nameKey = (name: string): string => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const comesAfter = (candidate: Candidate, position: Position): boolean => compare(candidate, position) > 0;

const writePosition = ({ sort, key, lead_id, at }: Position): string =>
  SORTED_CURSOR_PREFIX + Buffer.from(JSON.stringify([sort, key, lead_id, at])).toString("base64url");

function readPosition(cursor: string, sort: Sorted): Position {
  try {
    const text = Buffer.from(cursor.slice(SORTED_CURSOR_PREFIX.length), "base64url").toString();
    const [its, key, lead_id, at] = JSON.parse(text);
    const ofSort = its === sort && typeof key === (sort === "name" ? "string" : "number");
    if (cursor.startsWith(SORTED_CURSOR_PREFIX) && ofSort && /^[0-9a-f]{32}$/.test(lead_id) && Number.isFinite(at))
      return { sort, key, lead_id, at };
  } catch {
    // as any other text that is no cursor
  }
  throw notThisCursor();
}

export const notThisCursor = (): AppError =>
  invalidRequest([{ path: "cursor", message: "must be a cursor that a page in the same order returned" }]);
