/** What the verbs of this part take. */
import { z } from "zod";
import { LeadId } from "../leads";

export const MERGED_LEADS_MAX = 20;

export const MergeInput = z
  .object({
    target_id: LeadId,
    source_ids: z
      .array(LeadId)
      .min(1, "must name at least one lead")
      .max(MERGED_LEADS_MAX, `must be at most ${MERGED_LEADS_MAX} leads`)
      .transform((ids) => [...new Set(ids)]),
    /** which account the lead keeps, where theirs differ */
    account_id: z.string().optional(),
  })
  .refine(({ target_id, source_ids }) => !source_ids.includes(target_id), {
    path: ["source_ids"],
    message: "must not name the target itself",
  });

export type MergeWish = z.output<typeof MergeInput>;
