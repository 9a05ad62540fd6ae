/** What events cost in what D1 bills and in what they wait for: rows written and round trips. */
import { describe, expect, it } from "vitest";
import {
  asEmail,
  blockEndingIds,
  deliverEvents,
  type EventMessage,
  insertTrigger,
  milestone,
  mintRule,
  mintRuleset,
  mintUnitTenant,
  queueEvents,
  type Sent,
  storedEvents,
} from "../../support/events";
import { interceptedD1 } from "../../support/imports";
import type { Client } from "../../support/tenant";

const MESSAGES = 100;
/** Load who and what is known, load the leads' scores, load what late events change, commit. */
const TRIPS_MAX = 4;
const HOUR_MS = 3_600_000;

/** `blocks`: closed blocks of ledgers, apart, as event ids chosen at random end a few of them. */
type Cost = { trips: number; written: Record<string, number>; blocks: number; total: number; rowsRead: number };

/** Delivers one batch; counts round trips, and rows written by the table that a statement writes. */
async function costOf(messages: readonly EventMessage[]): Promise<Cost> {
  const cost: Cost = { trips: 0, written: {}, blocks: 0, total: 0, rowsRead: 0 };
  const DB = interceptedD1(async (call, run) => {
    cost.trips += 1;
    const answer = (await run()) as D1Result | D1Result[];
    for (const [at, result] of [answer].flat().entries()) {
      cost.rowsRead += result.meta.rows_read;
      const rows = result.meta.rows_written;
      if (rows === 0) continue;
      const table = /^\s*(?:INSERT (?:OR FAIL )?INTO|UPDATE|DELETE FROM) (\w+)/.exec(call.statements[at]?.text ?? "")?.[1] ?? "?";
      if (table === "score_blocks") cost.blocks += rows;
      else cost.written[table] = (cost.written[table] ?? 0) + rows;
      cost.total += rows;
    }
    return answer;
  });
  expect(await deliverEvents(messages, { DB })).toEqual({ acked: [...messages.keys()], retried: [] });
  return cost;
}

const at = (ms: number) => new Date(ms).toISOString();
/** One message for each of a hundred leads. */
const oneEach = (client: Client, more: (n: number) => Sent = () => ({})) =>
  queueEvents(client, ...Array.from({ length: MESSAGES }, (_, n) => asEmail(`p${n}@example.com`, "Page View", more(n))));

/** A tenant with a rule that fades and one that does not, whose unit the consumer knows already. */
async function mintScored() {
  const tenant = await mintUnitTenant();
  const ruleset = await mintRuleset(tenant.client);
  await mintRule(tenant.client, { event_type: "Page View", weight: 10, half_life_days: 14 }, ruleset);
  await mintRule(tenant.client, { event_type: "Page View", weight: 1 }, ruleset);
  await deliverEvents(await queueEvents(tenant.client, asEmail("first@example.com")));
  return tenant;
}

describe("round trips to D1 of a batch of 100 messages of one unit", () => {
  it("two for new leads, three for known ones, four where some come late", async () => {
    const { client } = await mintScored();
    const now = Date.now();
    expect((await costOf(await oneEach(client, () => ({ timestamp: at(now - HOUR_MS) })))).trips).toBe(2);
    expect((await costOf(await oneEach(client))).trips).toBe(3);
    expect((await costOf(await oneEach(client, (n) => ({ timestamp: at(now - n * HOUR_MS) })))).trips).toBe(TRIPS_MAX);
  });

  it("as many with milestones, sequences and surges", async () => {
    const { client, unit } = await mintScored();
    await insertTrigger(unit, "milestone", milestone(20));
    await insertTrigger(unit, "sequence", {
      event_types: ["Page View", "Page View"],
      window_seconds: 7 * 86_400,
      window_unit: null,
      ordered: true,
    });
    await insertTrigger(unit, "surge", { event_type: null, threshold: 3, window_seconds: 86_400 });
    const now = Date.now();
    expect((await costOf(await oneEach(client, () => ({ timestamp: at(now - HOUR_MS) })))).trips).toBe(2);
    expect((await costOf(await oneEach(client))).trips).toBe(3);
    expect((await costOf(await oneEach(client, (n) => ({ timestamp: at(now - n * HOUR_MS) })))).trips).toBe(TRIPS_MAX);
    expect((await storedEvents(unit)).firings).toBeGreaterThan(200);
  });

  it("as many when all events are one lead's", async () => {
    const { client } = await mintScored();
    const now = Date.now();
    const one = await queueEvents(
      client,
      ...Array.from({ length: MESSAGES }, (_, n) => asEmail("one@example.com", "Page View", { timestamp: at(now - n * 1000) })),
    );
    expect((await costOf(one)).trips).toBe(2);
    expect((await costOf(await queueEvents(client, ...one.map(() => asEmail("one@example.com"))))).trips).toBe(3);
  });
});

describe("rows written", () => {
  /** An event's own row, its place in time and its id. */
  const EVENT = 3;
  /** A fold and its place in the ranking, once for each lead that a batch touches. */
  const SCORE = 2;
  /** The two rules of these tests. */
  const RULES = 2;
  /** A lead's row and its place in the list of leads. */
  const LEAD = 2;
  const ALIAS = 1;

  it("a new lead's event: 3 for it, 1 for each rule that it matches, 2 for the score, 3 for the lead with its alias", async () => {
    const { client } = await mintScored();
    const { written } = await costOf(await oneEach(client));
    expect(written).toEqual({
      events: EVENT * MESSAGES,
      contributions: RULES * MESSAGES,
      lead_scores: SCORE * MESSAGES,
      leads: LEAD * MESSAGES,
      aliases: ALIAS * MESSAGES,
      // one for each day and type, whatever their number
      event_counts: 1,
      lead_counts: 1,
      change_log: 1,
    });
  });

  it("a known lead's: 3 for it, 1 for each rule that it matches, 2 for the score; late ones cost the same", async () => {
    const { client } = await mintScored();
    await costOf(await oneEach(client));
    const known = { events: EVENT * MESSAGES, contributions: RULES * MESSAGES, lead_scores: SCORE * MESSAGES, event_counts: 1 };
    expect((await costOf(await oneEach(client))).written).toEqual(known);
    const late = await oneEach(client, () => ({ timestamp: at(Date.now() - HOUR_MS) }));
    expect(Object.values((await costOf(late)).written).reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(
      Object.values(known).reduce((sum, rows) => sum + rows, 0) + 1,
    );
  });

  it("one that matches no rule: 3 for it, 2 for the lead's number and last time of events", async () => {
    const { client } = await mintScored();
    await costOf(await oneEach(client));
    const events = Array.from({ length: MESSAGES }, (_, n) => asEmail(`p${n}@example.com`, "Other"));
    expect((await costOf(await queueEvents(client, ...events))).written).toEqual({
      events: EVENT * MESSAGES,
      lead_scores: SCORE * MESSAGES,
      event_counts: 1,
      // a type costs one the first time
      event_types: 1,
    });
  });

  it("many of one lead in one batch share the score's two", async () => {
    const { client } = await mintScored();
    const events = Array.from({ length: MESSAGES }, () => asEmail("first@example.com"));
    const { written, rowsRead } = await costOf(await queueEvents(client, ...events));
    expect(written).toEqual({ events: EVENT * MESSAGES, contributions: RULES * MESSAGES, lead_scores: SCORE, event_counts: 1 });
    expect(rowsRead).toBeLessThan(20 * MESSAGES);
  });

  it("a block of the ledger: one when an event closes it, one when a late event falls into it, none else", async () => {
    const { client } = await mintScored();
    const [first = "", second = ""] = blockEndingIds(2);
    const now = Date.now();
    const send = (hours: number, event_id: string) =>
      queueEvents(client, asEmail("first@example.com", "Page View", { event_id, timestamp: at(now - hours * HOUR_MS) }));
    expect(await costOf(await send(8, "plain-1"))).toMatchObject({ blocks: 0 });
    expect(await costOf(await send(6, first))).toMatchObject({ blocks: 1 });
    expect(await costOf(await send(4, "plain-2"))).toMatchObject({ blocks: 0 });
    expect(await costOf(await send(7, "plain-3"))).toMatchObject({ blocks: 1 });
    expect(await costOf(await send(5, "plain-4"))).toMatchObject({ blocks: 0 });
    // a late one may itself end a block: it divides the one that it falls into
    expect(await costOf(await send(7.5, second))).toMatchObject({ blocks: 2 });
  });

  it("a firing: its row and its place in time; a key beside an event's id: two", async () => {
    const { client, unit } = await mintScored();
    await insertTrigger(unit, "milestone", milestone(11));
    expect((await costOf(await oneEach(client))).written).toMatchObject({ firings: 2 * MESSAGES });
    const [message] = await queueEvents(client, asEmail("p1@example.com"));
    for (const event of message?.events ?? []) event.idempotency_key = "key-1";
    expect((await costOf([message as EventMessage])).written).toMatchObject({ events: EVENT, event_keys: 2 });
  });

  it("what comes again: none, in one or two round trips", async () => {
    const { client } = await mintScored();
    const messages = await oneEach(client);
    await costOf(messages);
    expect(await costOf(messages)).toMatchObject({ trips: 1, total: 0 });
    expect(await costOf(messages.slice(50).toReversed())).toMatchObject({ trips: 1, total: 0 });
    const rejected = await queueEvents(client, { lead_id: "ld_abc123", event_type: "x" });
    expect(await costOf(rejected)).toMatchObject({ written: { refused_events: 2 } });
    expect(await costOf(rejected)).toMatchObject({ trips: 2, total: 0 });
  });
});

it("no row is read more than a few times, however many events a unit has", async () => {
  const { client } = await mintScored();
  for (let batch = 0; batch < 5; batch++) await costOf(await oneEach(client));
  const fifth = await costOf(await oneEach(client));
  const sixth = await costOf(await oneEach(client));
  expect(fifth.rowsRead).toBeLessThan(40 * MESSAGES);
  expect(sixth.rowsRead).toBeLessThanOrEqual(fifth.rowsRead + MESSAGES);
});
