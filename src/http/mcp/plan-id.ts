/** Ids of plans as agents get them: signed for their org unit, so that only plans of that unit are committed there. */
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { hmacSha256Hex, sameSecret } from "../../hash";

const SIGNATURE_DIGITS = 32;
const SIGNED_ID = /^((plan|bplan)_[0-9a-f]{32})\.([0-9a-f]{32})$/;

type Signer = Pick<Ctx, "tagKeys" | "unit">;

export const signedPlanId = ({ tagKeys, unit }: Signer, planId: string): string =>
  `${planId}.${signature(tagKeys[0].key, unit.unit, planId)}`;

/** Throws not_found for an id that this org unit was never given. */
export function readPlanId({ tagKeys, unit }: Signer, text: string): { plan_id: string; kind: "import" | "update" } {
  const [, plan_id = "", prefix, given = ""] = SIGNED_ID.exec(text.trim()) ?? [];
  const ours = tagKeys.some(({ key }) => sameSecret(signature(key, unit.unit, plan_id), given));
  if (!ours) throw new AppError("not_found", `plan_id: is not a plan of this org unit (got ${JSON.stringify(text.slice(0, 100))})`);
  return { plan_id, kind: prefix === "plan" ? "import" : "update" };
}

const signature = (key: string, unit: number, planId: string): string =>
  hmacSha256Hex(key, JSON.stringify(["agent plan", unit, planId])).slice(0, SIGNATURE_DIGITS);
