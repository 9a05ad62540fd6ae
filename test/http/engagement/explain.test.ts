/** `?explain=true`: whoever asks learns by which alias a lead was found, what it gained, and what stayed with whom. */
import { describe, expect, it } from "vitest";
import { getReceipt, ingest, mintUnitTenant, rowsOf } from "../../support/events";
import { leadIdOf, merge } from "../../support/merges";
import { type Client, mintLead, mintTenant } from "../../support/tenant";

const email = (value: string) => ({ alias_kind: "email", raw_value: value });
const shown = (kind: string, value: string) => ({ kind, value });

async function explained(client: Client, eventId: string) {
  const answer = await client.get(`/ingest/receipts/${eventId}?explain=true`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ explain: unknown }>()).explain;
}

describe("the receipt of an event", () => {
  it("says which alias matched, which the lead gained, and which stayed with whom", async () => {
    const { client } = await mintUnitTenant();
    const other = await mintLead(client, { email: "other@example.com" });
    const page = { event_type: "Page View" };
    await ingest(client, { ...page, event_id: "first", aliases: [email("Ada@Example.com"), { alias_kind: "cookie", raw_value: "c-1" }] });
    await ingest(client, {
      ...page,
      event_id: "second",
      aliases: [{ alias_kind: "cookie", raw_value: "c-1" }, { alias_kind: "phone", raw_value: "+15550100222" }, email("other@example.com")],
    });
    const ada = await leadIdOf(client, "ada@example.com");
    await ingest(
      client,
      { ...page, event_id: "third", lead_id: ada },
      { ...page, event_id: "fourth", aliases: [email("ADA@example.com")] },
    );

    expect(await explained(client, "first")).toEqual({
      matched_by: null,
      attached: [shown("email", "ada@example.com"), shown("cookie", "c-1")],
      refused: [],
    });
    expect(await explained(client, "second")).toEqual({
      matched_by: shown("cookie", "c-1"),
      attached: [shown("phone", "+15550100222")],
      refused: [{ ...shown("email", "other@example.com"), lead_id: other }],
    });
    expect(await explained(client, "third")).toEqual({ matched_by: null, attached: [], refused: [] });
    expect(await explained(client, "fourth")).toEqual({ matched_by: shown("email", "ada@example.com"), attached: [], refused: [] });
    expect(await getReceipt(client, "fourth")).not.toHaveProperty("explain");
  });

  it("follows a merge, forgets an alias that was removed, and is null for an event that is not processed", async () => {
    const { client } = await mintUnitTenant();
    await ingest(client, { event_id: "e-1", event_type: "Page View", aliases: [email("ada@example.com"), email("ada@work.example")] });
    const ada = await leadIdOf(client, "ada@example.com");
    await ingest(client, { event_id: "e-2", event_type: "Page View", aliases: [email("ada@work.example")] });
    await merge(client, await mintLead(client, { email: "target@example.com" }), [ada]);
    expect(await explained(client, "e-2")).toEqual({ matched_by: shown("email", "ada@work.example"), attached: [], refused: [] });
    const target = await leadIdOf(client, "target@example.com");
    await client.call("DELETE", `/lead/${target}/aliases/email/ada@work.example`);
    expect(await explained(client, "e-2")).toEqual({ matched_by: null, attached: [], refused: [] });
    expect(await explained(client, "e-1")).toEqual({ matched_by: null, attached: [shown("email", "ada@example.com")], refused: [] });
    await ingest(client, { event_id: "e-3", event_type: "Page View", lead_id: `ld_${"0".repeat(32)}` });
    expect(await explained(client, "e-3")).toBeNull();
  });

  it("keeps no address for it: an event's row names none of the aliases that it was sent with", async () => {
    const { client, unit } = await mintUnitTenant();
    await mintLead(client, { email: "other@example.com" });
    await ingest(client, { event_type: "Page View", aliases: [email("ada@example.com"), email("other@example.com")] });
    expect(JSON.stringify(await rowsOf(unit, "events"))).not.toContain("example.com");
  });
});

describe("leads that are written by their aliases", () => {
  it("say the same: one lead, and each of a batch", async () => {
    const { client } = await mintTenant();
    const [own, other] = [await mintLead(client, { email: "own@example.com" }), await mintLead(client, { email: "other@example.com" })];
    const aliases = [
      { kind: "email", value: "Own@example.com" },
      { kind: "cookie", value: "c-1" },
      { kind: "email", value: "other@example.com" },
    ];
    const explain = {
      matched_by: shown("email", "own@example.com"),
      attached: [shown("cookie", "c-1")],
      refused: [{ ...shown("email", "other@example.com"), lead_id: other }],
    };
    const one = await client.post("/leads?explain=true", { aliases });
    expect(await one.json()).toMatchObject({ lead_id: own, verdict: "changed", explain });
    const leads = [{ aliases }, { aliases: [{ kind: "email", value: "new@example.com" }] }, { aliases: [] }];
    const answer = await client.post("/leads/batch?explain=true", { leads });
    const { results } = await answer.json<{ results: { explain: unknown }[] }>();
    expect(results.map((result) => result.explain)).toEqual([
      { ...explain, attached: [] },
      { matched_by: null, attached: [shown("email", "new@example.com")], refused: [] },
      null,
    ]);
    const plain = await (await client.post("/leads/batch", { leads })).json<{ results: object[] }>();
    expect(plain.results[0]).not.toHaveProperty("explain");
  });
});
