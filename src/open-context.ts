/** Bindings in, contexts and settings out: all wiring in one file. Contexts are built once per request, message or tick. */

import type { Actor, CallerCtx, Ctx, Http, OrgUnit, Outbox, Settings, TagKey } from "./context";
import { type AuthCtx, hasValidTag, type IdentityProvider, importSigningKeys, type SigningKeys, tagKeysOf } from "./core/auth";
import type { ErasedUnit } from "./core/erasure";
import type { MoveWorld } from "./core/moves";
import { requireOrgUnitByKey } from "./core/org-units";
import { numbered, readsFrom } from "./db/bookmark";
import { openDirectory, openShardDb, openUnitDb, type ShardDb } from "./db/client";
import { countDeadLetters, type DeadLetter, insertDeadLetter } from "./db/dead-letters";
import { d1Failure } from "./db/failure";
import { keyTexts, loadKeys } from "./durable-objects/installation-client";
import type { KeyTexts } from "./durable-objects/key-rotation";
import { flushCounts, readCounts } from "./durable-objects/metrics-client";
import { liveUnits } from "./durable-objects/org-unit-client";
import { unitLane } from "./durable-objects/unit-lane-client";
import * as meter from "./durable-objects/unit-meter-client";
import { flushUses, unitMeter, usageLog } from "./durable-objects/usage-client";
import { logError, logLine } from "./log";
import { backlogGauges, readBacklog } from "./queues/backlog";
import { openOutbox } from "./queues/outbox";
import type { StatementBudget } from "./statement-budget";
import type { ChangeDialect } from "./vocabulary";

const now = (): number => Date.now();

/** What the contexts below need; null when this isolate has it. Throws Unavailable. */
export const ready = (env: Env): Promise<void> | null => loadKeys(env, now());

/** Imported once per isolate. */
export async function signingKeysOf(env: Env): Promise<SigningKeys> {
  await ready(env);
  return importSigningKeys(keyTexts(env).signing);
}

/** `address`: the caller's network, see http/address.ts. */
export async function openAuth(env: Env, address: string | null): Promise<AuthCtx> {
  return {
    address,
    directory: openDirectory(env.DB),
    tagKeys: tagKeys(env),
    signingKeys: await signingKeysOf(env),
    identityProvider: identityProvider(env),
    now,
  };
}

export const openCaller = (env: Env, actor: Actor, requestId: string): CallerCtx => ({
  actor,
  directory: openDirectory(env.DB),
  live: liveUnits(env, now),
  tagKeys: tagKeys(env),
  requestId,
  now,
});

/** `bookmark` returns how far the database session has read, for the next request to start from. */
export function openUnit(
  env: Env,
  caller: CallerCtx,
  unit: OrgUnit,
  { bookmark, writes, dialect }: { bookmark: string | undefined; writes: boolean; dialect: ChangeDialect },
): { ctx: Ctx; bookmark: () => string | null } {
  const session = shard(env, unit.shard).withSession(writes ? "first-primary" : readsFrom(bookmark, unit.shard));
  const ctx: Ctx = {
    ...caller,
    unit,
    source: { dialect },
    db: openUnitDb(session, unit.unit, () => outbox(env).changes({ unit: unit.unit })),
    files: env.FILES,
    meter: unitMeter(env, unit),
    outbox: outbox(env),
    http,
    settings: settings(env),
  };
  return { ctx, bookmark: () => numbered(session.getBookmark(), unit.shard) };
}

/** A context for work that no caller requested: messages and ticks. */
export async function openSystem(env: Env, unitKey: number, requestId: string, dialect: ChangeDialect = "system"): Promise<Ctx> {
  await ready(env);
  const caller = openCaller(env, { kind: "system" }, requestId);
  const unit = await requireOrgUnitByKey(caller.directory, unitKey, now());
  return openUnit(env, caller, unit, { bookmark: undefined, writes: true, dialect }).ctx;
}

/** A context for what is left of an org unit that the directory no longer has. */
export function openErasedUnit(env: Env, { unit, shard }: ErasedUnit): Ctx {
  const erased = { unit, shard, unit_id: "", organization_id: "", workspace_id: "", name: "", slug: "", limits: {} } as OrgUnit;
  const caller = openCaller(env, { kind: "system" }, "cron");
  return openUnit(env, caller, erased, { bookmark: undefined, writes: true, dialect: "system" }).ctx;
}

/** Every database that holds leads. */
export function openShards(env: Env): ShardDb[] {
  const shards: ShardDb[] = [];
  for (let number = 0; bindingOf(env, number); number++) shards.push(openShardDb(shard(env, number)));
  return shards;
}

/** What moves of org units work on; `budget` counts their statements. */
export const openMoves = (env: Env, budget?: StatementBudget): MoveWorld => ({
  directory: openDirectory(env.DB),
  shards: budget ? openShards(env).map((db) => budget.countedShard(db)) : openShards(env),
  now,
});

export const openUsage = usageLog;

/** Where the events of a unit are processed. */
export const laneOf = unitLane;

/** Whether a delivery to this token may wait in R2: the token has a tag of ours. */
export const mayHoldDelivery = (env: Env, token: string): boolean => hasValidTag(tagKeys(env), token);

export const openFiles = (env: Env): R2Bucket => env.FILES;

const followChanges = (env: Env) => (unit: number, waits: boolean) => unitLane(env, unit).followChanges(unit, waits);

export const outbox = (env: Env): Outbox =>
  openOutbox(
    { imports: env.IMPORT_QUEUE, events: env.EVENT_QUEUE, deliveries: env.DELIVERY_QUEUE, changes: followChanges(env) },
    Number(env.EVENT_BACKLOG_MESSAGES_MAX),
  );

/** Sends a message again to the queue that it came from. Throws what the queue throws. */
export async function sendAgain(env: Env, target: "events" | "imports" | "deliveries", body: unknown): Promise<void> {
  const queues = { events: env.EVENT_QUEUE, imports: env.IMPORT_QUEUE, deliveries: env.DELIVERY_QUEUE };
  await queues[target].send(body);
}

/** What the service depends on, to be tried: null, or what is wrong. `key` stands for these dependencies in a cache. */
export const readinessProbes = (env: Env) => ({
  key: env.DB,
  database: async () => {
    await Promise.all(openShards(env).map((db) => db.all("SELECT 1 AS up")));
    return null;
  },
  files: async () => {
    await env.FILES.head("health");
    return null;
  },
  backlog: async () => ((await outbox(env).eventsOverfull()) ? "too many events are waiting" : null),
});

/** Hands what this isolate has counted to the object that adds up, now and then; null when it is not yet time. */
export function flushMetrics(env: Env): Promise<unknown> | null {
  const flushes = [flushCounts(env, now()), flushUses(env, now())].filter((flush) => flush !== null);
  return flushes.length === 0 ? null : Promise.all(flushes);
}

/** `null`: could not be read. */
export async function readMetrics(env: Env): Promise<{ counters: Record<string, number>; gauges: Record<string, number | null> }> {
  const [counters, backlog, letters, spilled] = await Promise.all([
    readCounts(env).catch(() => ({})),
    readBacklog(env.EVENT_QUEUE, now()),
    countDeadLetters(env.DB).catch(() => null),
    env.FILES.list({ prefix: "spill/", limit: 1_000 }).catch(() => null),
  ]);
  const gauges = { ...backlogGauges(backlog, now()), dead_letters: letters, spilled_objects: spilled?.objects.length ?? null };
  return { counters, gauges };
}

export const http: Http = { send: (url, init) => fetch(url, init) };

/** What the operator set for the core. */
export const settings = (env: Env): Settings => ({
  allowLoopbackWebhooks: env.ALLOW_LOOPBACK_WEBHOOKS === "true",
  refusedWebhookHosts: listed(env.REFUSED_WEBHOOK_HOSTS.toLowerCase()),
  email: env.EMAIL_WEBHOOK_URL ? { url: env.EMAIL_WEBHOOK_URL, token: env.EMAIL_WEBHOOK_TOKEN || null } : null,
});

const lists = new Map<string, readonly string[]>();

/** The items of a setting, parsed once per isolate. */
function listed(setting: string): readonly string[] {
  const items = lists.get(setting) ?? setting.split(/[\s,]+/).filter((item) => item !== "");
  lists.set(setting, items);
  return items;
}

/** What the operator set for the HTTP side. */
export const httpSettings = (env: Env) => ({
  /** origins that browsers may call from with credentials */
  allowedOrigins: listed(env.ALLOWED_ORIGINS),
  /** whether only failed requests are logged */
  logsOnlyErrors: env.LOG_LEVEL === "error",
  /** this service's URL for the world, without a path; null: that of each request */
  publicOrigin: env.PUBLIC_ORIGIN.replace(/\/+$/, "") || null,
});

/** Writes a line about work that went well, unless only errors are logged. */
export function logWork(env: Env, message: string, fields: Record<string, string | number>): void {
  if (!httpSettings(env).logsOnlyErrors) logLine({ level: "info", message, ...fields });
}

/** Counts a request against the unit's rate, from memory; `later` takes what may outlive the response. Throws RateLimited. */
export const takeRequest = (env: Env, unit: OrgUnit, later: (work: Promise<void>) => void): void =>
  meter.takeRequest(env, unit, now(), later);

/** Whether the address may create one more lead without credentials. True when the limiter itself fails: it must not take the service down. */
export async function consumePublicLeadQuota(env: Env, key: string): Promise<boolean> {
  try {
    return (await env.PUBLIC_LEADS_LIMIT.limit({ key })).success;
  } catch (error) {
    logError("rate limiter failed", error);
    return true;
  }
}

export const recordDeadLetter = (env: Env, letter: DeadLetter): Promise<void> => insertDeadLetter(env.DB, letter);

/** A failure of the database as an AppError or a CommitConflict; anything else as it is. */
export const toDomainError = d1Failure;

/** The database of a shard: `DB`, `DB_1`, `DB_2` … */
function shard(env: Env, number: number): D1Database {
  const binding = bindingOf(env, number);
  if (!binding) throw new Error(`no database is bound for shard ${number}`);
  return binding;
}

const bindingOf = (env: Env, number: number): D1Database | undefined =>
  number === 0 ? env.DB : (env as unknown as Record<string, D1Database | undefined>)[`DB_${number}`];

type TagKeys = readonly [TagKey, ...TagKey[]];
const tagKeysByTexts = new WeakMap<KeyTexts, TagKeys>();

/** Read twice by every request, so kept for each set of keys. */
function tagKeys(env: Env): TagKeys {
  const texts = keyTexts(env);
  const keys = tagKeysByTexts.get(texts) ?? tagKeysOf(texts.tagging);
  tagKeysByTexts.set(texts, keys);
  return keys;
}

function identityProvider(env: Env): IdentityProvider | null {
  const { AUTH_JWKS_URL: jwks_url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  if (!jwks_url || !issuer || !audience) return null;
  const organizations = listed(env.AUTH_ORGANIZATIONS);
  return { identity_provider_id: null, jwks_url, issuer, audience, organizations: organizations.includes("*") ? null : organizations };
}
