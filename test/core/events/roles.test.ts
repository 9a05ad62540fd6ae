/** Every verb of events that writes refuses a viewer and input of another shape, whichever dialect calls it. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { acceptEvent, acceptEvents } from "../../../src/core/events";
import { mintCtx, withRole } from "../../support/context";

const EVENT = { alias_kind: "email", alias: "ann@example.com", event_type: "Page View" } as const;

/** What is sent to the queue, instead of delivered. */
async function mintQueue(role: "viewer" | "editor"): Promise<{ ctx: Ctx; sent: unknown[] }> {
  const ctx = withRole(await mintCtx(), role);
  const sent: unknown[] = [];
  return { ctx: { ...ctx, outbox: { ...ctx.outbox, events: async ({ events }) => void sent.push(...events) } }, sent };
}

it.each<[string, (ctx: Ctx) => Promise<unknown>]>([
  ["acceptEvent", (ctx) => acceptEvent(ctx, EVENT)],
  ["acceptEvents", (ctx) => acceptEvents(ctx, { events: [EVENT] })],
])("%s: a viewer is refused and nothing is queued; an editor may", async (_, call) => {
  const viewer = await mintQueue("viewer");
  await expect(call(viewer.ctx)).rejects.toMatchObject({ code: "forbidden" });
  expect(viewer.sent).toEqual([]);
  const editor = await mintQueue("editor");
  await call(editor.ctx);
  expect(editor.sent.length).toBe(1);
});

const HOSTILE = [
  undefined,
  null,
  5,
  "event",
  [],
  {},
  { ...EVENT, event_type: 5 },
  { ...EVENT, event_type: " " },
  { ...EVENT, event_type: "x".repeat(5000) },
  { ...EVENT, alias: 5 },
  { ...EVENT, alias_kind: "fax" },
  { event_type: "Page View", aliases: "ann@example.com" },
  { event_type: "Page View", aliases: new Array(21).fill({ alias_kind: "email", raw_value: "ann@example.com" }) },
  { ...EVENT, event_id: {} },
  { ...EVENT, event_id: "two words" },
  { ...EVENT, lead_id: 1 },
  { ...EVENT, timestamp: 1e12 },
  { ...EVENT, timestamp: "tomorrow" },
  { ...EVENT, metadata: [] },
  { ...EVENT, metadata: "{}" },
  { ...EVENT, unit_id: "unit_default" },
];

it("acceptEvent: input of another shape is invalid_request, and nothing is queued", async () => {
  const { ctx, sent } = await mintQueue("editor");
  for (const input of HOSTILE) {
    const refusal = await acceptEvent(ctx, input as typeof EVENT).catch((error: unknown) => error);
    expect(refusal, JSON.stringify(input)).toMatchObject({ code: "invalid_request" });
  }
  expect(sent).toEqual([]);
});

it("acceptEvents: each event of another shape has its problems, the others are queued", async () => {
  const { ctx, sent } = await mintQueue("editor");
  const verdicts = await acceptEvents(ctx, { events: [...HOSTILE, { ...EVENT, event_id: "order-1" }] });
  expect(verdicts.filter(({ problems }) => problems.length > 0).length).toBe(HOSTILE.length);
  expect(verdicts.at(-1)).toEqual({ event_id: "order-1", problems: [] });
  expect(sent).toEqual([expect.objectContaining({ event_id: "order-1" })]);
});

it.each([undefined, {}, { events: [] }, { events: EVENT }, { events: new Array(501).fill(EVENT) }])(
  "acceptEvents: batch %# of another shape is invalid_request, and nothing is queued",
  async (input) => {
    const { ctx, sent } = await mintQueue("editor");
    await expect(acceptEvents(ctx, input as { events: unknown[] })).rejects.toMatchObject({ code: "invalid_request" });
    expect(sent).toEqual([]);
  },
);
