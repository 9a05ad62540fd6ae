/** Owners of leads, one by one and by the hundred; many look-ups in one request. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Client, mintClient, mintLead, mintTenant, type Tenant } from "../../support/tenant";
import { countingD1, readProblem } from "../../support/worker";

let tenant: Tenant;
let client: Client;
let ids: string[];
beforeAll(async () => {
  tenant = await mintTenant();
  ({ client } = tenant);
  ids = [];
  for (const name of ["a", "b", "c"]) ids.push(await mintLead(client, { email: `${name}@example.com` }, { name }));
});
const ownerOf = async (id = "") => {
  const { owner_id, owner_name } = await (await client.get(`/lead/${id}`)).json<{ owner_id: string; owner_name: string }>();
  return [owner_id, owner_name];
};

describe("owners", () => {
  it("a lead is assigned and unassigned, and the answer says which", async () => {
    const [id = ""] = ids;
    const assigned = await client.post(`/leads/${id}/owner`, { owner_id: "u_1", owner_name: "Sam" });
    expect([assigned.status, await assigned.json()]).toEqual([200, { status: "ok", message: "owner assigned" }]);
    expect(await ownerOf(id)).toEqual(["u_1", "Sam"]);
    const unassigned = await client.post(`/leads/${id}/owner`, { owner_id: null, owner_name: null });
    expect([unassigned.status, await unassigned.json()]).toEqual([200, { status: "ok", message: "owner unassigned" }]);
    expect(await ownerOf(id)).toEqual([null, null]);
    await readProblem(await client.post(`/leads/ld_${"0".repeat(32)}/owner`, { owner_id: "u_1" }), 404);
    expect((await readProblem(await client.post(`/leads/${id}/owner`, { owner_name: "Sam" }), 400)).detail).toContain("owner_id");
  });

  it("many at once: each id is said to be assigned, unchanged or not found", async () => {
    const [a = "", b = "", c = ""] = ids;
    await client.post(`/leads/${c}/owner`, { owner_id: "u_9", owner_name: "Kim" });
    const wanted = { lead_ids: [a, `lead_${b.slice(3)}`, c, "nobody", a], owner_id: "u_9", owner_name: "Kim" };
    const answer = await client.post("/leads/bulk-assign-owner", wanted);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: "ok", message: "owner assigned", assigned: [a, `lead_${b.slice(3)}`], unchanged: [c], not_found: ["nobody"] },
    ]);
    for (const id of ids) expect(await ownerOf(id)).toEqual(["u_9", "Kim"]);
    const tooMany = { lead_ids: Array(501).fill(a), owner_id: "u_9" };
    expect((await readProblem(await client.post("/leads/bulk-assign-owner", tooMany), 400)).detail).toContain("at most 500");
  });

  it("500 leads are one D1 round trip, and two rows written for each that changes (itself and its place in the index) and one for the log", async () => {
    let turn = 0;
    const assign = (bindings: Partial<Env>) =>
      client.post("/leads/bulk-assign-owner", { lead_ids: [...ids, ...Array(497).fill("nobody")], owner_id: `w_${++turn}` }, { bindings });
    await assign({});
    const { DB, count } = countingD1();
    expect((await assign({ DB })).status).toBe(200);
    expect([count.trips, count.rowsWritten]).toEqual([1, 2 * ids.length + 1]);
  });

  it("a viewer assigns nobody", async () => {
    const viewer = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "viewer" });
    await readProblem(await viewer.post(`/leads/${ids[0]}/owner`, { owner_id: "u_1" }), 403);
    await readProblem(await viewer.post("/leads/bulk-assign-owner", { lead_ids: ids, owner_id: "u_1" }), 403);
  });
});

describe("POST /lead/by-alias/batch", () => {
  const lookUp = (aliases: unknown, bindings: Partial<Env> = {}) => client.post("/lead/by-alias/batch", { aliases }, { bindings });

  it("returns a result for each alias, in their order, in one D1 round trip", async () => {
    const aliases = [
      { kind: "email", value: "C@Example.com" },
      { kind: "email", value: "nobody@example.com" },
      { kind: "phone", value: "call me" },
      { kind: "email", value: "a@example.com" },
      { kind: "email", value: "c@example.com " },
    ];
    const { DB, count } = countingD1();
    const answer = await lookUp(aliases, { DB });
    const { results } = await answer.json<{ results: { value: string; found: boolean; lead: { lead_id: string } | null }[] }>();
    expect(results.map(({ value, found, lead }) => [value, found, lead?.lead_id ?? null])).toEqual([
      ["C@Example.com", true, ids[2]],
      ["nobody@example.com", false, null],
      ["call me", false, null],
      ["a@example.com", true, ids[0]],
      ["c@example.com ", true, ids[2]],
    ]);
    expect(results[0]?.lead).toEqual({ lead_id: ids[2], email: "c@example.com", metadata: { name: "c" } });
    expect([count.trips, count.rowsWritten]).toEqual([1, 0]);
  });

  it.each([
    [[], "at least one alias"],
    [Array(101).fill({ kind: "email", value: "a@example.com" }), "at most 100 aliases"],
    [[{ kind: "name", value: "x" }], "aliases.0.kind: must be one of"],
    [[{ kind: "email" }], "aliases.0.value: is required"],
    ["x", "aliases"],
  ])("what is no list of 1 to 100 aliases is a 400 (%#)", async (aliases, text) => {
    expect((await readProblem(await lookUp(aliases), 400)).detail).toContain(text);
  });
});
