import type { CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { requireExport } from "./export-organization";
import { partKey } from "./export-state";

/** The rows of a table as a stream of JSON lines, read object by object. For the operator alone. Throws forbidden, not_found, conflict (not complete). */
export async function downloadTable(
  ctx: CallerCtx,
  organizationId: string,
  exportId: string,
  table: string,
  files: R2Bucket,
): Promise<ReadableStream<Uint8Array>> {
  const state = await requireExport(ctx, organizationId, exportId, files);
  const known = Object.hasOwn(state.tables, table) ? state.tables[table] : undefined;
  if (!known && !state.steps.some((step) => step.table === table)) throw new AppError("not_found", "The export has no such table");
  if (state.status !== "completed") throw new AppError("conflict", "The export is still running");
  let part = 0;
  return new ReadableStream({
    async pull(controller) {
      const object = part < (known?.parts ?? 0) ? await files.get(partKey(state, table, part++)) : null;
      if (object) controller.enqueue(await object.bytes());
      else controller.close();
    },
  });
}
