/** One commit of events loads and writes a bounded number of rows: events that would need more are committed in parts. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { processEvents, type QueuedEvent } from "../../../src/core/events";
import { COMMIT_CHARS_MAX, charsOf, ROWS_LOADED_MAX } from "../../../src/core/events/commit-size";
import { openSystem } from "../../../src/open-context";
import {
  asEmail,
  deliverEvents,
  type EventMessage,
  firingsOf,
  ingest,
  insertTrigger,
  milestone,
  mintRule,
  mintUnitTenant,
  queueEvents,
  rowsOf,
} from "../../support/events";
import { interceptedD1 } from "../../support/imports";

const MINUTE_MS = 60_000;

type Commit = { statements: number; events: number };

/** Delivers messages in one batch; returns its commits, and the most rows that one round trip returned. */
async function delivered(messages: readonly EventMessage[]): Promise<{ commits: Commit[]; loaded: number }> {
  const commits: Commit[] = [];
  let loaded = 0;
  const DB = interceptedD1(async ({ statements }, run) => {
    const answer = (await run()) as D1Result | D1Result[];
    const insert = statements.find(({ text }) => text.startsWith("INSERT INTO events "));
    if (insert) commits.push({ statements: statements.length, events: (JSON.parse(String(insert.values[1])) as unknown[]).length });
    loaded = Math.max(
      loaded,
      [answer].flat().reduce((sum, { results }) => sum + results.length, 0),
    );
    return answer;
  });
  expect((await deliverEvents(messages, { DB })).retried).toEqual([]);
  return { commits, loaded };
}

it("events of leads with long histories: no load returns more than its share, and each event counts once", async () => {
  const [leads, history] = [8, 4_900];
  const { client, unit } = await mintUnitTenant();
  await insertTrigger(unit, "surge", { threshold: 5_000, event_type: "Visit", window_seconds: 90 * 86_400, cooldown_seconds: 0 });
  const each = Array.from({ length: leads }, (_, n) => `p${n}@example.com`);
  await ingest(client, ...each.map((email) => asEmail(email, "Signup")));
  await env.DB.prepare(
    `INSERT INTO events (unit, lead_id, occurred_at, event_id, event_type, type_key, received_at, processed_at, silent, score_before, score_after)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${history})
     SELECT ?1, l.lead_id, ?2 - i * ${MINUTE_MS}, l.lead_id || i, 'Visit', 'visit', ?2 - i * ${MINUTE_MS}, 0, 0, 0, 0
     FROM leads l CROSS JOIN n WHERE l.unit = ?1`,
  )
    .bind(unit, Date.now())
    .run();
  const { commits, loaded } = await delivered(await queueEvents(client, ...each.map((email) => asEmail(email, "Visit"))));
  expect(commits.map(({ events }) => events)).toEqual([4, 4]);
  expect(loaded).toBeLessThan(ROWS_LOADED_MAX + 100);
  expect((await rowsOf(unit, "events")).length).toBe(leads * (history + 2));
});

it("one message of a lead whose every event fires many triggers: each commit is small, and each firing is there once", async () => {
  const [triggers, events] = [100, 60];
  const { client, unit } = await mintUnitTenant();
  await mintRule(client, { event_type: "Visit", weight: 1 });
  const channels = Array.from({ length: 20 }, (_, n) => `ch_${n}`);
  const first = await insertTrigger(unit, "milestone", milestone(1, { fire_mode: "every_time" }));
  await env.DB.prepare(
    `INSERT INTO triggers SELECT unit, trigger_id || i, kind, name, active, active_since, json_set(condition, '$.score_threshold', 1 + i % ${events}),
       json_set(destination, '$.channel_ids', json(?3), '$.webhook_channel_id', NULL, '$.email_channel_id', NULL), created_at, updated_at, deleted_at
     FROM triggers CROSS JOIN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${triggers}) SELECT i FROM n)
     WHERE unit = ?1 AND trigger_id = ?2`,
  )
    .bind(unit, first, JSON.stringify(channels))
    .run();
  await env.DB.prepare("DELETE FROM triggers WHERE unit = ?1 AND trigger_id = ?2").bind(unit, first).run();
  const sent = await queueEvents(client, ...Array.from({ length: events }, () => asEmail("a@example.com", "Visit")));
  const { commits } = await delivered([{ unit, events: sent.flatMap((message) => message.events) }]);
  expect(commits.length).toBeGreaterThan(1);
  expect(Math.max(...commits.map(({ statements }) => statements))).toBeLessThan(150);
  expect(commits.reduce((sum, commit) => sum + commit.events, 0)).toBe(events);
  expect(await firingsOf(unit)).toHaveLength(triggers);
});

it("without statements for another part the rest is handed back", async () => {
  const { client, unit } = await mintUnitTenant();
  const each = Array.from({ length: 8 }, (_, n) => asEmail(`p${n}@example.com`, "Visit"));
  const events = (await queueEvents(client, ...each)).flatMap((message) => message.events) as unknown as QueuedEvent[];
  const ctx = await openSystem(env, unit, "req_test");
  const whole = await processEvents(ctx, events, { silent: false }, () => false);
  expect([whole.stored, whole.left]).toEqual([8, []]);
  let loads = 0;
  // the first commit is refused as the load of a unit with long histories would be
  const { CommitTooLarge } = await import("../../../src/core/events/commit-size");
  const failing = {
    ...ctx,
    db: {
      ...ctx.db,
      batch: (...args: Parameters<typeof ctx.db.batch>) => {
        loads += 1;
        if (loads === 1) throw new CommitTooLarge();
        return ctx.db.batch(...args);
      },
    },
  } as typeof ctx;
  const more = (await queueEvents(client, ...each)).flatMap((message) => message.events) as unknown as QueuedEvent[];
  const part = await processEvents(failing, more, { silent: false }, () => false);
  expect([part.stored, part.left]).toEqual([4, more.slice(4)]);
});

it("events that state large profiles of many leads are committed in parts, and each part loads and writes a bounded text", async () => {
  const { client, unit } = await mintUnitTenant();
  const leads = 60;
  const each = Array.from({ length: leads }, (_, n) => asEmail(`p${n}@example.com`, "Signup"));
  await ingest(client, ...each);
  const state = async (traits: (n: number) => Record<string, unknown>) => {
    const events = (await queueEvents(client, ...each)).flatMap((message) => message.events);
    for (const [n, event] of events.entries()) Object.assign(event, { traits: traits(n) });
    let most = 0;
    let loaded = 0;
    const DB = interceptedD1(async ({ statements }, run) => {
      const answer = (await run()) as D1Result | D1Result[];
      most = Math.max(most, charsOf(statements.map(({ values }) => ({ params: values })) as never));
      loaded = Math.max(loaded, JSON.stringify([answer].flat().map(({ results }) => results)).length);
      return answer;
    });
    expect((await deliverEvents([{ unit, events }] as unknown as EventMessage[], { DB })).retried).toEqual([]);
    expect([most <= COMMIT_CHARS_MAX, loaded <= 2 * COMMIT_CHARS_MAX], `${most} ${loaded}`).toEqual([true, true]);
  };
  await state((n) => ({ large: `${n}${"x".repeat(150_000)}` }));
  await state((n) => ({ large: `${n}` }));
  const stored = await rowsOf<{ profile: string }>(unit, "leads");
  expect(stored.map(({ profile }) => JSON.parse(profile).large).sort()).toEqual(Array.from({ length: leads }, (_, n) => `${n}`).sort());
});
