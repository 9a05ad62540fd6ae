import { setTimeout as sleep } from "node:timers/promises";
import { BASIC } from "./load.ts";
import type { Server } from "./servers.ts";

/** One request as the demo tenant; throws on an answer that is no success. */
export async function call<Answer>(server: Server, path: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(server.origin + path, { ...init, headers: { ...init.headers, Authorization: BASIC } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

export const post = <Answer>(server: Server, path: string, body: unknown): Promise<Answer> =>
  call(server, path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

/** Asks until `look` finds something. */
export async function until<Found>(everyMs: number, look: () => Promise<Found | undefined>): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(everyMs);
  }
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}
