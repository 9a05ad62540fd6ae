/** How the import of a plan plans its rows: as the plan did; a row whose outcome would now differ is refused. */
import type { Ctx } from "../../../context";
import type { AliasOwners } from "../../leads";
import { type RowError, rowError } from "../import-row";
import type { RowPlanner } from "../plan-rows";
import { plannedLeadId } from "./plan-next-chunk";
import { planPrefix, readObject } from "./plan-objects";
import { type PlannedRow, type RowResult, sameResult, skippedRows, watchRows } from "./planned-row";
import type { PlanProgress } from "./progress";
import { type PlanRow, selectPlan } from "./store";
import { loadStoredDiffs, versionsHold } from "./stored-diffs";

/** As a job keeps it. */
export type PlanOfJob = { plan_id: string; accept_drift: boolean };

/** Loads the plan once for a run; its objects are kept while its job runs. */
export function promisedRows({ plan_id, accept_drift }: PlanOfJob): (ctx: Ctx, no: number, owners: AliasOwners) => Promise<RowPlanner> {
  let loading: Promise<PlanRow> | null = null;
  return async (ctx, no, owners) => {
    loading ??= loadPlan(ctx, plan_id);
    const plan = await loading;
    const { chunks }: PlanProgress = JSON.parse(plan.progress);
    const chunk = chunks[no];
    if (!chunk) throw new Error(`a plan without its chunk ${no}: ${plan_id}`);
    if (accept_drift) return promisedPlanner(ctx, plan, owners, null);
    // without its object nothing is promised, and every row is outdated
    const content = await readObject(ctx.files, planPrefix(ctx.unit.unit, plan_id), no, chunk);
    return promisedPlanner(ctx, plan, owners, new Map(content?.rows.map((row) => [row.row, row])));
  };
}

/** A job may begin or continue after its plan has expired. */
async function loadPlan(ctx: Ctx, planId: string): Promise<PlanRow> {
  const [plan] = await ctx.db.all(selectPlan(ctx.db, planId, 0));
  if (!plan) throw new Error(`the plan of a job is gone: ${planId}`);
  return plan;
}

function promisedPlanner(ctx: Ctx, plan: PlanRow, owners: AliasOwners, promised: ReadonlyMap<number, PlannedRow> | null): RowPlanner {
  let versions: ReadonlyMap<string, number> = new Map();
  return {
    newLeadId: plannedLeadId(ctx, plan),
    async loadDiffs(rows) {
      const loaded = await loadStoredDiffs(ctx.db, rows, null);
      versions = loaded.versions;
      return loaded.diffs;
    },
    now: ctx.now(),
    watch() {
      const { observe, written } = watchRows();
      return {
        observe,
        refuse: (resolved, kept) => (promised ? refusals([...written, ...skippedRows(kept, resolved, owners)], promised) : []),
      };
    },
    guards: () => (promised ? versionsHold(ctx.db, versions) : []),
  };
}

/** A row fails if the plan says so; a row whose outcome differs from the plan is outdated. */
const refusals = (results: readonly RowResult[], promised: ReadonlyMap<number, PlannedRow>): RowError[] =>
  results.flatMap((result) => {
    const planned = promised.get(result.row);
    if (planned?.error) return [planned.error];
    return planned && sameResult(result, planned) ? [] : [rowError(result.row, "plan_outdated", null, "")];
  });
