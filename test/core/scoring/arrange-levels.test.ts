/** Levels are saved together: at no time do two overlap, nobody's change is lost, and what is taken back is the same levels again. */
import { expect, it } from "vitest";
import { arrangeLevels, createLevel, type Level, levelsVersion, listLevels } from "../../../src/core/scoring";
import { mintCtx } from "../../support/context";
import { countingD1 } from "../../support/worker";

const level = (name: string, min_score: number, max_score: number | null, level_id: string | null = null) => ({
  level_id,
  name,
  min_score,
  max_score,
  color: "#64748b",
  position: min_score,
});

async function mintLevels(bindings: Partial<Env> = {}) {
  const ctx = await mintCtx(bindings);
  const levels = await arrangeLevels(ctx, { version: levelsVersion([]), levels: [level("Cold", 0, 49), level("Hot", 50, null)] });
  return { ctx, levels };
}

const ranges = (levels: readonly Level[]) => levels.map(({ name, min_score, max_score }) => [name, min_score, max_score]);

it("a boundary moves in one batch, a level in between is created, and ids stay", async () => {
  const { DB, count } = countingD1();
  const { ctx, levels } = await mintLevels({ DB });
  const [cold, hot] = levels as [Level, Level];
  count.trips = 0;
  const arranged = await arrangeLevels(ctx, {
    version: levelsVersion(levels),
    levels: [{ ...cold, max_score: 19 }, level("Warm", 20, 69), { ...hot, min_score: 70 }],
  });
  expect(count.trips).toBe(3);
  expect(ranges(arranged)).toEqual([
    ["Cold", 0, 19],
    ["Warm", 20, 69],
    ["Hot", 70, null],
  ]);
  expect([arranged[0]?.level_id, arranged[2]?.level_id]).toEqual([cold.level_id, hot.level_id]);
});

it("a deleted level comes back under its id", async () => {
  const { ctx, levels } = await mintLevels();
  const without = await arrangeLevels(ctx, { version: levelsVersion(levels), levels: levels.slice(0, 1) });
  expect(without).toEqual(levels.slice(0, 1));
  expect(await arrangeLevels(ctx, { version: levelsVersion(without), levels })).toEqual(levels);
});

it("levels that somebody else has changed since are precondition_failed, and stay", async () => {
  const { ctx, levels } = await mintLevels();
  const ours = { version: levelsVersion(levels), levels: levels.slice(1) };
  await arrangeLevels(ctx, { version: levelsVersion(levels), levels: levels.map((one) => ({ ...one, color: "#ff0000" })) });
  await expect(arrangeLevels(ctx, ours)).rejects.toMatchObject({ code: "precondition_failed" });
  expect((await listLevels(ctx)).map(({ color }) => color)).toEqual(["#ff0000", "#ff0000"]);
});

it("of two that are saved at once, one is refused and the other whole", async () => {
  const { ctx, levels } = await mintLevels();
  const version = levelsVersion(levels);
  const both = await Promise.allSettled([
    arrangeLevels(ctx, { version, levels: levels.slice(0, 1) }),
    arrangeLevels(ctx, { version, levels: levels.slice(1) }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(await listLevels(ctx)).toHaveLength(1);
});

it.each([
  ["overlap", [level("A", 0, 10), level("B", 10, 20)], "levels.1.min_score"],
  ["end before they begin", [level("A", 10, 9)], "levels.0.max_score"],
  ["have one id", [level("A", 0, 1, `lvl_${"0".repeat(32)}`), level("B", 2, 3, `lvl_${"0".repeat(32)}`)], "levels.1.level_id"],
])("levels that %s are invalid_request at the level, and nothing changes", async (_, wanted, path) => {
  const { ctx, levels } = await mintLevels();
  const refusal = await arrangeLevels(ctx, { version: levelsVersion(levels), levels: wanted }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "invalid_request", problems: [{ path }] });
  expect(await listLevels(ctx)).toEqual(levels);
});

it("a level of another dimension is invalid_request at its level_id, and nothing changes", async () => {
  const { ctx, levels } = await mintLevels();
  const profile = await createLevel(ctx, { name: "Ideal", min_score: 0 }, undefined, "profile");
  const wanted = [level("Cold", 0, 49), level("Mine", 50, null, profile.level_id)];
  const refusal = await arrangeLevels(ctx, { version: levelsVersion(levels), levels: wanted }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: "invalid_request", problems: [{ path: "levels.1.level_id" }] });
  expect([await listLevels(ctx), await listLevels(ctx, "profile")]).toEqual([levels, [profile]]);
});

it("levels of another dimension are not deleted", async () => {
  const { ctx, levels } = await mintLevels();
  const profile = await createLevel(ctx, { name: "Ideal", min_score: 0 }, undefined, "profile");
  await arrangeLevels(ctx, { version: levelsVersion(levels), levels: [level("Mine", 0, null)] });
  expect(await listLevels(ctx, "profile")).toEqual([profile]);
});

it("more levels than the org unit has room for are a conflict", async () => {
  const { ctx, levels } = await mintLevels();
  const limited = { ...ctx, unit: { ...ctx.unit, limits: { ...ctx.unit.limits, levels: 2 } } };
  const three = [...levels.slice(0, 1), level("Warm", 50, 60), level("Hot", 61, null)];
  await expect(arrangeLevels(limited, { version: levelsVersion(levels), levels: three })).rejects.toMatchObject({ code: "conflict" });
  expect(await listLevels(ctx)).toEqual(levels);
});
