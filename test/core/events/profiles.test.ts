/** Fields that events write on their lead: each has its newest value, however late, often and in whichever order the events arrive. */
import { describe, expect, it } from "vitest";
import { asEmail, deliverEvents, type EventMessage, getReceipt, mintUnitTenant, queueEvents, rowsOf } from "../../support/events";
import type { Client } from "../../support/tenant";

const HOUR_MS = 3_600_000;
const START = Date.now() - 10 * HOUR_MS;
const EMAIL = "ada@example.com";

/** An event of an hour that writes fields, as it is queued. */
async function writing(client: Client, hour: number, profile: Record<string, unknown>, event_id = crypto.randomUUID()) {
  const timestamp = new Date(START + hour * HOUR_MS).toISOString();
  const messages = await queueEvents(client, asEmail(EMAIL, "Form Submitted", { timestamp, event_id }));
  for (const event of messages.flatMap(({ events }) => events)) event.traits = profile;
  return messages;
}

const deliver = async (...messages: EventMessage[]) => expect((await deliverEvents(messages)).retried).toEqual([]);
const profileOf = async (unit: number) => JSON.parse((await rowsOf<{ profile: string }>(unit, "leads"))[0]?.profile ?? "null");

describe("fields written by events", () => {
  it("are those of a new lead, and of one that is stored", async () => {
    const { client, unit } = await mintUnitTenant();
    await deliver(...(await writing(client, 1, { company: "Acme", size: { staff: 12 } })));
    expect(await profileOf(unit)).toEqual({ company: "Acme", size: { staff: 12 } });
    await deliver(...(await writing(client, 2, { company: null, title: "CTO", size: { staff: 13 } })));
    expect(await profileOf(unit)).toEqual({ title: "CTO", size: { staff: 13 } });
  });

  it("stay as a later event wrote them, and change with an event that occurred after it but before it was processed", async () => {
    const { client, unit } = await mintUnitTenant();
    await deliver(...(await writing(client, 3, { company: "Third", title: "CTO" })));
    await deliver(...(await writing(client, 1, { company: "First", industry: "Tools" })));
    expect(await profileOf(unit)).toEqual({ company: "Third", title: "CTO", industry: "Tools" });
    await deliver(...(await writing(client, 4, { company: "Fourth" })));
    await deliver(...(await writing(client, 2, { company: "Second", title: "CEO", industry: "Food" })));
    expect(await profileOf(unit)).toEqual({ company: "Fourth", title: "CTO", industry: "Food" });
  });

  it("do not replace what a person has written since", async () => {
    const { client, unit } = await mintUnitTenant();
    await deliver(...(await writing(client, 1, { company: "Acme" })));
    const attributes = { company: "Acme Ltd" };
    await client.patch("/lead/by-alias/metadata", { alias_kind: "email", alias_value: EMAIL, attributes });
    await deliver(...(await writing(client, 2, { company: "acme", title: "CTO" })));
    expect(await profileOf(unit)).toEqual({ company: "Acme Ltd", title: "CTO" });
  });

  it("are the same for a whole name as for its parts: the newest counts", async () => {
    const { client, unit } = await mintUnitTenant();
    await deliver(...(await writing(client, 2, { first_name: "Ada", last_name: "Byron" })));
    await deliver(...(await writing(client, 1, { name: "A. Byron" })));
    expect(await profileOf(unit)).toEqual({ first_name: "Ada", last_name: "Byron" });
    await deliver(...(await writing(client, 3, { name: "Ada Lovelace" })));
    expect(await profileOf(unit)).toEqual({ name: "Ada Lovelace" });
  });

  it("are written once, and only where they change something", async () => {
    const { client, unit } = await mintUnitTenant();
    const messages = await writing(client, 1, { company: "Acme" });
    await deliver(...messages, ...messages);
    await deliver(...messages);
    await deliver(...(await writing(client, 2, { company: "Acme" })));
    const [lead] = await rowsOf<{ version: number }>(unit, "leads");
    expect(lead?.version).toBe(1);
  });

  it("reject an event that writes more than a profile holds, alone", async () => {
    const { client, unit } = await mintUnitTenant();
    const big = (n: number) => ({ [`part ${n}`]: "x".repeat(90_000) });
    const messages = await Promise.all([1, 2, 3].map((n) => writing(client, n, big(n), `part-${n}`)));
    await deliver(...messages.flat());
    expect(Object.keys(await profileOf(unit))).toEqual(["part 1", "part 2"]);
    expect((await getReceipt(client, "part-2")).status).toBe("processed");
    expect(await getReceipt(client, "part-3")).toMatchObject({ status: "rejected", error: expect.stringContaining("262144 bytes") });
  });

  it("have the same end in every order and every grouping", async () => {
    const fields = (n: number) => ({ company: `company ${n}`, ...(n % 2 ? { title: `title ${n}` } : { name: `name ${n}` }) });
    const orders = [[[1, 2, 3, 4]], [[4, 3, 2, 1]], [[4], [1, 3], [2]], [[3], [4], [2], [1]], [[2, 4], [1], [3]]];
    for (const batches of orders) {
      const { client, unit } = await mintUnitTenant();
      for (const batch of batches) await deliver(...(await Promise.all(batch.map((n) => writing(client, n, fields(n))))).flat());
      expect(await profileOf(unit), JSON.stringify(batches)).toEqual({ company: "company 4", title: "title 3", name: "name 4" });
    }
  });
});
