/** What every verb of the core is given. Types only: `open-context.ts` builds the real thing. */
import type { DrizzleD1Database } from "drizzle-orm/d1";

export type Role = "admin" | "editor" | "viewer";

/** Who is calling. `home` is the only org unit that a homed credential may use. */
export type Actor =
  | { kind: "credential"; credential_id: string; organization_id: string; role: Role; home: string | null }
  | { kind: "identity_provider"; subject: string; organization_id: string; role: Role; home: string | null }
  | { kind: "system" };

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
  /** number of the database that holds the unit's leads */
  shard: number;
};

export type SqlValue = string | number | null;

declare const bound: unique symbol;

/** SQL bound to one org unit. Only `UnitDb.sql` makes one, so an unscoped statement does not compile. */
export interface Statement {
  readonly [bound]: true;
  readonly unit: number;
  readonly text: string;
  readonly params: readonly SqlValue[];
}

/** The lead database, seen from one org unit. */
export interface UnitDb {
  readonly unit: number;
  /** A statement of this unit: `?1` is the unit, `params` follow from `?2`. */
  sql(text: string, ...params: SqlValue[]): Statement;
  all<Row>(statement: Statement): Promise<Row[]>;
  /** One transaction, one round trip: all or nothing. Throws `CommitConflict` when a key collides. */
  batch(statements: readonly Statement[]): Promise<Record<string, unknown>[][]>;
}

/** Organizations, org units and credentials: the tables that are read before a unit is known. */
export type Directory = DrizzleD1Database;

export type Session = { session_id: string; unit_id: string; credential_id: string; created_at: number; expires_at: number };

/** Where a credential stands in its window of requests, the one that asks included unless it was refused. */
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
  /** Counts a request of the credential's last 60 minutes, unless `limit` of them were made: then it is refused and not counted. */
  takeRequest(unit: OrgUnit, credentialId: string, limit: number): Promise<RequestQuota>;
}

/** Work handed to the queues. Messages carry ids; only an event, which no table knows yet, travels itself. */
export interface Outbox {
  importJob(message: { unit: number; job_id: string }): Promise<void>;
  /** One message: at most 128 KB. */
  events(message: { unit: number; events: readonly { event_id: string }[] }): Promise<void>;
  /** Called after the commit that made them. A lost message is found by the sweep. */
  deliveries(messages: readonly { unit: number; delivery_id: string }[], delaySeconds?: number): Promise<void>;
}

/** The world outside, as far as the core may call it. */
export interface Http {
  send(url: string, init: RequestInit): Promise<Response>;
}

/** What the operator set. */
export type Settings = {
  /** lets webhooks go to this machine itself: local development only */
  allowLoopbackWebhooks: boolean;
  /** the provider that takes mail over HTTP; null: none is set */
  email: { url: string; token: string | null } | null;
};

/** A caller whose org unit is not (yet) known. */
export interface CallerCtx {
  readonly actor: Actor;
  readonly directory: Directory;
  readonly live: LiveUnits;
  readonly requestId: string;
  /** milliseconds since the epoch */
  now(): number;
}

/** A caller in an org unit. */
export interface Ctx extends CallerCtx {
  readonly unit: OrgUnit;
  readonly db: UnitDb;
  readonly files: R2Bucket;
  readonly outbox: Outbox;
  readonly http: Http;
  readonly settings: Settings;
}
