/** Levels of either score, and the scores of today that they divide. */
import { z } from "zod";
import { profileScoreCounts } from "../../../core/profile-scoring";
import { arrangeLevels, type Level, LevelArrangement, levelsVersion, listLevels, scoreCounts } from "../../../core/scoring";
import { read, writeOnce } from "../call";

const DIMENSIONS = ["engagement", "profile"] as const;
const Dimension = { dimension: z.enum(DIMENSIONS).default("engagement") };

export const levelCalls = {
  "levels.list": read(z.strictObject(Dimension), async (ctx, { dimension }) => withVersion(await listLevels(ctx, dimension))),
  /** `complete_from`: from this score on every lead is counted; null: every lead with an event is */
  "levels.distribution": read(z.strictObject({}), (ctx) => scoreCounts(ctx)),
  /** Of the newest leads; `truncated`: there are more. */
  "levels.profileDistribution": read(z.strictObject({}), (ctx) => profileScoreCounts(ctx)),
  "levels.arrange": writeOnce(z.strictObject({ ...LevelArrangement.shape, ...Dimension }), async (ctx, { dimension, ...given }) =>
    withVersion(await arrangeLevels(ctx, given, dimension)),
  ),
};

const withVersion = (levels: readonly Level[]) => ({ levels, version: levelsVersion(levels) });
