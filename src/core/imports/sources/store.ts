/** SQL of standing imports. */
import type { Statement, UnitDb } from "../../../context";
import { guardSql } from "../../../db/commit";
import type { SourceSchedule } from "../../../vocabulary";
import { ImportMapping } from "../schemas";
import { type ImportSource, type PendingVersion, SOURCES_MAX, SourceStops, type Version } from "./source";

export type SourceRow = Omit<ImportSource, "mapping" | "stops" | "headers" | "pending" | "active"> & {
  mapping: string;
  stops: string;
  headers: string | null;
  pending: string | null;
  active: number;
};

/** A run that is older than this has died. */
const CLAIM_TTL_MS = 120_000;
const COLUMNS = `source_id, name, url, schedule, mapping, stops, active, created_at, updated_at, next_poll_at, claimed_at, last_polled_at, failures,
  last_error, etag, last_modified, content_hash, headers, last_job_id, pending`;

export function readSource({ mapping, stops, headers, pending, active, ...row }: SourceRow): ImportSource {
  const seen: string[] | null = headers === null ? null : JSON.parse(headers);
  const version: PendingVersion | null = pending === null ? null : JSON.parse(pending);
  return {
    ...row,
    active: active === 1,
    mapping: ImportMapping.parse(JSON.parse(mapping)),
    stops: SourceStops.parse(JSON.parse(stops)),
    headers: seen,
    pending: version,
  };
}

export const selectSources = (db: UnitDb): Statement<SourceRow> =>
  db.sql(`SELECT ${COLUMNS} FROM import_sources WHERE unit = ?1 ORDER BY source_id`);

export const selectSource = (db: UnitDb, sourceId: string): Statement<SourceRow> =>
  db.sql(`SELECT ${COLUMNS} FROM import_sources WHERE unit = ?1 AND source_id = ?2`, sourceId);

export type WrittenSource = { name: string; url: string; schedule: SourceSchedule; mapping: string; stops: string; active: number };

/** Rolls its batch back (CommitConflict on `commit_guards`) when the unit has 50 already. */
export const insertSource = (db: UnitDb, sourceId: string, source: WrittenSource, now: number): Statement<never>[] => [
  db.sql(guardSql(`SELECT 1 FROM (SELECT count(*) AS n FROM import_sources WHERE unit = ?1) WHERE n >= ${SOURCES_MAX}`)),
  db.sql(
    `INSERT INTO import_sources (unit, source_id, name, url, schedule, mapping, stops, active, created_at, updated_at, next_poll_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?9)`,
    sourceId,
    ...written(source),
    now,
  ),
];

/** Replaces a source, which is polled at once. A waiting version is planned again with the changes. */
export const updateSource = (db: UnitDb, sourceId: string, source: WrittenSource, now: number): Statement<{ source_id: string }> =>
  db.sql(
    `UPDATE import_sources SET name = ?3, url = ?4, schedule = ?5, mapping = ?6, stops = ?7, active = ?8, updated_at = ?9, next_poll_at = ?9,
       pending = NULL, claimed_at = NULL, failures = 0, last_error = NULL, headers = NULL,
       etag = iif(url = ?4, etag, NULL), last_modified = iif(url = ?4, last_modified, NULL), content_hash = iif(url = ?4, content_hash, NULL)
     WHERE unit = ?1 AND source_id = ?2 RETURNING source_id`,
    sourceId,
    ...written(source),
    now,
  );

const written = ({ name, url, schedule, mapping, stops, active }: WrittenSource) => [name, url, schedule, mapping, stops, active] as const;

export const deleteSource = (db: UnitDb, sourceId: string): Statement<{ source_id: string }> =>
  db.sql("DELETE FROM import_sources WHERE unit = ?1 AND source_id = ?2 RETURNING source_id", sourceId);

/** Makes an active source due. */
export const makeDue = (db: UnitDb, sourceId: string, now: number): Statement<{ source_id: string }> =>
  db.sql(
    "UPDATE import_sources SET next_poll_at = min(next_poll_at, ?3) WHERE unit = ?1 AND source_id = ?2 AND active = 1 RETURNING source_id",
    sourceId,
    now,
  );

/** Claims a source that is due; no row if another run works on it or has finished it. */
export const claimSource = (db: UnitDb, sourceId: string, now: number): Statement<SourceRow> =>
  db.sql(
    `UPDATE import_sources SET claimed_at = ?3 WHERE unit = ?1 AND source_id = ?2 AND active = 1 AND next_poll_at <= ?3
       AND (claimed_at IS NULL OR claimed_at <= ?3 - ${CLAIM_TTL_MS}) RETURNING ${COLUMNS}`,
    sourceId,
    now,
  );

/** Keeps what a run has found so far, and its claim. Returns no row when the claim is another's by now. */
export const keepPending = (db: UnitDb, { source_id, claimed_at }: Claimed, pending: PendingVersion): Statement<{ source_id: string }> =>
  db.sql(
    "UPDATE import_sources SET pending = ?4 WHERE unit = ?1 AND source_id = ?2 AND claimed_at = ?3 RETURNING source_id",
    source_id,
    claimed_at,
    JSON.stringify(pending),
  );

export type Claimed = Pick<ImportSource, "source_id" | "claimed_at">;

/** The state of a source after a run: `taken` is a version that is settled. */
export type Settlement = {
  next_poll_at: number;
  pending: PendingVersion | null;
  taken?: Version;
  job_id?: string;
  error?: string;
};

/** Ends a run's claim; nothing when the claim is another's by now. */
export const settleSource = (
  db: UnitDb,
  { source_id, claimed_at }: Claimed,
  { next_poll_at, pending, taken, job_id, error }: Settlement,
  now: number,
): Statement<never> =>
  db.sql(
    `UPDATE import_sources SET claimed_at = NULL, last_polled_at = ?4, next_poll_at = ?5, pending = ?6, last_error = ?7,
       failures = iif(?7 IS NULL, 0, failures + 1), last_job_id = coalesce(?8, last_job_id),
       etag = iif(?9 IS NULL, etag, ?10), last_modified = iif(?9 IS NULL, last_modified, ?11), content_hash = coalesce(?9, content_hash),
       headers = coalesce(?12, headers)
     WHERE unit = ?1 AND source_id = ?2 AND claimed_at IS ?3`,
    source_id,
    claimed_at,
    now,
    next_poll_at,
    pending && JSON.stringify(pending),
    error ?? null,
    job_id ?? null,
    taken?.content_hash ?? null,
    taken?.etag ?? null,
    taken?.last_modified ?? null,
    taken ? JSON.stringify(taken.headers) : null,
  );
