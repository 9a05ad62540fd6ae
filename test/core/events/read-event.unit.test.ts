/** Reading an event as it was sent: what is queued, what is refused and why. */
import { describe, expect, it } from "vitest";
import { type EventInput, type EventProblem, type IdentifiedEvent, type QueuedEvent, readEvent } from "../../../src/core/events/event";

const UNIT = { default_region: "DE" };
const ID = "evt_1";
const NOW = Date.parse("2026-01-15T10:00:00Z");
const DAY_MS = 86_400_000;

const email = (raw: string) => ({ path: "alias", kind: "email" as const, raw });
const EVENT: EventInput = { event_type: "Page View", aliases: [email("ann@example.com")] };

/** Under an id of ours, where it has neither an id nor a key. */
const withId = (input: Partial<EventInput>) =>
  ({ ...EVENT, ...((input.event_id ?? input.idempotency_key ?? null) === null ? { event_id: ID } : {}), ...input }) as IdentifiedEvent;

function queued(input: Partial<EventInput>): QueuedEvent {
  const read = readEvent(withId(input), UNIT, NOW);
  if (Array.isArray(read)) throw new Error(JSON.stringify(read));
  return read;
}

function problems(input: Partial<EventInput>): EventProblem[] {
  const read = readEvent(withId(input), UNIT, NOW);
  return Array.isArray(read) ? read : [];
}

const pathsOf = (input: Partial<EventInput>) => problems(input).map(({ path }) => path);

it("an event without optional fields occurred when it was received", () => {
  expect(queued({})).toEqual({
    event_id: ID,
    idempotency_key: null,
    lead_id: null,
    aliases: [["email", "ann@example.com", null]],
    event_type: "Page View",
    occurred_at: NOW,
    received_at: NOW,
    metadata: null,
  });
});

describe("ids", () => {
  it.each<[Partial<EventInput>, Pick<QueuedEvent, "event_id" | "idempotency_key">]>([
    [{ event_id: "order-1" }, { event_id: "order-1", idempotency_key: null }],
    [{ idempotency_key: "key-1" }, { event_id: "key-1", idempotency_key: null }],
    [
      { event_id: "order-1", idempotency_key: "key-1" },
      { event_id: "order-1", idempotency_key: "key-1" },
    ],
    [
      { event_id: "order-1", idempotency_key: "order-1" },
      { event_id: "order-1", idempotency_key: null },
    ],
  ])("%j", (input, expected) => {
    expect(queued(input)).toMatchObject(expected);
  });

  it.each(["", " ", "two words", "a\tb", "x".repeat(129), "ü"])("%j is neither an event id nor an Idempotency-Key", (id) => {
    expect(pathsOf({ event_id: id })).toEqual(["event_id"]);
    expect(pathsOf({ idempotency_key: id })).toEqual(["Idempotency-Key"]);
  });
});

describe("the lead", () => {
  it("is named by its id, with or without prefix; the consumer rejects a malformed id", () => {
    const hex = "0193f3a2c7b07aa18000c0ffee123456";
    expect(queued({ aliases: [], lead_id: `ld_${hex}` }).lead_id).toBe(hex);
    expect(queued({ aliases: [], lead_id: hex }).lead_id).toBe(hex);
    expect(queued({ aliases: [], lead_id: "ld_abc123" }).lead_id).toBe("ld_abc123");
  });

  it.each<[string, Partial<EventInput>, string]>([
    ["neither id nor alias", { aliases: [] }, "lead_id"],
    ["a blank id", { lead_id: " " }, "lead_id"],
    ["an id of 200 KB, which no queue message carries", { lead_id: "x".repeat(200_000) }, "lead_id"],
    ["an id with half a surrogate pair", { lead_id: "ld_\ud800" }, "lead_id"],
    ["an alias that is not an email address", { aliases: [email("ann")] }, "alias"],
    ["a blank alias", { aliases: [email(" ")] }, "alias"],
    ["an alias with half a surrogate pair", { aliases: [email("\ud800@example.com")] }, "alias"],
    ["21 aliases", { aliases: Array.from({ length: 21 }, (_, index) => email(`${index}@example.com`)) }, "aliases"],
  ])("%s is refused", (_, input, path) => {
    expect(pathsOf(input)).toEqual([path]);
  });

  it("aliases are normalised and distinct, in the order they were sent, each with its first spelling", () => {
    const phone = { path: "aliases.2.raw_value", kind: "phone" as const, raw: "030 901820" };
    expect(queued({ aliases: [email("Bob@Example.com"), email("ann@example.com"), phone, email("BOB@example.com")] }).aliases).toEqual([
      ["email", "bob@example.com", "Bob@Example.com"],
      ["email", "ann@example.com", null],
      ["phone", "+4930901820", "030 901820"],
    ]);
  });
});

describe("the time", () => {
  it.each([
    ["2026-01-15T09:00:00Z", NOW - 3_600_000],
    ["2026-01-15t09:00:00z", NOW - 3_600_000],
    [" 2026-01-15T11:00:00+02:00 ", NOW - 3_600_000],
    ["1970-01-01T00:00:00Z", 0],
    ["2026-01-16T10:00:00Z", NOW + DAY_MS],
  ])("%j", (timestamp, occurred_at) => {
    expect(queued({ timestamp })).toMatchObject({ occurred_at, received_at: NOW });
  });

  it.each([
    ["yesterday", /RFC 3339/],
    ["2026-02-30T00:00:00Z", /RFC 3339/],
    ["1969-12-31T23:59:59Z", /before 1970/],
    ["2026-01-16T10:00:00.001Z", /24 hours ahead/],
  ])("%j is refused", (timestamp, message) => {
    expect(problems({ timestamp })).toEqual([{ path: "timestamp", message: expect.stringMatching(message) }]);
  });
});

describe("event_type and metadata", () => {
  it("the type is trimmed: 1 to 128 characters", () => {
    expect(queued({ event_type: "  Page View " }).event_type).toBe("Page View");
    expect(queued({ event_type: "x".repeat(128) }).event_type.length).toBe(128);
    for (const event_type of ["", " ", "x".repeat(129), "\ud800"]) expect(pathsOf({ event_type }), event_type).toEqual(["event_type"]);
  });

  it("metadata may fill 100 KB of UTF-8; a byte more is too large", () => {
    const metadata = (bytes: number) => ({ text: "ü".repeat((bytes - 12) / 2) + "x".repeat(bytes % 2) });
    expect(queued({ metadata: metadata(102_400) }).metadata).toEqual(metadata(102_400));
    expect(problems({ metadata: { ...metadata(102_400), a: 1 } })).toEqual([
      { path: "metadata", message: expect.stringContaining("102400"), too_large: true },
    ]);
  });

  it("an event that fills a queue message by its aliases is too large", () => {
    const aliases = Array.from({ length: 20 }, (_, index) => ({
      path: "alias",
      kind: "external_id" as const,
      raw: `${index}${"\u0001".repeat(490)}x`,
    }));
    const filling = { text: "x".repeat(102_300) };
    const read = readEvent(withId({ aliases, metadata: filling }), UNIT, NOW);
    expect(read).toEqual([expect.objectContaining({ path: "", too_large: true })]);
  });
});

it("everything that is wrong is reported at once", () => {
  expect(pathsOf({ event_type: "", event_id: " ", aliases: [email("ann")], timestamp: "now" })).toEqual([
    "event_type",
    "event_id",
    "alias",
    "timestamp",
  ]);
});
