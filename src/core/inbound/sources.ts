/** Inbound sources: addresses that forms and other services send to. A secret and a mapping may be given; the token is shown once. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { TtlCache } from "../../ttl-cache";
import { parseInput } from "../../validation";
import { type AttemptCtx, requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { type InboundSource, InboundSourceChange, NewInboundSource, SOURCES_MAX } from "./source";
import {
  deleteInboundSourceRows,
  insertInboundSource,
  readInboundSource,
  selectInboundSource,
  selectInboundSources,
  selectSourceByToken,
  updateInboundSource,
} from "./store";
import { countWrongToken, hashOf, mayLookUp, newToken } from "./token";

export type CreatedInboundSource = { source: InboundSource; token: string };

/** Found by its token, in this isolate; another one uses what it knows for up to 30 s after a change. */
const known = new TtlCache<InboundSource>();
const wrong = new TtlCache<true>();

const SourceId = z.string();
const noSuchSource = (): AppError => new AppError("not_found", "Source not found");

/** Oldest first. One D1 round trip. */
export const listInboundSources = async (ctx: Ctx): Promise<InboundSource[]> =>
  (await ctx.db.all(selectInboundSources(ctx.db))).map(readInboundSource);

/** One D1 round trip. Throws not_found. */
export async function requireInboundSource(ctx: Ctx, sourceId: string): Promise<InboundSource> {
  const [row] = await ctx.db.all(selectInboundSource(ctx.db, parseInput(SourceId, sourceId)));
  if (!row) throw noSuchSource();
  return readInboundSource(row);
}

/** One D1 round trip. Throws forbidden, invalid_request, conflict for the 51st source. */
export async function createInboundSource(
  ctx: Ctx,
  given: z.input<typeof NewInboundSource>,
  remember: Remember<CreatedInboundSource> = () => [],
): Promise<CreatedInboundSource> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const source: InboundSource = {
    source_id: newId("inb", now),
    ...parseInput(NewInboundSource, given),
    active: true,
    created_at: now,
    updated_at: now,
  };
  const created = { source, token: newToken(ctx.tagKeys, ctx.unit.unit) };
  try {
    await ctx.db.batch([...insertInboundSource(ctx.db, source, hashOf(created.token), SOURCES_MAX), ...remember(created)]);
    return created;
  } catch (error) {
    if (!(error instanceof CommitConflict && error.table === "quota_guards")) throw error;
    throw new AppError("conflict", `An org unit has at most ${SOURCES_MAX} sources`);
  }
}

/** Changes the given fields; a new mapping replaces the old one. One D1 round trip. Throws forbidden, invalid_request, not_found. */
export async function changeInboundSource(ctx: Ctx, sourceId: string, given: z.input<typeof InboundSourceChange>): Promise<InboundSource> {
  requireRole(ctx, "editor");
  const change = parseInput(InboundSourceChange, given);
  const [[row]] = await ctx.db.batch([updateInboundSource(ctx.db, parseInput(SourceId, sourceId), change, ctx.now())]);
  if (!row) throw noSuchSource();
  forget(sourceId);
  return readInboundSource(row);
}

/** With its payloads; the events and leads stay. One D1 round trip. Throws forbidden, not_found. */
export async function deleteInboundSource(ctx: Ctx, sourceId: string): Promise<void> {
  requireRole(ctx, "editor");
  const [gone] = await ctx.db.batch(deleteInboundSourceRows(ctx.db, parseInput(SourceId, sourceId)));
  if (gone.length === 0) throw noSuchSource();
  forget(sourceId);
}

const forget = (sourceId: string): void => known.deleteWhere(({ source_id }) => source_id === sourceId);

/** The source of a token. One D1 round trip, none while this isolate knows it. Throws not_found, rate_limited (too many wrong tokens). */
export async function requireSourceOfToken(
  ctx: Pick<Ctx, "db" | "now" | "unit">,
  attempt: AttemptCtx,
  token: string,
): Promise<InboundSource> {
  const found = await findByToken(ctx, attempt, token);
  if (found) return found;
  await countWrongToken(attempt);
  throw noSuchAddress();
}

async function findByToken(
  { db, now, unit }: Pick<Ctx, "db" | "now" | "unit">,
  attempt: AttemptCtx,
  token: string,
): Promise<InboundSource | null> {
  const hash = hashOf(token);
  const key = `${unit.unit}/${hash}`;
  const cached = known.get(key, now());
  if (cached) return cached;
  if (wrong.get(key, now()) || !(await mayLookUp(attempt, token))) return null;
  const [row] = await db.all(selectSourceByToken(db, hash));
  if (!row) {
    wrong.set(key, true, now());
    return null;
  }
  const source = readInboundSource(row);
  known.set(key, source, now());
  return source;
}

export const noSuchAddress = (): AppError => new AppError("not_found", "No source has this address");
