/** A viewer never sees what somebody could send messages with: webhook URLs, authorization headers, what receivers responded. */
import { afterEach, expect, it, vi } from "vitest";
import { getDelivery, heldDelivery, mintChannel, nudge, receiver } from "../../support/deliveries";
import { type Client, mintClient, mintTenant } from "../../support/tenant";
import { type Kind, mintTrigger, putTrigger, TRIGGER_PATHS } from "../../support/triggers";

afterEach(() => vi.unstubAllGlobals());

const SLACK = "https://hooks.slack.com/services/T0/B0/s3cret-path";
const HOOK = "https://hooks.example.com/catch/s3cret-path?key=s3cret-key";
const CONFIGS = {
  slack: { webhook_url: SLACK, channel_name: "#leads" },
  teams: { webhook_url: SLACK.replace("slack", "teams") },
  webhook: { url: HOOK, auth_header: "Bearer s3cret-header" },
};

const bodyOf = async (client: Client, path: string): Promise<string> => {
  const answer = await client.get(path);
  expect(answer.status, path).toBe(200);
  return answer.text();
};

it("in notification channels: editors see the URLs they edit, viewers their hosts", async () => {
  const { client, organization_id } = await mintTenant();
  const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
  for (const [type, config] of Object.entries(CONFIGS)) {
    const { id } = await (await client.post("/notification-channels", { name: type, type, config })).json<{ id: string }>();
    expect(await bodyOf(client, `/notification-channels/${id}`)).toContain("s3cret-path");
    for (const path of ["/notification-channels", `/notification-channels/${id}`]) {
      const text = await bodyOf(viewer, path);
      expect(text).not.toContain("s3cret");
      expect(text).toContain("https://hooks.");
      expect(await bodyOf(client, path)).not.toContain("s3cret-header");
    }
  }
});

it("in triggers of every kind, and what an editor sees stays stored", async () => {
  const { client, organization_id } = await mintTenant();
  const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
  for (const [kind, path] of Object.entries(TRIGGER_PATHS) as [Kind, string][]) {
    const { id } = await mintTrigger(client, { webhook_url: HOOK }, kind);
    for (const each of [path, `${path}/${id}`]) {
      expect(await bodyOf(client, each)).toContain(HOOK);
      expect(await bodyOf(viewer, each)).not.toContain("s3cret");
    }
    await putTrigger(client, id, { name: "Hotter" }, kind);
    expect(await bodyOf(client, `${path}/${id}`)).toContain(HOOK);
  }
});

it("in deliveries: the receiver's response is shown to editors alone", async () => {
  const { client, organization_id } = await mintTenant();
  const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
  receiver(() => new Response("you called /s3cret-path", { status: 500 }));
  const { id } = await mintChannel(client);
  const message = await heldDelivery(client, id);
  await nudge(message);
  expect((await getDelivery(client, message)).attempts[0]).toMatchObject({ status_code: 500, response: "you called /s3cret-path" });
  expect((await getDelivery(viewer, message)).attempts[0]).toMatchObject({ status_code: 500, response: null });
});
