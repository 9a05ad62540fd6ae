/**
 * Runs a bulk job slice by slice, each in one batch that also marks it. The job's row is the truth and a message only a nudge: however often,
 * late or concurrently a job is run, every slice is committed once.
 */
import type { ChangeSource, Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { selectAccount } from "../accounts";
import { deletionOf } from "../erasure";
import { readNarrowing, scanLeads } from "../lead-overview";
import { type Lead, leadWrites, readLead } from "../leads";
import { selectMoving } from "../merging";
import { insertJournalOfDeletion, journalWrites } from "../undo";
import { type Change, planSlice } from "./plan-slice";
import { type BulkJobRow, markSlice, selectJob, selectListed } from "./store";

/** About 12 statements a slice; the deletion of a lead takes some 30. D1 accepts 1,000 for each invocation. */
const CHANGED_PER_SLICE = 500;
const DELETED_PER_SLICE = 20;
const CHANGE_SLICES_PER_RUN = 40;
/** Statements that check the rules of a filter; there is room for one more slice. */
const CHECK_STATEMENTS_PER_RUN = 300;
/** Of profiles, as a page of a list has. */
const BYTES_PER_SLICE = 4_000_000;

/**
 * `continue`: there is more to do; `finished`: the job has ended; `lost_race`: another run has committed the slice; `blocked`: events of a lead
 * are still moving, and the cron resumes the job.
 */
type RunOutcome = "continue" | "finished" | "lost_race" | "blocked";

/** Runs a job until it ends, or until the time `until` (ms). Three D1 round trips a slice, four where the leads are linked to an account. */
export async function runBulk(ctx: Ctx, jobId: string, until: number): Promise<RunOutcome> {
  let checking = 0;
  for (let slices = 0; ; slices++) {
    const [job] = await ctx.db.all(selectJob(ctx.db, jobId));
    if (!job || job.completed_at !== null) return "finished";
    const most = job.action === "delete" ? 1 : CHANGE_SLICES_PER_RUN;
    if (slices === most || checking > CHECK_STATEMENTS_PER_RUN || (slices > 0 && ctx.now() >= until)) return "continue";
    const worker: Ctx = { ...ctx, source: sourceOf(job) };
    const slice = await loadSlice(worker, job);
    checking += slice.statements;
    try {
      await commitSlice(worker, job, slice);
    } catch (error) {
      if (error instanceof CommitConflict && error.table === "commit_guards") return afterConflict(ctx, job, slice);
      throw error;
    }
  }
}

/** Unless another run has committed the slice, a lead changed meanwhile: the next message plans the slice again, with statements of its own. */
async function afterConflict({ db }: Ctx, { job_id, slices }: BulkJobRow, { leads }: LoadedSlice): Promise<RunOutcome> {
  const ids = leads.map(({ lead_id }) => lead_id);
  const [[job], moving] = await db.batch([selectJob(db, job_id), selectMoving(db, ids)]);
  if (!job || job.completed_at !== null || job.slices !== slices) return "lost_race";
  return moving.length > 0 ? "blocked" : "continue";
}

const sourceOf = ({ client, requested_by: by }: BulkJobRow): ChangeSource =>
  client === null ? { dialect: "engagement", by } : { dialect: "mcp", client, by };

type LoadedSlice = { leads: Lead[]; processed: number; after: string; done: boolean; statements: number };

async function commitSlice(ctx: Ctx, job: BulkJobRow, { leads, processed, after, done }: LoadedSlice): Promise<void> {
  const now = ctx.now();
  if (job.action === "delete") {
    const slice = { processed, written: leads.length, refused: 0, after, done };
    const ids = leads.map(({ lead_id }) => lead_id);
    await ctx.db.batch([
      ...markSlice(ctx.db, job, slice, now),
      ...insertJournalOfDeletion(ctx.db, { operation_id: job.job_id, chunk_no: job.slices, now }, ids),
      ...ids.flatMap((id) => deletionOf(ctx, id, { journalled: true })),
    ]);
    return;
  }
  const change = JSON.parse(job.change ?? "{}") as Change;
  const { updates, refused } = planSlice(leads, change, await isGone(ctx, change.account_id));
  const chunk = { operation_id: job.job_id, chunk_no: job.slices, started_at: job.created_at, now };
  const writes =
    updates.length === 0
      ? []
      : [
          ...journalWrites(ctx.db, chunk, { changed: updates }),
          ...leadWrites(ctx, { inserts: [], updates, conflicts: [] }, new Map(), job.job_id, now),
        ];
  await ctx.db.batch([...markSlice(ctx.db, job, { processed, written: updates.length, refused, after, done }, now), ...writes]);
}

const isGone = async ({ db }: Ctx, accountId: string | null | undefined): Promise<boolean> =>
  accountId ? (await db.all(selectAccount(db, accountId))).length === 0 : false;

async function loadSlice(ctx: Ctx, job: BulkJobRow): Promise<LoadedSlice> {
  const size = job.action === "delete" ? DELETED_PER_SLICE : CHANGED_PER_SLICE;
  const { ids, filter } = JSON.parse(job.target) as { ids?: string[]; filter?: Record<string, unknown> };
  if (ids) {
    const own = ids.slice(job.processed, job.processed + size);
    const rows = await ctx.db.all(selectListed(ctx.db, own, BYTES_PER_SLICE));
    // what follows the last lead did not fit, or is gone: the next slice tells
    const processed = (rows.at(-1)?.at ?? own.length - 1) + 1;
    return { leads: rows.map(readLead), processed, after: "", done: job.processed + processed >= ids.length, statements: 1 };
  }
  // leads created after the request are not part of the job
  const part = { after: job.after, until: `${job.created_at.toString(16).padStart(12, "0")}g` };
  for await (const page of scanLeads(ctx, readNarrowing(filter, job.created_at), part, size)) {
    return {
      leads: page.leads.map(({ lead }) => lead),
      processed: page.leads.length,
      after: page.last,
      done: page.done,
      statements: page.statements,
    };
  }
  return { leads: [], processed: 0, after: job.after, done: true, statements: 1 };
}
