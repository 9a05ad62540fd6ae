/** What commits in the directory is created once for each Idempotency-Key: org units, credentials, and what the operator creates. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { mintChannel } from "../../support/channels";
import { operator } from "../../support/limits";
import { beforeCommit, expectReplay, keyed, moveAnswer, newKey, replyOf, storedFor } from "../../support/retries";
import { bearerClient, type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { apiOperations, countingD1, readProblem } from "../../support/worker";

const unique = () => crypto.randomUUID().slice(0, 8);

let tenant: Tenant;
let everywhere: Client;
let channelId: string;
beforeAll(async () => {
  tenant = await mintTenant();
  everywhere = await mintClient(tenant.organization_id);
  ({ channel_id: channelId } = await mintChannel(tenant));
});

type Case = {
  caller?: () => Client;
  path: () => string;
  body: () => Record<string, unknown>;
  status?: number;
  secret?: string;
  /** rows of what it creates */
  table: string;
};

const organization = () => `/admin/organizations/${tenant.organization_id}`;

const CASES: Record<string, Case> = {
  "org unit": { caller: () => everywhere, path: () => "/org-units", body: () => ({ name: unique() }), table: "org_units" },
  "personal token": {
    caller: () => tenant.client,
    path: () => "/settings/tokens",
    body: () => ({ name: unique(), expires_at: "2099-01-01T00:00:00Z" }),
    secret: "token",
    table: "credentials",
  },
  "service account": {
    caller: () => tenant.client,
    path: () => "/secrets",
    body: () => ({ name: unique() }),
    status: 200,
    secret: "client_secret",
    table: "credentials",
  },
  organization: { path: () => "/admin/organizations", body: () => ({ name: unique() }), table: "organizations" },
  credential: {
    path: () => `${organization()}/credentials`,
    body: () => ({ kind: "partner_key", name: unique() }),
    secret: "api_key",
    table: "credentials",
  },
  "identity provider": {
    path: () => `${organization()}/identity-providers`,
    body: () => ({ issuer: `https://${unique()}.example.com/`, jwks_url: "https://login.example.com/jwks.json", audience: "leadedge" }),
    table: "identity_providers",
  },
  channel: {
    path: () => "/admin/channels",
    body: () => ({
      title: unique(),
      home: { organization_id: tenant.organization_id, unit_id: "unit_default" },
      creator: tenant.organization_id,
      partner: tenant.company_id,
      property_definitions: [
        { name: "Late", type: "text", order: 9 },
        { name: "Early", type: "text", order: 1 },
      ],
      lead_status: [
        { status: "B", order: 2 },
        { status: "A", order: 1 },
      ],
      webhook_new_lead: "https://hooks.example.com/n",
    }),
    secret: "signing_secrets",
    table: "channels",
  },
  "reward trigger": {
    path: () => `/admin/channels/${channelId}/reward-triggers`,
    body: () => ({ kind: "purchase", amount_type: "percentage", amount: 10 }),
    table: "reward_triggers",
  },
};

const rowsOf = async (table: string): Promise<number> => Number(await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first("n"));

describe.each(Object.entries(CASES))("a new %s", (_, { caller = () => operator, path, body, status = 201, secret, table }) => {
  it("sent twice with one key is created once, and its secret is in the first response alone", async () => {
    const [json, key, before] = [body(), newKey(), await rowsOf(table)];
    const send = () => caller().post(path(), json, keyed(key));
    const first = await replyOf(send());
    expect([first.status, first.replayed], first.text).toEqual([status, false]);
    const second = await replyOf(send());
    expect([second.status, second.replayed], second.text).toEqual([status, true]);
    expect(await rowsOf(table)).toBe(before + 1);
    const [stored] = await storedFor(key);
    expect(stored?.unit).toBe(0);
    if (secret === undefined) expect(second.text).toBe(first.text);
    else {
      const { [secret]: shown, ...rest } = JSON.parse(first.text) as Record<string, unknown>;
      expect(shown).toBeTruthy();
      expect(JSON.parse(second.text)).toEqual({ ...rest, secret_notice: "shown once, in the first answer" });
      for (const text of typeof shown === "string" ? [shown] : Object.values(shown as object)) expect(stored?.body).not.toContain(text);
    }
  });

  it("with a used key and another body is a 422, and creates nothing", async () => {
    const key = newKey();
    expect((await caller().post(path(), body(), keyed(key))).status).toBe(status);
    const before = await rowsOf(table);
    const other = { ...body(), name: unique(), title: unique(), amount: 11 };
    expect((await readProblem(await caller().post(path(), other, keyed(key)), 422)).code).toBe("idempotency_key_reused");
    expect(await rowsOf(table)).toBe(before);
  });

  it("that another isolate creates first is not created again", async () => {
    const [json, key, twin, before] = [body(), newKey(), newKey(), await rowsOf(table)];
    const other = beforeCommit(async () => {
      expect((await caller().post(path(), json, keyed(twin))).status).toBe(status);
      await moveAnswer(twin, key);
    });
    const answer = await replyOf(caller().post(path(), json, { ...keyed(key), bindings: other }));
    expect([answer.status, answer.replayed], answer.text).toEqual([status, true]);
    expect(await rowsOf(table)).toBe(before + 1);
  });

  it("costs one written row and one round trip more with a key", async () => {
    const cost = async (options: object) => {
      const { DB, count } = countingD1();
      const answer = await caller().post(path(), body(), { ...options, bindings: { DB } });
      expect(answer.status, await answer.text()).toBe(status);
      return { trips: count.trips, written: count.rowsWritten };
    };
    await cost({});
    const plain = await cost({});
    expect(await cost(keyed(newKey()))).toEqual({ trips: plain.trips + 1, written: plain.written + 1 });
  });
});

describe("a replay", () => {
  it("of a channel says what GET says of it", async () => {
    const wanted = CASES.channel as Case;
    const [json, key] = [wanted.body(), newKey()];
    await operator.post(wanted.path(), json, keyed(key));
    const { secret_notice, ...replayed } = await (await operator.post(wanted.path(), json, keyed(key))).json<Record<string, unknown>>();
    expect(await (await operator.get(`/admin/channels/${replayed.channel_id}`)).json()).toEqual(replayed);
  });

  it("of a token names the expiry that the credential which created it allows", async () => {
    const { token } = await (await tenant.client.post("/settings/tokens", { name: "short", expires_at: "2098-01-01T00:00:00.000Z" })).json<{
      token: string;
    }>();
    const key = newKey();
    const send = () => bearerClient(token).post("/settings/tokens", { name: "child", expires_at: "2099-01-01T00:00:00Z" }, keyed(key));
    for (const answer of [await send(), await send()]) {
      expect(await answer.json()).toMatchObject({ expires_at: "2098-01-01T00:00:00.000Z" });
    }
  });

  it("of a refusal is the refusal: an issuer that is taken, an organization that does not exist", async () => {
    const issuer = { issuer: `https://${unique()}.example.com/`, jwks_url: "https://login.example.com/jwks.json", audience: "a" };
    await operator.post(`${organization()}/identity-providers`, issuer);
    const [taken, gone] = [newKey(), newKey()];
    await expectReplay(409, () => operator.post(`${organization()}/identity-providers`, issuer, keyed(taken)));
    await expectReplay(404, () =>
      operator.post("/admin/organizations/org_gone/credentials", { kind: "partner_key", name: "x" }, keyed(gone)),
    );
  });

  it("of leads put into a channel, and of a dead letter sent again, is the first response", async () => {
    const email = `${unique()}@example.com`;
    await mintLead(tenant.client, { email });
    const [added, sent] = [newKey(), newKey()];
    const body = { aliases: [{ kind: "email", value: email }] };
    const first = await expectReplay<{ leads: { added: boolean }[] }>(200, () =>
      operator.post(`/admin/channels/${channelId}/leads`, body, keyed(added)),
    );
    expect(first.leads).toMatchObject([{ added: true }]);
    const id = crypto.randomUUID();
    await env.DB.prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, 'q', ?2, 1)")
      .bind(id, JSON.stringify({ unit: 1, job_id: "job_gone" }))
      .run();
    await expectReplay(202, () => operator.post(`/admin/dead-letters/${id}/replay`, undefined, keyed(sent)));
  });
});

describe("a key of the directory", () => {
  it("is another one for another credential, and for the operator", async () => {
    const key = newKey();
    const other = await mintClient(tenant.organization_id);
    for (const client of [everywhere, other]) {
      expect(await replyOf(client.post("/org-units", { name: unique() }, keyed(key)))).toMatchObject({ status: 201, replayed: false });
    }
    expect(await replyOf(operator.post("/admin/organizations", { name: unique() }, keyed(key)))).toMatchObject({ replayed: false });
    expect(new Set((await storedFor(key)).map(({ scope }) => scope)).size).toBe(3);
  });
});

it("the document names the header on every POST of the operator and on those that create units and credentials", async () => {
  const posts = (await apiOperations()).filter(
    ({ method, path }) =>
      method === "POST" && (path.startsWith("/admin/") || ["/org-units", "/settings/tokens", "/secrets"].includes(path)),
  );
  expect(posts.length).toBeGreaterThan(10);
  for (const { path, parameters = [], responses } of posts) {
    expect(
      parameters.map(({ name }) => name),
      path,
    ).toContain("Idempotency-Key");
    expect(Object.keys(responses), path).toEqual(expect.arrayContaining(["400", "409", "422"]));
  }
});
