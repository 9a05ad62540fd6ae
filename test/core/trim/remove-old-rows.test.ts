/** What no verb removes, cron removes once it is old: a bounded number of rows a tick, and nothing else. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { OLD_ROWS, removeOldRows } from "../../../src/core/trim";
import { openShards } from "../../../src/open-context";
import { asEmail, ingest, mintUnitTenant } from "../../support/events";
import { contactsCsv, cronTick, importCsv } from "../../support/imports";
import { logged } from "../../support/worker";

const DAY_MS = 86_400_000;
const now = Date.now();
const count = async (table: string, where = "1"): Promise<number> =>
  Number(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).first("n"));

/** Rows of each table, one that has just passed its period and one that is about to. */
async function fill(unit: number): Promise<void> {
  const at = (table: string, past: boolean) => now - (OLD_ROWS[table]?.keptDays ?? 0) * DAY_MS + (past ? -1_000 : 3_600_000);
  const insert = (sql: string, ...values: (string | number | null)[]) =>
    env.DB.prepare(sql)
      .bind(...values)
      .run();
  for (const past of [true, false]) {
    const id = past ? "old" : "young";
    await insert(
      "INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, 'q', '{}', ?2)",
      `${unit} ${id}`,
      at("dead_letters", past),
    );
    await insert("INSERT INTO refused_events VALUES (?1, ?2, 'rejected', NULL, 'r', '{}', 1, ?3)", unit, id, at("refused_events", past));
    await insert("INSERT INTO alias_conflicts VALUES (?1, 'email', ?2, 'l', 'o', 's', ?3, NULL)", unit, id, at("alias_conflicts", past));
    await insert(
      "INSERT INTO rulesets (unit, ruleset_id, name, active, created_at, updated_at, deleted_at) VALUES (?1, ?2, 'n', 1, 0, 0, ?3)",
      unit,
      id,
      at("rulesets", past),
    );
    await insert(
      `INSERT INTO rules (unit, rule_id, ruleset_id, event_type, type_key, weight, active, attribute_filters, created_at, updated_at, deleted_at)
       VALUES (?1, ?2, 'r', 't', 't', 1, 1, '[]', 0, 0, ?3)`,
      unit,
      id,
      at("rules", past),
    );
    await insert(
      `INSERT INTO triggers (unit, trigger_id, kind, name, active, active_since, condition, destination, created_at, updated_at, deleted_at)
       VALUES (?1, ?2, 'surge', 'n', 0, 0, '{}', '{}', 0, 0, ?3)`,
      unit,
      id,
      at("triggers", past),
    );
    await insert(
      "INSERT INTO import_chunks (unit, job_id, chunk_no, created, changed, unchanged, failed, committed_at) VALUES (?1, ?2, 0, 0, 0, 0, 0, ?3)",
      unit,
      id,
      at("import_chunks", past),
    );
    await insert(
      `INSERT INTO import_jobs (unit, job_id, file_id, file_name, status, mapping, mapping_hash, total_rows, chunk_count, created_by, created_at, completed_at)
       VALUES (?1, ?2, 'f', 'f', 'completed', '{}', 'h', 0, 0, 'c', 0, ?3)`,
      unit,
      id,
      at("import_jobs", past),
    );
    await insert(
      `INSERT INTO bulk_jobs (unit, job_id, action, status, target, requested_by, processed, written, refused, slices, after, created_at, updated_at, completed_at)
       VALUES (?1, ?2, 'change', 'completed', '{}', 'c', 0, 0, 0, 0, '', 0, 0, ?3)`,
      unit,
      id,
      at("bulk_jobs", past),
    );
    await insert(
      `INSERT INTO bulk_plans (unit, plan_id, target, change, fingerprint, matched, created_at, expires_at)
       VALUES (?1, ?2, '{}', '{}', 'f', 0, 0, ?3)`,
      unit,
      id,
      at("bulk_plans", past),
    );
    await insert(
      `INSERT INTO lead_erasures (unit, receipt_id, erased_id, status, requested_by, requested_at, erased, suppressed, steps, run_at)
       VALUES (?1, ?2, ?2, 'erased', 'c', 0, '{}', 0, 0, ?3)`,
      unit,
      id,
      at("lead_erasures", past),
    );
    await insert("INSERT INTO undo_chunks VALUES (?1, ?2, 0, 0, 0, 0, ?3)", unit, id, at("undo_chunks", past));
    await insert("INSERT INTO undo_kept VALUES (?1, 'l', ?2, 1, '[]', ?3)", unit, id, at("undo_kept", past));
    await insert(
      "INSERT INTO undos (unit, operation_id, status, requested_by, requested_at, completed_at) VALUES (?1, ?2, 'completed', 'c', 0, ?3)",
      unit,
      id,
      at("undos", past),
    );
    await insert(
      `INSERT INTO credentials (credential_id, kind, organization_id, name, role, secret_hash, created_at, revoked_at)
       SELECT ?2, 'personal_token', organization_id, 'n', 'viewer', ?2, 0, ?3 FROM org_units WHERE unit = ?1`,
      unit,
      `${unit} ${id}`,
      at("credentials", past),
    );
  }
}

it("removes from each table what is older than its period, logs how much, and leaves the rest", async () => {
  const { unit, client } = await mintUnitTenant();
  await fill(unit);
  await ingest(client, asEmail("a@example.com", "Signup"));
  await importCsv(client, contactsCsv(3), { primary_identifier: { column: "Email", kind: "email" } });
  const lines = await logged(() => cronTick("*/10 * * * *"));
  const said = lines.filter((line) => line.includes("old rows removed")).map((line) => JSON.parse(line) as { table: string; rows: number });
  expect(said.map(({ table }) => table).sort()).toEqual(Object.keys(OLD_ROWS).sort());
  for (const [table, { key }] of Object.entries(OLD_ROWS)) {
    const id = key.includes("unit") ? `unit = ${unit} AND '${table}' <> ''` : `${key[0]} LIKE '${unit} %'`;
    const column = table === "alias_conflicts" ? "value" : (key[key.indexOf("chunk_no") > 0 ? 1 : key.length - 1] ?? "");
    expect(await count(table, `${id} AND ${column} LIKE '%old'`), table).toBe(0);
    expect(await count(table, `${id} AND ${column} LIKE '%young'`), table).toBe(1);
  }
  expect(await count("import_jobs", `unit = ${unit} AND status = 'completed'`)).toBe(2);
});

it("an OAuth grant is old a day after its end; another credential only when it was revoked", async () => {
  const { unit } = await mintUnitTenant();
  for (const [id, kind, expires_at, revoked_at] of [
    ["expired", "oauth_grant", now - DAY_MS - 1_000, null],
    ["disconnected", "oauth_grant", now + DAY_MS, now - DAY_MS - 1_000],
    ["just expired", "oauth_grant", now - DAY_MS + 3_600_000, null],
    ["living", "oauth_grant", now + DAY_MS, null],
    ["token", "personal_token", now - 401 * DAY_MS, null],
    ["revoked token", "personal_token", null, now - 2 * DAY_MS],
  ]) {
    await env.DB.prepare(
      `INSERT INTO credentials (credential_id, kind, organization_id, name, role, secret_hash, created_at, expires_at, revoked_at)
       SELECT ?2, ?3, organization_id, 'n', 'viewer', ?2, 0, ?4, ?5 FROM org_units WHERE unit = ?1`,
    )
      .bind(unit, `!${unit} ${id}`, kind, expires_at, revoked_at)
      .run();
  }
  const [db] = openShards(env);
  if (!db) throw new Error("no database");
  await db.run("DELETE FROM sweep_positions WHERE job = 'old_rows credentials'");
  await removeOldRows(db, now);
  const left = await env.DB.prepare("SELECT credential_id FROM credentials WHERE credential_id LIKE ?1 ORDER BY 1")
    .bind(`!${unit} %`)
    .all<{ credential_id: string }>();
  expect(left.results.map(({ credential_id }) => credential_id.slice(`!${unit} `.length))).toEqual([
    "just expired",
    "living",
    "revoked token",
    "token",
  ]);
});

it("walks on where the tick before ended, at most 10,000 rows of a table at a time", async () => {
  const { unit } = await mintUnitTenant();
  const queue = `walk-${unit}`;
  await env.DB.prepare(
    `INSERT INTO dead_letters (message_id, queue, body, received_at)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) SELECT printf('!%05d', i), ?1, '{}', iif(i % 2, 0, ?2) FROM n`,
  )
    .bind(queue, now)
    .run();
  const [db] = openShards(env);
  if (!db) throw new Error("no database");
  await db.run("DELETE FROM sweep_positions WHERE job = 'old_rows dead_letters'");
  expect((await removeOldRows(db, now)).dead_letters).toBe(5_000);
  expect(await count("dead_letters", `queue = '${queue}' AND received_at = 0`)).toBe(1_000);
  expect((await removeOldRows(db, now)).dead_letters).toBe(1_000);
  expect(await count("dead_letters", `queue = '${queue}'`)).toBe(6_000);
});
