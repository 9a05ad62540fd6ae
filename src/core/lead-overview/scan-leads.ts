/** All leads of a list, oldest first, page by page: for what works on a whole list. */
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { readLead, selectLeadTotal } from "../leads";
import { currentScore, selectLevels } from "../scoring";
import { CHECK_STATEMENTS_MAX, matchCost, matchIds, NO_BUDGET, type Rule } from "../segments";
import type { Criteria } from "./criteria";
import { filterOf, type LeadListQuery, type ListedLead } from "./list-overviews";
import { type ListFilter, selectScanEnd } from "./list-store";
import { passes, scoreRow } from "./passes";
import { ruleOf } from "./rule-filter";
import { PURPOSE_MARK, type ScanPageRow, selectCheckedEnd, selectScanPage, selectScanPageEnd, selectShapes } from "./scan-store";
import { LeadListInput } from "./schemas";

export type ScannedLead = Pick<ListedLead, "lead" | "score">;

/** `last`: the lead after which the next page begins; `done`: there is no next page; `statements`: of D1, by the scan so far. */
export type ScanPage = { leads: ScannedLead[]; last: string; done: boolean; statements: number };

const LEADS_PER_PAGE = 1_000;
/** Of profiles and aliases: what one page takes in memory, about. */
const BYTES_PER_PAGE = 4_000_000;
const SHAPED_LEADS_MAX = 10_000;
const STATEMENTS_PER_PAGE = 2;

type Part = {
  /** a lead's id (32 hex digits), or "" */
  after: string;
  /** the last lead to be read, or null */
  until?: string | null;
};

const queryOf = (criteria: Criteria): LeadListQuery => parseInput(LeadListInput, { ...criteria, page: 1, limit: 1 });

/**
 * The pages of a list after a lead. A page goes through up to 1,000 leads or 4 MB, and may hold none that passes. One D1 round trip of two
 * statements a page. Throws invalid_request.
 */
export async function* scanLeads(
  ctx: Ctx,
  criteria: Criteria,
  { after, until = null }: Part,
  leadsPerPage = LEADS_PER_PAGE,
): AsyncGenerator<ScanPage> {
  const query = queryOf(criteria);
  const filter = filterOf(query, ctx.now());
  const rule = await ruleOf(ctx, query);
  const levels = await ctx.db.all(selectLevels(ctx.db));
  let statements = 2;
  for (let from = after; ; ) {
    const scan = { after: from, skip: 0, leads: leadsPerPage, ascending: true } as const;
    const [rows, [end]] = await ctx.db.batch([
      selectScanPage(ctx.db, filter, scan, BYTES_PER_PAGE),
      selectScanPageEnd(ctx.db, filter, scan, BYTES_PER_PAGE),
    ]);
    const last = end?.last ?? from;
    const done = !end?.last || (end.scanned < leadsPerPage && end.taken === end.scanned) || (until !== null && last >= until);
    const leads = rows
      .filter(({ lead_id }) => until === null || lead_id <= until)
      .map((row) => listedLead(row, levels, ctx.now()))
      .filter(({ score }) => passes(query, score));
    const matched = rule === null ? { leads, statements: 0 } : await matching(ctx, rule, leads);
    statements += STATEMENTS_PER_PAGE + matched.statements;
    yield { leads: matched.leads, last, done, statements };
    if (done) return;
    from = last;
  }
}

async function matching(ctx: Ctx, rule: Rule | "none", leads: readonly ScannedLead[]) {
  if (rule === "none") return { leads: [], statements: 0 };
  const leadIds = leads.map(({ lead }) => lead.lead_id);
  const { ids, statements } = await matchIds(ctx, rule, leadIds, { ...NO_BUDGET });
  return { leads: leads.filter(({ lead }) => ids.has(lead.lead_id)), statements };
}

function listedLead(row: ScanPageRow, levels: Parameters<typeof currentScore>[1], now: number): ScannedLead {
  const { groups, at, event_id, last_event_at, event_count, score_version, ...lead } = row;
  const scored = { lead_id: row.lead_id, groups, at, event_id, last_event_at, event_count, version: score_version };
  return { lead: readLead(lead), score: currentScore(scoreRow(scored), levels, now) };
}

/** What the first 10,000 leads of a list hold; `partial` when there are more of them. */
export async function listShapes(
  ctx: Ctx,
  criteria: Criteria,
  after: string,
): Promise<{ keys: string[]; purposes: string[]; aliases: Map<string, number>; partial: boolean }> {
  const filter = filterOf(queryOf(criteria), ctx.now());
  const scan = { after, skip: 0, leads: SHAPED_LEADS_MAX, ascending: true } as const;
  const [shapes, [end]] = await ctx.db.batch([selectShapes(ctx.db, filter, scan), selectScanEnd(ctx.db, filter, scan)]);
  const keys = shapes.flatMap(({ alias, name }) => (alias === 0 ? [name] : []));
  return {
    keys: keys.filter((name) => !name.startsWith(PURPOSE_MARK)),
    purposes: keys.flatMap((name) => (name.startsWith(PURPOSE_MARK) ? [name.slice(PURPOSE_MARK.length)] : [])),
    aliases: new Map(shapes.flatMap(({ alias, name, most }) => (alias === 1 ? [[name, most] as const] : []))),
    partial: end?.scanned === SHAPED_LEADS_MAX,
  };
}

/**
 * The lead at which a part of a list ends that goes through `leads` of them, or through fewer where rules are checked: those for which an
 * invocation has statements. Null when the list ends before. One D1 round trip, one more for a rule, two for a segment.
 */
export async function partEnd(ctx: Ctx, criteria: Criteria, after: string, leads: number): Promise<string | null> {
  const query = queryOf(criteria);
  const filter: ListFilter = filterOf(query, ctx.now());
  const rule = await ruleOf(ctx, query);
  if (rule !== null && rule !== "none") {
    const page = { pageLeads: LEADS_PER_PAGE, pageBytes: BYTES_PER_PAGE, pageStatements: STATEMENTS_PER_PAGE };
    const scan = { after, skip: 0, leads: leads + 1, ascending: true } as const;
    const [total] = await ctx.db.all(selectLeadTotal(ctx.db));
    const cost = matchCost(rule, total?.leads ?? 0, page);
    const [end] = await ctx.db.all(selectCheckedEnd(ctx.db, filter, scan, cost, CHECK_STATEMENTS_MAX));
    return end && end.taken < end.scanned ? end.last : null;
  }
  const scan = { after, skip: leads - 1, leads: 2, ascending: true } as const;
  const [[next], [further]] = await ctx.db.batch([
    selectScanEnd(ctx.db, filter, { ...scan, leads: 1 }),
    selectScanEnd(ctx.db, filter, scan),
  ]);
  return next?.last && further?.scanned === 2 ? next.last : null;
}
