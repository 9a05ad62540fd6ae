/** Every verb of inbound sources that writes, or shows what people sent, refuses a viewer. */
import { expect, it } from "vitest";
import {
  changeInboundSource,
  createInboundSource,
  deleteInboundSource,
  listInboundPayloads,
  replayInboundPayload,
} from "../../../src/core/inbound";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";
import { editorsOnly } from "../../support/roles";

const mint = async () => {
  const ctx = withRole(await mintCtx(), "editor");
  const { source } = await createInboundSource(ctx, { name: "Form", type: "generic" });
  return { ctx, source_id: source.source_id };
};

editorsOnly(
  [
    ["createInboundSource", ({ ctx }) => createInboundSource(ctx, { name: "Other", type: "tally" })],
    ["changeInboundSource", ({ ctx, source_id }) => changeInboundSource(ctx, source_id, { active: false })],
    ["deleteInboundSource", ({ ctx, source_id }) => deleteInboundSource(ctx, source_id)],
  ],
  mint,
  ({ ctx }) => rowsOf(ctx.unit.unit, "inbound_sources"),
);

it("payloads are neither shown to a viewer nor replayed", async () => {
  const { ctx, source_id } = await mint();
  const viewer = withRole(ctx, "viewer");
  await expect(listInboundPayloads(viewer, source_id)).rejects.toMatchObject({ code: "forbidden" });
  await expect(replayInboundPayload(viewer, source_id, "pay_1")).rejects.toMatchObject({ code: "forbidden" });
  await expect(replayInboundPayload(ctx, source_id, "pay_1")).rejects.toMatchObject({ code: "not_found" });
});

it("input outside the limits is invalid_request", async () => {
  const { ctx } = await mint();
  for (const given of [
    undefined,
    null,
    {},
    { name: 5, type: "generic" },
    { name: "x", type: "form" },
    { name: "x", type: "generic", secret: "" },
  ]) {
    await expect(createInboundSource(ctx, given as never), JSON.stringify(given)).rejects.toMatchObject({ code: "invalid_request" });
  }
});
