/** Leads as files: what an export contains, that an import restores it, and a person's own copy. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { unitKeyOf } from "../../support/context";
import { ingest, mintRule, mintRuleset } from "../../support/events";
import { ended } from "../../support/imports";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

const text = async (client: Client, path: string) => {
  const answer = await client.get(path);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.text();
};
const bytesOf = async (client: Client, path: string) => new Uint8Array(await (await client.get(path)).arrayBuffer());

/** As a person would: upload, and start as it is suggested. */
async function importFile(client: Client, file: File) {
  const form = new FormData();
  form.set("file", file);
  const answer = await client.call("POST", "/leads/import/preview", { body: form });
  const preview = await answer.json<{ file_id: string; suggested_mapping: object; total_rows: number }>();
  expect(answer.status, JSON.stringify(preview)).toBe(200);
  const start = await client.post("/leads/import/start", { file_id: preview.file_id, ...preview.suggested_mapping });
  const { job_id, ...rest } = await start.json<{ job_id: string }>();
  expect(start.status, JSON.stringify(rest)).toBe(202);
  return ended(client, job_id);
}

const batch = (client: Client, leads: object[]) => client.post("/leads/batch", { leads });
const alias = (kind: string, value: string) => ({ kind, value });

describe("an export", () => {
  let client: Client;
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await mintTenant();
    ({ client } = tenant);
    await batch(client, [
      {
        aliases: [alias("email", "ann@x.example"), alias("email", "ann@y.example"), alias("phone", "+15550100001")],
        metadata: { first_name: "Ann", note: '=1+1, "quoted"' },
      },
      {
        aliases: [alias("external_id", "42"), alias("cookie", "c;1")],
        metadata: { plan: "'=pro", seats: 5, tags: ["a", "b"], on: true },
        status: "lost",
      },
      {
        aliases: [alias("phone", "+15550100002"), alias("social", "linkedin.com/in/bob")],
        metadata: { "Ünï code": "山田\n太郎", first_name: "-Bob" },
      },
    ]);
  });

  it("imported into an empty org unit and exported again is the same file", async () => {
    const first = await bytesOf(client, "/leads/export.csv");
    expect([...first.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const other = await mintTenant();
    const job = await importFile(other.client, new File([first], "leads.csv", { type: "text/csv" }));
    expect(job).toMatchObject({ created_count: 3, failed_count: 0 });
    expect(await bytesOf(other.client, "/leads/export.csv")).toEqual(first);
    const lead = await other.client.get("/lead/by-alias?kind=external_id&value=42");
    expect((await lead.json<{ metadata: object }>()).metadata).toEqual({ plan: "'=pro", seats: "5", tags: '["a","b"]', on: "true" });
  });

  it("as NDJSON and as a workbook gives an import the same leads", async () => {
    const csv = await text(client, "/leads/export.csv");
    for (const [format, type] of [
      ["ndjson", "application/x-ndjson"],
      ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ] as const) {
      const other = await mintTenant();
      const answer = await client.get(`/leads/export.${format}`);
      expect([answer.headers.get("Content-Type"), answer.headers.get("Content-Disposition")]).toEqual([
        type,
        `attachment; filename="leads.${format}"`,
      ]);
      const job = await importFile(other.client, new File([await answer.arrayBuffer()], `leads.${format}`, { type }));
      expect([format, job.created_count, job.failed_count]).toEqual([format, 3, 0]);
      const again = await text(other.client, "/leads/export.csv");
      expect(again.split("\r\n").length, format).toBe(csv.split("\r\n").length);
      expect(again).toContain("ann@x.example,ann@y.example");
    }
  });

  it("guards what a spreadsheet would run, and NDJSON keeps types", async () => {
    const csv = await text(client, "/leads/export.csv");
    expect(csv.startsWith("_alias_email,_alias_email (2),_alias_phone,_alias_external_id,_alias_cookie,_alias_social,first_name,")).toBe(
      true,
    );
    expect(csv).toContain(`"'=1+1, ""quoted"""`);
    expect(csv).toContain("''=pro");
    const lines = (await text(client, "/leads/export.ndjson"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines[1]).toMatchObject({ _alias_external_id: "42", seats: 5, tags: ["a", "b"], on: true, plan: "'=pro", first_name: null });
  });

  it("shows the columns that are chosen, for the leads that filters name", async () => {
    expect(await text(client, "/leads/export.csv?columns=email,status,seats,nothing&status=lost")).toBe(
      "_alias_email,status,seats,nothing\r\n,lost,5,\r\n",
    );
    expect(await text(client, "/leads/export.ndjson?columns=first_name&has=email")).toBe('{"first_name":"Ann"}\n');
    expect(await text(client, "/leads/export.csv?columns=lead_id&q=nobody")).toBe("lead_id\r\n");
    expect(await text(client, "/leads/export.csv?columns=score,level&min_score=1")).toBe("score,level\r\n");
    for (const [query, named] of [
      ["columns=a/b", "columns"],
      ["columns=email,email", "twice"],
      ["cursor=nonsense", "cursor"],
      ["limit=0", "limit"],
      ["status=gone", "status"],
    ]) {
      expect((await readProblem(await client.get(`/leads/export.csv?${query}`), 400)).detail).toContain(named);
    }
  });

  it("comes in parts, each of which says where the next one begins, and goes on after any lead", async () => {
    const whole = await text(client, "/leads/export.csv?columns=lead_id");
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const part: Response = await client.get(`/leads/export.csv?columns=lead_id&limit=1${cursor ? `&cursor=${cursor}` : ""}`);
      const [, ...lines] = (await part.text()).trim().split("\r\n");
      expect(lines).toHaveLength(1);
      ids.push(...lines);
      cursor = part.headers.get("X-Next-Cursor");
    } while (cursor !== null);
    expect(ids).toEqual(whole.trim().split("\r\n").slice(1));
    expect(await text(client, `/leads/export.csv?columns=lead_id&cursor=${ids[0]}`)).toBe(`lead_id\r\n${ids.slice(1).join("\r\n")}\r\n`);
  });

  it("of many leads is read page by page, each once, whatever passes", async () => {
    const other = await mintTenant();
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5500)
       INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
       SELECT ?1, printf('%032x', i), json_object('n', i, 'vip', iif(i % 2000 = 0, 'yes', 'no')), '[]', 1, 1, 1 FROM n`,
    )
      .bind(await unitKeyOf(other))
      .run();
    await text(other.client, "/leads/export.csv?limit=1");
    const { DB, count } = countingD1();
    const answer = await other.client.get("/leads/export.csv", { bindings: { DB } });
    const lines = (await answer.text()).trim().split("\r\n");
    expect(lines.slice(1)).toEqual(Array.from({ length: 5500 }, (_, n) => `${n + 1},${(n + 1) % 2000 === 0 ? "yes" : "no"}`));
    // what the leads hold, the levels, six pages
    expect([count.trips, count.rowsWritten]).toEqual([8, 0]);
    expect(count.rowsRead).toBeLessThan(5500 * 20);
    expect(await text(other.client, "/leads/export.csv?columns=n&attr.vip=yes")).toBe("n\r\n2000\r\n4000\r\n");
  });

  it("by rules that add up accounts comes in parts that fit D1's 1,000 statements, also where an account has 20,100 leads", async () => {
    const other = await mintTenant();
    const unit = await unitKeyOf(other);
    const big = (await (await other.client.post("/accounts", { name: "Big" })).json<{ account_id: string }>()).account_id;
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20100)
         INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at, account_id)
         SELECT ?1, printf('%032x', 100000 + i), json_object('n', i), '[]', 1, 1, 1, ?2 FROM n`,
      ).bind(unit, big),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
         INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
         SELECT ?1, printf('%032x', i), json_object('n', i, 'few', 'yes'), '[]', 1, 1, 1 FROM n`,
      ).bind(unit),
    ]);
    const rule = (value: number) => encodeURIComponent(JSON.stringify({ type: "account_score", operator: "less_than", value }));
    const none = encodeURIComponent(JSON.stringify({ not: { type: "account_score", operator: "greater_than", value: 1 } }));
    const problem = await readProblem(await other.client.get(`/leads/export.csv?columns=n&filter=${none}`), 400);
    expect(problem.detail).toContain("in parts");
    const found: number[] = [];
    let cursor = "";
    let parts = 0;
    do {
      const { DB, count } = countingD1();
      const part = await other.client.get(`/leads/export.csv?columns=n&attr.few=yes&limit=8000&filter=${none}${cursor}`, {
        bindings: { DB },
      });
      const lines = (await part.text()).trim().split("\r\n").slice(1);
      expect(count.statements.length).toBeLessThan(950);
      found.push(...lines.map(Number));
      parts += 1;
      cursor = part.headers.has("X-Next-Cursor") ? `&cursor=${part.headers.get("X-Next-Cursor")}` : "";
    } while (cursor !== "" && found.length < 8000);
    expect([parts, found]).toEqual([2, Array.from({ length: 8000 }, (_, n) => n + 1)]);
    const page = await (await other.client.get(`/leads?limit=3&filter=${rule(1)}`)).json<{ leads: unknown[] }>();
    expect(page.leads).toHaveLength(3);
    const { DB, count } = countingD1();
    const json = { filter: { filter: JSON.parse(decodeURIComponent(none)) }, changes: { status: "lost" }, dry_run: true };
    const counted = await other.client.call("PATCH", "/leads/bulk", { json, bindings: { DB } });
    expect(await counted.json()).toEqual({ dry_run: true, total_at_least: expect.any(Number) });
    expect(count.statements.length).toBeLessThan(950);
  });

  it("keeps a page within 4 MB", async () => {
    const other = await mintTenant();
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
       INSERT INTO leads (unit, lead_id, profile, aliases, version, created_at, updated_at)
       SELECT ?1, printf('%032x', i), json_object('n', i, 'big', replace(hex(zeroblob(125000)), '00', 'xx')), '[]', 1, 1, 1 FROM n`,
    )
      .bind(await unitKeyOf(other))
      .run();
    await text(other.client, "/leads/export.csv?limit=1");
    const { DB, count } = countingD1();
    const answer = await other.client.get("/leads/export.ndjson", { bindings: { DB } });
    const lines = (await answer.text()).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 60 }, (_, n) => n + 1));
    expect(count.trips).toBe(2 + 4);
  });
});

describe("a person's own copy", () => {
  it("contains the lead, its events and every other record of it", async () => {
    const { client, organization_id } = await mintTenant();
    const lead = await mintLead(client, { email: "person@example.com" }, { first_name: "Ann" });
    await mintRule(client, { event_type: "Page View", weight: 10 }, await mintRuleset(client, "Engagement"));
    await ingest(client, { lead_id: lead, event_type: "Page View", metadata: { path: "/secret" } });
    await client.post(`/leads/${lead}/watch`, { prediction: "will buy" });
    const answer = await client.get(`/lead/${lead}/export`);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    const copy = await answer.json<{ exported_at: string; lead: object; records: Record<string, Record<string, unknown>[]> }>();
    expect(copy.lead).toMatchObject({ lead_id: lead, email: "person@example.com", metadata: { first_name: "Ann" }, score: 10 });
    expect(copy.records.events).toHaveLength(1);
    expect(JSON.stringify(copy.records.events)).toContain("/secret");
    expect(copy.records.watched_leads).toMatchObject([{ prediction: "will buy" }]);
    expect(Object.keys(copy.records)).toEqual(expect.arrayContaining(["events", "contributions", "lead_scores", "watched_leads"]));
    expect(copy.records.events?.[0]).not.toHaveProperty("unit");
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    const seen = await (await viewer.get(`/lead/${lead}/export`)).text();
    expect([seen.includes("/secret"), seen.includes("will buy")], "other people's notes are for those who may edit").toEqual([true, false]);
    await readProblem(await client.get("/lead/ld_none/export"), 404);
  });
});
