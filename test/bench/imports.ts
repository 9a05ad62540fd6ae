/** Reading a workbook against reading the same CSV, a plan against its import, and how soon an import shows progress. */
import { setTimeout as sleep } from "node:timers/promises";
import { call, median, post } from "./call.ts";
import { BASIC } from "./load.ts";
import type { Contact } from "./rows.ts";
import { toCsv } from "./rows.ts";
import type { Server } from "./servers.ts";
import { toXlsx } from "./workbook.ts";

export type Report = (what: string, measured: string, ratio: string, mark: string) => void;
type Plan = { plan_id: string; status: string; problem: string | null };
type Job = { status: string; created_at: string; completed_at: string; failed_count: number };

const ROUNDS = 3;
const MAPPING = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company" },
  alias_mappings: { Phone: "_alias_phone" },
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

export async function upload(server: Server, content: string | Uint8Array<ArrayBuffer>, name: string): Promise<string> {
  const form = new FormData();
  form.set("file", new File([content], name));
  return (await call<{ file_id: string }>(server, "/leads/import/preview", { method: "POST", body: form })).file_id;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** From the upload to the preview, the same rows in both formats. */
export async function benchFormats(server: Server, rows: readonly Contact[], report: Report): Promise<void> {
  const [csv, xlsx] = [toCsv(rows), toXlsx(rows)];
  const times: Record<"csv" | "xlsx", number[]> = { csv: [], xlsx: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const asCsv = await timed(() => upload(server, csv, "leads.csv"));
    const asXlsx = await timed(() => upload(server, xlsx, "leads.xlsx"));
    // the first round warms up
    if (round > 0) times.csv.push(asCsv) && times.xlsx.push(asXlsx);
  }
  const [asCsv, asXlsx] = [median(times.csv), median(times.xlsx)];
  report(`preview of ${rows.length} rows as CSV`, seconds(asCsv), "1.00", "");
  report(`preview of ${rows.length} rows as .xlsx`, seconds(asXlsx), (asXlsx / asCsv).toFixed(2), "<= 3 x the CSV's time");
}

/** Plans new leads, then imports them by the plan's mapping, and does the same for a file that changes them all. */
export async function benchPlan(server: Server, rows: readonly Contact[], report: Report): Promise<void> {
  const csv = toCsv(rows).replaceAll("@example", "@planned").replaceAll("+1415", "+1418");
  for (const [what, content] of [
    ["new leads", csv],
    ["changed leads", csv.replaceAll("Company ", "Firm ")],
  ] as const) {
    const file_id = await upload(server, content, "leads.csv");
    const planned = await timed(() => plan(server, file_id));
    const imported = await runImport(server, file_id);
    report(`plan of ${rows.length} ${what}`, seconds(planned), (planned / imported).toFixed(2), "<= 0.8 x the import's time");
  }
}

async function plan(server: Server, file_id: string): Promise<void> {
  let made = await post<Plan>(server, "/leads/import/plan", { file_id, ...MAPPING });
  while (made.status === "in_progress") {
    await sleep(100);
    made = await call<Plan>(server, `/leads/import/plans/${made.plan_id}`);
  }
  if (made.status !== "completed") throw new Error(`the plan ${made.status}: ${made.problem}`);
}

/** Milliseconds from the start call to `completed`, by the job's own clock. */
async function runImport(server: Server, file_id: string): Promise<number> {
  const { job_id } = await post<{ job_id: string }>(server, "/leads/import/start", { file_id, ...MAPPING });
  for (;;) {
    await sleep(100);
    const job = await call<Job>(server, `/leads/import/jobs/${job_id}`);
    if (job.status !== "completed") continue;
    if (job.failed_count > 0) throw new Error(`${job.failed_count} rows failed`);
    return Date.parse(job.completed_at) - Date.parse(job.created_at);
  }
}

/** From the start call to the first event of the job's stream. */
export async function benchProgress(server: Server, rows: readonly Contact[], report: Report): Promise<void> {
  const file_id = await upload(server, toCsv(rows).replaceAll("@example", "@watched").replaceAll("+1415", "+1419"), "leads.csv");
  const startedAt = performance.now();
  const { job_id } = await post<{ job_id: string }>(server, "/leads/import/start", { file_id, ...MAPPING });
  const stream = await fetch(`${server.origin}/leads/import/jobs/${job_id}/events`, { headers: { Authorization: BASIC } });
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.includes("event: progress")) break;
  }
  const ms = performance.now() - startedAt;
  report(`first progress event of an import of ${rows.length} rows`, `${ms.toFixed(0)} ms`, "", "< 1,000 ms");
  while ((await call<Job>(server, `/leads/import/jobs/${job_id}`)).status !== "completed") await sleep(100);
}
