import type { z } from "zod";
import type { Ctx, UnitDb } from "../../context";
import { queryGroups } from "../../db/batch";
import { DAY_MS } from "../../time";
import { invalidRequest, parseInput } from "../../validation";
import { dayRange } from "../events";
import { type Lead, type LeadRow, readLead, searchTerms, selectKeptTotal, selectLeadsById } from "../leads";
import { type ProfileBookRows, type ProfileScore, profileBookStatements, profileScore } from "../profile-scoring";
import { currentScore, type Level, type ScoreView, selectLevels, selectRulesetNames, typeKey } from "../scoring";
import { type CheckBudget, matchIds, type Rule, requestBudget } from "../segments";
import { BEFORE_ALL_LEADS, isChecked, type ListFilter, type ScannedRow, selectPassing, selectScanEnd, selectScanned } from "./list-store";
import { passes, passesAll, scoreRow } from "./passes";
import { type RuleFilter, ruleOf } from "./rule-filter";
import { LeadListInput } from "./schemas";
import { findSortedPage, notThisCursor, SORTED_CURSOR_PREFIX, SORTED_LEADS_MAX } from "./sorted-page";
import { DRIVEN_LEADS_MAX, drivenIfSparse, isWalked, withoutWideWords } from "./wide-words";

export type LeadListQuery = z.output<typeof LeadListInput>;
export type ListedLead = { lead: Lead; score: ScoreView; profile_score: ProfileScore };
export type LeadPage = {
  leads: ListedLead[];
  /** null at the end of the list; a page may end before it is full */
  next_cursor: string | null;
  /** kept, or counted on demand; `total_at_least` where counting stopped */
  total?: number;
  total_at_least?: number;
  /** names of the rulesets by id */
  rulesets: ReadonlyMap<string, string>;
};

/** Leads that are checked in one statement, and for one page: after them the page ends early, and its cursor continues. */
const LEADS_PER_SCAN = 1_000;
const LEADS_PER_PAGE = 5_000;
const COUNTED_MAX = 10_000;
const CURSOR_PREFIX = "c1_";

/**
 * A page of leads, newest first unless it is sorted: see `findSortedPage`. Two D1 round trips, one when it is empty, one more with a
 * search, and up to four more where leads are checked one by one and few match. A page checks at most 5,000 leads; then it ends early,
 * with a cursor that continues. Throws invalid_request.
 */
export async function listLeadOverviews(ctx: Ctx, given: z.input<typeof LeadListInput>): Promise<LeadPage> {
  const query = parseInput(LeadListInput, given);
  const rule = await ruleOf(ctx, query);
  const scored = !passesAll(query);
  const sorted = (query.sort ?? "-created_at") !== "-created_at";
  const filter = await withoutWideWords(ctx, filterOf(query, ctx.now()), sorted ? SORTED_LEADS_MAX : DRIVEN_LEADS_MAX);
  if (!sorted && query.cursor?.startsWith(SORTED_CURSOR_PREFIX)) throw notThisCursor();
  if (rule !== null && (sorted || query.count)) {
    const path = query.segment === undefined ? "filter" : "segment";
    throw invalidRequest([{ path, message: "goes without sort and count: previews of segments count who matches" }]);
  }
  if (!sorted && scored && query.count)
    throw invalidRequest([{ path: "count", message: "goes with min_score, max_score and level only where the list is sorted" }]);
  const { found, next_cursor, first, totals } = sorted
    ? await findSortedPage(ctx, query, filter)
    : { ...(await findPage(ctx, query, filter, scored, rule)), totals: null };
  const ids = found.map(({ lead_id }) => lead_id);
  const [rows, ...book] = ids.length === 0 ? NOTHING : await ctx.db.batch([selectLeadsById(ctx.db, ids), ...profileBookStatements(ctx.db)]);
  const leads = new Map(rows.map((row) => [row.lead_id, readLead(row)]));
  return {
    leads: found.flatMap(({ lead_id, score }) => {
      const lead = leads.get(lead_id);
      return lead ? [{ lead, score, profile_score: profileScore(book, lead.profile) }] : [];
    }),
    next_cursor,
    rulesets: new Map(first.rulesets.map(({ ruleset_id, name }) => [ruleset_id, name])),
    ...(totals ?? totalOf(first, filter, query.count === true, scored || rule !== null)),
  };
}

const NOTHING: [LeadRow[], ...ProfileBookRows] = [[], [], [], []];

export type Found = { lead_id: string; score: ScoreView };
type First = {
  levels: Level[];
  rulesets: { ruleset_id: string; name: string }[];
  kept: { total: number }[];
  passing: { passing: number }[];
  counted: { scanned: number }[];
};

const startOf = ({ cursor }: LeadListQuery): string => cursor?.slice(CURSOR_PREFIX.length) ?? BEFORE_ALL_LEADS;

type ScanRows = First & { passed: ScannedRow[]; end: { last: string | null; scanned: number }[] };

/** Scans until the page is full or the list ends. What does not change from scan to scan is read with the first. */
async function findPage(ctx: Ctx, query: LeadListQuery, given: ListFilter, scored: boolean, rule: RuleFilter) {
  const inCode = scored || rule !== null;
  const budget = requestBudget();
  const now = ctx.now();
  const found: Found[] = [];
  let filter = given;
  let first: First | null = null;
  let after = startOf(query);
  let toSkip = (query.page - 1) * query.limit;
  for (let read = 0; ; ) {
    const checked = inCode || isChecked(filter);
    const room = query.limit - found.length;
    const leads = checked ? leadsOfScan(read, inCode, isWalked(filter)) : query.limit + 1;
    const scan = { after, skip: checked ? 0 : toSkip, leads };
    const wanted = inCode || !checked ? leads : toSkip + room + 1;
    const rows: ScanRows = await queryGroups(ctx.db, {
      passed: [selectScanned(ctx.db, filter, scan, wanted)],
      end: [selectScanEnd(ctx.db, filter, scan)],
      ...(first === null ? firstGroups(ctx.db, filter, query.count === true) : NO_GROUPS),
    });
    const known: First = first ?? rows;
    first = known;
    const levels = known.levels;
    const scoredLeads = rows.passed
      .map((row) => ({ lead_id: row.lead_id, score: currentScore(scoreRow(row), levels, now) }))
      .filter(({ score }) => passes(query, score));
    const { passed, until } = rule === null ? { passed: scoredLeads, until: null } : await membersOf(ctx, rule, scoredLeads, budget);
    const skipped = checked ? Math.min(toSkip, passed.length) : toSkip;
    toSkip -= skipped;
    const taken = checked ? passed.slice(skipped, skipped + room) : passed.slice(0, room);
    found.push(...taken);
    const last = found.at(-1)?.lead_id;
    if (passed.length > (checked ? skipped : 0) + taken.length && last) return { found, first: known, next_cursor: CURSOR_PREFIX + last };
    // the request has read as much as it may: the page ends there
    if (until !== null) return { found, first: known, next_cursor: CURSOR_PREFIX + (until === "" ? after : until) };
    const end = rows.end[0];
    if (!end?.last || end.scanned < leads) return { found, first: known, next_cursor: null };
    const walked = filter;
    if (read === 0 && found.length === 0 && isWalked(filter)) filter = await drivenIfSparse(ctx, filter, scan);
    after = end.last;
    read += filter === walked ? leads : 0;
    if (read >= LEADS_PER_PAGE || found.length === query.limit) return { found, first: known, next_cursor: CURSOR_PREFIX + after };
  }
}

/** A statement stops once its page is full: one scan for words that are checked may go through all leads of a page. */
const leadsOfScan = (read: number, inCode: boolean, walked: boolean): number =>
  walked && !inCode ? LEADS_PER_PAGE : inCode || read === 0 ? LEADS_PER_SCAN : LEADS_PER_PAGE - read;

async function membersOf(ctx: Ctx, rule: Rule | "none", found: readonly Found[], budget: CheckBudget) {
  if (rule === "none") return { passed: [], until: null };
  const leadIds = found.map(({ lead_id }) => lead_id);
  const { ids, until } = await matchIds(ctx, rule, leadIds, budget);
  return { passed: found.filter(({ lead_id }) => ids.has(lead_id)), until };
}

const NO_GROUPS = { levels: [], rulesets: [], kept: [], passing: [], counted: [] };

/** What every page shows, and what is counted. */
const firstGroups = (db: UnitDb, filter: ListFilter, count: boolean) => {
  const scan = { after: BEFORE_ALL_LEADS, skip: 0, leads: COUNTED_MAX };
  return {
    levels: [selectLevels(db)],
    rulesets: [selectRulesetNames(db)],
    kept: [selectKeptTotal(db, filter.status)],
    passing: count ? [selectPassing(db, filter, scan)] : [],
    counted: count ? [selectScanEnd(db, filter, scan)] : [],
  };
};

/** The kept count where the status alone narrows the list; else what was counted on demand. */
function totalOf(first: First, filter: ListFilter, count: boolean, scored: boolean): Pick<LeadPage, "total" | "total_at_least"> {
  const { terms, owner_id, account_id } = filter;
  const byStatusAlone = terms.length === 0 && owner_id === undefined && account_id === undefined && !scored;
  if (byStatusAlone && !isChecked({ ...filter, status: undefined })) return { total: first.kept[0]?.total ?? 0 };
  if (!count) return {};
  const passing = first.passing[0]?.passing ?? 0;
  return (first.counted[0]?.scanned ?? 0) < COUNTED_MAX ? { total: passing } : { total_at_least: passing };
}

export function filterOf(query: LeadListQuery, now: number): ListFilter {
  const days = query.range && dayRange(query.range, now);
  return {
    ids: query.ids,
    terms: searchTerms(query.q ?? ""),
    wide: [],
    status: query.status,
    owner_id: query.owner_id,
    account_id: query.account_id,
    consent: query.consent,
    has: query.has,
    attributes: query.attributes ?? [],
    type_key: query.event_type === undefined ? undefined : typeKey(query.event_type),
    active_since: query.active_since,
    updated_since: query.updated_since,
    created: days ? { from: days.first * DAY_MS, until: (days.last + 1) * DAY_MS } : null,
  };
}
