/** Who matches rules now: counts and a sample. A request checks a bounded number of leads, the newest first. */
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import { type Member, matchLeads } from "./match-leads";
import { type Rule, Rules } from "./schemas";
import { requireSegment } from "./segments";
import { selectLeadIds } from "./store";

const LEADS_PER_SLICE = 500;
const SLICES_MAX = 10;
const SAMPLE_LEADS = 10;
/** Sorts after every lead id. */
const BEFORE_ALL_LEADS = "g";

export type Preview = {
  count: number;
  /** false: the unit has more leads than the newest 5,000, which were checked */
  complete: boolean;
  sample: Member[];
};

/** At most 20 D1 round trips, two for each 500 leads. Throws invalid_request. */
export async function previewRules(ctx: Ctx, rules: unknown): Promise<Preview> {
  return preview(ctx, parseInput(Rules, rules));
}

/** A segment that is not active has no members. One D1 round trip more than `previewRules`. Throws not_found. */
export async function previewSegment(ctx: Ctx, segmentId: string): Promise<Preview> {
  const { rules, active } = await requireSegment(ctx, segmentId);
  return active ? preview(ctx, rules) : { count: 0, complete: true, sample: [] };
}

async function preview(ctx: Ctx, rule: Rule): Promise<Preview> {
  const found: Preview = { count: 0, complete: true, sample: [] };
  found.complete = await eachSlice(ctx, [rule], ([members = []]) => {
    found.count += members.length;
    found.sample.push(...members.slice(0, SAMPLE_LEADS - found.sample.length));
  });
  return found;
}

export type Comparison = { a: number; b: number; both: number; only_a: number; only_b: number; complete: boolean };

/** How the members of two segments overlap. Throws not_found. */
export async function compareSegments(ctx: Ctx, a: string, b: string): Promise<Comparison> {
  const segments = [await requireSegment(ctx, a), await requireSegment(ctx, b)];
  const counts = { a: 0, b: 0, both: 0 };
  const complete = await eachSlice(
    ctx,
    segments.map(({ rules }) => rules),
    (slices) => {
      const [ofA, ofB] = slices.map((members, at) => new Set(segments[at]?.active ? members.map(({ lead }) => lead.lead_id) : []));
      counts.a += ofA?.size ?? 0;
      counts.b += ofB?.size ?? 0;
      counts.both += [...(ofA ?? [])].filter((id) => ofB?.has(id)).length;
    },
  );
  return { ...counts, only_a: counts.a - counts.both, only_b: counts.b - counts.both, complete };
}

/** Checks the newest 5,000 leads; returns whether these are all. */
async function eachSlice(ctx: Ctx, rules: readonly Rule[], take: (members: Member[][]) => void): Promise<boolean> {
  let before = BEFORE_ALL_LEADS;
  for (let slice = 0; slice < SLICES_MAX; slice++) {
    const ids = (await ctx.db.all(selectLeadIds(ctx.db, before, LEADS_PER_SLICE))).map(({ lead_id }) => lead_id);
    take(await matchLeads(ctx, rules, ids));
    if (ids.length < LEADS_PER_SLICE) return true;
    before = ids.at(-1) ?? before;
  }
  return (await ctx.db.all(selectLeadIds(ctx.db, before, 1))).length === 0;
}
