/** Levels: named ranges of a score that never overlap. Each dimension has its own: engagement, profile, account. */

import type { z } from "zod";
import type { Ctx, Statement, UnitDb } from "../../context";
import { queryGroups } from "../../db/batch";
import { CommitConflict, guardSql, untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import type { LevelDimension } from "../../vocabulary";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { LevelChange, NewLevel } from "./schemas";

export type Level = { level_id: string; name: string; min_score: number; max_score: number | null; color: string; position: number };

const COLUMNS = "level_id, name, min_score, max_score, color, position";

export const selectLevels = (db: UnitDb, dimension: LevelDimension = "engagement"): Statement<Level> =>
  db.sql(`SELECT ${COLUMNS} FROM engagement_levels WHERE unit = ?1 AND dimension = ?2 ORDER BY position, min_score, level_id`, dimension);

export const listLevels = (ctx: Ctx, dimension: LevelDimension = "engagement"): Promise<Level[]> =>
  ctx.db.all(selectLevels(ctx.db, dimension));

/** The level of a score. Bounds are inclusive whole numbers and the score is rounded down, so 24.9 counts as 24. */
export const levelOf = (levels: readonly Level[], score: number): Level | undefined =>
  levels.find(({ min_score, max_score }) => min_score <= Math.floor(score) && (max_score === null || Math.floor(score) <= max_score));

/** Throws forbidden, invalid_request if the range is empty, conflict if it overlaps another level's or there is no room. One D1 round trip. */
export async function createLevel(
  ctx: Ctx,
  given: z.input<typeof NewLevel>,
  remember: Remember<Level> = () => [],
  dimension: LevelDimension = "engagement",
): Promise<Level> {
  requireRole(ctx, "editor");
  const level = { level_id: newId("lvl", ctx.now()), ...parseInput(NewLevel, given) };
  requireRange(level);
  try {
    await insertIfRoom(ctx, "levels", [
      overlapGuard(ctx.db, level, dimension),
      insertLevel(ctx.db, level, dimension, ctx.now()),
      ...remember(level),
    ]);
  } catch (error) {
    throw error instanceof CommitConflict ? overlaps(level) : error;
  }
  return level;
}

/**
 * Changes the given fields; concurrent changes of other fields are kept. Throws not_found, and what `createLevel` throws. Two D1 round trips.
 */
export async function changeLevel(
  ctx: Ctx,
  levelId: string,
  given: z.input<typeof LevelChange>,
  dimension: LevelDimension = "engagement",
): Promise<Level> {
  requireRole(ctx, "editor");
  const changes = parseInput(LevelChange, given);
  return untilCommitted(async () => {
    const levels = await listLevels(ctx, dimension);
    const stored = levels.find(({ level_id }) => level_id === levelId);
    if (!stored) throw noSuchLevel(levelId);
    const level = { ...stored, ...changes };
    requireRange(level);
    if (levels.some((other) => other.level_id !== levelId && overlap(level, other))) throw overlaps(level);
    const { updated } = await queryGroups(ctx.db, {
      guards: [rangeIsAsRead(ctx.db, stored), overlapGuard(ctx.db, level, dimension)],
      updated: [updateLevel(ctx.db, level, changes)],
    });
    return updated[0] ?? level;
  });
}

/** Throws forbidden, not_found. One D1 round trip. */
export async function deleteLevel(ctx: Ctx, levelId: string, dimension: LevelDimension = "engagement"): Promise<void> {
  requireRole(ctx, "editor");
  const deleted = await ctx.db.all(deleteLevelStatement(ctx.db, levelId, dimension));
  if (deleted.length === 0) throw noSuchLevel(levelId);
}

type Range = Pick<Level, "min_score" | "max_score">;

export const overlap = (a: Range, b: Range): boolean =>
  (a.max_score === null || b.min_score <= a.max_score) && (b.max_score === null || a.min_score <= b.max_score);

const overlaps = ({ min_score, max_score }: Range): AppError =>
  new AppError("conflict", `The range ${min_score} to ${max_score ?? "open"} overlaps that of another level`);

function requireRange(level: Range): void {
  if (level.max_score !== null && level.max_score < level.min_score) {
    throw new AppError("invalid_request", "max_score must not be below min_score", [
      { path: "max_score", message: `must be at least min_score (${level.min_score}), or null` },
    ]);
  }
}

const rangeIsAsRead = (db: UnitDb, { level_id, min_score, max_score }: Level): Statement<never> =>
  db.sql(
    guardSql(
      `SELECT 1 WHERE NOT EXISTS (
         SELECT 1 FROM engagement_levels WHERE unit = ?1 AND level_id = ?2 AND min_score = ?3 AND max_score IS ?4)`,
    ),
    level_id,
    min_score,
    max_score,
  );

const overlapGuard = (db: UnitDb, { level_id, min_score, max_score }: Level, dimension: LevelDimension): Statement<never> =>
  db.sql(
    guardSql(
      `SELECT 1 FROM engagement_levels WHERE unit = ?1 AND level_id <> ?2 AND dimension = ?5
         AND (max_score IS NULL OR max_score >= ?3) AND (?4 IS NULL OR min_score <= ?4)`,
    ),
    level_id,
    min_score,
    max_score,
    dimension,
  );

const insertLevel = (db: UnitDb, level: Level, dimension: LevelDimension, now: number): Statement<never> =>
  db.sql(
    `INSERT INTO engagement_levels (unit, ${COLUMNS}, created_at, dimension) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
    level.level_id,
    level.name,
    level.min_score,
    level.max_score,
    level.color,
    level.position,
    now,
    dimension,
  );

/** Writes the planned range and the other fields that were given. Returns the level. */
const updateLevel = (
  db: UnitDb,
  { level_id, min_score, max_score }: Level,
  { name, color, position }: z.output<typeof LevelChange>,
): Statement<Level> =>
  db.sql(
    `UPDATE engagement_levels SET min_score = ?3, max_score = ?4,
       name = coalesce(?5, name), color = coalesce(?6, color), position = coalesce(?7, position)
     WHERE unit = ?1 AND level_id = ?2 RETURNING ${COLUMNS}`,
    level_id,
    min_score,
    max_score,
    name ?? null,
    color ?? null,
    position ?? null,
  );

const deleteLevelStatement = (db: UnitDb, levelId: string, dimension: LevelDimension): Statement<{ level_id: string }> =>
  db.sql("DELETE FROM engagement_levels WHERE unit = ?1 AND level_id = ?2 AND dimension = ?3 RETURNING level_id", levelId, dimension);

const noSuchLevel = (levelId: string): AppError => new AppError("not_found", `Level not found: ${levelId.slice(0, 100)}`);
