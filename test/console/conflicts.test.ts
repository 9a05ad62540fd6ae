/** The queue of conflicts as the console calls for it. */
import { expect, it } from "vitest";
import { type Member, mintMember, okCall } from "../support/console";
import { mintLead } from "../support/tenant";
import { readProblem } from "../support/worker";

type Side = { lead_id: string; name: string | null };
type Case = { conflict_id: string; kind: string; value: string; lead: Side; owner: Side };
type Page = { conflicts: Case[]; next_cursor: string | null };

const PHONE = "+15551234567";
const listed = async (member: Member): Promise<Case[]> => (await okCall<Page>(member, "conflicts.list", {})).conflicts;

/** Two leads, of which the second was refused the first one's phone. */
async function mintCase() {
  const member = await mintMember({ unit_id: "unit_default" });
  const owner = await mintLead(member.client, { email: "owner@example.com", phone: PHONE }, { name: "Olga Owner" });
  const lead = await mintLead(member.client, { email: "lead@example.com" }, { name: "Lea Lead" });
  expect((await member.client.post(`/lead/${lead}/aliases`, { kind: "phone", value: PHONE })).status).toBe(409);
  const [conflict] = await listed(member);
  return { member, owner, lead, conflict: conflict as Case };
}

it("both leads are shown whole, and the open cases are counted", async () => {
  const { member, owner, lead, conflict } = await mintCase();
  expect(conflict).toMatchObject({
    kind: "phone",
    value: PHONE,
    owner: { lead_id: owner, name: "Olga Owner", aliases: [{ value: "owner@example.com" }, { value: PHONE }] },
    lead: { lead_id: lead, name: "Lea Lead", profile: { name: "Lea Lead" } },
  });
  expect(await okCall(member, "conflicts.count", {})).toEqual({ open: 1, at_least: false });
});

it("kept apart it is closed, and open again when that is taken back", async () => {
  const { member, conflict } = await mintCase();
  const { conflict_id } = conflict;
  await okCall(member, "conflicts.resolve", { conflict_id, action: "keep_apart" });
  expect(await listed(member)).toEqual([]);
  expect(await okCall(member, "conflicts.count", {})).toEqual({ open: 0, at_least: false });
  await okCall(member, "conflicts.reopen", { conflict_id });
  expect(await listed(member)).toEqual([conflict]);
  await readProblem(await member.call("conflicts.reopen", { conflict_id: `cfl_${"0".repeat(48)}` }), 404);
});

it("merged into the lead that was named, and open again when the merge is taken back", async () => {
  const { member, owner, lead, conflict } = await mintCase();
  const decision = { conflict_id: conflict.conflict_id, action: "merge", target_id: lead };
  const key = { "Idempotency-Key": "merge-case-0001" };
  const first = await member.call("conflicts.resolve", decision, key);
  expect(await first.clone().json()).toMatchObject({ merge: { status: "done" } });
  expect(await (await member.call("conflicts.resolve", decision, key)).text()).toBe(await first.text());
  await readProblem(await member.call("leads.get", { lead_id: owner }), 410);
  await okCall(member, "leads.unmerge", { lead_id: lead });
  expect(await listed(member)).toMatchObject([{ conflict_id: conflict.conflict_id }]);
});

it("a viewer looks at the queue and decides nothing; to another organization the case does not exist", async () => {
  const { member, conflict } = await mintCase();
  const { conflict_id } = conflict;
  const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
  const stranger = await mintMember();
  expect(await listed(viewer)).toEqual([conflict]);
  expect(await listed(stranger)).toEqual([]);
  for (const [name, input] of [
    ["conflicts.resolve", { conflict_id, action: "keep_apart" }],
    ["conflicts.resolve", { conflict_id, action: "merge" }],
    ["conflicts.reopen", { conflict_id }],
  ] as const) {
    await readProblem(await viewer.call(name, input), 403);
    await readProblem(await stranger.call(name, input), 404);
  }
  expect(await listed(member)).toEqual([conflict]);
});

it("a likely pair is explained, from either of its leads, and gone once they are kept apart or merged", async () => {
  const { member, owner, lead, conflict } = await mintCase();
  const ada = await mintLead(member.client, { email: "a1@acme.example" }, { name: "Ada Lovelace" });
  const again = await mintLead(member.client, { email: "b2@acme.example" }, { name: "Lovelace Ada" });
  type Pairs = { pairs: { pair_id: string; lead: Side; other: Side; reasons: string[] }[]; compared: number };
  const ofLead = async (lead_id: string) => {
    const { pairs } = await okCall<Pairs>(member, "duplicates.ofLead", { lead_id });
    return pairs.map(({ lead, other, reasons }) => [lead.lead_id, other.lead_id, reasons]);
  };
  const [named, shared] = [
    ["same_name", "same_domain"],
    ["shared_phone", "same_domain"],
  ];
  expect([await ofLead(ada), await ofLead(again)]).toEqual([[[ada, again, named]], [[again, ada, named]]]);
  expect([await ofLead(owner), await ofLead(lead)]).toEqual([[[owner, lead, shared]], [[lead, owner, shared]]]);
  const { pairs, compared } = await okCall<Pairs>(member, "duplicates.list", {});
  expect(pairs.map(({ pair_id }) => pair_id)).toEqual([[owner, lead].sort().join("-"), [ada, again].sort().join("-")]);
  expect(compared).toBe(50);
  await okCall(member, "conflicts.resolve", { conflict_id: conflict.conflict_id, action: "keep_apart" });
  await okCall(member, "leads.merge", { target_id: ada, source_ids: [again] });
  expect([await ofLead(owner), await ofLead(lead), await ofLead(ada)]).toEqual([[], [], []]);
  expect(await okCall<Pairs>(member, "duplicates.list", {})).toMatchObject({ pairs: [], next_cursor: null });
});

it("a viewer sees likely duplicates; to a stranger their leads do not exist", async () => {
  const { member, owner } = await mintCase();
  const viewer = await mintMember({ organization_id: member.organization_id, role: "viewer" });
  expect(await okCall(viewer, "duplicates.ofLead", { lead_id: owner })).toMatchObject({
    pairs: [{ reasons: ["shared_phone", "same_domain"] }],
  });
  const stranger = await mintMember();
  await readProblem(await stranger.call("duplicates.ofLead", { lead_id: owner }), 404);
  expect(await okCall(stranger, "duplicates.list", {})).toMatchObject({ pairs: [] });
});
