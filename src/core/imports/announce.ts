/** Notifications of a job's end, stored in the batch that ends it: one for each channel, however often that batch is tried. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { isoTime } from "../../time";
import type { NotificationEvent } from "../../vocabulary";
import { announcementSql, type Recipient } from "../notifications";

export const JOB_EVENTS: readonly NotificationEvent[] = ["import.completed", "import.failed"];

/** Nothing if the job has ended before, because it was cancelled. */
const ENDED = `SELECT 'import.' || j.status AS event, json_object(
    'job_id', j.job_id, 'kind', j.kind, 'status', j.status, 'file_name', j.file_name, 'total_rows', j.total_rows,
    'created_count', j.created_count, 'updated_count', j.changed_count + j.unchanged_count, 'failed_count', j.failed_count,
    'changed_count', j.changed_count, 'unchanged_count', j.unchanged_count, 'skipped_count', j.skipped_count,
    'warnings_count', j.warned_count, 'completed_with_errors', json(iif(j.status = 'completed' AND j.failed_count > 0, 'true', 'false')),
    'completed_at', ?4) AS data
  FROM import_jobs j WHERE j.unit = ?1 AND j.job_id = ?5 AND j.status IN ('completed', 'failed') AND j.completed_at = ?3`;

/** After `endJob` at the same `now`. None when nobody is to be notified. */
export const announceEnd = (db: UnitDb, jobId: string, recipients: readonly Recipient[], now: number): Statement<never>[] =>
  recipients.length === 0 ? [] : [db.sql(announcementSql(ENDED), JSON.stringify(recipients), now, isoTime(now), jobId)];

/** After the commit: a delivery that was not stored is passed over by its consumer. */
export async function nudgeAnnounced(ctx: Ctx, recipients: readonly Recipient[], event: NotificationEvent): Promise<void> {
  const messages = recipients.flatMap((to) => (to.event === event ? [{ unit: ctx.unit.unit, delivery_id: to.delivery_id }] : []));
  if (messages.length > 0) await ctx.outbox.deliveries(messages);
}
