/** SQL of the overview: what happened day by day. Every statement reads a bounded number of rows, the newest. */
import type { Statement, UnitDb } from "../../context";
import { DAY_MS } from "../../time";
import type { DeliveryStatus } from "../../vocabulary";

/** About 1.5 KB each. */
export const LEADS_READ_MAX = 5_000;
export const JOBS_READ_MAX = 5_000;
/** Of an index alone. */
export const FIRINGS_READ_MAX = 20_000;
export const DELIVERIES_READ_MAX = 2_000;
/** Beyond that, a number is shown as a lower bound. */
export const COUNTED_MAX = 10_000;
const SOURCES_MAX = 8;

/** The lowest UUIDv7 of a moment. */
const uuidAt = (ms: number): string => ms.toString(16).padStart(12, "0");

export const OVERVIEW_SQL = {
  // `by`: a day, or a source as lists find leads by it
  newestLeads: `WITH newest AS MATERIALIZED (
      SELECT created_at / ${DAY_MS} AS day, iif(json_type(profile, '$.source') = 'text', substr(profile->>'$.source', 1, 512), NULL) AS source
      FROM leads WHERE unit = ?1 AND lead_id >= ?2 ORDER BY lead_id DESC LIMIT ?3)
    SELECT day, NULL AS source, count(*) AS leads FROM newest GROUP BY day
    UNION ALL SELECT NULL, source, leads FROM (
      SELECT source, count(*) AS leads FROM newest WHERE source IS NOT NULL GROUP BY source ORDER BY leads DESC, source LIMIT ${SOURCES_MAX})`,
  jobs: `SELECT day, count(*) AS jobs, sum(status = 'failed') AS failed_jobs, sum(created) AS created, sum(changed) AS changed, sum(failed) AS failed FROM (
      SELECT created_at / ${DAY_MS} AS day, status, coalesce(created_count, 0) AS created, coalesce(changed_count, 0) AS changed,
        max(0, coalesce(failed_count, 0) - mended_count) AS failed
      FROM import_jobs WHERE unit = ?1 AND job_id >= ?2 ORDER BY job_id DESC LIMIT ?3) GROUP BY day`,
  firings: `SELECT fired_at / ${DAY_MS} AS day, count(*) AS firings FROM (
      SELECT fired_at FROM firings INDEXED BY firings_by_time WHERE unit = ?1 AND fired_at >= ?2 AND fired_at < ?3 ORDER BY fired_at DESC LIMIT ?4)
    GROUP BY day`,
  deliveries: `SELECT status, count(*) AS deliveries FROM (
      SELECT status FROM deliveries INDEXED BY deliveries_by_time WHERE unit = ?1 AND created_at >= ?2 ORDER BY created_at DESC LIMIT ?3)
    GROUP BY status`,
  pending: `SELECT count(*) AS waiting, min(created_at) AS oldest_at FROM (
      SELECT created_at FROM deliveries INDEXED BY deliveries_pending WHERE unit = ?1 AND status = 'pending' LIMIT ?2)`,
  rejected: `SELECT count(*) AS events FROM (
      SELECT 1 FROM refused_events INDEXED BY refused_events_by_time
      WHERE unit = ?1 AND status = 'rejected' AND refused_at >= ?2 LIMIT ?3)`,
  types: "SELECT count(*) AS types FROM event_types WHERE unit = ?1",
} as const;

/** Of those created since: how many on a day, and how many from a source; each row names one of the two. */
export type NewLeadsRow = { day: number | null; source: string | null; leads: number };
export const selectNewestLeads = (db: UnitDb, since: number): Statement<NewLeadsRow> =>
  db.sql(OVERVIEW_SQL.newestLeads, uuidAt(since), LEADS_READ_MAX);

/** `failed`: rows that have not been imported since. A running job has no counts yet. */
export type JobsRow = { day: number; jobs: number; failed_jobs: number; created: number; changed: number; failed: number };
export const selectJobDays = (db: UnitDb, since: number): Statement<JobsRow> =>
  db.sql(OVERVIEW_SQL.jobs, `job_${uuidAt(since)}`, JOBS_READ_MAX);

export type FiringsRow = { day: number; firings: number };
export const selectFiringDays = (db: UnitDb, since: number, until: number): Statement<FiringsRow> =>
  db.sql(OVERVIEW_SQL.firings, since, until, FIRINGS_READ_MAX);

export const selectDeliveryCounts = (db: UnitDb, since: number): Statement<{ status: DeliveryStatus; deliveries: number }> =>
  db.sql(OVERVIEW_SQL.deliveries, since, DELIVERIES_READ_MAX);

export const selectPendingDeliveries = (db: UnitDb): Statement<{ waiting: number; oldest_at: number | null }> =>
  db.sql(OVERVIEW_SQL.pending, COUNTED_MAX);

export const selectRejectedCount = (db: UnitDb, since: number): Statement<{ events: number }> =>
  db.sql(OVERVIEW_SQL.rejected, since, COUNTED_MAX);

export const selectTypeCount = (db: UnitDb): Statement<{ types: number }> => db.sql(OVERVIEW_SQL.types);
