/** Who matches rules now: counts and a sample. A request checks a bounded number, the newest first, and a cursor goes on. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { invalidRequest, parseInput } from "../../validation";
import type { SegmentSubject } from "../../vocabulary";
import { requestBudget } from "./check-budget";
import { type AccountMember, matchAccountSlices } from "./match-accounts";
import { type Member, matchSlices } from "./match-leads";
import { fitsSubject, NOT_OF_ACCOUNTS, type Rule, Rules } from "./schemas";
import { requireSegment, type Segment } from "./segments";
import { selectSizedAccounts, selectSizedLeads } from "./store";

const ROWS_PER_READ = 500;
const READS_MAX = 10;
const SAMPLE_MEMBERS = 10;

const CURSOR_PREFIX = "sc_";
export const CheckCursor = z
  .string()
  .regex(/^sc_(?:acct_)?[0-9a-f]{32}$/, "must be a cursor that a response returned")
  .optional();

/** How far a request has come. */
type Checked = {
  checked: number;
  /** false: there are more, and the counts are lower bounds */
  complete: boolean;
  /** where the next request goes on; its counts are to be added */
  next_cursor: string | null;
};

/** `sample`: leads; `accounts`: of a segment of accounts */
export type Preview = Checked & { count: number; sample: Member[]; accounts: AccountMember[] };

const NOTHING: Preview = { checked: 0, complete: true, next_cursor: null, count: 0, sample: [], accounts: [] };

/**
 * At most 5,000 leads, fewer where they are large or have many events: some 30 D1 round trips at most, two for 500 leads as a rule. Throws
 * invalid_request.
 */
export async function previewRules(ctx: Ctx, rules: unknown, cursor?: string, subject: SegmentSubject = "leads"): Promise<Preview> {
  const rule = parseInput(Rules, rules);
  if (!fitsSubject(subject, rule)) throw invalidRequest([{ path: "rules", message: NOT_OF_ACCOUNTS }]);
  return preview(ctx, subject, rule, cursor);
}

/** A segment that is not active has no members. One D1 round trip more than `previewRules`. Throws not_found. */
export async function previewSegment(ctx: Ctx, segmentId: string, cursor?: string): Promise<Preview> {
  const { subject, rules, active } = await requireSegment(ctx, segmentId);
  return active ? preview(ctx, subject, rules, cursor) : NOTHING;
}

async function preview(ctx: Ctx, subject: SegmentSubject, rule: Rule, cursor: string | undefined): Promise<Preview> {
  const found: Pick<Preview, "count" | "sample" | "accounts"> = { count: 0, sample: [], accounts: [] };
  const checked = await checkNewest(ctx, subject, [rule], cursor, ([members = []]) => {
    found.count += members.length;
    const shown = members.slice(0, SAMPLE_MEMBERS - found.sample.length - found.accounts.length);
    for (const member of shown) {
      if ("lead" in member) found.sample.push(member);
      else found.accounts.push(member);
    }
  });
  return { ...found, ...checked };
}

export type Comparison = Checked & { a: number; b: number; both: number; only_a: number; only_b: number };

/** How the members of two segments overlap. Checks as many as a preview. Throws invalid_request (leads with accounts), not_found. */
export async function compareSegments(ctx: Ctx, a: string, b: string, cursor?: string): Promise<Comparison> {
  const segments: [Segment, Segment] = [await requireSegment(ctx, a), await requireSegment(ctx, b)];
  const [{ subject }, other] = segments;
  if (other.subject !== subject) throw invalidRequest([{ path: "b", message: `must be a segment of ${subject}, as a is` }]);
  const counts = { a: 0, b: 0, both: 0 };
  const rules = segments.map((segment) => segment.rules);
  const checked = await checkNewest(ctx, subject, rules, cursor, (slices) => {
    const [ofA, ofB] = slices.map((members, at) => new Set(segments[at]?.active ? members.map(idOf) : []));
    counts.a += ofA?.size ?? 0;
    counts.b += ofB?.size ?? 0;
    counts.both += [...(ofA ?? [])].filter((id) => ofB?.has(id)).length;
  });
  return { ...counts, only_a: counts.a - counts.both, only_b: counts.b - counts.both, ...checked };
}

const idOf = (member: Member | AccountMember): string => ("lead" in member ? member.lead.lead_id : member.account_id);

/** Checks the newest, those after the cursor, until there are none or the request has checked enough. */
async function checkNewest(
  ctx: Ctx,
  subject: SegmentSubject,
  rules: readonly Rule[],
  cursor: string | undefined,
  take: (members: (Member | AccountMember)[][]) => void,
): Promise<Checked> {
  const read = (subject === "leads" ? leadPages : accountPages)(ctx, rules);
  let [before, checked] = [parseInput(CheckCursor, cursor)?.slice(CURSOR_PREFIX.length) ?? AFTER_ALL, 0];
  for (let reads = 0; reads < READS_MAX; reads++) {
    const { ids, slices } = await read(before, ROWS_PER_READ);
    for await (const { members, last } of slices()) {
      take(members);
      checked += ids.indexOf(last) - ids.indexOf(before);
      before = last;
    }
    const isWhole = ids.length === 0 || before === ids.at(-1);
    if (isWhole && ids.length < ROWS_PER_READ) return { checked, complete: true, next_cursor: null };
    if (!isWhole) return { checked, complete: false, next_cursor: CURSOR_PREFIX + before };
  }
  const more = (await read(before, 1)).ids.length > 0;
  return { checked, complete: !more, next_cursor: more ? CURSOR_PREFIX + before : null };
}

/** Sorts after every id of a lead and of an account. */
const AFTER_ALL = "z";

/** A page of ids, and the slices of those on it that match. */
type Page = { ids: string[]; slices: () => AsyncGenerator<{ members: (Member | AccountMember)[][]; last: string }> };
type ReadPage = (before: string, limit: number) => Promise<Page>;

function leadPages(ctx: Ctx, rules: readonly Rule[]): ReadPage {
  const budget = requestBudget();
  return async (before, limit) => {
    const rows = await ctx.db.all(selectSizedLeads(ctx.db, before, limit));
    return { ids: rows.map(({ lead_id }) => lead_id), slices: () => matchSlices(ctx, rules, rows, budget) };
  };
}

function accountPages(ctx: Ctx, rules: readonly Rule[]): ReadPage {
  const budget = requestBudget();
  return async (before, limit) => {
    const rows = await ctx.db.all(selectSizedAccounts(ctx.db, before, limit));
    return { ids: rows.map(({ account_id }) => account_id), slices: () => matchAccountSlices(ctx, rules, rows, budget) };
  };
}
