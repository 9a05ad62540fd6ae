/** Two editors of one segment keep each other's changes. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { changeSegment, createSegment, deleteSegment, requireSegment } from "../../../src/core/segments";
import { mintCtx } from "../../support/context";

const score = (value: number) => ({ type: "score" as const, operator: "greater_than" as const, value });

async function mintRace() {
  const ctx = await mintCtx();
  const { segment_id } = await createSegment(ctx, { name: "S", rules: score(1) });
  /** `meanwhile` happens once, between what a change reads and what it writes. */
  const overtaken = (meanwhile: () => Promise<unknown>): Ctx => {
    let waits = true;
    const batch: Ctx["db"]["batch"] = async (statements) => {
      if (waits) {
        waits = false;
        await meanwhile();
      }
      return ctx.db.batch(statements);
    };
    return { ...ctx, db: { ...ctx.db, batch } };
  };
  return { ctx, segment_id, overtaken };
}

it("a rename keeps the rules that somebody else writes meanwhile", async () => {
  const { ctx, segment_id, overtaken } = await mintRace();
  const renamer = overtaken(() => changeSegment(ctx, segment_id, { rules: score(2) }));
  expect(await changeSegment(renamer, segment_id, { name: "Renamed" })).toMatchObject({ name: "Renamed", rules: score(2) });
  expect(await requireSegment(ctx, segment_id)).toMatchObject({ name: "Renamed", rules: score(2) });
});

it("a change of a segment that is deleted meanwhile is not_found", async () => {
  const { ctx, segment_id, overtaken } = await mintRace();
  const renamer = overtaken(() => deleteSegment(ctx, segment_id));
  await expect(changeSegment(renamer, segment_id, { name: "Renamed" })).rejects.toMatchObject({ code: "not_found" });
});
