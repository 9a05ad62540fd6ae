/** Conflicts are shown, and decided once: by a merge, a move, keeping apart, or for now. Likely duplicates are found and explained. */
import { describe, expect, it } from "vitest";
import { mintUnitTenant, rowsOf } from "../../support/events";
import { leadIdOf } from "../../support/merges";
import { type Client, mintLead } from "../../support/tenant";
import { readProblem } from "../../support/worker";

type Shown = { lead_id: string; name: string | null; email: string | null };
type Conflict = { id: string; kind: string; value: string; lead: Shown; owner: Shown; source: string };
type Page = { conflicts: Conflict[]; has_more: boolean; next_cursor: string | null };

const list = async (client: Client, query = ""): Promise<Page> => {
  const answer = await client.get(`/identity/conflicts${query}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Page>();
};
const resolve = (client: Client, id: string, body: object) => client.post(`/identity/conflicts/${id}/resolve`, body);

/** Two leads, of which the second was refused the first one's phone. */
async function mintConflict() {
  const tenant = await mintUnitTenant();
  const { client } = tenant;
  const owner = await mintLead(client, { email: "owner@example.com", phone: "+15551234567" }, { name: "Olga Owner" });
  const lead = await mintLead(client, { email: "lead@example.com" }, { name: "Lea Lead" });
  const give = () => client.post(`/lead/${lead}/aliases`, { kind: "phone", value: "+15551234567" });
  expect((await give()).status).toBe(409);
  const [conflict] = (await list(client)).conflicts;
  return { ...tenant, owner, lead, give, conflict: conflict as Conflict };
}

describe("conflicts", () => {
  it("are listed with both leads' names, by kind and by either lead", async () => {
    const { client, owner, lead, conflict } = await mintConflict();
    expect(conflict).toMatchObject({
      kind: "phone",
      value: "+15551234567",
      lead: { lead_id: lead, name: "Lea Lead", email: "lead@example.com" },
      owner: { lead_id: owner, name: "Olga Owner" },
      source: "engagement",
    });
    for (const query of ["?kind=phone", `?lead_id=${lead}`, `?lead_id=${owner}`])
      expect((await list(client, query)).conflicts).toHaveLength(1);
    expect((await list(client, "?kind=email")).conflicts).toEqual([]);
    await readProblem(await client.get("/identity/conflicts?cursor=%25"), 400);
  });

  it("are paged without a gap, those kept apart passed over", async () => {
    const { client } = await mintUnitTenant();
    const owner = await mintLead(client, { email: "owner@example.com" });
    const lead = await mintLead(client, { email: "lead@example.com" });
    for (let n = 0; n < 5; n++) {
      await client.post(`/lead/${owner}/aliases`, { kind: "cookie", value: `c${n}` });
      await client.post(`/lead/${lead}/aliases`, { kind: "cookie", value: `c${n}` });
    }
    const [, second] = (await list(client)).conflicts;
    await resolve(client, second?.id ?? "", { action: "keep_apart" });
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page = await list(client, `?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      seen.push(...page.conflicts.map(({ value }) => value));
      expect(page.has_more).toBe(page.next_cursor !== null);
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(["c0", "c2", "c3", "c4"]);
  });

  it("merge: one lead survives, the owner unless the other is named", async () => {
    const first = await mintConflict();
    const merged = await (await resolve(first.client, first.conflict.id, { action: "merge" })).json();
    expect(merged).toMatchObject({ status: "resolved", action: "merge", merge: { status: "done" } });
    expect(await leadIdOf(first.client, "lead@example.com")).toBe(first.owner);
    expect(await rowsOf(first.unit, "alias_conflicts")).toEqual([]);
    const second = await mintConflict();
    await resolve(second.client, second.conflict.id, { action: "merge", target_lead_id: second.lead });
    expect(await leadIdOf(second.client, "owner@example.com")).toBe(second.lead);
    await readProblem(await resolve(second.client, second.conflict.id, { action: "merge" }), 404);
  });

  it("move: the alias is the other lead's", async () => {
    const { client, unit, owner, lead, conflict } = await mintConflict();
    expect((await resolve(client, conflict.id, { action: "move" })).status).toBe(200);
    const found = await (await client.get(`/lead/by-alias?kind=phone&value=${encodeURIComponent("+15551234567")}`)).json();
    expect(found).toMatchObject({ lead_id: lead });
    expect(await (await client.get(`/lead/${owner}`)).json()).toMatchObject({ phone: null, aliases: [{ kind: "email" }] });
    expect(await rowsOf(unit, "alias_conflicts")).toEqual([]);
  });

  it("keep_apart: it is not opened again; dismiss: it is, when the alias is seen again", async () => {
    const { client, give, conflict } = await mintConflict();
    expect((await resolve(client, conflict.id, { action: "dismiss" })).status).toBe(200);
    expect((await list(client)).conflicts).toEqual([]);
    await give();
    expect((await list(client)).conflicts).toMatchObject([{ id: conflict.id }]);
    expect((await resolve(client, conflict.id, { action: "keep_apart" })).status).toBe(200);
    await give();
    expect((await list(client)).conflicts).toEqual([]);
  });

  it("an unknown id is a 404, an unknown action a 400", async () => {
    const { client, conflict } = await mintConflict();
    await readProblem(await resolve(client, "cfl_x", { action: "dismiss" }), 404);
    await readProblem(await resolve(client, `cfl_${"0".repeat(48)}`, { action: "dismiss" }), 404);
    await readProblem(await resolve(client, conflict.id, { action: "forget" }), 400);
  });
});

describe("duplicates", () => {
  it("are found by name, address and shared phone, explained, and not merged", async () => {
    const { client, unit } = await mintUnitTenant();
    const ada = await mintLead(client, { email: "ada@acme.example" }, { name: "Ada Lovelace" });
    const accented = await mintLead(client, { email: "lovelace.ada@acme.example" }, { first_name: "Ada", last_name: "Lovelace" });
    const grace = await mintLead(client, { email: "grace.hopper@gmail.com", phone: "+15551234567" }, { name: "Grace Hopper" });
    const dotted = await mintLead(client, { email: "gracehopper+news@gmail.com" }, { name: "G. Hopper" });
    const shared = await mintLead(client, { email: "office@other.example" });
    await client.post(`/lead/${shared}/aliases`, { kind: "phone", value: "+15551234567" });
    await mintLead(client, { email: "ada@elsewhere.example" }, { name: "Ada Byron" });
    type Found = { duplicates: { lead: Shown; other: Shown; score: number; reasons: string[] }[]; next_cursor: string | null };
    const { duplicates } = await (await client.get("/leads/duplicates")).json<Found>();
    const found = duplicates.map(({ lead, other, reasons }) => [[lead.lead_id, other.lead_id].sort(), reasons] as const);
    expect(found).toContainEqual([[ada, accented].sort(), ["same_name", "same_domain"]]);
    expect(found).toContainEqual([[grace, shared].sort(), ["shared_phone"]]);
    expect(found.some(([pair, reasons]) => pair.includes(dotted) && pair.includes(grace) && reasons.includes("similar_email"))).toBe(true);
    expect(duplicates.every(({ score }) => score >= 0.5 && score <= 1)).toBe(true);
    expect(found).toHaveLength(3);
    expect(await rowsOf(unit, "leads")).toHaveLength(6);
  });
});
