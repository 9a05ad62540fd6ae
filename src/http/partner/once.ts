/** A call with an Idempotency-Key is carried out once. */
import type { Ctx } from "../../context";
import { answerOnce, type GivenAnswer, KeyTaken, type Remember, unitAnswers } from "../../core/idempotency";
import { keyedCall, outcomeOf, rememberIn, replayOf, scopeOf } from "../idempotency";
import { type Call, errorBody, toPartnerError } from "./adapter";

/**
 * Runs a verb unless the call's key has an answer. `scope` is whose key it is; the caller's when left out. Returns the response, whole if
 * the call has a key: a replay can be a refusal.
 */
export async function once<Result>(
  { c }: Pick<Call, "c">,
  ctx: Ctx,
  view: (result: Result) => object,
  verb: (remember: Remember<Result>) => Promise<Result>,
  scope = scopeOf(ctx.actor),
): Promise<object | Response> {
  const call = await keyedCall(c, scope);
  if (call === null) return view(await verb(() => []));
  const { answer, replayed } = await answerOnce(unitAnswers(ctx), call.request, async (): Promise<GivenAnswer> => {
    try {
      const body = JSON.stringify(view(await verb(rememberIn(ctx, call, 200, view))));
      return { status: 200, body, outcome: outcomeOf(call, 200) };
    } catch (thrown) {
      const refusal = thrown instanceof KeyTaken ? null : toPartnerError(thrown);
      if (!refusal || outcomeOf(call, refusal.status) === "open") throw thrown;
      return { status: refusal.status, body: JSON.stringify(errorBody(refusal)), outcome: "final" };
    }
  });
  if (replayed) return replayOf(c, answer, "application/json");
  return c.body(answer.body, answer.status as 200, { "Content-Type": "application/json" });
}
