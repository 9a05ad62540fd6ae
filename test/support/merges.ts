/** Leads that are merged, and the rows that prove what became of them. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { ingest, rowsOf, type Sent } from "./events";
import type { Client } from "./tenant";

export type Merged = {
  merge_id: string;
  status: string;
  target_lead_id: string;
  source_lead_ids: string[];
  events_moved: number;
  events_total: number;
  aliases_moved: number;
  score: number;
};

/** Merges, and expects that to work. */
export async function merge(client: Client, target: string, sources: string[], more: object = {}): Promise<Merged> {
  const answer = await client.post("/leads/merge", { targetLeadId: target, sourceLeadIds: sources, ...more });
  expect([200, 202], await answer.clone().text()).toContain(answer.status);
  return answer.json<Merged>();
}

export async function leadIdOf(client: Client, email: string): Promise<string> {
  const answer = await client.get(`/lead/by-alias?value=${encodeURIComponent(email)}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json<{ lead_id: string }>()).lead_id;
}

/** A lead that events have created; returns its id. */
export async function leadWith(client: Client, email: string, events: readonly Sent[]): Promise<string> {
  await ingest(client, ...events.map((event) => ({ aliases: [{ alias_kind: "email", raw_value: email }], ...event })));
  return leadIdOf(client, email);
}

/** Not part of what a lead is: what a merge itself leaves behind, and responses stored for repeated requests. */
const LOGS = ["change_log", "merges", "idempotency_keys"];

/** Every row of every table of a unit, as JSON; counts of nothing left out. */
export async function snapshotOf(unit: number): Promise<Record<string, string[]>> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%' AND name NOT IN ('org_units', 'credentials') ORDER BY name",
  ).all<{ name: string }>();
  const shown = tables.filter(({ name }) => !LOGS.includes(name));
  const all = await Promise.all(
    shown.map(
      async ({ name }) =>
        [
          name,
          (await rowsOf(unit, name))
            .filter(({ count }) => count !== 0)
            .map(({ last_change: _, ...row }) => JSON.stringify(row))
            .sort(),
        ] as const,
    ),
  );
  return Object.fromEntries(all);
}
