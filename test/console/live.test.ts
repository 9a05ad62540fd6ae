/** What the page "Live" calls: no more than its verbs allow, and nothing of another organization. */
import { describe, expect, it } from "vitest";
import { mintMember } from "../support/console";
import { heldDelivery, mintChannel } from "../support/deliveries";
import { ingest } from "../support/events";

const VISIT = { event_type: "Page View", aliases: [{ alias_kind: "email", raw_value: "ada@example.com" }], metadata: { path: "/pricing" } };
const LOST = { event_type: "Page View", lead_id: "ld_00000000000000000000000000000000" };

describe("live", () => {
  it("lists events with what their leads are called, by type, and the beginning of metadata that is long", async () => {
    const { call, client } = await mintMember({ unit_id: "unit_default" });
    await ingest(client, VISIT, { ...VISIT, event_type: "Long", metadata: { text: "x".repeat(10_000) } });
    const list = async (input: object) =>
      (await (await call("events.list", { page: 1, ...input })).json()) as { events: { metadata: { text: string; cut: boolean } }[] };
    expect(await list({ event_type: "page view" })).toMatchObject({
      events: [{ event_type: "Page View", lead_name: "ada@example.com", metadata: { cut: false } }],
      total: 1,
      pages: 1,
    });
    const [long] = (await list({ event_type: "Long" })).events;
    expect(long?.metadata).toMatchObject({ cut: true, text: expect.stringContaining("xxx") });
    expect(long?.metadata.text.length).toBe(4_000);
    expect(await (await call("events.types")).json()).toEqual(["Long", "Page View"]);
  });

  it("rejected events are listed with their reason and replayed, not by a viewer", async () => {
    const admin = await mintMember({ unit_id: "unit_default" });
    const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
    const [event_id = ""] = await ingest(admin.client, LOST);
    const listed = await admin.call("rejected.list", { page: 1 });
    expect(await listed.json()).toMatchObject({ events: [{ event_id, reason: expect.stringContaining("lead_id") }], total: 1 });
    expect((await viewer.call("rejected.replay", { event_ids: [event_id] })).status).toBe(403);
    const replayed = await admin.call("rejected.replay", { event_ids: [event_id] });
    expect(await replayed.json()).toEqual({ queued: 1, not_found: [], next_before: null });
  });

  it("a delivery shows its request, and is neither seen nor sent again by a stranger, nor sent again by a viewer", async () => {
    const admin = await mintMember({ unit_id: "unit_default" });
    const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
    const stranger = await mintMember({ unit_id: "unit_default" });
    const { id } = await mintChannel(admin.client);
    const { delivery_id } = await heldDelivery(admin.client, id);
    expect(await (await admin.call("deliveries.list", { page: 1, status: "pending" })).json()).toMatchObject({
      deliveries: [{ delivery_id, channel_name: "CRM", status: "pending" }],
    });
    const shown = (await (await viewer.call("deliveries.get", { delivery_id })).json()) as { payload: string };
    expect(JSON.parse(shown.payload)).toMatchObject({ type: "notification_channel.test", data: { channel_name: "CRM" } });
    expect((await viewer.call("deliveries.replay", { delivery_id })).status).toBe(403);
    for (const name of ["deliveries.get", "deliveries.replay"]) {
      expect((await stranger.call(name, { delivery_id })).status).toBe(404);
    }
    expect(await (await stranger.call("deliveries.list", { page: 1 })).json()).toMatchObject({ deliveries: [], total: 0 });
  });
});
