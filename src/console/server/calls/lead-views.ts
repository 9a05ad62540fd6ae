/** What is done from the list of leads: many are changed or deleted at once, and filters are kept by name. */
import { z } from "zod";
import { BULK_FIELDS, type BulkJob, BulkTarget, requestBulk, requireBulkJob, undoBulk } from "../../../core/bulk";
import { deleteFilter, listFilters, type SavedFilter, SavedFilterInput, saveFilter } from "../../../core/saved-filters";
import { read, write } from "../call";

const { status, account_id, owner_id, owner_name } = BULK_FIELDS;
/** One of the two: leads by their ids, or all that match a filter of the list. */
const target = { ids: BulkTarget.shape.ids, filter: BulkTarget.shape.filter };
const ChangeWish = z.strictObject({ ...target, changes: z.strictObject({ status, account_id, owner_id, owner_name }) });
const DeleteWish = z.strictObject(target);
const OneJob = z.strictObject({ job_id: z.string() });
const NOTHING = z.strictObject({});

export const leadViewCalls = {
  "leads.changeMany": write(ChangeWish, async (ctx, { changes, ...target }, { remembering }) =>
    progress(await requestBulk(ctx, { target, change: changes }, remembering(progress))),
  ),
  "leads.deleteMany": write(DeleteWish, async (ctx, target, { remembering }) =>
    progress(await requestBulk(ctx, { target, change: null }, remembering(progress))),
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
  const shown = texts.filter(([key]) => ["q", "status", "segment", "account_id", "owner_id", "sort"].includes(key));
  return { view_id: filter_id, name, query: Object.fromEntries(shown), whole: shown.length === Object.keys(criteria).length };
}
