/** Import plans as a client makes them, and the rows of a plan beside what its import did. */
import { expect } from "vitest";
import { type Mapping, preview } from "./imports";
import type { Client } from "./tenant";

export type PlannedRow = {
  row: number;
  outcome: string;
  lead_id: string | null;
  changes: { field: string; before: unknown; after: string | null }[];
  error: string | null;
  warnings: { code: string; column: string | null; value: string }[];
  conflicts: { kind: string; value: string; lead_id: string }[];
};

export type Plan = {
  plan_id: string;
  status: string;
  problem: string | null;
  expires_at: string;
  total_rows: number;
  planned_rows: number;
  counts: { created: number; changed: number; unchanged: number; failed: number; conflicts: number };
  columns: { column: string; would_change: number }[];
  rows: PlannedRow[];
  triggers: { firings: number; notifications: number; exact: boolean; notes: string[] };
  rows_written: number;
  price_usd: number;
  job_id: string | null;
};

export async function planCsv(client: Client, csv: string, mapping: Mapping, bindings: Partial<Env> = {}): Promise<Plan> {
  const file_id = await preview(client, csv);
  const answer = await client.post("/leads/import/plan", { file_id, ...mapping }, { bindings });
  expect(answer.status).toBe(200);
  return answer.json<Plan>();
}

export async function getPlan(client: Client, planId: string): Promise<Plan> {
  const answer = await client.get(`/leads/import/plans/${planId}`);
  expect(answer.status).toBe(200);
  return answer.json<Plan>();
}

/** Every row of a plan, page by page. */
export async function allRows(client: Client, planId: string, query = ""): Promise<PlannedRow[]> {
  const rows: PlannedRow[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const answer = await client.get(`/leads/import/plans/${planId}/rows?limit=1000${query}${cursor === "" ? "" : `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    const page: { rows: PlannedRow[]; next_cursor: string | null } = await answer.json();
    rows.push(...page.rows);
    cursor = page.next_cursor;
  }
  return rows;
}
