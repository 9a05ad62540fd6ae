/** What the verbs of this part take. */
import { z } from "zod";
import { wholeNumber } from "../../schemas";
import { ALIAS_KINDS, oneOf } from "../../vocabulary";
import { LeadId } from "../leads";

export const CONFLICT_ACTIONS = ["merge", "move", "keep_apart", "dismiss"] as const;
export const PAGE_ROWS_MAX = 100;

const Cursor = z.string().max(2_000, "must be a cursor that a page returned").optional();

export const ConflictListInput = z.object({
  limit: wholeNumber(1, PAGE_ROWS_MAX),
  cursor: Cursor,
  kind: z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS)).optional(),
  lead_id: LeadId.optional(),
});

export const ResolutionInput = z.object({
  action: z.enum(CONFLICT_ACTIONS, oneOf(CONFLICT_ACTIONS)),
  /** of a merge: which of the two survives; by default the owner of the alias */
  target_id: LeadId.optional(),
  /** of a merge of leads with different accounts */
  account_id: z.string().optional(),
});

const DUPLICATE_PAGE_MAX = 50;
export const DuplicateListInput = z.object({ limit: wholeNumber(1, DUPLICATE_PAGE_MAX), cursor: LeadId.optional() });
