/** What other parts know of a lead, as the console's page shows it, and erasing the person. */
import { env } from "cloudflare:workers";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { mintChannelLead, mintScene, ok as returned } from "../support/channels";
import { mintMember, okCall } from "../support/console";
import { merge } from "../support/merges";
import { mintLead } from "../support/tenant";
import { happen, LEAD, leadIdOf, mintRules, mintTrigger, toHook } from "../support/triggers";
import { readProblem } from "../support/worker";

type Fired = {
  firings: { firing_id: string; kind: string; trigger_name: string; score: number }[];
  more: boolean;
  deliveries: { delivery_id: string; status: string; channel_name: string | null; event_type: string }[];
  truncated: boolean;
};

const unitRow = async (organizationId: string): Promise<{ unit: number }> => {
  const row = await env.DB.prepare("SELECT unit FROM org_units WHERE organization_id = ?1 AND is_default")
    .bind(organizationId)
    .first<{ unit: number }>();
  if (!row) throw new Error("an organization without a default unit");
  return row;
};

describe("firings of a lead", () => {
  it("are shown with the deliveries that they caused, also those of a lead that was merged into it", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const { client } = member;
    await mintRules(client, { "Page View": 60 });
    await mintTrigger(client, { name: "Hot", score_threshold: 50, ...toHook });
    await happen(client, { event_type: "Page View" });
    const lead_id = await leadIdOf(client);
    const fired = await okCall<Fired>(member, "leads.firings", { lead_id });
    expect(fired).toMatchObject({
      firings: [{ kind: "milestone", trigger_name: "Hot", score: 60 }],
      more: false,
      deliveries: [{ status: "pending", event_type: "milestone.fired", channel_name: null }],
    });
    const target = await mintLead(client, { email: "other@example.com" });
    expect(await okCall<Fired>(member, "leads.firings", { lead_id: target })).toEqual({
      firings: [],
      more: false,
      deliveries: [],
      truncated: false,
    });
    await merge(client, target, [lead_id]);
    const merged = await okCall<Fired>(member, "leads.firings", { lead_id: target });
    expect(merged.firings).toHaveLength(1);
    expect(merged.deliveries).toEqual(fired.deliveries);
    expect(await leadIdOf(client, LEAD)).toBe(target);
  });

  it("of more than 100 merged leads are searched for under 100 of them, which the response says", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const { client } = member;
    await mintRules(client, { "Page View": 60 });
    await mintTrigger(client, { name: "Hot", score_threshold: 50, ...toHook });
    await happen(client, { event_type: "Page View" });
    const lead_id = await leadIdOf(client);
    const { unit } = await unitRow(member.organization_id);
    const mergeInto = async (count: number) =>
      env.DB.prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
         INSERT OR IGNORE INTO merged_leads (unit, lead_id, merged_into, merge_id)
         SELECT ?1, printf('gone-%d-%d', ?1, i), ?2, 'mrg_of_test' FROM n`,
      )
        .bind(unit, lead_id.slice("ld_".length), count)
        .run();
    await mergeInto(100);
    const whole = await okCall<Fired>(member, "leads.firings", { lead_id });
    expect(whole).toMatchObject({ deliveries: [{ event_type: "milestone.fired" }], truncated: false });
    await mergeInto(101);
    expect(await okCall<Fired>(member, "leads.firings", { lead_id })).toEqual({ ...whole, truncated: true });
  });
});

describe("the partner channel of a lead", () => {
  it("is shown with its status, its values and its purchases to the people of the lead's own unit; null where it is in none", async () => {
    const scene = await mintScene();
    const { channel, call, tenant } = scene;
    const properties = [{ property_definitions_id: channel.property_definitions[0]?.id, value: "42" }];
    const { id } = await mintChannelLead(scene, { email: "jane@example.com", properties });
    await returned(call("create_purchase", { lead_id: id, purchase_amount: 12.5, product_name: "Licence" }));
    const viewer = await mintMember({ organization_id: tenant.organization_id, role: "viewer" });
    const lead_id = `ld_${id.replaceAll("-", "")}`;
    expect(await okCall(viewer, "leads.channel", { lead_id })).toMatchObject({
      record: {
        channel: { channel_id: channel.channel_id, archived_at: null },
        status: { status: "New lead" },
        values: [{ value: "42" }],
        purchases: [{ name: "Licence", amount: 12.5 }],
        more: false,
      },
    });
    const member = await mintMember({ unit_id: "unit_default" });
    const bare = await mintLead(member.client, { email: "jane@example.com" });
    expect(await okCall(member, "leads.channel", { lead_id: bare })).toEqual({ record: null });
  });
});

describe("segments", () => {
  it("those whose rules a lead matches are shown with it, and narrow the list", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const rules = { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" };
    const answer = await member.client.post("/segments", { name: "Pro", rules });
    expect(answer.status).toBe(201);
    const pro = await mintLead(member.client, { email: "pro@example.com" }, { plan: "pro" });
    const free = await mintLead(member.client, { email: "free@example.com" }, { plan: "free" });
    const { segments } = await okCall<{ segments: { segment_id: string }[] }>(member, "segments.ofLeads", {});
    expect(segments).toMatchObject([{ name: "Pro" }]);
    expect(await okCall(member, "leads.segments", { lead_id: pro })).toEqual({ segments });
    expect(await okCall(member, "leads.segments", { lead_id: free })).toEqual({ segments: [] });
    expect(await okCall(member, "leads.list", { segment: segments[0]?.segment_id })).toMatchObject({ leads: [{ lead_id: pro }] });
  });
});

describe("erasing a person", () => {
  it("returns a signed receipt, the same for a repeated call; the lead is gone and its address refused", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const lead_id = await mintLead(member.client, { email: "jane@example.com" });
    const key = { "Idempotency-Key": "erase-once-0001" };
    const first = await member.call("leads.erase", { lead_id }, key);
    const receipt = await first.clone().json<{ signature: string }>();
    expect(receipt).toMatchObject({ lead_id, status: "erased", suppressed: 1, rows: { leads: 1 } });
    expect(decodeJwt(receipt.signature)).toMatchObject({ lead_id: lead_id.slice("ld_".length), suppressed: 1 });
    expect(await (await member.call("leads.erase", { lead_id }, key)).text()).toBe(await first.text());
    await readProblem(await member.call("leads.get", { lead_id }), 404);
    const again = await member.client.post("/leads", { aliases: [{ kind: "email", value: "jane@example.com" }] });
    expect(again.status).toBeGreaterThanOrEqual(400);
  });

  it("with many events goes on in the background, and its receipt can be read when it is done; only in its own unit", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const lead_id = await mintLead(member.client, { email: "jane@example.com" });
    const { unit } = await unitRow(member.organization_id);
    await env.DB.prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, score_before, score_after)
       SELECT ?1, ?2, i, 'big-' || ?1 || '-' || i, 'x', 'x', i, i, 0, 0, 0 FROM n`,
    )
      .bind(unit, lead_id.slice("ld_".length))
      .run();
    const running = await okCall<{ receipt_id: string }>(member, "leads.erase", { lead_id });
    expect(running).toMatchObject({ lead_id, status: "running", suppressed: 1 });
    const { receipt_id } = running;
    await expect
      .poll(() => okCall(member, "erasures.get", { receipt_id }), { timeout: 30_000 })
      .toMatchObject({ lead_id, status: "erased", rows: { events: 2500, leads: 1 }, signature: expect.any(String) });
    await readProblem(await (await mintMember()).call("erasures.get", { receipt_id }), 404);
  });

  it("and deleting are refused to viewers, and to other organizations the lead does not exist", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const lead_id = await mintLead(member.client, { email: "jane@example.com" });
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const stranger = await mintMember();
    await readProblem(await viewer.call("leads.erase", { lead_id }), 403);
    await readProblem(await viewer.call("leads.deleteMany", { ids: [lead_id] }), 403);
    await readProblem(await stranger.call("leads.erase", { lead_id }), 404);
    expect(await okCall(stranger, "leads.deleteMany", { ids: [lead_id] })).toMatchObject({ total: 0 });
    for (const name of ["leads.firings", "leads.channel", "leads.segments"]) await okCall(viewer, name, { lead_id });
    for (const name of ["leads.firings", "leads.channel"]) await readProblem(await stranger.call(name, { lead_id }), 404);
    expect(await okCall(stranger, "leads.segments", { lead_id })).toEqual({ segments: [] });
    await okCall(member, "leads.get", { lead_id });
  });
});

describe("accounts", () => {
  it("are found by part of their name, and a lead is linked to one and unlinked; a viewer creates none", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const account = await okCall<{ account_id: string }>(member, "accounts.create", { name: "Acme Corp" });
    const stranger = await mintMember();
    expect(await okCall(member, "accounts.find", { search: "acme" })).toEqual({ accounts: [{ ...account, leads: 0 }] });
    expect(await okCall(stranger, "accounts.find", { search: "acme" })).toEqual({ accounts: [] });
    const lead_id = await mintLead(member.client, { email: "jane@example.com" });
    const { version } = await okCall<{ version: string }>(member, "leads.get", { lead_id });
    const linked = await okCall<{ version: string }>(member, "leads.change", { lead_id, version, account_id: account.account_id });
    expect(linked).toMatchObject({ account: { name: "Acme Corp" } });
    expect(await okCall(member, "leads.list", { account_id: account.account_id })).toMatchObject({ leads: [{ lead_id }] });
    expect(await okCall(member, "leads.change", { lead_id, version: linked.version, account_id: null })).toMatchObject({ account: null });
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    await readProblem(await viewer.call("accounts.create", { name: "Other" }), 403);
    await okCall(viewer, "accounts.find", { search: "acme" });
  });
});
