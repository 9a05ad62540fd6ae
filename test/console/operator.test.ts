/** The operator's part of the console does what /admin does, by the same rules: what one writes, the other reads. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { mintChannelLead, mintScene } from "../support/channels";
import { type Member, mintOperator, okCall } from "../support/console";
import { keyed, newKey } from "../support/retries";
import { basicClient, bearerClient, mintTenant, mintUnit } from "../support/tenant";
import { readProblem } from "../support/worker";

const admin = bearerClient("test-admin-token");
const read = async <Body>(path: string): Promise<Body> => (await admin.get(path)).json<Body>();

let operator: Pick<Member, "cookie" | "call">;
beforeAll(async () => {
  operator = await mintOperator();
});
const call = <Answer>(name: string, input: object = {}) => okCall<Answer>(operator, name, input);

type Audited = { action: string; target_id: string; actor_kind: string };
const auditOf = async (target: string): Promise<Audited[]> => {
  const { entries } = await call<{ entries: Audited[] }>("audit.list");
  return entries.filter(({ target_id }) => target_id === target);
};

describe("organizations", () => {
  it("are created once for a key, listed newest first, found by name and id, and shown with their units", async () => {
    const name = `Acme ${crypto.randomUUID()}`;
    const { headers } = keyed(newKey());
    const created = await (await operator.call("organizations.create", { name }, headers)).json<{ organization_id: string }>();
    const again = await operator.call("organizations.create", { name }, headers);
    expect(await again.json()).toEqual(created);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    const { organization_id } = created;
    type List = { organizations: { organization_id: string; name: string; org_unit_count: number }[] };
    const newest = await call<List>("organizations.list");
    expect(newest.organizations[0]).toMatchObject({ organization_id, name, org_unit_count: 1 });
    for (const q of [name.toUpperCase().slice(5), organization_id]) {
      expect((await call<List>("organizations.list", { q })).organizations).toMatchObject([{ organization_id }]);
    }
    expect((await call<List>("organizations.list", { q: "100%_nobody" })).organizations).toEqual([]);
    const shown = await call("organizations.get", { organization_id });
    expect(shown).toMatchObject({
      organization: { organization_id, name },
      units: [{ unit_id: "unit_default", quotas: { values: { leads: 5_000_000 } } }],
    });
    const same = await read<{ created_at: string }>(`/admin/organizations/${organization_id}`);
    expect(same).toMatchObject({ organization_id, name, org_units: [{ unit_id: "unit_default", is_default: true }] });
    const found = await read<List>(`/admin/organizations?q=${organization_id}`);
    expect(found).toMatchObject({
      organizations: [{ organization_id, created_at: same.created_at, org_unit_count: 1 }],
      next_cursor: null,
    });
    expect(await auditOf(organization_id)).toMatchObject([{ action: "organization.created", actor_kind: "operator" }]);
    await readProblem(await operator.call("organizations.get", { organization_id: "org_none" }), 404);
    await readProblem(await admin.get("/admin/organizations/org_none"), 404);
  });

  it("are listed a hundred a page, each once", async () => {
    const rows = Array.from({ length: 103 }, (_, n) => ({ id: `org_0${String(n).padStart(31, "0")}`, company: crypto.randomUUID() }));
    const name = `Many ${crypto.randomUUID()}`;
    await env.DB.prepare(
      "INSERT INTO organizations (organization_id, company_id, name, created_at) SELECT value->>'id', value->>'company', ?2, 1 FROM json_each(?1)",
    )
      .bind(JSON.stringify(rows), name)
      .run();
    type List = { organizations: { organization_id: string }[]; next_cursor: string | null };
    const first = await call<List>("organizations.list", { q: name });
    expect(first.organizations).toHaveLength(100);
    const second = await call<List>("organizations.list", { q: name, cursor: first.next_cursor });
    expect(second.next_cursor).toBeNull();
    const ids = [...first.organizations, ...second.organizations].map(({ organization_id }) => organization_id);
    expect(ids).toEqual(rows.map(({ id }) => id).reverse());
  });

  it("have limits of their own, and what their units used today", async () => {
    const tenant = await mintTenant();
    const { organization_id } = tenant;
    const at = { organization_id, unit_id: "unit_default" };
    const changed = await call("limits.change", { ...at, limits: { leads: 10, events_per_day: null } });
    expect(changed).toMatchObject({ values: { leads: 10, events_per_day: 5_000_000 } });
    expect(await read(`/admin/organizations/${organization_id}/org-units/unit_default/limits`)).toMatchObject({ leads: 10 });
    const refused = await readProblem(await operator.call("limits.change", { ...at, limits: { leads: -1 } }), 400);
    expect(refused.errors).toMatchObject([{ path: "limits.leads" }]);
    const day = Math.floor(Date.now() / 86_400_000);
    const unit = await env.DB.prepare("SELECT unit FROM org_units WHERE organization_id = ?").bind(organization_id).first<number>("unit");
    await env.USAGE.getByName("all").add([{ day, unit: unit ?? 0, requests: 7, events: 3, rows_written: 5, stored_bytes: 9 }], day);
    const other = await mintTenant();
    const { usage } = await call<{ usage: object[] }>("organizations.usage", { organization_id });
    expect(usage).toMatchObject([{ unit_id: "unit_default", requests: 7, events: 3, rows_written: 5, leads: 0, stored_bytes: 9 }]);
    expect(await call("organizations.usage", { organization_id: other.organization_id })).toMatchObject({ usage: [] });
    expect(await read(`/admin/usage?organization_id=${organization_id}`)).toMatchObject({ usage: [{ organization_id, requests: 7 }] });
  });

  it("get credentials whose secret is in one response only, and lose them", async () => {
    const { organization_id } = await mintTenant();
    const { headers } = keyed(newKey());
    const wanted = { organization_id, kind: "service_account", name: "CRM", unit_id: "unit_default", role: "editor" };
    type Created = { credential: { credential_id: string; client_id: string }; secret: string | null };
    const created = await (await operator.call("credentials.create", wanted, headers)).json<Created>();
    expect(await (await operator.call("credentials.create", wanted, headers)).json()).toEqual({ ...created, secret: null });
    const { credential, secret } = created;
    const client = basicClient({ client_id: credential.client_id, client_secret: secret ?? "" });
    expect((await client.get("/leads")).status).toBe(200);
    const { credentials } = await call<{ credentials: object[] }>("credentials.list", { organization_id });
    expect(credentials[0]).toMatchObject({ ...credential, name: "CRM", role: "editor", unit_id: "unit_default" });
    await call("credentials.revoke", { organization_id, credential_id: credential.credential_id });
    expect((await client.get("/leads")).status).toBe(401);
  });

  it("are deleted with everything, and the receipt is that of /admin", async () => {
    const { organization_id, client } = await mintTenant();
    const receipt = await call<{ status: string; signature: string }>("organizations.delete", { organization_id });
    expect(receipt).toMatchObject({ status: "done", rows: { organizations: 1 }, signature: expect.any(String) });
    expect((await client.get("/leads")).status).toBe(401);
    await readProblem(await operator.call("organizations.get", { organization_id }), 404);
    const again = await admin.call("DELETE", `/admin/organizations/${organization_id}`);
    expect(await again.json()).toMatchObject({ signature: receipt.signature });
  });
});

describe("partner channels", () => {
  type Channel = { channel_id: string; lead_status: { id: string; status: string }[]; property_definitions: { id: string }[] };
  type Saved = { channel: Channel; secrets: { webhook: string; secret: string | null }[] };

  it("are created with a secret that is shown once, listed by org unit, changed, ended and taken back", async () => {
    const tenant = await mintTenant();
    const { organization_id, company_id } = tenant;
    const emea = await mintUnit(tenant, "EMEA");
    const home = { organization_id, unit_id: emea };
    const { headers } = keyed(newKey());
    const wanted = { title: "Referrals", home, creator: organization_id, webhook_new_lead: "https://hooks.example.com/new" };
    const created = await (await operator.call("channels.create", wanted, headers)).json<Saved>();
    expect(created.secrets).toEqual([{ webhook: "webhook_new_lead", secret: expect.stringMatching(/^whsec_/) }]);
    const repeated = await (await operator.call("channels.create", wanted, headers)).json<Saved>();
    expect(repeated).toEqual({ ...created, secrets: [{ webhook: "webhook_new_lead", secret: null }] });
    const { channel_id } = created.channel;
    expect(created.channel).toMatchObject({ roles: { creator: company_id }, lead_status: [{ status: "New lead" }] });
    for (const [given, total] of [
      [home, 1],
      [{ organization_id }, 1],
      [{ ...home, unit_id: "unit_default" }, 0],
    ] as const) {
      expect(await call("channels.list", given)).toMatchObject({ total });
      expect(await read(`/admin/channels?${new URLSearchParams(given)}`)).toMatchObject({ total });
    }
    const change = { title: "Partners", property_definitions: [{ name: "Deal size", type: "number" }], lead_status: [{ status: "Won" }] };
    const changed = await call<Saved>("channels.change", { channel_id, change });
    expect(changed).toMatchObject({ channel: { title: "Partners", lead_status: [{}, { status: "Won" }] }, secrets: [] });
    expect(await read(`/admin/channels/${channel_id}`)).toMatchObject({ title: "Partners", property_definitions: [{ name: "Deal size" }] });
    await call("channels.change", { channel_id, change: { archived: true } });
    expect(await read(`/admin/channels/${channel_id}`)).toMatchObject({ archived_at: expect.any(String) });
    await call("channels.change", { channel_id, change: { archived: false } });
    expect(await call("channels.get", { channel_id })).toMatchObject({ archived_at: null });
    // one entry for each change: the repeated call adds none
    expect((await auditOf(channel_id)).map(({ action }) => action)).toEqual(Array(4).fill("channel.changed"));
    const refused = await readProblem(await operator.call("channels.change", { channel_id, change: { currency: "euro" } }), 400);
    expect(refused.errors).toMatchObject([{ path: "change.currency" }]);
  });

  it("pay rewards, which are taken back once", async () => {
    const scene = await mintScene({ currency: "EUR" });
    const { channel_id } = scene.channel;
    type Trigger = { id: string; active: boolean };
    const trigger = await call<Trigger>("rewardTriggers.create", {
      channel_id,
      trigger: { kind: "purchase", amount_type: "percentage", amount: 10 },
    });
    expect(await call("channels.get", { channel_id })).toMatchObject({ reward_triggers: [{ id: trigger.id, amount: 10 }] });
    const lead = await mintChannelLead(scene);
    await scene.call("create_purchase", { lead_id: lead.id, purchase_amount: 99 });
    type Ledger = { rewards: { reward_event_id: string; amount: number; reverses: string | null }[]; next: string | null };
    const { rewards } = await call<Ledger>("rewards.list", { channel_id });
    expect(rewards).toMatchObject([{ amount: 9.9, currency: "EUR", reverses: null }]);
    const { headers } = keyed(newKey());
    const wanted = { channel_id, reward_event_id: rewards[0]?.reward_event_id };
    const reversal = await (await operator.call("rewards.reverse", wanted, headers)).json<object>();
    expect(reversal).toMatchObject({ amount: -9.9, reverses: wanted.reward_event_id });
    const repeated = await operator.call("rewards.reverse", wanted, headers);
    expect([repeated.headers.get("Idempotency-Replayed"), await repeated.json()]).toEqual(["true", reversal]);
    await readProblem(await operator.call("rewards.reverse", wanted), 409);
    expect((await call<Ledger>("rewards.list", { channel_id })).rewards.map(({ amount }) => amount)).toEqual([-9.9, 9.9]);
    const trigger_id = trigger.id;
    expect(await call("rewardTriggers.change", { channel_id, trigger_id, change: { active: false } })).toMatchObject({ active: false });
    await call("rewardTriggers.delete", { channel_id, trigger_id });
    expect(await call("channels.get", { channel_id })).toMatchObject({ reward_triggers: [] });
    expect(await auditOf(channel_id)).toHaveLength(4 + 1);
  });

  it("that do not exist are 404, for every call", async () => {
    const channel_id = crypto.randomUUID();
    const trigger = { kind: "new_lead", amount_type: "fixed", amount: 1 };
    await readProblem(await operator.call("channels.get", { channel_id }), 404);
    await readProblem(await operator.call("channels.change", { channel_id, change: { title: "x" } }), 404);
    await readProblem(await operator.call("rewards.list", { channel_id }), 404);
    await readProblem(await operator.call("rewards.reverse", { channel_id, reward_event_id: channel_id }), 404);
    await readProblem(await operator.call("rewardTriggers.create", { channel_id, trigger }), 404);
  });
});

describe("health", () => {
  it("shows what /health/ready and /metrics show", async () => {
    const health = await call<{ ready: boolean; gauges: Record<string, number | null> }>("health.get");
    expect(health).toMatchObject({ ready: true, checks: { database: { ok: true }, files: { ok: true }, backlog: { ok: true } } });
    expect(Object.keys(health.gauges).sort()).toEqual(["dead_letters", "queue_depth", "queue_oldest_seconds", "spilled_objects"]);
  });

  it("lists dead letters and sends one again, once for a key", async () => {
    const id = crypto.randomUUID();
    const letter = { message_id: id, queue: "leadedge-dead-letters", body: { unit: 999_999, job_id: "job_none" }, received_at: 9e12 };
    await env.DB.prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?, ?, ?, ?)")
      .bind(letter.message_id, letter.queue, JSON.stringify(letter.body), letter.received_at)
      .run();
    type Letters = { letters: { id: string; body: { text: string } }[]; total: number };
    const { letters } = await call<Letters>("deadLetters.list");
    expect(letters[0]).toMatchObject({ id, queue: letter.queue, body: { text: expect.stringContaining("job_none") } });
    const { headers } = keyed(newKey());
    for (let n = 0; n < 2; n++) {
      expect(await (await operator.call("deadLetters.replay", { id }, headers)).json()).toEqual({ queue: "imports" });
    }
    await readProblem(await operator.call("deadLetters.replay", { id }), 404);
    const left = await call<Letters>("deadLetters.list");
    expect(left.letters.map((other) => other.id)).not.toContain(id);
  });
});
