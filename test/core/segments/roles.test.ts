/** Every verb that writes segments checks its caller's role and its input itself, whichever dialect calls it. */
import { describe, expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { changeSegment, copySegment, createSegment, deleteSegment, previewRules } from "../../../src/core/segments";
import { mintCtx, withRole } from "../../support/context";

const rules = { type: "score", operator: "greater_than", value: 1 };
const bad = (value: unknown) => value as never;
const create = (ctx: Ctx) => createSegment(ctx, { name: "S", rules });

describe("verbs that write segments", () => {
  it("need the role editor", async () => {
    const ctx = await mintCtx();
    const { segment_id } = await create(ctx);
    const viewer = withRole(ctx, "viewer");
    for (const call of [
      () => create(viewer),
      () => copySegment(viewer, segment_id),
      () => changeSegment(viewer, segment_id, { active: false }),
      () => deleteSegment(viewer, segment_id),
    ])
      await expect(call()).rejects.toMatchObject({ code: "forbidden" });
    expect((await previewRules(viewer, rules)).count).toBe(0);
  });

  it("refuse what is no segment", async () => {
    const ctx = await mintCtx();
    for (const given of [
      null,
      {},
      { name: "", rules },
      { name: "S" },
      { name: "S", rules: [] },
      { name: "S", rules: { and: [{}] } },
      { name: 5, rules },
    ])
      await expect(createSegment(ctx, bad(given))).rejects.toMatchObject({ code: "invalid_request" });
    await expect(changeSegment(ctx, "x", bad({}))).rejects.toMatchObject({ code: "invalid_request" });
    await expect(deleteSegment(ctx, bad(null))).rejects.toMatchObject({ code: "invalid_request" });
    await expect(deleteSegment(ctx, "x")).rejects.toMatchObject({ code: "not_found" });
  });
});
