/** What every verb of the core is given. Types only: `open-context.ts` builds the real thing. */

import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { QuotaSettings } from "./quotas";
import type { ChangeDialect, Role } from "./vocabulary";

/** Who is calling. `home` is the only org unit that a homed credential may use. */
export type Actor =
  | { kind: "credential"; credential_id: string; organization_id: string; role: Role; home: string | null }
  | {
      kind: "identity_provider";
      subject: string;
      /** null: the provider of the settings */
      identity_provider_id: string | null;
      organization_id: string;
      role: Role;
      home: string | null;
    }
  /** a caller with the ADMIN_TOKEN */
  | { kind: "operator" }
  | { kind: "system" };

/** A caller of one organization. */
export type OrganizationActor = Extract<Actor, { organization_id: string }>;

export type OrgUnit = {
  /** short key of the unit in every table of leads; unique over all organizations */
  unit: number;
  unit_id: string;
  organization_id: string;
  workspace_id: string;
  name: string;
  slug: string;
  external_ref: string | null;
  is_default: boolean;
  /** ISO 3166 country whose phone rules read a number without `+` */
  default_region: string | null;
  /** whether a new lead is linked to the account of its email's domain */
  link_accounts_by_domain: boolean;
  /** number of the database that holds the unit's leads */
  shard: number;
  /** whether that number may change at any moment */
  moving: boolean;
  /** see `quotaOf` */
  limits: QuotaSettings;
};

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;
/** A statement for a whole database. */
export type Sql = { text: string; params: readonly SqlValue[] };

declare const bound: unique symbol;
declare const row: unique symbol;

/** SQL bound to one org unit, and the type of the rows it returns. Only `UnitDb.sql` creates one, so an unscoped statement does not compile. */
export interface Statement<Row = unknown> {
  readonly [bound]: true;
  readonly [row]?: Row;
  readonly unit: number;
  readonly text: string;
  readonly params: readonly SqlValue[];
}

/** The rows of each statement of a batch, in the statements' order. */
export type RowsOf<Statements extends readonly Statement[]> = {
  -readonly [At in keyof Statements]: Statements[At] extends Statement<infer Row> ? Row[] : never;
};

/** The lead database, seen from one org unit. */
export interface UnitDb {
  readonly unit: number;
  /** A statement of this unit: `?1` is the unit, `params` follow from `?2`. */
  sql<Row = unknown>(text: string, ...params: SqlValue[]): Statement<Row>;
  all<Row>(statement: Statement<Row>): Promise<Row[]>;
  /** One transaction, one round trip: all or nothing. Throws `CommitConflict` when a key collides. */
  batch<const Statements extends readonly Statement[]>(statements: Statements): Promise<RowsOf<Statements>>;
  /** How long the database has worked on the statements that went through here, in ms. */
  sqlMs(): number;
}

/** A whole database, over all its units: for the cron jobs, which look for work and touch no lead. */
export type ShardDb = {
  all<Row>(text: string, ...params: SqlValue[]): Promise<Row[]>;
  run(text: string, ...params: SqlValue[]): Promise<void>;
  /** One transaction, one round trip. Returns the rows of each statement. */
  batch(statements: readonly Sql[]): Promise<SqlRow[][]>;
};

/** Organizations, org units and credentials: the tables that are read before a unit is known. */
export type Directory = DrizzleD1Database;

export type Session = { session_id: string; unit_id: string; credential_id: string; created_at: number; expires_at: number };

/** A browser that is signed in to the console. Its cookie's secret is known to the browser alone. */
export type ConsoleSession = {
  session_id: string;
  secret_hash: string;
  /** who it acts for: see core/auth */
  principal: string;
  actor_id: string;
  /** as the browser names itself */
  browser: string;
  created_at: number;
  seen_at: number;
  /** ends then even if it is used */
  expires_at: number;
};

/** A credential's requests within its window, including the current one unless it was refused. */
export type RequestQuota = {
  allowed: boolean;
  limit: number;
  used: number;
  /** when the oldest request leaves the window, in ms */
  frees_at: number;
};

/** The live objects, one for each org unit. */
export interface LiveUnits {
  openSession(unit: OrgUnit, session: Session): Promise<void>;
  listSessions(unit: OrgUnit): Promise<Session[]>;
  endSession(unit: OrgUnit, sessionId: string): Promise<boolean>;
  hasSession(unit: OrgUnit, sessionId: string): Promise<boolean>;
  openConsoleSession(unit: OrgUnit, session: ConsoleSession): Promise<void>;
  /** The living session with this secret, noted as seen; null: none. */
  seeConsoleSession(unit: OrgUnit, secretHash: string): Promise<ConsoleSession | null>;
  /** Living sessions of an actor, newest first. */
  listConsoleSessions(unit: OrgUnit, actorId: string): Promise<ConsoleSession[]>;
  /** Ends one session of an actor, or with null all of them; returns how many. */
  endConsoleSessions(unit: OrgUnit, actorId: string, sessionId: string | null): Promise<number>;
  /** Ends every session, forgets every request and what the unit has used: it is deleted. */
  forget(unit: OrgUnit): Promise<void>;
  /** Counts a request, or refuses it without counting when the credential has sent `limit` in the last 60 minutes. */
  takeRequest(unit: OrgUnit, credentialId: string, limit: number): Promise<RequestQuota>;
}

/**
 * Work handed to the queues, after the commit that created it. A nudge carries ids and never throws: a failure is logged, and the sweep
 * finds the work within a minute or two. An event, which no table holds yet, travels itself.
 */
export interface Outbox {
  /** A nudge. */
  importJob(message: { unit: number; job_id: string }): Promise<void>;
  /** A nudge. */
  undo(message: { unit: number; operation_id: string }): Promise<void>;
  /** A nudge. */
  importPlan(message: { unit: number; plan_id: string }): Promise<void>;
  /** A nudge: the unit's lane follows its changes, for segments and channels. With `waits`, for up to a second before this returns. */
  changes(message: { unit: number; waits?: boolean }): Promise<void>;
  /** A nudge. */
  importSource(message: { unit: number; source_id: string }): Promise<void>;
  /** One message: at most 128 KB. Throws when the queue does not take it: the events would be lost. */
  events(message: { unit: number; events: readonly { event_id: string }[] }): Promise<void>;
  /** Whether more events wait than the operator allows: then no new ones are accepted. */
  eventsOverfull(): Promise<boolean>;
  /** How long the oldest event of any org unit has been waiting; null: unknown. */
  eventsWaitSeconds(): Promise<number | null>;
  /** A nudge: an org unit is moved to another database. */
  move(message: { move_id: string }, delaySeconds?: number): Promise<void>;
  /** A nudge for each. */
  deliveries(messages: readonly { unit: number; delivery_id: string }[], delaySeconds?: number): Promise<void>;
}

/** What an org unit has used of the quotas that no table counts, decided from memory. */
export interface UnitMeter {
  /** Counts events before they are accepted. Throws RateLimited, and counts nothing then. */
  takeEvents(events: number): Promise<void>;
  /** Takes back events that were not accepted after all. */
  returnEvents(events: number): void;
  /** Counts bytes that are stored outside the database. */
  countBytes(bytes: number): void;
  /** Throws conflict when the unit stores as much as it may. */
  requireStorage(): Promise<void>;
  /** What was counted on each of these days, both inclusive, and what the unit stores; null: the counters cannot be reached. */
  readDays(first: number, last: number): Promise<UnitUsage | null>;
}

/** What a unit has used on a day (days since 1970-01-01), and what it stores. */
export type UnitTotals = { unit: number; day: number; events: number; stored_bytes: number };
/** `leads`: null when the unit was not measured on that day. Days on which nothing was counted are left out. */
export type UnitDay = { day: number; events: number; leads: number | null };
export type UnitUsage = { days: UnitDay[]; stored_bytes: number };
export type UsageSnapshot = { unit: number; leads: number; stored_bytes: number };
export type UsageRow = UsageSnapshot & { day: number; requests: number; events: number; rows_written: number };
/** Days, both inclusive. `units`: only these. `after`: day and unit of the last row of the page before. */
export type UsageQuery = { first: number; last: number; units?: readonly number[]; after: readonly [number, number] | null; limit: number };

/** The daily counters of all org units. */
export interface UsageLog {
  /** By day and unit. */
  list(query: UsageQuery): Promise<UsageRow[]>;
  record(day: number, snapshots: readonly UsageSnapshot[]): Promise<void>;
  /** Removes at most `limit` rows of days before `day`; returns how many. */
  removeBefore(day: number, limit: number): Promise<number>;
}

/** Outgoing requests of the core. */
export type Http = { send(url: string, init: RequestInit): Promise<Response> };

/** Settings of the operator. */
export type Settings = {
  /** lets webhooks go to this machine itself: local development only */
  allowLoopbackWebhooks: boolean;
  /** hosts that deliveries never go to, subdomains included: the operator's own zone */
  refusedWebhookHosts: readonly string[];
  /** the provider that accepts mail over HTTP; null: none is set */
  email: { url: string; token: string | null } | null;
};

/** A key that the tags of secrets are made with: see core/auth/secret-tag.ts. */
export type TagKey = { key_id: string; key: string };

/** A caller whose org unit is not (yet) known. */
export interface CallerCtx {
  readonly actor: Actor;
  readonly directory: Directory;
  readonly live: LiveUnits;
  /** the current one first */
  readonly tagKeys: readonly [TagKey, ...TagKey[]];
  readonly requestId: string;
  /** milliseconds since the epoch */
  now(): number;
}

/** What writes: for the log of changes, and for the fields of the leads that it changes. */
export type ChangeSource = {
  dialect: ChangeDialect;
  /** the import job whose rows these are */
  import?: string;
  /** the agent's client, as it names itself */
  client?: string;
  /** in whose name the system works: an actor's id */
  by?: string;
  /** no webhook is notified of the changes */
  silent?: true;
};

/** A caller in an org unit. */
export interface Ctx extends CallerCtx {
  readonly unit: OrgUnit;
  readonly source: ChangeSource;
  readonly db: UnitDb;
  readonly files: R2Bucket;
  readonly meter: UnitMeter;
  readonly outbox: Outbox;
  readonly http: Http;
  readonly settings: Settings;
}
