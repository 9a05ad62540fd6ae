/** What the page "Settings" calls. */
import { describe, expect, it } from "vitest";
import { mintMember } from "../support/console";
import { mintChannel } from "../support/deliveries";

describe("settings", () => {
  it("a service account's secret is in the response that creates it alone; only an admin of the organization creates or revokes one", async () => {
    const admin = await mintMember({ unit_id: "unit_default" });
    const created = (await (await admin.call("credentials.create", { name: "Zapier" })).json()) as {
      credential: { credential_id: string };
      client_secret: string;
    };
    const { credential_id } = created.credential;
    const listed = await (await admin.call("credentials.list")).text();
    expect(listed).toContain(credential_id);
    expect(listed).not.toMatch(new RegExp(`${created.client_secret}|hash`));
    const { organization_id } = admin;
    for (const role of ["viewer", "editor"]) {
      const member = await mintMember({ organization_id, unit_id: "unit_default", role });
      expect((await member.call("credentials.create", { name: "Mine" })).status).toBe(403);
      expect((await member.call("credentials.revoke", { credential_id })).status).toBe(403);
    }
    const stranger = await mintMember({ unit_id: "unit_default" });
    expect((await stranger.call("credentials.revoke", { credential_id })).status).toBe(404);
    expect((await admin.call("credentials.revoke", { credential_id })).status).toBe(200);
  });

  it("a channel is tested by an editor of the unit, not by a viewer or a stranger, and its URL is not shown", async () => {
    const admin = await mintMember({ unit_id: "unit_default" });
    const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
    const stranger = await mintMember({ unit_id: "unit_default" });
    const { id: channel_id } = await mintChannel(admin.client);
    const shown = { channel_id, name: "CRM", type: "webhook", active: true, disabled_reason: null };
    expect(await (await viewer.call("channels.list")).json()).toEqual([shown]);
    expect((await viewer.call("channels.test", { channel_id })).status).toBe(403);
    expect((await stranger.call("channels.test", { channel_id })).status).toBe(404);
    expect(await (await admin.call("channels.test", { channel_id })).json()).toEqual({ delivery_id: expect.stringMatching(/^dlv_/) });
  });
});
