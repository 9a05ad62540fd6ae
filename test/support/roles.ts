/** Verbs that write, called without HTTP by those who may not. */
import { expect, it } from "vitest";
import type { Ctx } from "../../src/context";
import { withRole } from "./context";

/** `mint` creates what the verbs work on, as an editor; `stored` returns all that they could change. */
export function editorsOnly<Given extends { ctx: Ctx }>(
  verbs: readonly (readonly [name: string, call: (given: Given) => Promise<unknown>])[],
  mint: () => Promise<Given>,
  stored: (given: Given) => Promise<unknown>,
): void {
  it.each(verbs)("%s: a viewer is refused and nothing changes; an editor may", async (_, call) => {
    const given = await mint();
    const before = await stored(given);
    await expect(call({ ...given, ctx: withRole(given.ctx, "viewer") })).rejects.toMatchObject({ code: "forbidden" });
    expect(await stored(given)).toEqual(before);
    await call(given);
    expect(await stored(given)).not.toEqual(before);
  });
}
