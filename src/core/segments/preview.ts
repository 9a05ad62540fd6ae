/** Who matches rules now: counts and a sample. A request checks a bounded number of leads, the newest first, and a cursor goes on. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { requestBudget } from "./check-budget";
import { type Member, matchSlices } from "./match-leads";
import { type Rule, Rules } from "./schemas";
import { requireSegment } from "./segments";
import { selectSizedLeads } from "./store";

const LEADS_PER_READ = 500;
const READS_MAX = 10;
const SAMPLE_LEADS = 10;
/** Sorts after every lead id. */
const BEFORE_ALL_LEADS = "g";

const CURSOR_PREFIX = "sc_";
export const CheckCursor = z
  .string()
  .regex(/^sc_[0-9a-f]{32}$/, "must be a cursor that a response returned")
  .optional();

/** How far a request has come. */
type Checked = {
  leads_checked: number;
  /** false: there are more leads, and the counts are lower bounds */
  complete: boolean;
  /** where the next request goes on; its counts are to be added */
  next_cursor: string | null;
};

export type Preview = Checked & { count: number; sample: Member[] };

const NOTHING: Checked = { leads_checked: 0, complete: true, next_cursor: null };

/**
 * At most 5,000 leads, fewer where they are large or have many events: some 30 D1 round trips at most, two for 500 leads as a rule. Throws
 * invalid_request.
 */
export async function previewRules(ctx: Ctx, rules: unknown, cursor?: string): Promise<Preview> {
  return preview(ctx, parseInput(Rules, rules), cursor);
}

/** A segment that is not active has no members. One D1 round trip more than `previewRules`. Throws not_found. */
export async function previewSegment(ctx: Ctx, segmentId: string, cursor?: string): Promise<Preview> {
  const { rules, active } = await requireSegment(ctx, segmentId);
  return active ? preview(ctx, rules, cursor) : { ...NOTHING, count: 0, sample: [] };
}

async function preview(ctx: Ctx, rule: Rule, cursor: string | undefined): Promise<Preview> {
  const found: Pick<Preview, "count" | "sample"> = { count: 0, sample: [] };
  const checked = await checkNewest(ctx, [rule], cursor, ([members = []]) => {
    found.count += members.length;
    found.sample.push(...members.slice(0, SAMPLE_LEADS - found.sample.length));
  });
  return { ...found, ...checked };
}

export type Comparison = Checked & { a: number; b: number; both: number; only_a: number; only_b: number };

/** How the members of two segments overlap. Checks as many leads as a preview. Throws invalid_request, not_found. */
export async function compareSegments(ctx: Ctx, a: string, b: string, cursor?: string): Promise<Comparison> {
  const segments = [await requireSegment(ctx, a), await requireSegment(ctx, b)];
  const counts = { a: 0, b: 0, both: 0 };
  const rules = segments.map((segment) => segment.rules);
  const checked = await checkNewest(ctx, rules, cursor, (slices) => {
    const [ofA, ofB] = slices.map((members, at) => new Set(segments[at]?.active ? members.map(({ lead }) => lead.lead_id) : []));
    counts.a += ofA?.size ?? 0;
    counts.b += ofB?.size ?? 0;
    counts.both += [...(ofA ?? [])].filter((id) => ofB?.has(id)).length;
  });
  return { ...counts, only_a: counts.a - counts.both, only_b: counts.b - counts.both, ...checked };
}

/** Checks the newest leads, those after the cursor, until there are none or the request has checked enough. */
async function checkNewest(
  ctx: Ctx,
  rules: readonly Rule[],
  cursor: string | undefined,
  take: (members: Member[][]) => void,
): Promise<Checked> {
  const budget = requestBudget();
  const from = parseInput(CheckCursor, cursor)?.slice(CURSOR_PREFIX.length) ?? BEFORE_ALL_LEADS;
  let [before, leads_checked] = [from, 0];
  for (let reads = 0; reads < READS_MAX; reads++) {
    const leads = await ctx.db.all(selectSizedLeads(ctx.db, before, LEADS_PER_READ));
    for await (const { members, last } of matchSlices(ctx, rules, leads, budget)) {
      take(members);
      leads_checked += leads.findIndex(({ lead_id }) => lead_id === last) - leads.findIndex(({ lead_id }) => lead_id === before);
      before = last;
    }
    const isWhole = leads.length === 0 || before === leads.at(-1)?.lead_id;
    if (isWhole && leads.length < LEADS_PER_READ) return { leads_checked, complete: true, next_cursor: null };
    if (!isWhole) return { leads_checked, complete: false, next_cursor: CURSOR_PREFIX + before };
  }
  const more = (await ctx.db.all(selectSizedLeads(ctx.db, before, 1))).length > 0;
  return { leads_checked, complete: !more, next_cursor: more ? CURSOR_PREFIX + before : null };
}
