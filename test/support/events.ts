/** Events as a client sends them, and the queue consumer run by hand so that a test decides what is delivered when. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { endsBlock } from "../../src/core/scoring/decay";
import worker from "../../src/index";
import { unitKeyOf } from "./context";
import { type Client, mintTenant, type Tenant } from "./tenant";
import { envWith } from "./worker";

export type Sent = Record<string, unknown>;
export type QueuedEvent = { event_id: string; occurred_at: number; received_at: number; event_type: string } & Sent;
export type EventMessage = { unit: number; events: QueuedEvent[] };
export type Receipt = {
  event_id: string;
  status: string;
  lead_id: string | null;
  score_before: number | null;
  score_after: number | null;
  triggers_fired: { kind: string; id: string; name: string }[];
  lag_ms: number | null;
  duplicate_of?: string;
  error?: string;
};

/** A queue that keeps what is sent to it, as JSON would carry it, instead of delivering it. */
export function heldEvents(): { EVENT_QUEUE: Queue; sent: EventMessage[] } {
  const sent: EventMessage[] = [];
  const send = async (body: unknown) => void sent.push(JSON.parse(JSON.stringify(body)) as EventMessage);
  return { sent, EVENT_QUEUE: { send } as unknown as Queue };
}

/** Sends events one by one; returns the messages, which nobody has got yet. */
export async function queueEvents(client: Client, ...events: Sent[]): Promise<EventMessage[]> {
  const { sent, EVENT_QUEUE } = heldEvents();
  for (const event of events) {
    const answer = await client.post("/ingest", event, { bindings: { EVENT_QUEUE } });
    expect(answer.status, await answer.clone().text()).toBe(202);
  }
  return sent;
}

let messageNumber = 0;

/** Delivers messages to the consumer in one batch; returns which of them it settled, by their place. */
export async function deliverEvents(
  messages: readonly unknown[],
  bindings: Partial<Env> = {},
  attempts = 1,
  queue = "leadedge-events",
): Promise<{ acked: number[]; retried: number[] }> {
  const ids = messages.map(() => `message-${messageNumber++}`);
  const batch = createMessageBatch(
    queue,
    messages.map((body, index) => ({ id: ids[index] ?? "", timestamp: new Date(), attempts, body })),
  );
  const context = createExecutionContext();
  await worker.queue(batch, envWith(bindings), context);
  const result = await getQueueResult(batch, context);
  const places = (found: string[]) => found.map((id) => ids.indexOf(id)).sort((a, b) => a - b);
  return { acked: places(result.explicitAcks), retried: places(result.retryMessages.map(({ msgId }) => msgId)) };
}

/** What the queue's last resort does with messages. */
export const deliverDead = (messages: readonly unknown[], bindings: Partial<Env> = {}) =>
  deliverEvents(messages, bindings, 1, "leadedge-events-dead-letters");

/** Sends events and has them processed, in one batch; returns their ids. */
export async function ingest(client: Client, ...events: Sent[]): Promise<string[]> {
  const messages = await queueEvents(client, ...events);
  const { retried } = await deliverEvents(messages);
  expect(retried).toEqual([]);
  return messages.flatMap((message) => message.events.map(({ event_id }) => event_id));
}

export async function getReceipt(client: Client, eventId: string): Promise<Receipt> {
  const answer = await client.get(`/ingest/receipts/${encodeURIComponent(eventId)}`);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return answer.json<Receipt>();
}

/** Waits for an event that the real queue carries. */
export async function settledReceipt(client: Client, eventId: string): Promise<Receipt> {
  await vi.waitFor(async () => expect((await getReceipt(client, eventId)).status).not.toBe("queued"), { timeout: 20_000, interval: 50 });
  return getReceipt(client, eventId);
}

/** A tenant with the key of its only org unit. */
export async function mintUnitTenant(settings: { default_region?: string } = {}): Promise<Tenant & { unit: number }> {
  const tenant = await mintTenant(settings);
  return { ...tenant, unit: await unitKeyOf(tenant) };
}

export async function post<Answer>(client: Client, path: string, json: unknown): Promise<Answer> {
  const answer = await client.post(path, json);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<Answer>();
}

export const mintRuleset = async (client: Client, name = "Engagement"): Promise<string> =>
  (await post<{ id: string }>(client, "/engagement-scoring/rulesets", { name })).id;

/** A rule in a ruleset of its own, unless one is named. */
export async function mintRule(client: Client, rule: { event_type: string; weight: number } & Sent, rulesetId?: string): Promise<string> {
  const ruleset = rulesetId ?? (await mintRuleset(client));
  return (await post<{ id: string }>(client, `/engagement-scoring/rulesets/${ruleset}/rules`, rule)).id;
}

const NOBODY = { channel_ids: [], webhook_url: null, emails: [], email_subject: null, email_preheader: null, email_message: null };

/** A trigger, put where the core reads it. */
export async function insertTrigger(
  unit: number,
  kind: "milestone" | "sequence" | "surge",
  condition: Sent,
  { active_since = 0, name = "Trigger" } = {},
): Promise<string> {
  const id = `${{ milestone: "trg", sequence: "seq", surge: "srg" }[kind]}_${crypto.randomUUID().replaceAll("-", "")}`;
  await env.DB.prepare(
    `INSERT INTO triggers (unit, trigger_id, kind, name, active, active_since, condition, destination, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, 0, 0)`,
  )
    .bind(unit, id, kind, name, active_since, JSON.stringify(condition), JSON.stringify(NOBODY))
    .run();
  return id;
}

/** A milestone, as insertTrigger takes it. */
export const milestone = (score_threshold: number, more: Sent = {}): Sent => ({
  score_threshold,
  event_type: null,
  fire_mode: "once",
  cooldown_seconds: 0,
  ...more,
});

export const rowsOf = async <Row = Record<string, unknown>>(unit: number, table: string, order = "1"): Promise<Row[]> =>
  (await env.DB.prepare(`SELECT * FROM ${table} WHERE unit = ?1 ORDER BY ${order}`).bind(unit).all<Row>()).results;

export type FiringRow = { lead_id: string; trigger_id: string; n: number; event_id: string; fired_at: number; score: number };
export const firingsOf = (unit: number) => rowsOf<FiringRow>(unit, "firings", "lead_id, trigger_id, n");

const EVENT_TABLES = ["leads", "aliases", "events", "contributions", "lead_scores", "firings", "refused_events"] as const;

/** What an org unit holds, counted in the tables themselves; the kept counts of events must agree. */
export async function storedEvents(unit: number): Promise<Record<(typeof EVENT_TABLES)[number], number>> {
  const count = async (table: string) =>
    [table, Number(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`).bind(unit).first("n"))] as const;
  const counts = Object.fromEntries(await Promise.all(EVENT_TABLES.map(count))) as Record<(typeof EVENT_TABLES)[number], number>;
  const kept = await env.DB.prepare("SELECT coalesce(sum(count), 0) AS n FROM event_counts WHERE unit = ?1").bind(unit).first("n");
  expect(kept).toBe(counts.events);
  return counts;
}

/** Events as they are on the timeline of leads that do not exist. */
export const orphans = async (unit: number): Promise<number> =>
  Number(
    await env.DB.prepare(
      "SELECT count(*) AS n FROM events e WHERE e.unit = ?1 AND NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = e.unit AND l.lead_id = e.lead_id)",
    )
      .bind(unit)
      .first("n"),
  );

/** The score, as the API tells it. */
export async function scoreOf(client: Client, leadId: string): Promise<number> {
  const answer = await client.get(`/score/${leadId}`);
  expect(answer.status).toBe(200);
  return (await answer.json<{ score: number }>()).score;
}

export const asEmail = (value: string, event_type = "Page View", more: Sent = {}): Sent => ({
  alias_kind: "email",
  alias: value,
  event_type,
  ...more,
});

/** Event ids that end a block of the ledger with one contribution. */
export function blockEndingIds(count: number): string[] {
  const ids: string[] = [];
  for (let n = 0; ids.length < count; n++) if (endsBlock(`closing-${n}`, 1)) ids.push(`closing-${n}`);
  return ids;
}

/** What can be seen of a unit's events, in an order and under names that do not change from unit to unit. */
export async function outcomeOf(unit: number) {
  const aliases = await rowsOf<{ kind: string; value: string; lead_id: string }>(unit, "aliases");
  const leads = new Map(aliases.map(({ kind, value, lead_id }) => [lead_id, `${kind}:${value}`]));
  // ids sort as they were made, and every unit of a test makes the same ones in the same order
  const idsOf = async (table: string, column: string) =>
    (await rowsOf<Record<string, string>>(unit, table, `created_at, ${column}`)).map((row) => row[column] ?? "");
  const [rulesets, rules] = [await idsOf("rulesets", "ruleset_id"), await idsOf("rules", "rule_id")];
  const triggers = (await rowsOf<{ trigger_id: string }>(unit, "triggers", "kind, condition")).map(({ trigger_id }) => trigger_id);
  const named = <Row extends { lead_id: string }>(rows: Row[]) => rows.map(({ lead_id, ...row }) => ({ lead: leads.get(lead_id), ...row }));
  const text = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

  type Group = [ruleset: string, half_life_ms: number | null, value: number, at: number];
  type EventRow = { lead_id: string; event_id: string; occurred_at: number; type_key: string; metadata: string | null };
  type ScoreRow = {
    lead_id: string;
    groups: string;
    at: number;
    event_id: string;
    event_count: number;
    last_event_at: number;
    bound: number;
  };
  type ContributionRow = { lead_id: string; at: number; event_id: string; rule_id: string; weight: number; half_life_ms: number | null };
  type BlockRow = { lead_id: string; at: number; event_id: string; terms: string };
  const readTerms = (terms: string) => (JSON.parse(terms) as Group[]).map(([ruleset, ...term]) => [rulesets.indexOf(ruleset), ...term]);
  const [events, scores, contributions, blocks, firings, counts] = [
    await rowsOf<EventRow>(unit, "events"),
    await rowsOf<ScoreRow>(unit, "lead_scores"),
    await rowsOf<ContributionRow>(unit, "contributions"),
    await rowsOf<BlockRow>(unit, "score_blocks"),
    await firingsOf(unit),
    await rowsOf<{ day: number; type_key: string; count: number }>(unit, "event_counts"),
  ];
  return {
    leads: [...leads.values()].sort(),
    events: text(
      named(events).map(({ lead, event_id, occurred_at, type_key, metadata }) => [lead, event_id, occurred_at, type_key, metadata]),
    ),
    counts: text(counts.map(({ day, type_key, count }) => [day, type_key, count])),
    contributions: text(
      named(contributions).map(({ lead, at, event_id, rule_id, weight, half_life_ms }) => [
        lead,
        at,
        event_id,
        rules.indexOf(rule_id),
        weight,
        half_life_ms,
      ]),
    ),
    scores: text(
      named(scores).map(({ lead, groups, at, event_id, event_count, last_event_at, bound }) => [
        lead,
        readTerms(groups),
        at,
        event_id,
        event_count,
        last_event_at,
        bound,
      ]),
    ),
    blocks: text(named(blocks).map(({ lead, at, event_id, terms }) => [lead, at, event_id, readTerms(terms)])),
    firings: text(
      named(firings).map(({ lead, trigger_id, n, event_id, fired_at, score }) => [
        lead,
        triggers.indexOf(trigger_id),
        n,
        event_id,
        fired_at,
        score,
      ]),
    ),
  };
}
