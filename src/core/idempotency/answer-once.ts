/** A request with an Idempotency-Key is carried out once; the same request again gets the answer of the first. */
import { KeyTaken } from "../../db/commit";
import { AppError } from "../../errors";

export type KeyedRequest = { scope: string; key: string; request_hash: string };

export type Answer = { status: number; body: string };
/**
 * `stored`: in the batch of the verb. `final`: the verb has decided and committed nothing, as with a refusal. `open`: nothing is decided,
 * and the same request may end otherwise.
 */
export type GivenAnswer = Answer & { outcome: "stored" | "final" | "open" };

/** Where the answers of an org unit, or those of the directory, are kept. */
export type AnswerStore = {
  readonly unit: number;
  /** One that is not too old. One D1 round trip. */
  find(request: KeyedRequest): Promise<(Answer & { request_hash: string }) | null>;
  /** Returns false, and stores nothing, if the key has an answer. One D1 round trip. */
  keep(request: KeyedRequest, answer: Answer): Promise<boolean>;
};

/** Requests of this isolate that are being carried out. */
const running = new Set<string>();
/** Beyond that many only the database tells requests with the same key apart. */
const RUNNING_MAX = 10_000;

/**
 * Looks the key up, and runs the request unless it has been answered. Of two that run at once, in two isolates, the second cannot commit: it
 * gets the first one's answer. One D1 round trip beside those of `run`; one more to store what its verb has not stored.
 * Throws idempotency_key_reused, idempotency_key_in_use, and what `run` throws.
 */
export async function answerOnce(
  store: AnswerStore,
  request: KeyedRequest,
  run: () => Promise<GivenAnswer>,
): Promise<{ answer: Answer; replayed: boolean }> {
  const name = JSON.stringify([store.unit, request.scope, request.key]);
  if (running.has(name)) throw new KeyTaken();
  if (running.size < RUNNING_MAX) running.add(name);
  try {
    const known = await findAnswer(store, request);
    if (known) return { answer: known, replayed: true };
    const { outcome, ...answer } = await run();
    // a refusal may come of the request that was first: what it created is there already
    if (outcome === "final" && !(await store.keep(request, answer))) throw new KeyTaken();
    return { answer, replayed: false };
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    const first = await findAnswer(store, request);
    if (!first) throw error;
    return { answer: first, replayed: true };
  } finally {
    running.delete(name);
  }
}

/** Throws idempotency_key_reused when the key has been used for another request. */
async function findAnswer(store: AnswerStore, request: KeyedRequest): Promise<Answer | null> {
  const found = await store.find(request);
  if (found && found.request_hash !== request.request_hash) {
    throw new AppError("idempotency_key_reused", "This Idempotency-Key was used for another request: use a new key for each request");
  }
  return found && { status: found.status, body: found.body };
}
