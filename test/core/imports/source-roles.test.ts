/** Every verb of standing imports refuses a viewer, reading included: a URL may hold the key to its file. */
import { expect, it } from "vitest";
import {
  approveImportSource,
  changeImportSource,
  createImportSource,
  deleteImportSource,
  discardImportSource,
  listImportSources,
  pollImportSource,
  requireImportSource,
} from "../../../src/core/imports";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";
import { heldQueue } from "../../support/imports";

const SOURCE = { name: "Sheet", url: "https://example.com/a.csv", mapping: { primary_identifier: { column: "Email", kind: "email" } } };

it("a viewer is refused and nothing changes; an editor may", async () => {
  const ctx = withRole(await mintCtx({ IMPORT_QUEUE: heldQueue().IMPORT_QUEUE }), "editor");
  const { source_id } = await createImportSource(ctx, SOURCE);
  const before = await rowsOf(ctx.unit.unit, "import_sources");
  const viewer = withRole(ctx, "viewer");
  const calls = [
    () => createImportSource(viewer, SOURCE),
    () => changeImportSource(viewer, source_id, SOURCE),
    ...[requireImportSource, deleteImportSource, pollImportSource, approveImportSource, discardImportSource].map(
      (verb) => () => verb(viewer, source_id),
    ),
    () => listImportSources(viewer),
  ];
  for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "forbidden" });
  expect(await rowsOf(ctx.unit.unit, "import_sources")).toEqual(before);
  expect(await listImportSources(ctx)).toMatchObject([{ source_id, name: "Sheet" }]);
  expect(await changeImportSource(ctx, source_id, { ...SOURCE, name: "Other" })).toMatchObject({ name: "Other" });
  await deleteImportSource(ctx, source_id);
  expect(await listImportSources(ctx)).toEqual([]);
});

it("input outside the limits is invalid_request", async () => {
  const ctx = withRole(await mintCtx({ IMPORT_QUEUE: heldQueue().IMPORT_QUEUE }), "editor");
  for (const given of [
    undefined,
    null,
    {},
    { ...SOURCE, name: 5 },
    { ...SOURCE, url: 5 },
    { ...SOURCE, url: "ftp://example.com/a.csv" },
    { ...SOURCE, mapping: null },
    { ...SOURCE, schedule: "never" },
    { ...SOURCE, active: "yes" },
    { ...SOURCE, stops: { failed_percent: -1 } },
  ]) {
    await expect(createImportSource(ctx, given as never), JSON.stringify(given)).rejects.toMatchObject({ code: "invalid_request" });
  }
  for (const id of [undefined, null, 5, {}]) {
    await expect(requireImportSource(ctx, id as never)).rejects.toMatchObject({ code: "invalid_request" });
  }
  expect(await listImportSources(ctx)).toEqual([]);
});
