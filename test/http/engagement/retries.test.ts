/** Every creating call of the engagement API with an Idempotency-Key: carried out once, and its answer is returned again. */
import { beforeAll, describe, expect, it } from "vitest";
import { importCsv } from "../../support/imports";
import { beforeCommit, expectReplay, keyed, moveAnswer, newKey, replyOf, storedFor } from "../../support/retries";
import { type Client, mintClient, mintTenant, mintUnit, type Tenant } from "../../support/tenant";
import { apiOperations, countingD1, readProblem } from "../../support/worker";

const unique = () => crypto.randomUUID().slice(0, 8);
const filter = { field: "path", operator: "contains", value: "/pricing" };
let levels = 1_000;

type Case = {
  path: string | ((client: Client) => Promise<string>);
  body?: () => unknown;
  status: number;
  /** where the things are listed that it creates, and how many of them one call creates */
  listed?: string;
  secret?: string;
};

const rulesetId = async (client: Client) =>
  (await (await client.post("/engagement-scoring/rulesets", { name: unique() })).json<{ id: string }>()).id;
const channelId = async (client: Client) =>
  (
    await (
      await client.post("/notification-channels", { name: unique(), type: "webhook", config: { url: "https://hooks.example.com/x" } })
    ).json<{ id: string }>()
  ).id;

const CASES: Record<string, Case> = {
  account: { path: "/accounts", body: () => ({ name: unique() }), status: 201 },
  "batch of leads": {
    path: "/leads/batch",
    body: () => ({ leads: [{ email: `${unique()}@example.com` }] }),
    status: 200,
    listed: "/leads",
  },
  "saved filter": { path: "/filters", body: () => ({ name: unique(), criteria: { status: "new" } }), status: 201, listed: "/filters" },
  "profile field": { path: "/profile-fields", body: () => ({ name: `f_${unique()}` }), status: 201, listed: "/profile-fields" },
  ruleset: {
    path: "/engagement-scoring/rulesets",
    body: () => ({ name: unique() }),
    status: 201,
    listed: "/engagement-scoring/rulesets",
  },
  rule: {
    path: async (client) => `/engagement-scoring/rulesets/${await rulesetId(client)}/rules`,
    body: () => ({ event_type: "Page View", weight: 10, attribute_filters: [filter] }),
    status: 201,
  },
  level: {
    path: "/engagement-levels",
    body: () => ({ name: unique(), min_score: ++levels, max_score: levels, color: "#f97316", order: levels }),
    status: 201,
    listed: "/engagement-levels",
  },
  milestone: {
    path: "/triggers",
    body: () => ({ name: unique(), score_threshold: 50, webhook_url: "https://hooks.example.com/m" }),
    status: 201,
    listed: "/triggers",
    secret: "signing_secret",
  },
  sequence: {
    path: "/sequences",
    body: () => ({ name: unique(), event_types: ["A", "B"], window_seconds: 3_600, webhook_url: "https://hooks.example.com/s" }),
    status: 201,
    listed: "/sequences",
    secret: "signing_secret",
  },
  surge: {
    path: "/surge-triggers",
    body: () => ({ name: unique(), threshold: 3, window_seconds: 3_600, webhook_url: "https://hooks.example.com/u" }),
    status: 201,
    listed: "/surge-triggers",
    secret: "signing_secret",
  },
  "notification channel": {
    path: "/notification-channels",
    body: () => ({ name: unique(), type: "webhook", config: { url: "https://hooks.example.com/n" } }),
    status: 201,
    listed: "/notification-channels",
    secret: "signing_secret",
  },
  "rotated secret": {
    path: async (client) => `/notification-channels/${await channelId(client)}/rotate-secret`,
    status: 200,
    secret: "signing_secret",
  },
  "test delivery": {
    path: async (client) => `/notification-channels/${await channelId(client)}/test`,
    status: 202,
    listed: "/deliveries",
  },
};

let tenant: Tenant;
let client: Client;
beforeAll(async () => {
  tenant = await mintTenant();
  client = tenant.client;
});

const pathOf = async ({ path }: Case) => (typeof path === "string" ? path : path(client));
/** How many things a list holds: the only array in it, or itself. */
async function countOf(path: string | undefined): Promise<number | null> {
  if (path === undefined) return null;
  const body = await (await client.get(path)).json<unknown[] | Record<string, unknown>>();
  const list = Array.isArray(body) ? body : Object.values(body).find(Array.isArray);
  return (list as unknown[]).length;
}

describe.each(Object.entries(CASES))("a %s", (_, wanted) => {
  const { body = () => undefined, status, listed, secret } = wanted;

  it("sent twice with one key is created once, and a secret is in the first answer alone", async () => {
    const path = await pathOf(wanted);
    const before = await countOf(listed);
    const [json, key] = [body(), newKey()];
    const send = () => client.post(path, json, keyed(key));
    const first = await replyOf(send());
    expect([first.status, first.replayed], first.text).toEqual([status, false]);
    const second = await replyOf(send());
    expect([second.status, second.replayed], second.text).toEqual([status, true]);
    const [shown, shownAgain] = [JSON.parse(first.text), JSON.parse(second.text)] as Record<string, unknown>[];
    if (secret === undefined) expect(second.text).toBe(first.text);
    else {
      const { [secret]: value, ...rest } = shown as Record<string, unknown>;
      expect(value).toMatch(/^whsec_/);
      expect(shownAgain).toEqual({ ...rest, secret_notice: "shown once, in the first answer" });
      expect(JSON.stringify(await storedFor(key))).not.toContain(value);
    }
    if (before !== null) expect(await countOf(listed)).toBe(before + 1);
  });

  it("sent with a used key and another body is a 422", async () => {
    const path = await pathOf(wanted);
    const key = newKey();
    expect((await client.post(path, body(), keyed(key))).status).toBe(status);
    const problem = await readProblem(await client.post("/accounts", { name: unique() }, keyed(key)), 422);
    expect(problem.code).toBe("idempotency_key_reused");
  });

  it("that another isolate creates first is not created again", async () => {
    const path = await pathOf(wanted);
    const before = await countOf(listed);
    const [json, key, twin] = [body(), newKey(), newKey()];
    const other = beforeCommit(async () => {
      expect((await client.post(path, json, keyed(twin))).status).toBe(status);
      await moveAnswer(twin, key);
    });
    const answer = await replyOf(client.post(path, json, { ...keyed(key), bindings: other }));
    expect([answer.status, answer.replayed], answer.text).toEqual([status, true]);
    if (before !== null) expect(await countOf(listed)).toBe(before + 1);
  });

  it("costs one written row and one round trip more with a key", async () => {
    const path = await pathOf(wanted);
    const cost = async (options: object) => {
      const { DB, count } = countingD1();
      const answer = await client.post(path, body(), { ...options, bindings: { DB } });
      expect(answer.status, await answer.text()).toBe(status);
      return { trips: count.trips, written: count.rowsWritten };
    };
    const plain = await cost({});
    expect(await cost(keyed(newKey()))).toEqual({ trips: plain.trips + 1, written: plain.written + 1 });
  });
});

describe("refusals", () => {
  it("of a verb are replayed in the shape of the first", async () => {
    const gone = "/engagement-scoring/rulesets/rs_gone/rules";
    const rule = { event_type: "Page View", weight: 1 };
    const key = newKey();
    await expectReplay(404, () => client.post(gone, rule, keyed(key)));
    const field = { name: `f_${unique()}` };
    await client.post("/profile-fields", field);
    const taken = newKey();
    await expectReplay(409, () => client.post("/profile-fields", field, keyed(taken)));
    const replay = await client.post("/profile-fields", field, keyed(taken));
    expect(replay.headers.get("Content-Type")).toBe("application/problem+json");
  });

  it("of the schema, of the media type and of the role leave the key free", async () => {
    const key = newKey();
    await readProblem(await client.post("/accounts", { name: 5 }, keyed(key)), 400);
    await readProblem(await client.call("POST", "/accounts", { body: "x", headers: { "Idempotency-Key": key } }), 415);
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    await readProblem(await viewer.post("/accounts", { name: "A" }, keyed(key)), 403);
    expect(await storedFor(key)).toEqual([]);
  });

  it("of a malformed key name the header", async () => {
    const problem = await readProblem(await client.post("/accounts", { name: "A" }, keyed("a b")), 400);
    expect(problem.errors).toMatchObject([{ path: "Idempotency-Key" }]);
  });

  it("while the same key runs are a 409 with Retry-After", async () => {
    const key = newKey();
    const answers = await Promise.all([0, 1, 2, 3].map(() => client.post("/accounts", { name: "Same" }, keyed(key))));
    const [early] = answers.filter(({ status }) => status === 409);
    expect(early?.headers.get("Retry-After")).toBe("1");
    expect((await readProblem(early as Response, 409)).code).toBe("idempotency_key_in_use");
    expect(answers.filter(({ status, headers }) => status === 201 && !headers.has("Idempotency-Replayed"))).toHaveLength(1);
  });
});

describe("a key", () => {
  it("is another one in another org unit, for another tenant and for another credential", async () => {
    const key = newKey();
    const named = (name: string) => ({ name });
    const everywhere = await mintClient(tenant.organization_id);
    const unit = await mintUnit(tenant, "Keys");
    const other = await mintTenant();
    const answers = [
      await everywhere.post("/accounts", named("a"), { headers: { ...keyed(key).headers, "X-Org-Unit": "unit_default" } }),
      await everywhere.post("/accounts", named("b"), { headers: { ...keyed(key).headers, "X-Org-Unit": unit } }),
      await client.post("/accounts", named("c"), keyed(key)),
      await other.client.post("/accounts", named("d"), keyed(key)),
    ];
    for (const answer of answers) expect(await replyOf(answer)).toMatchObject({ status: 201, replayed: false });
    expect(await storedFor(key)).toHaveLength(4);
  });
});

describe("what is stored after the commit", () => {
  it("an import that is started again with its key is the same job, also when that has ended", async () => {
    const csv = `Email\n${unique()}@example.com\n`;
    const form = new FormData();
    form.set("file", new File([csv], "leads.csv", { type: "text/csv" }));
    const preview = await client.call("POST", "/leads/import/preview", { body: form });
    const { file_id } = await preview.json<{ file_id: string }>();
    const start = { file_id, primary_identifier: { column: "Email", kind: "email" }, field_mappings: {}, alias_mappings: {} };
    const key = newKey();
    const { job_id } = await expectReplay<{ job_id: string }>(202, () => client.post("/leads/import/start", start, keyed(key)));
    await importCsv(client, csv, { primary_identifier: start.primary_identifier });
    expect(await replyOf(client.post("/leads/import/start", start, keyed(key)))).toMatchObject({ status: 202, replayed: true });
    expect(job_id).toMatch(/^job_/);
  });

  it("a delivery that is sent again with one key is rescheduled once", async () => {
    const { delivery_id } = await (await client.post(`/notification-channels/${await channelId(client)}/test`)).json<{
      delivery_id: string;
    }>();
    const key = newKey();
    await expectReplay(202, () => client.post(`/deliveries/${delivery_id}/replay`, undefined, keyed(key)));
  });
});

describe("the document", () => {
  it("names the header, the replay header, 409 and 422 on each of these operations", async () => {
    const operations = (await apiOperations()).filter(
      ({ path, parameters = [] }) => path !== "/ingest" && parameters.some(({ name }) => name === "Idempotency-Key"),
    );
    expect(operations.length).toBeGreaterThan(Object.keys(CASES).length);
    for (const { method, path, responses } of operations) {
      expect(Object.keys(responses), `${method} ${path}`).toEqual(expect.arrayContaining(["400", "409", "422"]));
      const [success] = Object.entries(responses).filter(([status]) => status.startsWith("2"));
      expect(success?.[1], `${method} ${path}`).toMatchObject({ headers: { "Idempotency-Replayed": {} } });
    }
  });
});
