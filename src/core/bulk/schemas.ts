/** What the verbs of bulk jobs take. */
import { z } from "zod";
import { changesOf } from "../../schemas";
import { LeadItemInput } from "../leads";

const IDS_MAX = 10_000;
const { metadata, status, account_id, owner_id, owner_name } = LeadItemInput.shape;

/** `metadata` is merged key by key: null removes a key. */
export const BULK_FIELDS = { metadata, status, account_id, owner_id, owner_name };
export const BulkChange = changesOf(BULK_FIELDS);

/** One of the two: ids as any dialect writes them, or criteria of the list of leads. */
export const BulkTarget = z
  .object({
    ids: z.array(z.string()).min(1, "must name at least one lead").max(IDS_MAX, `must be at most ${IDS_MAX} leads`).optional(),
    filter: z
      .custom<Record<string, unknown>>((value) => typeof value === "object" && value !== null && !Array.isArray(value), "must be an object")
      .optional(),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), { path: ["ids"], message: "either ids or filter" });

export const JobId = z.string();
