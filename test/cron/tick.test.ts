/** A tick runs each of its jobs, whatever happens to the others. */
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { unitKeyOf } from "../support/context";
import { heldDelivery, mintChannel, tick, wait } from "../support/deliveries";
import { operator } from "../support/limits";
import { mintTenant } from "../support/tenant";
import { countingD1, failingD1, logged } from "../support/worker";

afterEach(() => void vi.useRealTimers());

/** A database that fails for statements on import jobs. */
const withoutImports = (): D1Database =>
  ({
    ...env.DB,
    prepare: (text: string) => (text.includes("import_jobs") ? failingD1("reset").DB : env.DB).prepare(text),
  }) as unknown as D1Database;

it("a job that fails is logged and does not keep the others from running", async () => {
  const { client } = await mintTenant();
  const message = await heldDelivery(client, (await mintChannel(client)).id);
  wait(61_000);
  const sent: string[] = [];
  const lines = await logged(async () => {
    for (const { delivery_id } of await tick("* * * * *", { DB: withoutImports() })) sent.push(delivery_id);
  });
  expect(sent).toContain(message.delivery_id);
  expect(lines.join()).toContain("cron job failed");
});

/** D1's limit for one invocation. */
const STATEMENTS_MAX = 1_000;

/** A database in which no statement finds anything. */
function emptyD1(statements: string[]): D1Database {
  const prepare = (text: string) => {
    const found = async () => {
      statements.push(text);
      return { success: true, results: [], meta: {} };
    };
    const statement = { bind: () => statement, all: found, run: found, raw: async () => (await found()).results };
    return statement;
  };
  return { prepare } as unknown as D1Database;
}

it("ten-minute jobs share them too, over any number of databases, and each of them has its turn", async () => {
  const further = Array.from({ length: 20 }, (_, at) => `DB_${at + 1}`);
  /** a statement of each job, but for those that read the bucket first */
  const marks: Record<string, string> = {
    removeExpiredPreviews: "FROM import_files WHERE keep_until",
    forgetOldDeliveries: "INDEXED BY deliveries_finished",
    removeOldAuditEntries: "audit_entries",
    removeOldChangesOfLeads: "DELETE FROM change_log",
    removeOldIdempotencyKeys: "FROM idempotency_keys WHERE (unit",
    removeOldUndoJournal: "FROM undo_journal WHERE (unit",
    removeOldMergeJournals: "FROM merges WHERE merged_at",
    removeOldRows: "FROM dead_letters",
    removeUnusedEventTypes: "min(unit) AS unit FROM event_types",
    keepUsage: `from "org_units"`,
    reconcileCounts: "FROM lead_counts WHERE unit >",
  };
  const ran = new Set<string>();
  for (let turn = 0; turn < 12; turn++) {
    const statements: string[] = [];
    const bindings = Object.fromEntries(["DB", ...further].map((name) => [name, emptyD1(statements)])) as Partial<Env>;
    const lines = await logged(async () => {
      await tick("*/10 * * * *", bindings, turn * 600_000);
    });
    expect(lines.filter((line) => line.includes("cron job failed"))).toEqual([]);
    expect(statements.length).toBeGreaterThan(STATEMENTS_MAX / 2);
    expect(statements.length).toBeLessThanOrEqual(STATEMENTS_MAX);
    for (const [job, mark] of Object.entries(marks)) if (statements.some((text) => text.includes(mark))) ran.add(job);
  }
  expect([...ran].toSorted()).toEqual(Object.keys(marks).toSorted());
});

/** An export that has far to go: 400 slices of an empty table. */
async function longExport(): Promise<string> {
  const tenant = await mintTenant();
  const begun = await operator.post(`/admin/organizations/${tenant.organization_id}/export`);
  const { export_id } = await begun.json<{ export_id: string }>();
  const key = `export-states/${tenant.organization_id}/${export_id}.json`;
  const step = { table: "leads", unit: await unitKeyOf(tenant), shard: 0 };
  const state = await (await env.FILES.get(key))?.json<object>();
  const running = { status: "running", run_at: 0, at: 0, after: null, tables: {}, steps: Array(400).fill(step) };
  await env.FILES.put(key, JSON.stringify({ ...state, ...running }));
  return key;
}

it("the jobs of a tick share the statements that D1 allows, and the last one still runs", async () => {
  const exports = [await longExport(), await longExport()];
  const reached = () => Promise.all(exports.map(async (key) => await (await env.FILES.get(key))?.json<{ at: number; status: string }>()));
  const statementsOfTick = async () => {
    const { DB, count } = countingD1();
    await logged(() => tick("* * * * *", { DB }));
    return count.statements.length;
  };

  expect(await statementsOfTick()).toBeLessThanOrEqual(STATEMENTS_MAX);
  expect((await reached()).some((state) => state && state.at > 0)).toBe(true);

  for (let ticks = 0; ticks < 20 && (await reached()).some((state) => state?.status === "running"); ticks++) {
    expect(await statementsOfTick()).toBeLessThanOrEqual(STATEMENTS_MAX);
  }
  expect((await reached()).map((state) => state?.status)).toEqual(exports.map(() => "completed"));
});
