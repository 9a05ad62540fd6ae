import type { Ctx } from "../../../context";
import { untilCommitted } from "../../../db/commit";
import { requireOperator } from "../../auth";
import { readOwners } from "../aliases/store";
import { ownerStatements } from "../bulk-store";
import { phonesBy, planRekey, valuesAfter } from "./plan-rekey";
import { readRekeyedLead, rekeyStatements, selectPhoneLeads, selectSliceEnd } from "./store";

/** A slice is one commit, of at most as many aliases as its leads have. */
const SLICE_LEADS = 500;

export type RekeyedSlice = {
  /** the last lead of the slice, after which the next one begins; null: there are no more */
  last: string | null;
  leads: number;
  conflicts: number;
};

/**
 * Reads the phones of the next leads after `after` by the unit's region, where one of the `former` regions explains the value they have.
 * A slice that is repeated changes nothing. Three D1 round trips, two when nothing changes, three more for each writer that came first.
 */
export async function rekeyPhones(ctx: Ctx, former: readonly (string | null)[], after: string): Promise<RekeyedSlice> {
  requireOperator(ctx);
  const form = phonesBy({ former, region: ctx.unit.default_region });
  return untilCommitted(async () => {
    const [rows, [end]] = await ctx.db.batch([selectPhoneLeads(ctx.db, after, SLICE_LEADS), selectSliceEnd(ctx.db, after, SLICE_LEADS)]);
    const leads = rows.map(readRekeyedLead);
    const wanted = valuesAfter(leads, form);
    const last = end && end.leads === SLICE_LEADS ? end.last : null;
    if (wanted.length === 0) return { last, leads: 0, conflicts: 0 };
    const owners = readOwners((await ctx.db.batch(ownerStatements(ctx.db, wanted))).flat());
    const plan = planRekey(leads, owners, form);
    await ctx.db.batch(rekeyStatements(ctx, plan, { kind: "phone", source: "default_region" }, ctx.now()));
    return { last, leads: plan.leads.length, conflicts: plan.conflicts.length };
  });
}
