/** Every replay of a payload that is reported accepted reaches its lead, whatever ends, runs or is removed meanwhile. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  changeInboundSource,
  createInboundSource,
  type InboundSource,
  listInboundPayloads,
  receiveDelivery,
  replayInboundPayload,
} from "../../../src/core/inbound";
import { mintCtx } from "../../support/context";
import { deliverEvents, heldEvents, rowsOf, storedEvents } from "../../support/events";

/** `take` has what is queued processed, and returns the fields of the only lead. */
async function mintForm(mapping: Record<string, string>) {
  const { sent, EVENT_QUEUE } = heldEvents();
  const ctx = await mintCtx({ EVENT_QUEUE });
  const { source } = await createInboundSource(ctx, { name: "Form", type: "generic", mapping });
  const submit = async (changes: Partial<InboundSource> = {}) => {
    const body = new Uint8Array(new TextEncoder().encode(JSON.stringify({ email: "r@example.com", q1: "A", q2: "B" })));
    const headers = { "content-type": "application/json" };
    await receiveDelivery(ctx, { ...source, ...changes }, { method: "POST", url: "", headers, body, received_at: ctx.now() });
  };
  await submit();
  const take = async () => {
    expect((await deliverEvents(sent.splice(0))).retried).toEqual([]);
    return JSON.parse((await rowsOf<{ profile: string }>(ctx.unit.unit, "leads"))[0]?.profile ?? "{}");
  };
  const map = (to: Record<string, string>) => changeInboundSource(ctx, source.source_id, { mapping: to });
  const payload = async () => (await listInboundPayloads(ctx, source.source_id))[0];
  const replay = async (by: Ctx = ctx) => replayInboundPayload(by, source.source_id, (await payload())?.payload_id ?? "");
  const dies: Ctx = {
    ...ctx,
    db: { ...ctx.db, batch: (statements) => (sent.length > 0 ? Promise.reject(new Error("died")) : ctx.db.batch(statements)) },
  };
  return { ctx, source, submit, take, map, payload, replay, dies };
}

it("one that ends after it has queued does not keep the next from writing, with another mapping", async () => {
  const { take, map, replay, dies } = await mintForm({});
  await take();
  await map({ "/q1": "plan" });
  await expect(replay(dies)).rejects.toThrow("died");
  expect(await take()).toEqual({ plan: "A" });
  await map({ "/q2": "plan" });
  expect(await replay()).toMatchObject({ outcome: "accepted" });
  expect(await take()).toEqual({ plan: "B" });
});

it("the first of an unusable payload that ends after it has queued does not either", async () => {
  const { ctx, take, map, replay, dies } = await mintForm({ "/email": "contact" });
  await take();
  await map({ "/email": "_alias_email", "/q1": "plan" });
  await expect(replay(dies)).rejects.toThrow("died");
  expect(await take()).toEqual({ plan: "A" });
  await map({ "/email": "_alias_email", "/q2": "plan" });
  await replay();
  expect(await take()).toEqual({ plan: "B" });
  expect(await storedEvents(ctx.unit.unit)).toMatchObject({ leads: 1, events: 1 });
});

it("a mapping that is changed and changed back counts each time", async () => {
  const { take, map, replay } = await mintForm({});
  await take();
  for (const [at, value] of [
    ["/q1", "A"],
    ["/q2", "B"],
    ["/q1", "A"],
    ["/q2", "B"],
  ] as const) {
    await map({ [at]: "plan" });
    await replay();
    expect(await take()).toEqual({ plan: value });
  }
});

it("a payload that was removed and sent again is written by its replay", async () => {
  const { ctx, submit, take, map, replay } = await mintForm({});
  await take();
  await map({ "/q1": "plan" });
  await replay();
  expect(await take()).toEqual({ plan: "A" });
  await env.DB.prepare("DELETE FROM inbound_payloads WHERE unit = ?1").bind(ctx.unit.unit).run();
  await submit();
  await map({ "/q2": "plan" });
  await replay();
  expect(await take()).toEqual({ plan: "B" });
});

it("two at once, with mappings of their own, are two", async () => {
  const { take, map, replay } = await mintForm({});
  await take();
  await map({ "/q1": "plan" });
  const first = replay();
  await map({ "/q2": "team" });
  const ids = (await Promise.all([first, replay()])).map(({ event_ids }) => event_ids[1]);
  expect(new Set(ids).size).toBe(2);
  expect(await take()).toMatchObject({ team: "B" });
});

it("a delivery that is repeated while the source is switched off leaves the payload's events known", async () => {
  const { submit, take, map, payload, replay } = await mintForm({});
  await take();
  const event_ids = (await payload())?.event_ids;
  expect(event_ids).toHaveLength(1);
  await expect(submit({ active: false })).rejects.toMatchObject({ code: "forbidden" });
  expect(await payload()).toMatchObject({ outcome: "unusable", event_ids });
  await map({ "/q1": "plan" });
  await replay();
  expect(await take()).toEqual({ plan: "A" });
});
