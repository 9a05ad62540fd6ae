/** Retries with the header Idempotency-Key: the first request is carried out, and every repetition of it gets the same status and body. */
import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Actor, Ctx } from "../context";
import { actorId, isOfOrganization } from "../core/auth";
import {
  type Answer,
  type AnswerStore,
  answerOnce,
  directoryAnswers,
  type GivenAnswer,
  insertAnswer,
  type KeyedRequest,
  KeyTaken,
  keyedRequest,
  type Remember,
  type RememberInDirectory,
  unitAnswers,
} from "../core/idempotency";
import { toDomainError } from "../open-context";
import type { HttpEnv } from "./router";

export const KEY_HEADER = "Idempotency-Key";
export const REPLAYED_HEADER = "Idempotency-Replayed";

const SECRET_NOTICE = "shown once, in the first answer";

/** A request with a key. `begun`: its verb has been called. `remembered`: the verb has put its answer into a batch. */
export type KeyedCall = { request: KeyedRequest; begun: boolean; remembered: boolean };

/** Throws invalid_request for a malformed key. Null without the header. */
export async function keyedCall(c: Context<HttpEnv>, scope: string): Promise<KeyedCall | null> {
  const header = c.req.header(KEY_HEADER);
  if (header === undefined) return null;
  const sent = { method: c.req.method, path: c.req.path, body: await c.req.text() };
  return { request: keyedRequest(header, scope, sent), begun: false, remembered: false };
}

/** A caller's keys are its own. */
export const scopeOf = (actor: Actor): string => (isOfOrganization(actor) ? `${actor.organization_id} ${actorId(actor)}` : actorId(actor));

/** Guard of a route whose verb commits in the org unit's database. An answer that is known is returned before the body is validated. */
export const onceInUnit = (errorType: string): MiddlewareHandler<HttpEnv> =>
  async function onceInUnit(c, next) {
    const ctx = c.get("ctx");
    const call = await keyedCall(c, scopeOf(ctx.actor));
    if (call === null) return next();
    c.set("keyed", call);
    await answerFromStore(c, unitAnswers(ctx), call, errorType, next);
  };

/** The same for a route whose verb commits in the directory. */
export const onceInDirectory = (errorType: string): MiddlewareHandler<HttpEnv> =>
  async function onceInDirectory(c, next) {
    const caller = c.get("caller");
    const call = await keyedCall(c, scopeOf(caller.actor));
    if (call === null) return next();
    c.set("keyed", call);
    await answerFromStore(c, directoryAnswers(caller), call, errorType, next);
  };

async function answerFromStore(
  c: Context<HttpEnv>,
  store: AnswerStore,
  call: KeyedCall,
  errorType: string,
  next: () => Promise<void>,
): Promise<void> {
  const { answer, replayed } = await answerOnce(store, call.request, async () => {
    await next();
    if (toDomainError(c.error) instanceof KeyTaken) throw new KeyTaken();
    const { status } = c.res;
    const outcome = outcomeOf(call, status);
    return { status, outcome, body: outcome === "final" ? await c.res.clone().text() : "" };
  });
  if (!replayed) return;
  const replay = replayOf(c, answer, errorType);
  // a response that replaces another would inherit its headers
  c.res = undefined;
  c.res = replay;
}

/** The answer of an earlier request. */
export function replayOf(c: Context<HttpEnv>, { status, body }: Answer, errorType: string): Response {
  c.header("Retry-After", undefined);
  c.header("Cache-Control", "no-store");
  c.header(REPLAYED_HEADER, "true");
  return c.body(body, status as ContentfulStatusCode, { "Content-Type": status < 400 ? "application/json" : errorType });
}

/** A refusal counts as final only if the verb has made it: what guards refuse, and what fails, may go well the next time. */
export function outcomeOf({ begun, remembered }: KeyedCall, status: number): GivenAnswer["outcome"] {
  if (!begun || status >= 500 || [401, 403, 429].includes(status)) return "open";
  return remembered && status < 400 ? "stored" : "final";
}

/** For the verb of a route: stores `view` of the result as the body of the answer. Nothing for a request without a key. */
export const remembering = <Result>(c: Context<HttpEnv>, status: number, view: (result: Result) => object): Remember<Result> =>
  rememberIn(c.get("ctx"), c.get("keyed"), status, view);

/** The same for a verb that commits in the directory. */
export function rememberingInDirectory<Result>(
  c: Context<HttpEnv>,
  status: number,
  view: (result: Result) => object,
): RememberInDirectory<Result> {
  const call = c.get("keyed");
  if (!call) return () => null;
  call.begun = true;
  return (result) => {
    call.remembered = true;
    return { request: call.request, answer: { status, body: JSON.stringify(view(result)) }, at: c.get("caller").now() };
  };
}

/**
 * For a verb whose repetition does no harm, and whose result only the database knows: its answer is stored after its commit, and a process
 * that dies in between leaves the key free.
 */
export function rememberAfter(c: Context<HttpEnv>): void {
  const call = c.get("keyed");
  if (call) call.begun = true;
}

/** A secret is shown once and never stored: a replay says so in its place. */
export function withoutSecret<Body extends Record<string, unknown>>(body: Body, field: keyof Body & string): object {
  const { [field]: secret, ...rest } = body;
  return secret === undefined ? body : replayedWithoutSecret(rest);
}

/** In a body without its secrets: says why. */
export const replayedWithoutSecret = (body: object): object => ({ ...body, secret_notice: SECRET_NOTICE });

export function rememberIn<Result>(
  { db, now }: Pick<Ctx, "db" | "now">,
  call: KeyedCall | undefined,
  status: number,
  view: (result: Result) => object,
): Remember<Result> {
  if (!call) return () => [];
  call.begun = true;
  return (result) => {
    call.remembered = true;
    return [insertAnswer(db, call.request, { status, body: JSON.stringify(view(result)) }, now())];
  };
}
