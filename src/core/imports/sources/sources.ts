/** Standing imports: kept, changed, polled at once, and decided about by a person. */
import { z } from "zod";
import type { Ctx } from "../../../context";
import { CommitConflict } from "../../../db/commit";
import { AppError } from "../../../errors";
import { newId } from "../../../ids";
import { parseInput } from "../../../validation";
import { requireRole } from "../../auth";
import type { Remember } from "../../idempotency";
import { startPlannedImport } from "../plan";
import { requireSourceUrl } from "./fetch-version";
import { type ImportSource, ImportSourceInput, nextPoll, SOURCES_MAX } from "./source";
import {
  deleteSource as deleteSourceRow,
  insertSource,
  makeDue,
  readSource,
  selectSource,
  selectSources,
  settleSource,
  updateSource,
  type WrittenSource,
} from "./store";

const SourceId = z.string();
const noSuchSource = (): AppError => new AppError("not_found", "Import source not found");

/** Only editors see them: a URL may contain the key to its file. One D1 round trip. Throws forbidden. */
export async function listImportSources(ctx: Ctx): Promise<ImportSource[]> {
  requireRole(ctx, "editor");
  return (await ctx.db.all(selectSources(ctx.db))).map(readSource);
}

/** One D1 round trip. Throws forbidden, not_found. */
export async function requireImportSource(ctx: Ctx, sourceId: string): Promise<ImportSource> {
  requireRole(ctx, "editor");
  const [row] = await ctx.db.all(selectSource(ctx.db, parseInput(SourceId, sourceId)));
  if (!row) throw noSuchSource();
  return readSource(row);
}

/** Creates a source; its first poll is due at once. One D1 round trip. Throws forbidden, invalid_request, conflict (50 sources). */
export async function createImportSource(
  ctx: Ctx,
  given: ImportSourceInput,
  remember: Remember<ImportSource> = () => [],
): Promise<ImportSource> {
  requireRole(ctx, "editor");
  const source = parseSource(ctx, given);
  const now = ctx.now();
  const source_id = newId("src", now);
  const created = { ...newSource(given, now), source_id };
  try {
    await ctx.db.batch([...insertSource(ctx.db, source_id, source, now), ...remember(created)]);
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    throw new AppError("conflict", `An org unit keeps at most ${SOURCES_MAX} import sources`);
  }
  await ctx.outbox.importSource({ unit: ctx.unit.unit, source_id });
  return created;
}

/** Replaces a source; a version that waits is planned anew. Two D1 round trips. Throws forbidden, invalid_request, not_found. */
export async function changeImportSource(ctx: Ctx, sourceId: string, given: ImportSourceInput): Promise<ImportSource> {
  requireRole(ctx, "editor");
  const source = parseSource(ctx, given);
  const id = parseInput(SourceId, sourceId);
  const [changed] = await ctx.db.batch([updateSource(ctx.db, id, source, ctx.now())]);
  if (changed.length === 0) throw noSuchSource();
  await ctx.outbox.importSource({ unit: ctx.unit.unit, source_id: id });
  return requireImportSource(ctx, id);
}

/** Its jobs stay. One D1 round trip. Throws forbidden, not_found. */
export async function deleteImportSource(ctx: Ctx, sourceId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [gone] = await ctx.db.batch([deleteSourceRow(ctx.db, parseInput(SourceId, sourceId))]);
  if (gone.length === 0) throw noSuchSource();
}

/** Makes a source due now. Two D1 round trips. Throws forbidden, not_found, conflict (it is switched off). */
export async function pollImportSource(ctx: Ctx, sourceId: string): Promise<ImportSource> {
  const source = await requireImportSource(ctx, sourceId);
  const [due] = await ctx.db.batch([makeDue(ctx.db, source.source_id, ctx.now())]);
  if (due.length === 0) throw new AppError("conflict", "The import source is not active");
  await ctx.outbox.importSource({ unit: ctx.unit.unit, source_id: source.source_id });
  return requireImportSource(ctx, source.source_id);
}

/** Imports the version that waits, as it was planned. Throws forbidden, not_found, conflict (none waits, or its mapping does not fit). */
export async function approveImportSource(ctx: Ctx, sourceId: string): Promise<ImportSource> {
  const source = await requireImportSource(ctx, sourceId);
  const waiting = requireWaiting(source);
  if (waiting.plan_id === null) throw new AppError("conflict", "The mapping does not fit the file: change the source's mapping");
  const { job } = await startPlannedImport(ctx, { plan_id: waiting.plan_id, accept_drift: true });
  return done(ctx, source, { taken: waiting, job_id: job.job_id });
}

/** Passes over the version that waits; the next one is compared with it. Throws forbidden, not_found, conflict (none waits). */
export async function discardImportSource(ctx: Ctx, sourceId: string): Promise<ImportSource> {
  const source = await requireImportSource(ctx, sourceId);
  return done(ctx, source, { taken: requireWaiting(source) });
}

function requireWaiting({ pending }: ImportSource) {
  if (pending?.state !== "waiting") throw new AppError("conflict", "No version of this import source waits");
  return pending;
}

async function done(
  ctx: Ctx,
  source: ImportSource,
  settlement: { taken: NonNullable<ImportSource["pending"]>; job_id?: string },
): Promise<ImportSource> {
  const now = ctx.now();
  await ctx.db.batch([settleSource(ctx.db, source, { ...settlement, pending: null, next_poll_at: nextPoll(source.schedule, now) }, now)]);
  return requireImportSource(ctx, source.source_id);
}

function parseSource(ctx: Ctx, given: ImportSourceInput): WrittenSource {
  const { name, url, schedule, mapping, stops, active } = parseInput(ImportSourceInput, given);
  requireSourceUrl(ctx, url);
  return { name, url, schedule, mapping: JSON.stringify(mapping), stops: JSON.stringify(stops), active: active ? 1 : 0 };
}

function newSource(given: ImportSourceInput, now: number): Omit<ImportSource, "source_id"> {
  const parsed = parseInput(ImportSourceInput, given);
  return {
    ...parsed,
    created_at: now,
    updated_at: now,
    next_poll_at: now,
    claimed_at: null,
    last_polled_at: null,
    failures: 0,
    last_error: null,
    etag: null,
    last_modified: null,
    content_hash: null,
    headers: null,
    last_job_id: null,
    pending: null,
  };
}
