/** What is done from the list of leads: many are changed at once, and filters are kept by name. */
import { z } from "zod";
import { BULK_FIELDS, type BulkJob, requestBulk, requireBulkJob, undoBulk } from "../../../core/bulk";
import { deleteFilter, listFilters, type SavedFilter, SavedFilterInput, saveFilter } from "../../../core/saved-filters";
import { read, write } from "../call";

const { status, owner_id, owner_name } = BULK_FIELDS;
const IDS_MAX = 10_000;
const BulkWish = z.strictObject({
  ids: z.array(z.string()).min(1).max(IDS_MAX),
  changes: z.strictObject({ status, owner_id, owner_name }),
});
const OneJob = z.strictObject({ job_id: z.string() });
const NOTHING = z.strictObject({});

export const leadViewCalls = {
  "leads.changeMany": write(BulkWish, async (ctx, { ids, changes }, { remembering }) =>
    progress(await requestBulk(ctx, { target: { ids }, change: changes }, remembering(progress))),
  ),
  "leads.bulkJob": read(OneJob, async (ctx, { job_id }) => progress(await requireBulkJob(ctx, job_id))),
  /** Called again it returns how far the same undo is. */
  "leads.undoMany": write(OneJob, async (ctx, { job_id }) => {
    const { undo } = await undoBulk(ctx, job_id, { dry_run: false });
    return { status: undo.status, restored: undo.restored_count, kept: undo.kept_count };
  }),
  "views.list": read(NOTHING, async (ctx) => ({ views: (await listFilters(ctx)).map(viewOf) })),
  "views.save": write(z.strictObject(SavedFilterInput.shape), async (ctx, given, { remembering }) =>
    viewOf(await saveFilter(ctx, given, remembering(viewOf))),
  ),
  "views.delete": write(z.strictObject({ view_id: z.string() }), async (ctx, { view_id }) => {
    await deleteFilter(ctx, view_id);
    return {};
  }),
};

const progress = ({ job_id, status, total, processed, written, refused }: BulkJob) => ({
  job_id,
  status,
  total,
  processed,
  written,
  refused,
});

/** Criteria that are no texts or numbers, such as rules, have no place in the list's address: `whole` is false. */
function viewOf({ filter_id, name, criteria }: SavedFilter) {
  const texts = Object.entries(criteria).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" || typeof value === "number" ? [[key, String(value)]] : [],
  );
  const shown = texts.filter(([key]) => ["q", "status", "sort"].includes(key));
  return { view_id: filter_id, name, query: Object.fromEntries(shown), whole: shown.length === Object.keys(criteria).length };
}
