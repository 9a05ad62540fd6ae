/** `npm run bench`: what the service costs on this machine, as ratios against floors measured in the same run. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { call, median } from "./call.ts";
import { benchEvents } from "./events.ts";
import { benchGrowth } from "./growth.ts";
import { benchFormats, benchPlan, benchProgress } from "./imports.ts";
import { CONNECTIONS, type Load, load } from "./load.ts";
import { benchNeighbours } from "./neighbours.ts";
import { contacts, toCsv } from "./rows.ts";
import { type Server, startFloor, startService } from "./servers.ts";
import { sqliteLoop } from "./sqlite-floor.ts";
import { benchStartup } from "./startup.ts";
import { undoNewest } from "./undo.ts";

if (process.argv[2] === "growth") {
  const given = process.argv.indexOf("--minutes");
  await benchGrowth(given < 0 ? undefined : Number(process.argv[given + 1]));
  process.exit();
}

const ROWS = Number(process.env.BENCH_ROWS ?? 100_000);
const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 20_000);
const ROUNDS = 3;
const WARM_UP_ROWS = 2_000;
const ROWS_PER_FILE_MAX = 125_000;

const rows = contacts(ROWS);
const scratch = mkdtempSync(join(tmpdir(), "leadedge-bench-"));
const results: Record<string, string | number>[] = [];
const report = (what: string, measured: string, ratio: string, mark: string) => results.push({ what, measured, ratio, mark });

if (ROWS > ROWS_PER_FILE_MAX) throw new Error(`a file of ${ROWS} rows would pass the 10 MB limit`);
benchStartup(report, scratch);
const timeLoop = (tables = {}) => median(Array.from({ length: ROUNDS }, () => sqliteLoop(rows, join(scratch, "loop.db"), tables)));
const [loop, loopWithJournal] = [timeLoop(), timeLoop({ journal: true })];
const service = await startService(8797, join(scratch, "service"));
const floor = await startFloor(8798, join(scratch, "floor")).catch(async (error) => {
  await service.stop();
  throw error;
});
try {
  await benchImport(service);
  await warmUp(service, "/health");
  await warmUp(floor, "/query");
  await benchRequests(service, floor);
  await benchEvents(service, floor, report);
  await benchNeighbours(service, report);
} finally {
  await Promise.all([service.stop(), floor.stop()]);
  rmSync(scratch, { recursive: true, force: true });
}
console.table(results);

async function warmUp(server: Server, path: string): Promise<void> {
  await load(server.origin, () => ({ path }), { requests: 2000 });
}

async function benchImport(server: Server): Promise<void> {
  report(`SQLite loop, ${ROWS} rows, one process`, perSecond(ROWS, loop), "1.00", "the limit");
  report("the same loop with the rows of the undo journal", perSecond(ROWS, loopWithJournal), (loopWithJournal / loop).toFixed(2), "");
  // idle is what a worker weighs that has done a little of everything; before any other load, since a local server grows with each answer
  await importCsv(server, toCsv(rows.slice(0, WARM_UP_ROWS)).replaceAll("@example", "@sample").replaceAll("+1415", "+1416"));
  const fresh = await weighed(server, `import of ${ROWS} rows`, () => importCsv(server, toCsv(rows)));
  report(`import of ${ROWS} new leads, two aliases each`, perSecond(ROWS, fresh), (fresh / loop).toFixed(2), "<= 1.6 x the loop's time …");
  report("the same against the loop with the journal", "", (fresh / loopWithJournal).toFixed(2), "… the journal counted separately");
  await weighed(server, "preview of 5,000,000 rows in 10 MB", () => preview(server, `a\n${"1\n".repeat(5_000_000)}`));

  const quiet = await lookups(server, { requests: REQUESTS });
  let running = true;
  const again = importCsv(server, toCsv(rows)).finally(() => {
    running = false;
  });
  const busy = await lookups(server, { requests: Number.MAX_SAFE_INTEGER, while: () => running });
  report("the same file again while 16 clients look up leads", perSecond(ROWS, await again), "", "");
  report(
    "lookups meanwhile",
    `p50 ${busy.p50.toFixed(1)} ms, p99 ${busy.p99.toFixed(1)} ms`,
    "",
    `without: p50 ${quiet.p50.toFixed(1)}, p99 ${quiet.p99.toFixed(1)} ms`,
  );
  const others = toCsv(rows).replaceAll("@example", "@undone").replaceAll("+1415", "+1417");
  const imported = await importCsv(server, others);
  const undone = await undoNewest(server);
  report(`undo of an import of ${ROWS} new leads`, perSecond(ROWS, undone), (undone / imported).toFixed(2), "<= 1.2 x the import's time");
  await benchFormats(server, rows, report);
  await benchPlan(server, rows, report);
  await benchProgress(server, rows.slice(0, WARM_UP_ROWS * 5), report);
}

async function benchRequests(server: Server, floorServer: Server): Promise<void> {
  const rounds: Record<"constant" | "query" | "lookup" | "patch", Load[]> = { constant: [], query: [], lookup: [], patch: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rounds.constant.push(await load(floorServer.origin, () => ({ path: "/constant" }), { requests: REQUESTS }));
    rounds.query.push(await load(floorServer.origin, () => ({ path: "/query" }), { requests: REQUESTS }));
    rounds.lookup.push(await lookups(server, { requests: REQUESTS }));
    rounds.patch.push(await load(server.origin, (n) => patchShot(round * REQUESTS + n), { requests: REQUESTS / 4 }));
  }
  const rate = (kind: keyof typeof rounds) => median(rounds[kind].map((one) => one.perSecond));
  const query = rate("query");
  report(
    `floor: constant route, ${CONNECTIONS} connections`,
    `${rate("constant").toFixed(0)} req/s`,
    (rate("constant") / query).toFixed(2),
    "",
  );
  report("floor: one trivial D1 query", `${query.toFixed(0)} req/s`, "1.00", "");
  report(
    "authenticated lookup by alias",
    `${rate("lookup").toFixed(0)} req/s`,
    (rate("lookup") / query).toFixed(2),
    ">= 0.85 x the one-query route",
  );
  report("patch by alias", `${rate("patch").toFixed(0)} req/s`, (rate("patch") / query).toFixed(2), "");
}

function lookups(server: Server, until: { requests: number; while?: () => boolean }): Promise<Load> {
  return load(server.origin, (n) => ({ path: `/lead/by-alias?kind=email&value=${encodeURIComponent(rowAt(n * 31).email)}` }), until);
}

function patchShot(n: number) {
  const body = JSON.stringify({ alias_value: rowAt(n * 17).email, attributes: { quote_step: `Step ${n}` } });
  return { path: "/lead/by-alias/metadata", method: "PATCH", body };
}

function rowAt(n: number) {
  return rows[n % rows.length] as (typeof rows)[number];
}

/** Milliseconds from the start call to `completed`, by the job's own clock. */
async function importCsv(server: Server, csv: string): Promise<number> {
  const file_id = await preview(server, csv);
  const { job_id } = await call<{ job_id: string }>(server, "/leads/import/start", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      file_id,
      primary_identifier: { column: "Email", kind: "email" },
      field_mappings: { "First Name": "first_name", "Last Name": "last_name", Company: "company" },
      alias_mappings: { Phone: "_alias_phone" },
    }),
  });
  for (;;) {
    await sleep(100);
    const job = await call<{ status: string; created_at: string; completed_at: string; failed_count: number }>(
      server,
      `/leads/import/jobs/${job_id}`,
    );
    if (job.status !== "completed") continue;
    if (job.failed_count > 0) throw new Error(`${job.failed_count} rows failed`);
    return Date.parse(job.completed_at) - Date.parse(job.created_at);
  }
}

async function preview(server: Server, csv: string): Promise<string> {
  const form = new FormData();
  form.set("file", new File([csv], "contacts.csv", { type: "text/csv" }));
  return (await call<{ file_id: string }>(server, "/leads/import/preview", { method: "POST", body: form })).file_id;
}

/** Does the work and reports how far the largest process grew meanwhile. */
async function weighed<Result>(server: Server, what: string, work: () => Promise<Result>): Promise<Result> {
  const idle = server.heaviestBytes();
  const peak = watch(server);
  const result = await work();
  const [above, before] = [peak.stop() - idle, idle].map((bytes) => (bytes / 1024 / 1024).toFixed(0));
  report(`largest process above its idle size: ${what}`, `${above} MB (idle ${before} MB)`, "", "<= 128 MB");
  return result;
}

/** The largest size seen, sampled. */
function watch(server: Server): { stop: () => number } {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, server.heaviestBytes());
  }, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return peak;
    },
  };
}

function perSecond(count: number, ms: number): string {
  return `${(count / (ms / 1000)).toFixed(0)} rows/s (${(ms / 1000).toFixed(2)} s)`;
}
