/**
 * `npm run bench -- growth`: what a store of a million leads and a million events costs against one of ten thousand, in the same run. With
 * `--minutes 10` it imports as much as half of that time allows and measures what is there then.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "./call.ts";
import { contacts, toCsv } from "./rows.ts";
import { type Server, startService } from "./servers.ts";

const SMALL = Number(process.env.BENCH_SMALL ?? 10_000);
const LARGE = Number(process.env.BENCH_LARGE ?? 1_000_000);
const ROWS_PER_FILE = Math.min(100_000, LARGE / 2);
const REPETITIONS = 25;
const MAPPING = {
  primary_identifier: { column: "Email", kind: "email" },
  field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company" },
  alias_mappings: { Phone: "_alias_phone" },
};

/** Each tenant of a laptop has a store of its own. */
type Tenant = "demo" | "rival";

const ACTIVE = { type: "event_count", event_type: "Page View", operator: "greater_or_equal", value: 1, within_days: 30 };

const PATHS: [what: string, path: string][] = [
  ["look-up by alias", "/lead/by-alias?kind=email&value=EMAIL"],
  ["first page", "/leads?limit=25"],
  ["first page with a filter that nearly all pass", "/leads?limit=25&has=phone"],
  ["first page, by score", "/leads?limit=25&sort=-score"],
  ["search: a word of one lead in sixteen", "/leads?limit=25&q=mona"],
  ["search: two words", "/leads?limit=25&q=mona%20meyer"],
  ["search: a word of one lead in sixteen, with a filter that one in 33 passes", "/leads?limit=25&q=mona&attr.company=Company%207"],
  ["search: an email", "/leads?limit=25&q=EMAIL"],
  ["segment page: leads with an event", `/leads?limit=25&filter=${encodeURIComponent(JSON.stringify(ACTIVE))}`],
  ["workspace: first page", "/api/v1/leads?limit=25"],
  ["workspace: search, with its exact total", "/api/v1/leads?limit=25&search=mona"],
];

export async function benchGrowth(minutes = Number.POSITIVE_INFINITY): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "leadedge-growth-"));
  const service = await startService(8797, scratch);
  try {
    const rows = contacts(LARGE);
    const startedAt = performance.now();
    const hasTime = (share: number) => performance.now() - startedAt < share * minutes * 60_000;
    await importRows(service, "rival", rows.slice(0, SMALL));
    await importEvents(service, "rival", rows.slice(0, SMALL));
    const seconds: number[] = [];
    let leads = 0;
    for (; leads < LARGE && (leads === 0 || hasTime(0.3)); leads += ROWS_PER_FILE)
      seconds.push(await importRows(service, "demo", rows.slice(leads, leads + ROWS_PER_FILE)));
    let events = 0;
    for (; events < leads && (events === 0 || hasTime(0.5)); events += ROWS_PER_FILE)
      await importEvents(service, "demo", rows.slice(events, events + ROWS_PER_FILE));
    const [first = 0, last = 0] = [seconds[0], seconds.at(-1)];
    const line = lineOf(leads, events);
    const results = [
      line(`import of ${ROWS_PER_FILE} rows: into an empty store, into ${leads - ROWS_PER_FILE}`, first * 1000, last * 1000),
    ];
    const email = encodeURIComponent(rows[0]?.email ?? "");
    for (const [what, path] of PATHS) {
      const times: Record<Tenant, number[]> = { rival: [], demo: [] };
      for (let n = 0; n < REPETITIONS; n++)
        for (const tenant of ["rival", "demo"] as const) times[tenant].push(await timed(service, tenant, path.replace("EMAIL", email)));
      results.push(line(what, median(times.rival), median(times.demo)));
    }
    const previews: Record<Tenant, number[]> = { rival: [], demo: [] };
    for (let n = 0; n < REPETITIONS; n++)
      for (const tenant of ["rival", "demo"] as const) previews[tenant].push(await timed(service, tenant, "/segments/preview", PREVIEW));
    results.push(line("segment preview: leads with an event", median(previews.rival), median(previews.demo)));
    console.table(results);
  } finally {
    await service.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

const lineOf = (leads: number, events: number) => (what: string, small: number, large: number) => ({
  what,
  [`${SMALL} leads and events`]: `${small.toFixed(1)} ms`,
  [`${leads} leads, ${events} events`]: `${large.toFixed(1)} ms`,
  ratio: (large / small).toFixed(2),
  mark: "<= 1.3",
});

const PREVIEW = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ rules: ACTIVE }) };

async function timed(server: Server, tenant: Tenant, path: string, init: RequestInit = {}): Promise<number> {
  const startedAt = performance.now();
  await (await send(server, tenant, path, init)).arrayBuffer();
  return performance.now() - startedAt;
}

/** Seconds from the start of the import to its end, by its own clock. */
async function importRows(server: Server, tenant: Tenant, rows: ReturnType<typeof contacts>): Promise<number> {
  const form = new FormData();
  form.set("file", new File([toCsv(rows)], "contacts.csv", { type: "text/csv" }));
  const { file_id } = await json<{ file_id: string }>(await send(server, tenant, "/leads/import/preview", { method: "POST", body: form }));
  const start = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ file_id, ...MAPPING }) };
  const { job_id } = await json<{ job_id: string }>(await send(server, tenant, "/leads/import/start", start));
  for (;;) {
    await sleep(200);
    const job = await json<{ status: string; failed_count: number; created_at: string; completed_at: string }>(
      await send(server, tenant, `/leads/import/jobs/${job_id}`),
    );
    if (job.status !== "completed") continue;
    if (job.failed_count > 0) throw new Error(`${job.failed_count} rows failed`);
    return (Date.parse(job.completed_at) - Date.parse(job.created_at)) / 1000;
  }
}

/** An event of each lead. */
async function importEvents(server: Server, tenant: Tenant, rows: ReturnType<typeof contacts>): Promise<void> {
  const form = new FormData();
  const text = `event_type,email\n${rows.map(({ email }) => `Page View,${email}\n`).join("")}`;
  form.set("file", new File([text], "events.csv", { type: "text/csv" }));
  const { job_id } = await json<{ job_id: string }>(
    await send(server, tenant, "/import?skip_triggers=true", { method: "POST", body: form }),
  );
  for (;;) {
    const { status } = await json<{ status: string }>(await send(server, tenant, `/import/jobs/${job_id}`));
    if (status === "completed") return;
    await sleep(200);
  }
}

async function send(server: Server, tenant: Tenant, path: string, init: RequestInit = {}): Promise<Response> {
  const credentials = path.startsWith("/api/v1/")
    ? `Bearer ${`sk-workspace_${tenant}`.padEnd(64, "0")}`
    : `Basic ${Buffer.from(`${tenant}:${tenant}-secret`).toString("base64")}`;
  const response = await fetch(server.origin + path, { ...init, headers: { ...init.headers, Authorization: credentials } });
  if (!response.ok) throw new Error(`${path} returned ${response.status}: ${await response.text()}`);
  return response;
}

const json = async <Body>(response: Response): Promise<Body> => (await response.json()) as Body;
