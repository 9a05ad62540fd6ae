/** What the page "Settings" calls. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Member, mintMember } from "../support/console";
import { HOOK, mintChannel, receiver } from "../support/deliveries";
import { send as sendDelivery } from "../support/inbound";
import { adminPost } from "../support/tenant";

afterEach(() => {
  vi.unstubAllGlobals();
});

const jsonOf = async <Answer>(answer: Response | Promise<Response>): Promise<Answer> => (await answer).json() as Promise<Answer>;
const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

/** An admin of a unit, a viewer and an editor of the same, and an admin of another organization. */
async function mintCast(): Promise<Record<"admin" | "editor" | "viewer" | "stranger", Member>> {
  const admin = await mintMember({ unit_id: "unit_default" });
  const { organization_id } = admin;
  const [editor, viewer] = await Promise.all([
    mintMember({ organization_id, unit_id: "unit_default", role: "editor" }),
    mintMember({ organization_id, unit_id: "unit_default", role: "viewer" }),
  ]);
  return { admin, editor, viewer, stranger: await mintMember({ unit_id: "unit_default" }) };
}

/** Credentials of each kind: what they are created with, and where their secret is. */
const KINDS = [
  { part: "credentials", secret: "client_secret", least: "admin" },
  { part: "writeKeys", secret: "write_key", least: "admin" },
  { part: "tokens", secret: "token", least: "editor" },
] as const;
type Created = { credential: { credential_id: string } } & Record<string, string | null>;

describe.each(KINDS)("settings: $part", ({ part, secret, least }) => {
  it("a secret is in the response that creates it alone; created and revoked by whoever may, in one organization", async () => {
    const { stranger, ...own } = await mintCast();
    const created = await jsonOf<Created>(own[least].call(`${part}.create`, { name: "Zapier" }));
    const { credential_id } = created.credential;
    const listed = await (await own.viewer.call(`${part}.list`)).text();
    expect(listed).toContain(credential_id);
    expect(listed).not.toMatch(new RegExp(`${created[secret]}|hash`));
    for (const member of [own.viewer, ...(least === "admin" ? [own.editor] : [])]) {
      expect(await statusOf(member.call(`${part}.create`, { name: "Mine" }))).toBe(403);
      expect(await statusOf(member.call(`${part}.revoke`, { credential_id }))).toBe(403);
    }
    expect(await (await stranger.call(`${part}.list`)).text()).not.toContain(credential_id);
    expect(await statusOf(stranger.call(`${part}.revoke`, { credential_id }))).toBe(404);
    expect(await statusOf(own[least].call(`${part}.revoke`, { credential_id }))).toBe(200);
  });

  it("a call that is repeated with its key creates one, and the repetition does not have the secret", async () => {
    const { admin } = await mintCast();
    const before = (await jsonOf<unknown[]>(admin.call(`${part}.list`))).length;
    const once = () => admin.call(`${part}.create`, { name: "Zapier" }, { "Idempotency-Key": "one" });
    const first = await jsonOf<Created>(once());
    const again = await once();
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(await again.json()).toEqual({ ...first, [secret]: null });
    expect(await jsonOf<unknown[]>(admin.call(`${part}.list`))).toHaveLength(before + 1);
  });
});

describe("settings: channels", () => {
  it("are tested by an editor of the unit, not by a viewer or a stranger, and a viewer sees no URL that messages can be sent to", async () => {
    receiver();
    const { admin, viewer, stranger } = await mintCast();
    const { id: channel_id } = await mintChannel(admin.client);
    const shown = {
      channel_id,
      name: "CRM",
      type: "webhook",
      events: [],
      active: true,
      disabled_reason: null,
      previous_secret_until: null,
    };
    const masked = { url: `${new URL(HOOK).origin}/********` };
    expect(await jsonOf(viewer.call("channels.list"))).toEqual([{ ...shown, config: masked }]);
    expect(await jsonOf(admin.call("channels.list"))).toEqual([{ ...shown, config: { url: HOOK } }]);
    expect(await statusOf(viewer.call("channels.test", { channel_id }))).toBe(403);
    expect(await statusOf(stranger.call("channels.test", { channel_id }))).toBe(404);
    expect(await jsonOf(admin.call("channels.test", { channel_id }))).toEqual({ delivery_id: expect.stringMatching(/^dlv_/) });
  });

  it("a signing secret is in the response that creates or rotates it, and in no list or repetition", async () => {
    const { editor } = await mintCast();
    const create = () =>
      editor.call("channels.create", { name: "CRM", type: "webhook", config: { url: HOOK } }, { "Idempotency-Key": "create" });
    const created = await jsonOf<{ channel: { channel_id: string }; signing_secret: string }>(create());
    expect(created.signing_secret).toMatch(/^whsec_/);
    expect(await jsonOf(create())).toEqual({ ...created, signing_secret: null, secret_lost: true });
    const { channel_id } = created.channel;
    const rotate = () => editor.call("channels.rotateSecret", { channel_id }, { "Idempotency-Key": "rotate" });
    const rotated = await jsonOf<{ signing_secret: string; previous_until: number }>(rotate());
    expect(rotated.signing_secret).toMatch(/^whsec_/);
    expect(await jsonOf(rotate())).toEqual({ ...rotated, signing_secret: null });
    const listed = await (await editor.call("channels.list")).text();
    expect(listed).not.toContain("whsec_");
    expect(JSON.parse(listed)).toMatchObject([{ previous_secret_until: rotated.previous_until }]);
    const revoked = await jsonOf(editor.call("channels.revokePreviousSecret", { channel_id }));
    expect(revoked).toMatchObject({ channel_id, previous_secret_until: null });
  });

  it("are created, changed, switched off and deleted by an editor of the unit alone", async () => {
    const { editor, viewer, stranger } = await mintCast();
    const wanted = { name: "CRM", type: "webhook", config: { url: HOOK } };
    expect(await statusOf(viewer.call("channels.create", wanted))).toBe(403);
    const { channel } = await jsonOf<{ channel: { channel_id: string } }>(editor.call("channels.create", wanted));
    const { channel_id } = channel;
    for (const [name, input] of [
      ["channels.change", { channel_id, active: false }],
      ["channels.rotateSecret", { channel_id }],
      ["channels.revokePreviousSecret", { channel_id }],
      ["channels.delete", { channel_id }],
    ] as const) {
      expect([name, await statusOf(viewer.call(name, input)), await statusOf(stranger.call(name, input))]).toEqual([name, 403, 404]);
    }
    expect(await jsonOf(editor.call("channels.change", { channel_id, active: false }))).toMatchObject({ active: false });
    const refused = await editor.call("channels.change", { channel_id, config: { url: "nowhere" } });
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ path: "config.url" }] }]);
    expect(await statusOf(editor.call("channels.delete", { channel_id }))).toBe(200);
    expect(await jsonOf(editor.call("channels.list"))).toEqual([]);
  });
});

describe("settings: org units", () => {
  it("are created and renamed by an admin without a home, once for a repeated call", async () => {
    const { admin, stranger } = await mintCast();
    const owner = await mintMember({ organization_id: admin.organization_id });
    expect(await statusOf(admin.call("units.create", { name: "EMEA" }))).toBe(403);
    const create = () => owner.call("units.create", { name: "EMEA", default_region: "DE" }, { "Idempotency-Key": "one" });
    const unit = await jsonOf<{ unit_id: string }>(create());
    expect(await jsonOf(create())).toEqual(unit);
    const { unit_id } = unit;
    expect(await statusOf(stranger.call("units.change", { unit_id, name: "Mine" }))).toBe(404);
    expect(await jsonOf(owner.call("units.change", { unit_id, name: "Europe" }))).toMatchObject({
      unit_id,
      name: "Europe",
      default_region: "DE",
    });
    expect((await jsonOf<{ name: string }[]>(owner.call("units.list"))).map(({ name }) => name).sort()).toEqual(["Default", "Europe"]);
    const current = await jsonOf<{ home: string | null }>(admin.call("session.current"));
    expect(current.home).toBe("unit_default");
  });
});

describe("settings: fields and blocked values", () => {
  it("are changed by an editor of the unit, and not seen by another organization", async () => {
    const { editor, viewer, stranger } = await mintCast();
    const alias = { kind: "email", value: "Info@Example.com" };
    for (const [name, input] of [
      ["fields.create", { name: "Budget" }],
      ["blocked.add", alias],
      ["blocked.remove", alias],
    ] as const) {
      expect([name, await statusOf(viewer.call(name, input))]).toEqual([name, 403]);
    }
    expect(await jsonOf(editor.call("fields.create", { name: "Budget" }))).toEqual({ name: "Budget", standard: false });
    const { value } = await jsonOf<{ value: object }>(editor.call("blocked.add", alias));
    expect(value).toMatchObject({ kind: "email", value: "info@example.com", is_default: false, active: true });
    expect(await (await viewer.call("fields.list")).text()).toContain("Budget");
    expect(await (await viewer.call("blocked.list")).text()).toContain("info@example.com");
    expect(await (await stranger.call("fields.list")).text()).not.toContain("Budget");
    expect(await (await stranger.call("blocked.list")).text()).not.toContain("info@example.com");
    expect(await statusOf(editor.call("blocked.remove", alias))).toBe(200);
    expect(await statusOf(editor.call("blocked.remove", alias))).toBe(404);
  });
});

describe("settings: inbound sources", () => {
  it("an address is shown once; a payload is mapped and taken again by an editor, and seen by no viewer or stranger", async () => {
    const { admin, editor, viewer, stranger } = await mintCast();
    const wanted = { name: "Form", type: "generic", secret: null };
    expect(await statusOf(viewer.call("sources.create", wanted))).toBe(403);
    const create = () => editor.call("sources.create", wanted, { "Idempotency-Key": "one" });
    const created = await jsonOf<{ source: { source_id: string }; path: string }>(create());
    expect(await jsonOf(create())).toEqual({ ...created, path: null });
    const { source_id } = created.source;
    expect(await (await viewer.call("sources.list")).text()).not.toContain(created.path);

    await sendDelivery({ url: `https://leadedge.test${created.path}` }, JSON.stringify({ who: "ada@example.com" }));
    const [unusable] = await jsonOf<{ payload_id: string; outcome: string; fields: object[] }[]>(
      editor.call("sources.payloads", { source_id }),
    );
    expect(unusable).toMatchObject({ outcome: "unusable", fields: [{ pointer: "/who", value: "ada@example.com", target: null }] });
    const input = { source_id, payload_id: unusable?.payload_id };
    const mapping = { "/who": "_alias_email" };
    for (const [name, json] of [
      ["sources.payloads", { source_id }],
      ["sources.change", { source_id, mapping }],
      ["sources.replay", input],
      ["sources.delete", { source_id }],
    ] as const) {
      expect([name, await statusOf(viewer.call(name, json)), await statusOf(stranger.call(name, json))]).toEqual([name, 403, 404]);
    }
    expect(await jsonOf(editor.call("sources.change", { source_id, mapping }))).toMatchObject({ mapping, has_secret: false });
    expect(await jsonOf(editor.call("sources.replay", input))).toMatchObject({ outcome: "accepted" });
    expect(await statusOf(admin.call("sources.delete", { source_id }))).toBe(200);
    expect(await statusOf(admin.call("sources.get", { source_id }))).toBe(404);
  });
});

describe("settings: what the operator sets", () => {
  it("an admin sees the organization's own identity provider and keys, without secrets; an editor sees neither", async () => {
    const { admin, editor, stranger } = await mintCast();
    const provider = {
      issuer: `https://login.example.com/${admin.organization_id}`,
      jwks_url: "https://login.example.com/jwks",
      audience: "x",
    };
    await adminPost(`/admin/organizations/${admin.organization_id}/identity-providers`, provider);
    await adminPost(`/admin/organizations/${admin.organization_id}/credentials`, {
      kind: "workspace_key",
      name: "Website",
      unit_id: "unit_default",
    });
    expect(await jsonOf(admin.call("identity.list"))).toMatchObject([provider]);
    const keys = await (await admin.call("apiKeys.list")).text();
    expect(keys).toContain("Website");
    expect(keys).not.toMatch(/sk-workspace|hash/);
    for (const name of ["identity.list", "apiKeys.list"]) expect([name, await statusOf(editor.call(name))]).toEqual([name, 403]);
    expect(await jsonOf(stranger.call("identity.list"))).toEqual([]);
  });
});
