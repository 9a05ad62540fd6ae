/** SQL of inbound sources and their payloads. */
import type { Statement, UnitDb } from "../../context";
import { quotaSql } from "../../db/commit";
import type { PayloadOutcome } from "../../vocabulary";
import type { InboundSource } from "./source";

export type InboundSourceRow = Omit<InboundSource, "mapping" | "active"> & { mapping: string; active: number };
export type PayloadRow = {
  payload_id: string;
  received_at: number;
  deliveries: number;
  /** how many replays have begun */
  replays: number;
  /** the sender's id of the delivery, where a header said it */
  given_id: string | null;
  payload: string;
  outcome: PayloadOutcome;
  reason: string | null;
  event_ids: string;
};

const COLUMNS = "source_id, name, type, secret, mapping, active, created_at, updated_at";
const PAYLOADS_MAX = 20;

export const readInboundSource = ({ mapping, active, ...row }: InboundSourceRow): InboundSource => ({
  ...row,
  mapping: JSON.parse(mapping),
  active: active === 1,
});

/** Oldest first. */
export const selectInboundSources = (db: UnitDb): Statement<InboundSourceRow> =>
  db.sql(`SELECT ${COLUMNS} FROM inbound_sources WHERE unit = ?1 ORDER BY source_id`);

export const selectInboundSource = (db: UnitDb, sourceId: string): Statement<InboundSourceRow> =>
  db.sql(`SELECT ${COLUMNS} FROM inbound_sources WHERE unit = ?1 AND source_id = ?2`, sourceId);

export const selectSourceByToken = (db: UnitDb, tokenHash: string): Statement<InboundSourceRow> =>
  db.sql(`SELECT ${COLUMNS} FROM inbound_sources INDEXED BY inbound_sources_by_token WHERE unit = ?1 AND token_hash = ?2`, tokenHash);

/** Rolls its batch back (CommitConflict on `quota_guards`) when the unit has `max` sources already. */
export const insertInboundSource = (db: UnitDb, source: InboundSource, tokenHash: string, max: number): Statement<never>[] => [
  db.sql(quotaSql("definitions", "SELECT 1 FROM (SELECT count(*) AS kept FROM inbound_sources WHERE unit = ?1) WHERE kept >= ?2"), max),
  db.sql(
    `INSERT INTO inbound_sources (unit, source_id, name, type, token_hash, secret, mapping, active, created_at, updated_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?8)`,
    source.source_id,
    source.name,
    source.type,
    tokenHash,
    source.secret,
    JSON.stringify(source.mapping),
    source.created_at,
  ),
];

export type InboundUpdate = Partial<Pick<InboundSource, "name" | "secret" | "mapping" | "active">>;

/** Returns the source as it is then; no row if it is gone. */
export const updateInboundSource = (db: UnitDb, sourceId: string, change: InboundUpdate, now: number): Statement<InboundSourceRow> =>
  db.sql(
    `UPDATE inbound_sources SET name = coalesce(?3, name), secret = iif(?4, ?5, secret), mapping = coalesce(?6, mapping),
       active = coalesce(?7, active), updated_at = max(?8, updated_at + 1)
     WHERE unit = ?1 AND source_id = ?2 RETURNING ${COLUMNS}`,
    sourceId,
    change.name ?? null,
    change.secret === undefined ? 0 : 1,
    change.secret ?? null,
    change.mapping === undefined ? null : JSON.stringify(change.mapping),
    change.active === undefined ? null : Number(change.active),
    now,
  );

/** With its payloads. The first statement returns the source if it existed. */
export const deleteInboundSourceRows = (db: UnitDb, sourceId: string): [Statement<{ source_id: string }>, Statement<never>] => [
  db.sql("DELETE FROM inbound_sources WHERE unit = ?1 AND source_id = ?2 RETURNING source_id", sourceId),
  db.sql("DELETE FROM inbound_payloads WHERE unit = ?1 AND source_id = ?2", sourceId),
];

const KEPT_COLUMNS = "payload_id, received_at, deliveries, given_id, payload, outcome, reason, event_ids";
const PAYLOAD_COLUMNS = `${KEPT_COLUMNS}, replays`;

/** Newest first. */
export const selectPayloads = (db: UnitDb, sourceId: string): Statement<PayloadRow> =>
  db.sql(
    `SELECT ${PAYLOAD_COLUMNS} FROM inbound_payloads WHERE unit = ?1 AND source_id = ?2 ORDER BY received_at DESC, payload_id DESC LIMIT ${PAYLOADS_MAX}`,
    sourceId,
  );

/** Numbers a replay before it queues anything, so that no other has its number. Returns the payload; no row if it is gone. */
export const beginReplay = (db: UnitDb, sourceId: string, payloadId: string): Statement<PayloadRow> =>
  db.sql(
    `UPDATE inbound_payloads SET replays = replays + 1 WHERE unit = ?1 AND source_id = ?2 AND payload_id = ?3 RETURNING ${PAYLOAD_COLUMNS}`,
    sourceId,
    payloadId,
  );

/**
 * Keeps a payload of a source that still exists, and its 19 newest others. One that was kept before is counted and gets the new outcome. The
 * events that it became stay known when it becomes none now, as while the source is switched off.
 */
export const keepPayload = (db: UnitDb, sourceId: string, row: Omit<PayloadRow, "replays">): Statement<never>[] => [
  db.sql(
    `INSERT INTO inbound_payloads (unit, source_id, ${KEPT_COLUMNS})
     SELECT unit, source_id, ?3, ?4, 1, ?9, ?5, ?6, ?7, ?8 FROM inbound_sources WHERE unit = ?1 AND source_id = ?2
     ON CONFLICT (unit, source_id, payload_id) DO UPDATE SET deliveries = deliveries + 1, outcome = excluded.outcome, reason = excluded.reason,
       event_ids = iif(excluded.event_ids = '[]', event_ids, excluded.event_ids)`,
    sourceId,
    row.payload_id,
    row.received_at,
    row.payload,
    row.outcome,
    row.reason,
    row.event_ids,
    row.given_id,
  ),
  db.sql(
    `DELETE FROM inbound_payloads WHERE unit = ?1 AND source_id = ?2 AND payload_id IN (
       SELECT payload_id FROM inbound_payloads WHERE unit = ?1 AND source_id = ?2 ORDER BY received_at DESC, payload_id DESC LIMIT -1 OFFSET ${PAYLOADS_MAX})`,
    sourceId,
  ),
];

/** What a replay has made of a payload. */
export const settlePayload = (
  db: UnitDb,
  sourceId: string,
  { payload_id, outcome, reason, event_ids }: Pick<PayloadRow, "payload_id" | "outcome" | "reason" | "event_ids">,
): Statement<never> =>
  db.sql(
    "UPDATE inbound_payloads SET outcome = ?4, reason = ?5, event_ids = ?6 WHERE unit = ?1 AND source_id = ?2 AND payload_id = ?3",
    sourceId,
    payload_id,
    outcome,
    reason,
    event_ids,
  );
