/** Binds a plan to its file, its mapping and all that it has read and planned, by a key of this service. */
import type { Ctx } from "../../../context";
import { hmacSha256Hex } from "../../../hash";
import type { PlanProgress } from "./progress";
import type { PlanRow } from "./store";

type Signed = Pick<PlanRow, "plan_id" | "file_id" | "identity" | "mapping" | "seed">;

export const signPlan = (ctx: Pick<Ctx, "tagKeys" | "unit">, plan: Signed, progress: PlanProgress): string =>
  hmacSha256Hex(ctx.tagKeys[0].key, signedText(ctx, plan, progress));

/** False, too, when the key that signed it is no longer one of ours. */
export const isSigned = (ctx: Pick<Ctx, "tagKeys" | "unit">, plan: Signed & Pick<PlanRow, "signature">, progress: PlanProgress): boolean =>
  ctx.tagKeys.some(({ key }) => hmacSha256Hex(key, signedText(ctx, plan, progress)) === plan.signature);

const signedText = ({ unit }: Pick<Ctx, "unit">, { plan_id, file_id, identity, mapping, seed }: Signed, { chunks }: PlanProgress): string =>
  JSON.stringify(["import plan", unit.unit, plan_id, file_id, identity, mapping, seed, chunks.map(({ sha256 }) => sha256)]);
