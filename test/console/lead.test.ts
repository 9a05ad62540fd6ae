/** One lead, as the console's page calls for it. */
import { describe, expect, it } from "vitest";
import { type Member, mintMember, okCall as ok, post } from "../support/console";
import { mintLead } from "../support/tenant";
import { readProblem } from "../support/worker";

type Shown = { lead_id: string; version: string; name: string | null; profile: Record<string, unknown>; aliases: { value: string }[] };

const PHONE = "+491701234567";
/** Jobs run from the queue. */
const LONG = { timeout: 20_000 };

async function mintKnown(): Promise<{ member: Member; lead: Shown }> {
  const member = await mintMember({ unit_id: "unit_default" });
  const lead_id = await mintLead(member.client, { email: "jane@example.com", phone: PHONE }, { first_name: "Jane", company: "Acme" });
  return { member, lead: await ok<Shown>(member, "leads.get", { lead_id }) };
}

describe("finding a lead", () => {
  it("a search that is a phone number finds the lead that has it, however the number is written", async () => {
    const { member, lead } = await mintKnown();
    for (const q of [PHONE, "+49 (170) 123-4567", "+49 170 1234567"])
      expect(await ok(member, "leads.list", { q })).toMatchObject({ leads: [{ lead_id: lead.lead_id }] });
    for (const narrowed of [{ q: "+491701234568" }, { q: "123" }, { q: PHONE, status: "lost" }])
      expect(await ok(member, "leads.list", narrowed)).toMatchObject({ leads: [] });
  });
});

describe("changing a lead", () => {
  it("takes the version that was shown, and refuses the change once the lead has another", async () => {
    const { member, lead } = await mintKnown();
    const { lead_id, version } = lead;
    const saved = await ok<Shown>(member, "leads.change", {
      lead_id,
      version,
      status: "qualified",
      metadata_patch: { company: "Acme Inc" },
    });
    expect(saved).toMatchObject({ status: "qualified", profile: { first_name: "Jane", company: "Acme Inc" } });
    expect(saved.version).not.toBe(version);
    await readProblem(await member.call("leads.change", { lead_id, version, status: "lost" }), 412);
    expect(await ok(member, "leads.get", { lead_id })).toEqual(saved);
    expect(await ok(member, "leads.history", { lead_id })).toMatchObject({ changes: [{ type: "changed" }, {}, {}] });
  });

  it("an email or an alias of another lead is refused, and that lead is named", async () => {
    const { member, lead } = await mintKnown();
    const other = await mintLead(member.client, { email: "john@example.com" });
    const taken = { detail: expect.stringContaining(other) };
    const { lead_id, version } = lead;
    expect(await readProblem(await member.call("leads.change", { lead_id, version, email: "john@example.com" }), 409)).toMatchObject(taken);
    const alias = { lead_id, kind: "email", value: "john@example.com" };
    expect(await readProblem(await member.call("leads.attachAlias", alias), 409)).toMatchObject(taken);
  });

  it("an alias is added and removed", async () => {
    const { member, lead } = await mintKnown();
    const alias = { lead_id: lead.lead_id, kind: "external_id", value: "crm-1" };
    await ok(member, "leads.attachAlias", alias);
    expect((await ok<Shown>(member, "leads.get", { lead_id: lead.lead_id })).aliases).toHaveLength(3);
    await ok(member, "leads.detachAlias", alias);
    expect((await ok<Shown>(member, "leads.get", { lead_id: lead.lead_id })).aliases).toEqual(lead.aliases);
  });

  it("a viewer reads everything and changes nothing", async () => {
    const { member, lead } = await mintKnown();
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const { lead_id, version } = lead;
    for (const name of ["leads.get", "leads.events", "leads.history", "leads.explain", "leads.scoreCurve"])
      await ok(viewer, name, { lead_id });
    for (const [name, input] of [
      ["leads.change", { version, status: "lost" }],
      ["leads.attachAlias", { kind: "external_id", value: "crm-1" }],
      ["leads.detachAlias", { kind: "email", value: "jane@example.com" }],
    ] as const)
      await readProblem(await viewer.call(name, { lead_id, ...input }), 403);
  });

  it("another organization's lead does not exist", async () => {
    const { lead } = await mintKnown();
    const stranger = await mintMember();
    const { lead_id, version } = lead;
    for (const [name, input] of [
      ["leads.get", {}],
      ["leads.events", {}],
      ["leads.history", {}],
      ["leads.explain", {}],
      ["leads.scoreCurve", {}],
      ["leads.change", { version, status: "lost" }],
      ["leads.attachAlias", { kind: "external_id", value: "crm-1" }],
      ["leads.detachAlias", { kind: "email", value: "jane@example.com" }],
    ] as const)
      await readProblem(await stranger.call(name, { lead_id, ...input }), 404);
    expect(await ok(stranger, "leads.list", { q: PHONE })).toMatchObject({ leads: [] });
  });
});

describe("merging", () => {
  it("shows what would move, merges, takes it back; a repeated call with its key merges once", async () => {
    const { member, lead } = await mintKnown();
    const other = await mintLead(member.client, { email: "jane.doe@example.com" }, { title: "Engineer" });
    const wish = { target_id: lead.lead_id, source_ids: [other] };
    expect(await ok(member, "leads.previewMerge", wish)).toMatchObject({ aliases: 1, events: 0, sources: [{ lead_id: other, score: 0 }] });
    const key = { "Idempotency-Key": "merge-once-0001" };
    const [first, again] = [await member.call("leads.merge", wish, key), await member.call("leads.merge", wish, key)];
    expect(await again.text()).toBe(await first.text());
    expect(again.status).toBe(200);
    const merged = await ok<Shown>(member, "leads.get", { lead_id: lead.lead_id });
    expect(merged).toMatchObject({ profile: { title: "Engineer" }, aliases: [{}, {}, {}] });
    expect(await readProblem(await member.call("leads.get", { lead_id: other }), 410)).toMatchObject({ merged_into: lead.lead_id });
    expect(await ok(member, "leads.unmerge", { lead_id: lead.lead_id })).toMatchObject({ source_ids: [other], kept: 0 });
    expect((await ok<Shown>(member, "leads.get", { lead_id: lead.lead_id })).aliases).toEqual(lead.aliases);
    await ok(member, "leads.get", { lead_id: other });
  });

  it("a viewer may look at what a merge would do; another organization's leads do not exist", async () => {
    const { member, lead } = await mintKnown();
    const other = await mintLead(member.client, { email: "jane.doe@example.com" });
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const stranger = await mintMember();
    const wish = { target_id: lead.lead_id, source_ids: [other] };
    await ok(viewer, "leads.previewMerge", wish);
    await readProblem(await viewer.call("leads.merge", wish), 403);
    await readProblem(await viewer.call("leads.unmerge", { lead_id: lead.lead_id }), 403);
    for (const name of ["leads.previewMerge", "leads.merge"]) await readProblem(await stranger.call(name, wish), 404);
    await readProblem(await stranger.call("leads.unmerge", { lead_id: lead.lead_id }), 404);
  });
});

describe("the list", () => {
  it("a viewer and another organization change no lead of a selection, and see no job of it", async () => {
    const { member, lead } = await mintKnown();
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const stranger = await mintMember();
    const wish = { ids: [lead.lead_id], changes: { status: "lost" } };
    await readProblem(await viewer.call("leads.changeMany", wish), 403);
    expect(await ok(stranger, "leads.changeMany", wish)).toMatchObject({ total: 0 });
    const { job_id } = await ok<{ job_id: string }>(member, "leads.changeMany", wish);
    await readProblem(await stranger.call("leads.bulkJob", { job_id }), 404);
    await readProblem(await stranger.call("leads.undoMany", { job_id }), 404);
    await ok(member, "leads.bulkJob", { job_id });
  });

  it("the selected leads, or all that match a filter, are changed and deleted, and that is taken back", async () => {
    const { member, lead } = await mintKnown();
    const other = await mintLead(member.client, { email: "john@example.com" });
    const ran = async (name: string, input: object) => {
      const { job_id } = await ok<{ job_id: string }>(member, name, input);
      await expect.poll(() => ok(member, "leads.bulkJob", { job_id }), LONG).toMatchObject({ status: "completed", written: 2 });
      return job_id;
    };
    const undone = async (job_id: string) => {
      await expect.poll(() => ok(member, "leads.undoMany", { job_id }), LONG).toMatchObject({ status: "completed", restored: 2 });
    };
    const owners = async () =>
      (await ok<{ leads: { owner_name: string | null }[] }>(member, "leads.list", {})).leads.map(({ owner_name }) => owner_name);
    const ids = [lead.lead_id, other];
    const job = await ran("leads.changeMany", { ids, changes: { owner_id: "u_1", owner_name: "Sam" } });
    expect(await owners()).toEqual(["Sam", "Sam"]);
    await undone(job);
    expect(await owners()).toEqual([null, null]);
    const deletion = await ran("leads.deleteMany", { filter: { status: "new" } });
    expect(await owners()).toEqual([]);
    await undone(deletion);
    expect(await ok<Shown>(member, "leads.get", { lead_id: lead.lead_id })).toMatchObject({ aliases: lead.aliases, profile: lead.profile });
    // no filter would mean every lead
    await readProblem(await member.call("leads.deleteMany", { filter: {} }), 400);
    await readProblem(await member.call("leads.deleteMany", {}), 400);
  });

  it("is exported as CSV: the selected leads, or those that match; a viewer may, another organization gets none of them", async () => {
    const { member, lead } = await mintKnown();
    await mintLead(member.client, { email: "john@example.com" });
    const exported = async ({ cookie }: Pick<Member, "cookie">, wanted: object): Promise<string[]> => {
      const answer = await post("export/leads", wanted, { Cookie: cookie });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
      return (await answer.text()).trim().split("\r\n").slice(1);
    };
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const stranger = await mintMember();
    const ids = [lead.lead_id, "ld_unknown"];
    expect(await exported(viewer, { ids })).toEqual([expect.stringContaining("jane@example.com")]);
    expect(await exported(member, { filter: { q: "john" } })).toEqual([expect.stringContaining("john@example.com")]);
    expect(await exported(member, {})).toHaveLength(2);
    expect(await exported(stranger, { ids })).toEqual([]);
    await readProblem(await post("export/leads", { ids: [] }, { Cookie: member.cookie }), 400);
    await readProblem(await post("export/leads", { filter: { status: "odd" } }, { Cookie: member.cookie }), 400);
    expect((await post("export/leads", {})).status).toBe(401);
  });

  it("a view is kept by name for the org unit; a viewer uses it and saves none", async () => {
    const member = await mintMember();
    const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
    const saved = await ok<{ view_id: string }>(member, "views.save", { name: "Lost", criteria: { status: "lost" } });
    expect(await ok(viewer, "views.list", {})).toEqual({ views: [{ ...saved, name: "Lost", query: { status: "lost" }, whole: true }] });
    await readProblem(await viewer.call("views.save", { name: "Mine", criteria: { status: "new" } }), 403);
    await readProblem(await viewer.call("views.delete", { view_id: saved.view_id }), 403);
    await readProblem(await (await mintMember()).call("views.delete", { view_id: saved.view_id }), 404);
    await ok(member, "views.delete", { view_id: saved.view_id });
    expect(await ok(member, "views.list", {})).toEqual({ views: [] });
  });
});
