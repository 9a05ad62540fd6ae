/** Plans a file slice by slice. The plan's row says which chunks are planned; a message is only a nudge. */
import type { Ctx } from "../../../context";
import { isUnavailable } from "../../../errors";
import { yieldToEventLoop } from "../../../event-loop";
import { randomHex } from "../../../ids";
import { quotaOf } from "../../../quotas";
import { openStatementBudget, type StatementBudget } from "../../../statement-budget";
import { type AliasOwners, selectLeadTotal } from "../../leads";
import { forecastStatements, readWatchedSegments, watchedStatements } from "../../memberships";
import { type ImportFile, readFile, readRows } from "../file";
import { rowReader } from "../import-row";
import { loadOwners, type ReadLeads, readLeads } from "../lead-chunks";
import { readLeadMapping } from "../mapping";
import { type FileRow, selectFile } from "../store";
import { openEarlierChunks } from "./earlier-chunks";
import { forecastBudget, type Watching } from "./forecast";
import { Overlay } from "./overlay";
import { planNextChunk } from "./plan-next-chunk";
import { indexKey, PLAN_ROWS_GONE, planPrefix, writeObject } from "./plan-objects";
import { addChunk, countOf, type PlanProgress } from "./progress";
import { signPlan } from "./signature";
import { claimPlan, endFailedPlanRun, PLAN_TRIES_MAX, type PlanRow, savePlan } from "./store";

/** Their text is held, some 500 KB each. */
const CHUNKS_PER_RUN_MAX = 60;
/** Of a unit with watched segments: they share what a run may read of stored leads. */
const WATCHED_CHUNKS_PER_RUN_MAX = 18;
/** Of the request or message around a run. */
const STATEMENTS_AROUND = 20;
/** About 12 for a chunk without its forecast, and those that read the next one ahead and save the run. */
const CHUNK_STATEMENTS = 40;
/** Of earlier chunks: a file that names people again in no order takes more runs. */
const OBJECTS_PER_RUN_MAX = 5_000;

/** `continue`: the time was up before the plan's end; `finished`: it has ended; `lost_race`: another run has saved these chunks. */
type PlanOutcome = "continue" | "finished" | "lost_race";

/**
 * Plans until the end of the file, until the time `until` (ms), or until too few `statements` are left for another chunk. What a run has
 * planned counts once it is saved, at its end: a run that dies is repeated.
 */
export async function runPlan(
  uncounted: Ctx,
  planId: string,
  until: number,
  statements = openStatementBudget(STATEMENTS_AROUND),
): Promise<PlanOutcome> {
  const ctx = statements.counted(uncounted);
  const [[plan]] = await ctx.db.batch([claimPlan(ctx.db, planId, ctx.now())]);
  if (!plan) return "finished";
  if (plan.tries >= PLAN_TRIES_MAX) return fail(ctx, plan, "The plan failed several times on our side: please make it again");
  try {
    const [[file], [counted], watches, triggers] = await ctx.db.batch([
      selectFile(ctx.db, plan.file_id),
      selectLeadTotal(ctx.db),
      ...watchedStatements(ctx.db),
    ]);
    const segments = readWatchedSegments(watches, triggers);
    const watching = segments && { segments, budget: forecastBudget(), hasRoom: statements.keeping(CHUNK_STATEMENTS).hasRoom };
    const room = quotaOf(ctx.unit, "leads") - (counted?.leads ?? 0);
    return file
      ? await planSlice(ctx, { plan, file, room, watching, statements }, until)
      : await fail(ctx, plan, "The file is no longer kept");
  } catch (error) {
    await uncounted.db.batch([endFailedPlanRun(ctx.db, planId, !isUnavailable(error))]).catch(() => {});
    throw error;
  }
}

type Slice = { plan: PlanRow; file: FileRow; room: number; watching: Watching | null; statements: StatementBudget };

async function planSlice(ctx: Ctx, { plan, file: fileRow, room, watching, statements }: Slice, until: number): Promise<PlanOutcome> {
  const file = readFile(fileRow);
  const prefix = planPrefix(ctx.unit.unit, plan.plan_id);
  const progress: PlanProgress = JSON.parse(plan.progress);
  const mapping = readLeadMapping(plan.mapping);
  const earlier = await openEarlierChunks(ctx.files, prefix, progress);
  if (!earlier) return fail(ctx, plan, PLAN_ROWS_GONE);
  const overlay = new Overlay();
  const run = randomHex(8);
  const from = plan.planned_chunks;
  const read = readAhead(ctx, file, readLeads(rowReader(mapping)), from);
  const stored: Promise<unknown>[] = [];
  let no = from;
  const chunksMax = watching ? WATCHED_CHUNKS_PER_RUN_MAX : CHUNKS_PER_RUN_MAX;
  const chunkStatements = CHUNK_STATEMENTS + (watching ? forecastStatements(watching.segments) : 0);
  const isFull = () => no - from === chunksMax || !statements.hasRoom(chunkStatements) || earlier.reads >= OBJECTS_PER_RUN_MAX;
  while (no < file.chunks.length && (no === from || (!isFull() && ctx.now() < until))) {
    const { chunk, owners } = await read();
    if (!(await earlier.bring(overlay, chunk.inputs, owners))) return fail(ctx, plan, PLAN_ROWS_GONE);
    const left = room - countOf(progress, "created");
    const planned = await planNextChunk(ctx, { mapping, ids: plan, overlay, earlier, room: left, watching }, chunk, owners);
    const written = writeObject(ctx.files, prefix, no, run, planned);
    stored.push(written.stored);
    addChunk(progress, written.object, planned);
    earlier.add(no, planned, written.text);
    no += 1;
    await yieldToEventLoop();
  }
  const isLast = no === file.chunks.length;
  if (!isLast) {
    progress.runs = [...(progress.runs ?? []), { run, to: no }];
    stored.push(ctx.files.put(indexKey(prefix, run), earlier.indexBytes()));
  }
  await Promise.all(stored);
  return save(ctx, plan, progress, isLast);
}

/** Reads chunks and the stored owners of their aliases in file order, each while the one before it is planned. */
function readAhead(ctx: Ctx, file: ImportFile, read: (rows: ReadLeads["rows"]) => ReadLeads, from: number) {
  let no = from;
  const load = async (): Promise<{ chunk: ReadLeads; owners: AliasOwners } | null> => {
    const at = file.chunks[no++];
    if (!at) return null;
    const rows = await readRows(ctx.files, file, at);
    if (!rows) throw new Error(`the object of a file that is kept is gone: ${file.object_key}`);
    const chunk = read(rows);
    return { chunk, owners: await loadOwners(ctx, chunk) };
  };
  const ahead = () => {
    const loading = load();
    // a failure is thrown where the chunk is awaited
    loading.catch(() => {});
    return loading;
  };
  let next = ahead();
  return async () => {
    const loaded = await next;
    if (!loaded) throw new Error("a file has fewer chunks than its table");
    next = ahead();
    return loaded;
  };
}

async function save(ctx: Ctx, plan: PlanRow, progress: PlanProgress, isLast: boolean): Promise<PlanOutcome> {
  const [saved] = await ctx.db.batch([
    savePlan(ctx.db, plan.plan_id, plan.planned_chunks, {
      status: isLast ? "completed" : "in_progress",
      planned_chunks: progress.chunks.length,
      progress: JSON.stringify(progress),
      problem: null,
      signature: isLast ? signPlan(ctx, plan, progress) : null,
    }),
  ]);
  if (saved.length === 0) return "lost_race";
  return isLast ? "finished" : "continue";
}

async function fail(ctx: Ctx, { plan_id, planned_chunks, progress }: PlanRow, problem: string): Promise<PlanOutcome> {
  await ctx.db.batch([savePlan(ctx.db, plan_id, planned_chunks, { status: "failed", planned_chunks, progress, problem, signature: null })]);
  return "finished";
}
