/** The leads of a list as a file, streamed: memory for one page, whatever the list's length. */
import { z } from "zod";
import type { Ctx } from "../../context";
import { wholeNumber } from "../../schemas";
import { invalidRequest, parseInput } from "../../validation";
import { type Criteria, listShapes, partEnd, scanLeads } from "../lead-overview";
import { parseLeadId, selectLeadTotal } from "../leads";
import { chosenColumns, defaultColumns } from "./columns";
import type { ExportFormat, Rows } from "./write-export";

export const PART_LEADS_MAX = 100_000;
/** Two statements a page of 1,000 leads, and D1 accepts 1,000 for each invocation. */
const WHOLE_LEADS_MAX = 400_000;
const CURSOR_PREFIX = "c1_";

export const LeadExportInput = z.object({
  /** names; all that an import gives back when left out */
  columns: z.array(z.string()).min(1, "must name at least one column").optional(),
  /** where an earlier part ended, or the id of its last lead */
  cursor: z.string().optional(),
  /** leads that a part goes through */
  limit: wholeNumber(1, PART_LEADS_MAX).optional(),
});

export type LeadExport = {
  /** where the next part begins; null for the last one */
  next_cursor: string | null;
  body: ReadableStream<Uint8Array>;
};

/**
 * The leads that `criteria` name, oldest first, so that an import creates them in the same order. Two D1 round trips before the first byte,
 * three for a part; then one for each 1,000 leads or 4 MB, as they are read.
 * Throws invalid_request for an unknown column or cursor, and where more than 400,000 leads are to be exported at once.
 */
export async function exportLeads(
  ctx: Ctx,
  format: ExportFormat,
  criteria: Criteria,
  given: z.input<typeof LeadExportInput>,
): Promise<LeadExport> {
  const { columns: names, cursor, limit } = parseInput(LeadExportInput, given);
  const after = cursor === undefined ? "" : readCursor(cursor);
  const shapes = await listShapes(ctx, criteria, after);
  const columns = names ? chosenColumns(names, shapes) : defaultColumns(shapes);
  if (limit === undefined && shapes.partial) await requireWholeFits(ctx);
  const until = limit === undefined ? await requireOnePart(ctx, criteria, after) : await partEnd(ctx, criteria, after, limit);
  // loads the code for spreadsheets, which looking up a lead does not need
  const { WRITERS } = await import("./write-export");
  const rows = await begun(rowsOf(ctx, criteria, { after, until }));
  return { next_cursor: until && CURSOR_PREFIX + until, body: WRITERS[format](columns, rows) };
}

async function requireWholeFits(ctx: Ctx): Promise<void> {
  const [total] = await ctx.db.all(selectLeadTotal(ctx.db));
  if ((total?.leads ?? 0) <= WHOLE_LEADS_MAX) return;
  const message = `is required where there are more than ${WHOLE_LEADS_MAX} leads: export them in parts of at most ${PART_LEADS_MAX}`;
  throw invalidRequest([{ path: "limit", message }]);
}

/** Checking rules takes D1 statements, of which an invocation may run 1,000. */
async function requireOnePart(ctx: Ctx, criteria: Criteria, after: string): Promise<null> {
  const { filter, segment } = criteria;
  if ((filter === undefined && segment === undefined) || (await partEnd(ctx, criteria, after, PART_LEADS_MAX)) === null) return null;
  const path = "limit";
  throw invalidRequest([{ path, message: "is required where rules have to check so many leads: export them in parts" }]);
}

function readCursor(cursor: string): string {
  const leadId = parseLeadId(cursor.startsWith(CURSOR_PREFIX) ? cursor.slice(CURSOR_PREFIX.length) : cursor);
  if (leadId === null) throw invalidRequest([{ path: "cursor", message: "must be a cursor that a part returned, or a lead's id" }]);
  return leadId;
}

async function* rowsOf(ctx: Ctx, criteria: Criteria, part: { after: string; until: string | null }): Rows {
  for await (const { leads } of scanLeads(ctx, criteria, part)) yield leads;
}

/** Reads the first page, so that a request that cannot be served is refused before its response begins. */
async function begun(pages: Rows): Promise<Rows> {
  const first = await pages.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* pages;
  })();
}
