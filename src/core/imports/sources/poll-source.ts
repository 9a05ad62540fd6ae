/** Polls a standing import: each version is fetched, planned, checked, and imported or held for approval, once. */
import type { Ctx, Statement } from "../../../context";
import { AppError, isUnavailable } from "../../../errors";
import { sha256Hex } from "../../../hash";
import { isoTime } from "../../../time";
import { announcementSql, recipientsOf, selectSubscribers } from "../../notifications";
import { type PlanDetail, planImport, requirePlan, startPlannedImport } from "../plan";
import { receiveFile } from "../receive-file";
import { prepareImport } from "../start-import";
import { fetchVersion, SourceProblem } from "./fetch-version";
import { driftOf, excessOf, floodOf } from "./judge-version";
import { type ImportSource, nextPoll, type PendingVersion, type StopReason } from "./source";
import { claimSource, keepPending, readSource, type Settlement, settleSource } from "./store";

/** `busy`: another run works on it, or it is not due. */
export type PollOutcome = "busy" | "unchanged" | "planning" | "waiting" | "started" | "failed";

const PLAN_RECHECK_MS = 60_000;
/** Polls in a row that fail before somebody is notified. */
const FAILURES_TOLD = 3;

/** Polls a source that is due. A run that dies is repeated after two minutes; the plan's own job makes the import happen once. */
export async function pollSource(ctx: Ctx, sourceId: string): Promise<PollOutcome> {
  const [[row]] = await ctx.db.batch([claimSource(ctx.db, sourceId, ctx.now())]);
  if (!row) return "busy";
  const source = readSource(row);
  try {
    return source.pending?.state === "planning" ? await judge(ctx, source, source.pending) : await fetchAndPlan(ctx, source);
  } catch (error) {
    if (error instanceof SourceProblem || (error instanceof AppError && !isUnavailable(error))) return fail(ctx, source, error.message);
    throw error;
  }
}

async function fetchAndPlan(ctx: Ctx, source: ImportSource): Promise<PollOutcome> {
  const held = await stillHeld(ctx, source.pending);
  const seen = held ?? (source.pending ? null : source);
  const fetched = await fetchVersion(ctx, source.url, seen);
  const content_hash = fetched && sha256Hex(fetched.bytes);
  if (fetched === null || content_hash === null || content_hash === (held ?? source).content_hash) {
    await settle(ctx, source, { pending: held });
    return held ? "waiting" : "unchanged";
  }
  const { file_id, table } = await receiveFile(ctx, { bytes: fetched.bytes, file_name: fetched.file_name });
  const pending: PendingVersion = {
    etag: fetched.etag,
    last_modified: fetched.last_modified,
    content_hash,
    headers: table.headers,
    state: "planning",
    since: ctx.now(),
    file_id,
    plan_id: null,
    reasons: driftOf(source.headers, table.headers),
    counts: null,
    total_rows: table.row_count,
  };
  return plan(ctx, source, pending);
}

/** The waiting version, unless its plan has expired: then it is fetched and planned again. */
async function stillHeld(ctx: Ctx, pending: PendingVersion | null): Promise<PendingVersion | null> {
  if (!pending?.plan_id) return pending;
  return (await findPlan(ctx, pending.plan_id)) && pending;
}

/** Null once it has expired; any other failure is thrown, and the poll is repeated. */
const findPlan = (ctx: Ctx, planId: string): Promise<PlanDetail | null> =>
  requirePlan(ctx, planId).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not_found") return null;
    throw error;
  });

async function plan(ctx: Ctx, source: ImportSource, version: PendingVersion): Promise<PollOutcome> {
  const prepared = await prepareImport(ctx, version.file_id, source.mapping).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "invalid_request") return error;
    throw error;
  });
  if (prepared instanceof AppError)
    return hold(ctx, source, { ...version, reasons: [...version.reasons, { code: "mapping_invalid", message: prepared.message }] });
  const flood = await floodOf(ctx, source, prepared.content, prepared.mapping);
  const { plan_id } = await planImport(ctx, version.file_id, source.mapping);
  const pending = { ...version, plan_id, reasons: [...version.reasons, ...flood] };
  const [kept] = await ctx.db.batch([keepPending(ctx.db, source, pending)]);
  return kept.length === 0 ? "busy" : judge(ctx, source, pending);
}

async function judge(ctx: Ctx, source: ImportSource, pending: PendingVersion): Promise<PollOutcome> {
  const planned = await findPlan(ctx, pending.plan_id ?? "");
  if (planned?.status === "in_progress") {
    await settle(ctx, source, { pending, next_poll_at: ctx.now() + PLAN_RECHECK_MS });
    return "planning";
  }
  if (!planned || planned.status === "failed") {
    return hold(ctx, source, {
      ...pending,
      reasons: [...pending.reasons, { code: "plan_failed", message: planned?.problem ?? "The plan expired" }],
    });
  }
  const { created, changed, unchanged, failed } = planned.counts;
  const counted = { ...pending, counts: { created, changed, unchanged, failed } };
  const reasons: StopReason[] = [...counted.reasons, ...excessOf(source.stops, counted)];
  if (reasons.length > 0) return hold(ctx, source, { ...counted, reasons });
  // the source may have been replaced or switched off since this run claimed it
  const [kept] = await ctx.db.batch([keepPending(ctx.db, source, pending)]);
  if (kept.length === 0) return "busy";
  const { job } = await startPlannedImport(ctx, { plan_id: planned.plan_id, accept_drift: true });
  await settle(ctx, source, { pending: null, taken: pending, job_id: job.job_id });
  return "started";
}

/** Nothing is written; subscribed channels are notified, once for each version. */
async function hold(ctx: Ctx, source: ImportSource, version: PendingVersion): Promise<PollOutcome> {
  const { reasons, plan_id, counts, total_rows } = version;
  const data = { plan_id, reasons, counts, total_rows };
  await settle(ctx, source, { pending: { ...version, state: "waiting" } }, { subject: version.content_hash, data });
  return "waiting";
}

async function fail(ctx: Ctx, source: ImportSource, error: string): Promise<PollOutcome> {
  const isTold = source.failures + 1 === FAILURES_TOLD;
  const { pending } = source;
  const told = {
    subject: `failed ${source.content_hash} ${ctx.now()}`,
    data: { plan_id: null, reasons: [{ code: "unreachable", message: error }] },
  };
  await settle(ctx, source, { pending, error }, isTold ? told : null);
  return "failed";
}

type Stopped = { subject: string; data: object };

async function settle(
  ctx: Ctx,
  source: ImportSource,
  settlement: Partial<Settlement> & Pick<Settlement, "pending">,
  stopped: Stopped | null = null,
): Promise<void> {
  const now = ctx.now();
  const subscribers = stopped ? await ctx.db.all(selectSubscribers(ctx.db, ["import.stopped"])) : [];
  const recipients = recipientsOf(subscribers, `${source.source_id} ${stopped?.subject}`);
  const announcement: Statement<never>[] =
    stopped && recipients.length > 0
      ? [
          ctx.db.sql(
            announcementSql("SELECT 'import.stopped' AS event, ?5 AS data"),
            JSON.stringify(recipients),
            now,
            isoTime(now),
            JSON.stringify({ source_id: source.source_id, name: source.name, ...stopped.data }),
          ),
        ]
      : [];
  await ctx.db.batch([settleSource(ctx.db, source, { next_poll_at: nextPoll(source.schedule, now), ...settlement }, now), ...announcement]);
  if (recipients.length > 0) await ctx.outbox.deliveries(recipients.map(({ delivery_id }) => ({ unit: ctx.unit.unit, delivery_id })));
}
