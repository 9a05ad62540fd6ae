/** No bulk statement scans leads or aliases: every statement that the service sends is captured and its plan read. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it, vi } from "vitest";
import { EVENT_SQL } from "../../../src/core/events/store";
import { SQL as CHUNK_SQL } from "../../../src/core/imports/chunk-store";
import { BATCH_SQL } from "../../../src/core/leads/batch/store";
import { BULK_SQL } from "../../../src/core/leads/bulk-store";
import { deleteOwnedWebhooks, insertOwnedWebhook, requireNotificationChannels, updateOwnedWebhook } from "../../../src/core/notifications";
import { LEDGER_SQL } from "../../../src/core/scoring/ledger-store";
import { SCORE_SQL } from "../../../src/core/scoring/store";
import { FIRING_LIST_SQL } from "../../../src/core/triggers/firing-list-store";
import { TRIGGER_SQL } from "../../../src/core/triggers/store";
import { openSystem } from "../../../src/open-context";
import { HOOK, heldDelivery, mintChannel, nudge, receiver } from "../../support/deliveries";
import { CONTACTS_MAPPING, contactsCsv, cronTick, csvForm, deliver, deliverAll, heldQueue } from "../../support/imports";
import { planOf } from "../../support/query-plans";
import { type Client, mintTenant, type Tenant } from "../../support/tenant";
import { deliverEvents, heldEventImport, heldEvents, leadIdOf, mintRules, mintTrigger, TRIGGER_PATHS } from "../../support/triggers";
import { countingD1 } from "../../support/worker";
import { dataOf, mintWorkspace, type WireLead } from "../../support/workspace";

const { diffs: batchDiffs, accounts: batchAccounts } = BATCH_SQL;
// an import never states again what a lead has: only events do
const { restate: _, ...IMPORT_SQL } = BULK_SQL;
const SQL = { ...CHUNK_SQL, ...IMPORT_SQL, batchDiffs, batchAccounts };

let statements: string[];
beforeAll(async () => {
  statements = await capture();
  vi.useRealTimers();
});

/** Every operation of the workspace dialect, with every combination of filters. */
async function workspaceLife(tenant: Tenant, bindings: Partial<Env>): Promise<void> {
  const { client } = await mintWorkspace({ unit_id: "unit_default" }, tenant);
  const lead = { name: "Jane Doe", email: "jane@example.com", phone: "+1-555-123-4567", source: "fair" };
  const { id } = await dataOf<WireLead>(await client.post("/api/v1/leads", lead, { bindings }), 201);
  // an email and a phone that other leads have
  expect((await client.post("/api/v1/leads", lead, { bindings })).status).toBe(409);
  await client.post("/api/v1/leads", { ...lead, email: "john@example.com" }, { bindings });
  for (const json of [{ email: "john@example.com" }, { email: "j@example.com", phone: "+12000000001" }, { phone: null, status: "lost" }]) {
    await client.call("PUT", `/api/v1/leads/${id}`, { json, bindings });
  }
  for (const status of ["", "new", "lost"]) {
    for (const source of ["", "fair"]) {
      for (const search of ["", "jane", "jane%20doe%20%C3%A9mile"]) {
        await dataOf(await client.get(`/api/v1/leads?status=${status}&source=${source}&search=${search}`, { bindings }));
      }
    }
  }
  await client.get(`/api/v1/leads/${id}`, { bindings });
  await client.call("DELETE", `/api/v1/leads/${id}`, { bindings });
}

/** Every statement of a life of imports, lookups, patches, lists and ticks. */
async function capture(): Promise<string[]> {
  const { DB, count } = countingD1();
  const bindings = { DB };
  const tenant = await mintTenant();
  const { client } = tenant;
  const held = heldQueue();
  const queued = { DB, IMPORT_QUEUE: held.IMPORT_QUEUE };
  const upload = async (csv: string) => {
    const answer = await client.call("POST", "/leads/import/preview", { body: csvForm(csv), bindings });
    return (await answer.json<{ file_id: string }>()).file_id;
  };
  const run = async (csv: string, options: object = {}) => {
    const body = { file_id: await upload(csv), ...CONTACTS_MAPPING, ...options };
    const start = await client.post("/leads/import/start", body, { bindings: queued });
    expect(start.status).toBe(202);
    const message = held.sent.at(-1) as { unit: number; job_id: string };
    await deliverAll(message, bindings);
    return message;
  };
  await client.post("/profile-fields", { name: "seat" }, { bindings });
  await client.get("/profile-fields", { bindings });
  await run(contactsCsv(1500));
  await run(contactsCsv(1500, { name: (n) => `New ${n}` }));
  // a conflict, a gained alias, a failed row
  const { job_id } = await run(`${contactsCsv(2).replaceAll("+12", "+13")}other@example.com,Other,+12000000001\nnobody,,\n`);
  // a field that is filled, one that is created
  await run("Email,First Name,Phone\nother@example.com,,\n", { field_mappings: {} });
  await run("Email,First Name,Phone\nblank@example.com,,\n");
  await run("Email,First Name,Phone\nblank@example.com,Ann,\n", { column_modes: { "First Name": "fill_blank" }, create_fields: ["row"] });
  await run("Email,First Name,Phone\n");
  // columns of the lead beside its profile
  for (const stage of ["new", "lost"])
    await run(`Email,First Name,Phone\nblank@example.com,${stage},acme.example\n`, {
      field_mappings: { "First Name": "status", Phone: "account_domain" },
      alias_mappings: {},
    });
  for (const path of [
    "/leads/import/jobs",
    "/import/jobs",
    `/leads/import/jobs/${job_id}`,
    `/leads/import/jobs/${job_id}/warnings`,
    `/leads/import/jobs/${job_id}/errors.csv`,
  ]) {
    const answer = await client.get(path, { bindings });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  const account = await client.post("/accounts", { name: "Acme", domain: "acme.com" }, { bindings });
  const { account_id } = await account.json<{ account_id: string }>();
  for (const path of ["/lead/by-alias?value=p1@example.com", `/accounts/${account_id}`, "/accounts/acme.com"]) {
    expect((await client.get(path, { bindings })).status).toBe(200);
  }
  const patch = { alias_value: "p1@example.com", attributes: { seat: "12A" }, account_id };
  expect((await client.patch("/lead/by-alias/metadata", patch, { bindings })).status).toBe(200);

  const batch = [1, 2].map((n) => ({
    email: `batch-${n}@example.com`,
    metadata: { place: { n } },
    status: n === 1 ? "lost" : "new",
    account_id,
  }));
  for (const leads of [batch, batch.map((lead) => ({ ...lead, status: "qualified", metadata: {} }))]) {
    expect((await client.post("/leads/batch", { leads }, { bindings })).status).toBe(200);
  }
  await client.post("/leads/import/start", { file_id: await upload(contactsCsv(3)), ...CONTACTS_MAPPING }, { bindings: queued });
  const last = held.sent.at(-1) as { unit: number; job_id: string };
  await client.post(`/leads/import/jobs/${last.job_id}/cancel`, undefined, { bindings });
  await deliver(last, bindings);
  // a job whose file is gone
  await client.post("/leads/import/start", { file_id: await upload(contactsCsv(4)), ...CONTACTS_MAPPING }, { bindings: queued });
  await deliver(held.sent.at(-1), { DB, FILES: { get: async () => null } as unknown as R2Bucket });
  await upload(contactsCsv(5));
  await lifeOfDeliveries(client, bindings);
  await workspaceLife(tenant, bindings);
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(Date.now() + 31 * 24 * 3600_000);
  await cronTick("* * * * *", bindings);
  await cronTick("*/10 * * * *", bindings);
  return [...new Set(count.statements)];
}

/** Channels of all fates, and deliveries that arrive, fail, are sent again, listed and forgotten. */
async function lifeOfDeliveries(client: Client, bindings: { DB: D1Database }) {
  const path = "/notification-channels";
  const call = async (method: string, path: string, json?: unknown) => {
    const answer = await client.call(method, path, json === undefined ? { bindings } : { json, bindings });
    expect(answer.ok, `${method} ${path}: ${await answer.clone().text()}`).toBe(true);
  };
  receiver((_, count) => new Response(null, { status: [500, 410][count - 1] ?? 204 }));
  const { id } = await mintChannel(client, "webhook", { url: HOOK }, bindings);
  const message = await heldDelivery(client, id, bindings);
  const { unit, delivery_id } = message;
  await nudge(message, bindings);
  await call("POST", `/deliveries/${delivery_id}/replay`);
  await nudge(message, bindings);
  for (const query of ["", `?status=failed&channel_id=${id}&event_type=x`]) await call("GET", `/deliveries${query}`);
  await call("GET", `/deliveries/${delivery_id}`);
  for (const json of [{ name: "x", config: { url: HOOK } }, { active: false }, { active: true }]) await call("PUT", `${path}/${id}`, json);
  await call("POST", `/deliveries/${delivery_id}/replay`);
  await nudge(message, bindings);
  await call("GET", path);
  await call("GET", `${path}/${id}`);
  await call("POST", `${path}/${id}/rotate-secret`);
  const ctx = await openSystem({ ...env, ...bindings }, unit, "req_test");
  const owned = { channel_id: "nch_o", owner: "trg_1", name: "x", url: HOOK };
  await requireNotificationChannels(ctx, [id]);
  await ctx.db.batch([
    insertOwnedWebhook(ctx.db, { ...owned, secret: "whsec_" }, 0),
    updateOwnedWebhook(ctx.db, owned, 0),
    deleteOwnedWebhooks(ctx.db, "trg_1"),
  ]);
  await call("DELETE", `${path}/${id}`);
}

it("no statement scans leads or aliases, nor any other table of a unit", async () => {
  // the capture is worth something only while it sees what the import is made of
  const expected = [
    ...Object.values(SQL),
    "INSERT INTO import_files",
    "UPDATE import_jobs",
    "DELETE FROM import_files",
    "profile = ?4, sources =",
    "INSERT INTO deliveries",
    "UPDATE deliveries SET attempts",
    "INSERT INTO delivery_attempts (unit, delivery_id, attempt_no, at, status_code",
    "DELETE FROM delivery_attempts",
    "DELETE FROM deliveries",
    "UPDATE notification_channels",
  ];
  expect(expected.filter((text) => !statements.some((statement) => statement.includes(text)))).toEqual([]);

  // Rows that come from a JSON parameter or from a subquery may be scanned, and the indexes that hold running jobs and moves only.
  const free =
    /^SCAN (r|e|f|g|p|i|w|m|json_each|s|c|next|CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery-\d+|j USING INDEX import_jobs_active|unit_moves USING INDEX unit_moves_active|writers)\b/;
  // To search leads or aliases by the unit alone is to read all that the unit has.
  const wholeUnit = /^SEARCH (leads|l|n|aliases|a|accounts|c|lead_terms|t|d|s) USING (PRIMARY KEY|INDEX \w+) \(unit=\?( AND field=\?)?\)$/;
  // The oldest entries of the audit log are looked at in slices, those of the log of changes unit by unit.
  const slice = /^DELETE FROM (audit_entries WHERE entry_id IN \(SELECT entry_id FROM audit_entries ORDER BY entry_id LIMIT|change_log)/;
  // Walks of the cron: bounded slices by the key, each of which begins where the one before ended; and the leads that merges left behind. A row for each unit whose segments trigger.
  const walk = /row_number\(\) OVER \(ORDER BY|octet_length|WITH RECURSIVE (gone|units)\b|FROM segment_lanes l/;
  // But for a page of all leads, and the newest entry of a log: they follow the key from the newest, and stop.
  const page = /ORDER BY l\.lead_id DESC LIMIT iif\(\?3 \* 2 <=|ORDER BY c\.seq DESC LIMIT 1\b/;
  const scans: string[] = [];
  for (const text of statements.filter((statement) => !walk.test(statement))) {
    for (const detail of await planOf(text)) {
      if ((detail.startsWith("SCAN ") && !free.test(detail) && !slice.test(text)) || (wholeUnit.test(detail) && !page.test(text)))
        scans.push(`${detail}: ${text.slice(0, 200)}`);
    }
  }
  expect(scans).toEqual([]);
});

it("statements on leads and aliases find them by their whole key", async () => {
  const plans: Record<string, RegExp[]> = {
    owners: [/SEARCH a USING PRIMARY KEY \(unit=\? AND kind=\? AND value=\?\)/],
    diffs: [/SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
    ownersStillHold: [/SEARCH a USING PRIMARY KEY \(unit=\? AND kind=\? AND value=\?\)/],
    jobStillRuns: [/SEARCH import_jobs USING PRIMARY KEY \(unit=\? AND job_id=\?\)/],
    updateWhole: [/SEARCH (leads|l) USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
    batchDiffs: [/SEARCH l USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
    updateLeads: [/SEARCH (leads|l) USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/],
  };
  for (const [name, details] of Object.entries(plans)) {
    const plan = (await planOf(SQL[name as keyof typeof SQL])).join("\n");
    for (const detail of details) expect(plan).toMatch(detail);
  }
});

it("lists start from the narrowest range of terms and read no lead that they do not show", async () => {
  const lists = statements.filter((text) => text.includes("lead_terms") && /^(SELECT|WITH m)/.test(text) && !text.includes("octet_length"));
  expect(lists.length).toBeGreaterThanOrEqual(15);
  for (const text of lists) {
    const plan = (await planOf(text)).join("\n");
    expect(plan).toMatch(/SEARCH (t|d) USING PRIMARY KEY \(unit=\? AND field=\? AND term(=\?|>\? AND term<\?)\)/);
    expect(plan).not.toMatch(/SEARCH l USING PRIMARY KEY (?!\(unit=\? AND lead_id=\?\))/);
    for (const [, columns] of plan.matchAll(/SEARCH s USING PRIMARY KEY \((.*)\)/g)) {
      expect(columns).toBe("unit=? AND field=? AND term=? AND lead_id=?");
    }
  }
  const unfiltered = statements.filter((text) => text.includes("LIMIT iif(?3 * 2 <="));
  // only the page itself is sorted
  for (const text of unfiltered) expect((await planOf(text)).filter((detail) => detail.includes("TEMP B-TREE"))).toHaveLength(1);
  expect(unfiltered).toHaveLength(2);
});

it("a lead's deletion finds its aliases and its conflicts by their keys", async () => {
  const deletes = statements.filter((text) => /^DELETE FROM (aliases|alias_conflicts)/.test(text) && text.includes("?2"));
  expect(deletes.length).toBeGreaterThanOrEqual(3);
  for (const text of deletes) {
    expect((await planOf(text)).join()).toMatch(
      /SEARCH alias\w+ USING (PRIMARY KEY \(unit=\? AND kind=\? AND value=\?|INDEX alias_conflicts_by_lead)/,
    );
  }
});

it("the sweep for stuck jobs reads the index of running jobs, the clean-up the index by time", async () => {
  const plan = async (fragment: string) => (await planOf(statements.find((text) => text.includes(fragment)) ?? "")).join("\n");
  expect(await plan("SELECT j.unit, j.job_id FROM import_jobs j")).toMatch(/import_jobs_active/);
  expect(await plan("FROM import_files WHERE keep_until <= ?1 ORDER BY keep_until")).toMatch(/import_files_by_keep_until/);
  expect(await plan("ORDER BY j.job_id DESC")).not.toMatch(/TEMP B-TREE/);
});

it("ticks find deliveries by the indexes meant for them, and an attempt finds its delivery by the whole key", async () => {
  const plan = async (fragment: string) => (await planOf(statements.find((text) => text.includes(fragment)) ?? "")).join("\n");
  expect(await plan("ORDER BY next_attempt_at")).toBe("SEARCH deliveries USING COVERING INDEX deliveries_due (next_attempt_at<?)");
  expect(await plan("ORDER BY finished_at")).toBe("SEARCH deliveries USING COVERING INDEX deliveries_finished (finished_at<?)");
  const byKey = /SEARCH (deliveries|delivery_attempts|d) USING PRIMARY KEY \(unit=\? AND delivery_id=\?/;
  for (const fragment of [
    "DELETE FROM delivery_attempts",
    "DELETE FROM deliveries",
    "UPDATE deliveries SET attempts",
    "UPDATE deliveries SET status = 'delivered'",
    "UPDATE deliveries SET next_attempt_at",
  ]) {
    expect(await plan(fragment), fragment).toMatch(byKey);
  }
  expect(await plan("INSERT INTO deliveries")).toMatch(/SEARCH c USING PRIMARY KEY \(unit=\? AND channel_id=\?\)/);
  expect(await plan("ORDER BY created_at DESC, delivery_id DESC")).not.toMatch(/TEMP B-TREE/);
});

it("tables of a unit have no rowid, and no index but the ones that a reader pays for", async () => {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%'").all<{
    name: string;
    sql: string;
  }>();
  const tables = results.filter(({ name }) => !["org_units", "credentials"].includes(name));
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      "leads",
      "lead_terms",
      "lead_counts",
      "aliases",
      "alias_conflicts",
      "profile_fields",
      "accounts",
      "import_files",
      "import_jobs",
      "import_chunks",
      "notification_channels",
      "deliveries",
      "delivery_attempts",
    ]),
  );
  expect(tables.filter(({ sql }) => !/\)\s*WITHOUT ROWID\s*$/.test(sql)).map(({ name }) => name)).toEqual([]);
  const indexes = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('leads', 'aliases') AND sql IS NOT NULL",
  ).all();
  // partial: a lead without an owner or an account pays for neither
  expect(indexes.results.map(({ name }) => name)).toEqual(["leads_by_owner", "leads_by_account"]);
});

/** Triggers of every kind made, changed, tried and fired by events that come in order, late, twice and from files. */
async function lifeOfTriggers(): Promise<string[]> {
  const { DB, count } = countingD1();
  const bindings = { DB };
  const { client } = await mintTenant();
  await mintRules(client, { "Page View": 30, Complaint: -500 });
  const channel = await mintChannel(client);
  for (const kind of ["milestone", "sequence", "surge"] as const) {
    const path = TRIGGER_PATHS[kind];
    const made = await mintTrigger(client, { channel_ids: [channel.id], webhook_url: HOOK }, kind, { bindings });
    for (const json of [{ name: "x" }, { name: "y", webhook_url: `${HOOK}/new` }, { name: "z", webhook_url: null }])
      expect((await client.call("PUT", `${path}/${made.id}`, { json, bindings })).ok).toBe(true);
    expect((await client.get(path, { bindings })).status).toBe(200);
    const mail = { ...bindings, EMAIL_WEBHOOK_URL: "https://mail.example.com/" };
    const gone = await mintTrigger(client, { webhook_url: HOOK, emails: ["a@example.com"] }, kind, { bindings: mail });
    expect((await client.call("DELETE", `${path}/${gone.id}`, { bindings })).status).toBe(204);
  }
  const event = (n: number, minutes: number) => ({
    event_id: `e${n}`,
    event_type: n % 3 === 0 ? "Demo Request" : "Page View",
    email: `p${n % 2}@example.com`,
    timestamp: new Date(Date.now() - minutes * 60_000).toISOString(),
  });
  const live = await heldEvents(
    client,
    Array.from({ length: 12 }, (_, n) => event(n, 60 - n)),
  );
  // a late event, and one that takes a firing back
  const late = await heldEvents(client, [event(20, 300), { ...event(21, 290), event_type: "Complaint" }]);
  for (const message of [live, late, live]) expect((await deliverEvents(message, bindings)).settled.retryMessages).toEqual([]);
  const csv =
    "event_type,email,lead_id,timestamp\nPage View,p0@example.com,,2025-01-01T00:00:00Z\nPage View,new@example.com,,\nA,,nobody,\nA,nobody,,\n";
  for (const query of ["?skip_triggers=1", "", ""]) {
    const held = await heldEventImport(client, query === "" ? `${csv}Demo Request,p0@example.com,,\n` : csv, { query, bindings });
    await deliverAll(held.message, bindings);
    for (const path of ["", "/errors.csv"]) expect((await client.get(`/import/jobs/${held.job_id}${path}`, { bindings })).status).toBe(200);
  }
  const { triggers } = await (await client.get("/triggers")).json<{ triggers: { id: string }[] }>();
  const { surge_triggers } = await (await client.get("/surge-triggers")).json<{ surge_triggers: { id: string }[] }>();
  const lead_id = await leadIdOf(client, "p0@example.com");
  await deliverEvents(await heldEvents(client, [{ event_type: "Page View", lead_id }]), bindings);
  for (const body of [{ lead_id }, { days: 30 }])
    expect((await client.post(`/triggers/${triggers[0]?.id}/simulate`, body, { bindings })).status).toBe(200);
  expect((await client.post(`/surge-triggers/${surge_triggers[0]?.id}/preview`, {}, { bindings })).status).toBe(200);
  for (const query of ["", `?trigger_id=${triggers[0]?.id}`, "?kind=surge&page=2"])
    expect((await client.get(`/milestone-events${query}`, { bindings })).status).toBe(200);
  return [...new Set(count.statements)];
}

it("no statement of triggers, firings or the import of events scans events, contributions, scores, leads or aliases", async () => {
  const statements = await lifeOfTriggers();
  const seen = [
    // those of segments: test/core/memberships
    ...Object.values(TRIGGER_SQL).filter((text) => text !== TRIGGER_SQL.activeOfSegments),
    LEDGER_SQL.blocksOfLate,
    LEDGER_SQL.ranges,
    LEDGER_SQL.insertContributions,
    ...Object.values(EVENT_SQL).filter((text) => !/event_keys/.test(text) && text !== EVENT_SQL.keysAreNoIds),
    SCORE_SQL.scores,
    SCORE_SQL.scoresStillHold,
    SCORE_SQL.writeScores,
    "INSERT INTO triggers",
    "UPDATE triggers SET name",
    "UPDATE triggers SET deleted_at",
    ...Object.values(FIRING_LIST_SQL),
  ];
  for (const text of seen)
    expect(
      statements.filter((statement) => statement.includes(text)),
      text,
    ).not.toEqual([]);

  const large = /\b(events|contributions|lead_scores|firings|leads|aliases)\b/;
  // by which key a table may be searched: a unit's whole table only where the question is about the whole unit, page by page
  const whole = [
    /firings_by_time \(unit=\?\)$/,
    /^SEARCH firings USING (PRIMARY KEY|COVERING INDEX firings_by_time|INDEX firings_by_time) \(unit=\?\)$/,
  ];
  const wrong: string[] = [];
  for (const text of statements.filter((statement) => large.test(statement))) {
    const names = new Set(
      [...text.matchAll(/\b(?:events|contributions|lead_scores|firings|leads|aliases)(?: AS)? ([a-z])\b/g)].map(([, name]) => name),
    );
    for (const detail of await planOf(text)) {
      const [, how = "", name = ""] = /^(SCAN|SEARCH) (\w+)/.exec(detail) ?? [];
      if (!names.has(name) && !large.test(name)) continue;
      const byUnit = how === "SEARCH" && /\(unit=\?\)$/.test(detail);
      if (how === "SCAN" || (byUnit && !whole.some((pattern) => pattern.test(detail)))) wrong.push(`${detail}: ${text.slice(0, 200)}`);
    }
  }
  expect(wrong).toEqual([]);
});

it("events are found by their id or their lead's time, what a lead added and fired by the lead", async () => {
  const statements = await lifeOfTriggers();
  const plan = async (text: string) => (await planOf(text)).join("\n");
  expect(await plan(EVENT_SQL.known)).toMatch(/SEARCH e USING COVERING INDEX events_by_id \(unit=\? AND event_id=\?\)/);
  expect(await plan(EVENT_SQL.since)).toMatch(/SEARCH e USING PRIMARY KEY \(unit=\? AND lead_id=\? AND occurred_at=\? AND event_id=\?\)/);
  expect(await plan(LEDGER_SQL.ranges)).toMatch(/SEARCH c USING PRIMARY KEY \(unit=\? AND lead_id=\? AND \(at,event_id\)>/);
  expect(await plan(SCORE_SQL.scores)).toMatch(/SEARCH s USING PRIMARY KEY \(unit=\? AND lead_id=\?\)/);
  expect(await plan(TRIGGER_SQL.firings)).toMatch(/SEARCH f USING PRIMARY KEY \(unit=\? AND lead_id=\? AND trigger_id=\? AND n>\?\)/);
  expect(await plan(TRIGGER_SQL.removeFirings)).toMatch(/SEARCH f USING PRIMARY KEY \(unit=\? AND lead_id=\? AND trigger_id=\? AND n>\?\)/);
  for (const [name, text] of Object.entries(FIRING_LIST_SQL)) {
    // only the page itself is sorted
    if (name !== "page") expect(await plan(text)).not.toMatch(/TEMP B-TREE/);
    expect(await plan(text)).toMatch(/SEARCH firings USING COVERING INDEX firings_by_time \(unit=\? AND \(?fired_at/);
  }
  const recent = statements.find((text) => text.includes("max(occurred_at) AS last")) ?? "";
  expect(await plan(recent)).toMatch(
    /SEARCH events USING INDEX events_by_time \(unit=\? AND occurred_at>\?\)|COVERING INDEX events_by_time/,
  );
});
