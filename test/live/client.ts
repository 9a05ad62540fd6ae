/** Requests to a service that may be gone in the middle of them. */
import { setTimeout as sleep } from "node:timers/promises";

export type Answer<Body> = { status: number; body: Body };

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString("base64")}`;
export const DEMO = basic("demo:demo-secret");
export const RIVAL = basic("rival:rival-secret");
const ANSWERED_WITHIN_MS = 30_000;

/** A request with JSON both ways. `key`: its Idempotency-Key. Null: no response came. */
export async function ask<Body>(
  origin: string,
  path: string,
  json?: unknown,
  authorization = DEMO,
  key: string | null = null,
): Promise<Answer<Body> | null> {
  const body = json instanceof FormData ? json : json === undefined ? undefined : JSON.stringify(json);
  const type = body === undefined || body instanceof FormData ? {} : { "Content-Type": "application/json" };
  try {
    const response = await fetch(origin + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: authorization, ...type, ...(key === null ? {} : { "Idempotency-Key": key }) },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    });
    return { status: response.status, body: (await response.json()) as Body };
  } catch {
    return null;
  }
}

/** The body of a success. Throws for every other response, and for none. */
export async function demand<Body>(origin: string, path: string, json?: unknown, authorization = DEMO): Promise<Body> {
  const answer = await ask<Body>(origin, path, json, authorization);
  if (answer === null || answer.status >= 300) throw new Error(`${path}: ${answer === null ? "no answer" : JSON.stringify(answer)}`);
  return answer.body;
}

/** Asks until `look` finds something; throws after `withinMs`. */
export async function until<Found>(what: string, withinMs: number, look: () => Promise<Found | null>): Promise<Found> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(500)) {
    const found = await look();
    if (found !== null) return found;
  }
  throw new Error(`${what}: not within ${withinMs / 1000} s`);
}

/** The same numbers for the same seed (mulberry32), from 0 to 1. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const csvFile = (csv: string): FormData => {
  const form = new FormData();
  form.set("file", new File([csv], "leads.csv", { type: "text/csv" }));
  return form;
};
