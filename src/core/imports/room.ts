/** The quota of leads, for the rows of a chunk. */
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { quotaOf } from "../../quotas";
import { selectLeadTotal } from "../leads";
import { rowError } from "./import-row";
import type { RowPlanner } from "./plan-rows";
import type { ResolvedRow } from "./resolve-rows";

/**
 * Runs `attempt` as if there were room for every lead (null), whose commit counts them; only when they do not fit, reads how many do and runs
 * it again. Throws CommitConflict on `quota_guards` when others have taken that room meanwhile.
 */
export async function withinLeadQuota<Result>(ctx: Ctx, attempt: (room: number | null) => Promise<Result>): Promise<Result> {
  try {
    return await attempt(null);
  } catch (error) {
    if (!(error instanceof CommitConflict && error.table === "quota_guards")) throw error;
    const [counted] = await ctx.db.all(selectLeadTotal(ctx.db));
    return attempt(Math.max(0, quotaOf(ctx.unit, "leads") - (counted?.leads ?? 0)));
  }
}

/** The planner, which refuses the rows of new leads beyond the first `room`; null: no limit. */
export function withinRoom(planner: RowPlanner, room: number | null): RowPlanner {
  if (room === null) return planner;
  return {
    ...planner,
    watch() {
      const inner = planner.watch?.();
      return {
        observe: (...row) => inner?.observe(...row),
        refuse(resolved, kept) {
          const refused = overQuota(resolved, room);
          return refused.length > 0 ? refused : (inner?.refuse(resolved, kept) ?? []);
        },
      };
    },
  };
}

function overQuota(resolved: readonly ResolvedRow[], room: number) {
  const fitting = new Set<string>();
  return resolved.flatMap(({ lead_id, isNew, input }) => {
    if (!isNew || fitting.has(lead_id)) return [];
    if (fitting.size < room) {
      fitting.add(lead_id);
      return [];
    }
    return [rowError(input.row, "quota_used_up", null, "leads")];
  });
}
