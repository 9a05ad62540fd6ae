/** All levels of a dimension, saved at once: when a boundary between two levels moves, they never overlap or leave a gap. */
import type { z } from "zod";
import type { Ctx, Statement, UnitDb } from "../../context";
import { guardSql, untilCommitted } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError, type FieldProblem } from "../../errors";
import { sha256Hex } from "../../hash";
import { newId } from "../../ids";
import { invalidRequest, parseInput } from "../../validation";
import type { LevelDimension } from "../../vocabulary";
import { requireRole } from "../auth";
import { type Level, listLevels, overlap, selectLevels } from "./levels";
import { LevelArrangement } from "./schemas";

/** Differs when any level does. */
export const levelsVersion = (levels: readonly Level[]): string => sha256Hex(rowsJson(levels)).slice(0, 32);

/**
 * Replaces the levels of a dimension by the given ones: levels with a known id are changed, those without an id are created, all others are
 * deleted. The id of a deleted level restores it. `version` is `levelsVersion` of what the caller looked at. Two D1 round trips. Throws
 * forbidden, invalid_request at the level that is wrong, precondition_failed when the levels have changed since, conflict over the quota.
 */
export async function arrangeLevels(
  ctx: Ctx,
  given: z.input<typeof LevelArrangement>,
  dimension: LevelDimension = "engagement",
): Promise<Level[]> {
  requireRole(ctx, "editor");
  const { version, levels: wanted } = parseInput(LevelArrangement, given);
  const problems = arrangementProblems(wanted);
  if (problems.length > 0) throw invalidRequest(problems);
  const now = ctx.now();
  const levels = wanted.map(({ level_id, ...level }) => ({ level_id: level_id ?? newId("lvl", now), ...level }));
  return untilCommitted(async () => {
    const [stored, elsewhere] = await ctx.db.batch([selectLevels(ctx.db, dimension), selectOfOthers(ctx.db, levels, dimension)]);
    if (levelsVersion(stored) !== version)
      throw new AppError("precondition_failed", "Somebody else has changed the levels since you opened them: load them again to see how");
    if (elsewhere.length > 0)
      throw invalidRequest(
        elsewhere.map(({ at }) => ({ path: `levels.${at}.level_id`, message: "must not be a level of another dimension" })),
      );
    await insertIfRoom(ctx, levels.length > stored.length ? "levels" : [], [
      levelsAreAsRead(ctx.db, stored, dimension),
      levelsAreNoOthers(ctx.db, levels, dimension),
      deleteOthers(ctx.db, levels, dimension),
      putLevels(ctx.db, levels, dimension, now),
    ]);
    return listLevels(ctx, dimension);
  });
}

type Arranged = z.output<typeof LevelArrangement>["levels"][number];

/** Pure. */
function arrangementProblems(levels: readonly Arranged[]): FieldProblem[] {
  return levels.flatMap((level, at) => {
    const { min_score, max_score, level_id } = level;
    if (max_score !== null && max_score < min_score)
      return [{ path: `levels.${at}.max_score`, message: `must be at least ${min_score}, where the level begins, or open` }];
    const before = levels.slice(0, at);
    const other = before.find((one) => overlap(one, level));
    if (other) return [{ path: `levels.${at}.min_score`, message: `the level must not overlap ${other.name}` }];
    const same = level_id !== null && before.some((one) => one.level_id === level_id);
    return same ? [{ path: `levels.${at}.level_id`, message: "must not be that of another level" }] : [];
  });
}

const rowsJson = (levels: readonly Level[]): string =>
  JSON.stringify(
    levels.map(({ level_id, name, min_score, max_score, color, position }) => [level_id, name, min_score, max_score, color, position]),
  );

const levelsAreAsRead = (db: UnitDb, levels: readonly Level[], dimension: LevelDimension): Statement<never> =>
  db.sql(
    guardSql(
      `SELECT 1 WHERE (SELECT count(*) FROM engagement_levels WHERE unit = ?1 AND dimension = ?2) <> json_array_length(?3)
         OR EXISTS (SELECT 1 FROM json_each(?3) r WHERE NOT EXISTS (SELECT 1 FROM engagement_levels l
           WHERE l.unit = ?1 AND l.dimension = ?2 AND l.level_id = r.value->>0 AND l.name = r.value->>1 AND l.min_score = r.value->>2
             AND l.max_score IS r.value->>3 AND l.color = r.value->>4 AND l.position = r.value->>5))`,
    ),
    dimension,
    rowsJson(levels),
  );

const deleteOthers = (db: UnitDb, kept: readonly Level[], dimension: LevelDimension): Statement<never> =>
  db.sql(
    `DELETE FROM engagement_levels WHERE unit = ?1 AND dimension = ?2 AND level_id NOT IN (SELECT value->>0 FROM json_each(?3))`,
    dimension,
    rowsJson(kept),
  );

const OF_OTHERS_SQL = `SELECT r.key AS at FROM json_each(?3) r
  CROSS JOIN engagement_levels l ON l.unit = ?1 AND l.level_id = r.value->>0 AND l.dimension <> ?2`;

/** Places of the levels whose ids belong to another dimension. */
const selectOfOthers = (db: UnitDb, levels: readonly Level[], dimension: LevelDimension): Statement<{ at: number }> =>
  db.sql(OF_OTHERS_SQL, dimension, rowsJson(levels));

const levelsAreNoOthers = (db: UnitDb, levels: readonly Level[], dimension: LevelDimension): Statement<never> =>
  db.sql(guardSql(OF_OTHERS_SQL), dimension, rowsJson(levels));

const putLevels = (db: UnitDb, levels: readonly Level[], dimension: LevelDimension, now: number): Statement<never> =>
  db.sql(
    `INSERT INTO engagement_levels (unit, level_id, name, min_score, max_score, color, position, created_at, dimension)
     SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, ?4, ?2 FROM json_each(?3) WHERE true
     ON CONFLICT (unit, level_id) DO UPDATE SET name = excluded.name, min_score = excluded.min_score, max_score = excluded.max_score,
       color = excluded.color, position = excluded.position`,
    dimension,
    rowsJson(levels),
    now,
  );
