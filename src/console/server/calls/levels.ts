/** Levels, and the scores of today that they divide. */
import { z } from "zod";
import { arrangeLevels, type Level, LevelArrangement, levelsVersion, listLevels, scoreCounts } from "../../../core/scoring";
import { read, write } from "../call";

export const levelCalls = {
  "levels.list": read(z.strictObject({}), async (ctx) => withVersion(await listLevels(ctx))),
  "levels.distribution": read(z.strictObject({}), (ctx) => scoreCounts(ctx)),
  "levels.arrange": write(z.strictObject(LevelArrangement.shape), async (ctx, given) => withVersion(await arrangeLevels(ctx, given))),
};

const withVersion = (levels: readonly Level[]) => ({ levels, version: levelsVersion(levels) });
