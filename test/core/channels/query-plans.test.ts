/** No statement of channels scans leads, aliases or channel leads: every one that a life of them sends is captured and its plan read. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { deleteLead } from "../../../src/core/erasure";
import { openSystem } from "../../../src/open-context";
import { mintChannel, mintChannelLead, mintScene, ok, partnerWith } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { planOf } from "../../support/query-plans";
import { bearerClient } from "../../support/tenant";
import { countingD1 } from "../../support/worker";

let statements: string[];
beforeAll(async () => {
  statements = await capture();
});

async function capture(): Promise<string[]> {
  const { DB, count } = countingD1();
  const bindings = { DB };
  const operator = bearerClient("test-admin-token");
  const scene = await mintScene({
    no_auth_api: true,
    webhook_new_lead: "https://hooks.example.com/a",
    webhook_status_update: "https://hooks.example.com/b",
  });
  const { call, channel, tenant } = scene;
  const path = `/admin/channels/${channel.channel_id}`;
  const admin = async (method: string, target: string, json?: unknown) => {
    const answer = await operator.call(method, target, { bindings, ...(json === undefined ? {} : { json }) });
    expect(answer.ok, `${method} ${target}`).toBe(true);
    return answer;
  };
  const home = { organization_id: tenant.organization_id, unit_id: "unit_default" };
  await admin("POST", "/admin/channels", { title: "T", home, creator: tenant.company_id, webhook_new_lead: "https://hooks.example.com/a" });
  await admin("PUT", path, {
    title: "New",
    webhook_new_lead: "https://hooks.example.com/c",
    webhook_status_update: null,
    lead_status: [{ status: "Z" }],
  });
  await admin("GET", "/admin/channels");
  const trigger = await admin("POST", `${path}/reward-triggers`, { kind: "purchase", amount_type: "fixed", amount: 5 });
  const { trigger_id } = await trigger.json<{ trigger_id: string }>();
  await admin("PUT", `${path}/reward-triggers/${trigger_id}`, { amount: 6 });
  const { channel_id } = channel;
  const properties = [{ property_definitions_id: channel.property_definitions[0]?.id, value: 1 }];
  const { lead } = await ok<{ lead: { id: string } }>(call("create_lead", { channel_id, email: "a@example.com", properties }, bindings));
  await ok(partnerWith(null)("lead_external", { channel_id, email: "a@example.com" }, bindings));
  await ok(
    call(
      "update_lead",
      { lead_id: lead.id, email: "b@example.com", phone: "+15550100999", notes: "x", properties: [{ ...properties[0], value: 2 }] },
      bindings,
    ),
  );
  await ok(call("update_status", { lead_id: lead.id, status: "Won" }, bindings));
  await ok(call("create_purchase", { lead_id: lead.id, purchase_amount: 5 }, bindings));
  await admin("POST", `${path}/leads`, { lead_ids: [lead.id], legacy_id: 7 });
  const bare = await mintChannelLead(scene);
  await env.DB.prepare("DELETE FROM channel_leads WHERE lead_id = ?1").bind(bare.id.replaceAll("-", "")).run();
  await admin("POST", `${path}/leads`, { lead_ids: [bare.id], aliases: [{ kind: "email", value: "b@example.com" }] });
  for (const [action, fields] of [
    ["get_channels", {}],
    ["get_leads", { channel_id }],
    ["get_lead_by_id", { lead_id: lead.id }],
    ["get_lead_by_legacy_id", { legacy_id: 7 }],
  ] as const) {
    await ok(call(action, fields, bindings));
  }
  // an id that the directory does not have is searched for in the home units
  await call("get_lead_by_legacy_id", { legacy_id: 8 }, bindings);
  for (const list of ["reward-triggers", "reward-events", "events"]) await admin("GET", `${path}/${list}`);
  await admin("DELETE", `${path}/reward-triggers/${trigger_id}`);
  await mintChannel(tenant);
  await deleteLead(await openSystem({ ...env, DB }, await unitKeyOf(tenant), "req_test"), lead.id.replaceAll("-", ""));
  await admin("DELETE", path);
  return [...new Set(count.statements)];
}

it("finds what it reads by a key", async () => {
  expect(statements.length).toBeGreaterThan(45);
  const known = [
    "INSERT INTO channel_leads",
    "INSERT INTO lead_directory",
    "INSERT INTO reward_events",
    "ORDER BY m.lead_id DESC",
    "DELETE FROM purchases",
  ];
  for (const text of known) expect(statements.filter((statement) => statement.includes(text))).not.toEqual([]);
  // rows of a JSON parameter or of a subquery; and the operator's list of all channels, a page at a time
  const free = /^SCAN (r|e|g|f|s|gone|writers|json_each|value|CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery-\d+)\b/;
  const wholeUnit =
    /^SEARCH (leads|l|aliases|a|channel_leads|m|purchases|channel_events|reward_events) USING (PRIMARY KEY|INDEX \w+) \(unit=\?\)$/;
  const scans: string[] = [];
  for (const text of statements) {
    const list = text.includes("count(*) FROM channels");
    for (const detail of await planOf(text)) {
      if ((detail.startsWith("SCAN ") && !free.test(detail) && !list) || wholeUnit.test(detail))
        scans.push(`${detail}: ${text.slice(0, 300)}`);
    }
  }
  expect(scans).toEqual([]);
});

it("reads a channel's newest leads from its index, in order, and a company's channels by its roles", async () => {
  const plan = async (fragment: string) => (await planOf(statements.find((text) => text.includes(fragment)) ?? "")).join("\n");
  const newest = await plan("ORDER BY m.lead_id DESC");
  expect(newest).toContain("SEARCH m USING INDEX channel_leads_by_channel (unit=? AND channel_id=?)");
  expect(newest).not.toContain("TEMP B-TREE");
  expect(newest).toContain("SEARCH l USING PRIMARY KEY (unit=? AND lead_id=?)");
  const channels = await plan("c.archived_at IS NULL");
  for (const role of ["creator", "partner", "referring", "receiving"]) expect(channels).toContain(`channels_by_${role}`);
  expect(await plan("OR c.public_id")).toMatch(/MULTI-INDEX OR/);
  expect(await plan("WHERE d.legacy_id =")).toContain("lead_directory_by_legacy_id");
  for (const list of ["FROM reward_events", "FROM channel_events"]) expect(await plan(list)).not.toContain("TEMP B-TREE");
});
