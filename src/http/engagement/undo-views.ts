/** An undo as the job that was undone shows it. */
import { z } from "@hono/zod-openapi";
import { KEPT_REASONS, type KeptField, type Undo } from "../../core/undo";
import { UNDO_STATUSES } from "../../vocabulary";
import { wireLeadId } from "./adapter";

export const KeptFieldView = z
  .object({
    lead_id: z.string(),
    field: z
      .string()
      .openapi({ description: "A profile field, `status`, `account_id`, `owner_id`, `_alias_<kind>`, or `lead` for the lead itself" }),
    reason: z.enum(KEPT_REASONS).openapi({
      description:
        "`changed_later`: somebody wrote it after the job. `used_later`: the lead has events, is in a channel or is watched. `identifies_lead`: the alias by which a lead that stays is found. `lead_deleted`: there is nothing to return it to",
    }),
  })
  .openapi("UndoKeptField");

export const UndoView = z
  .object({
    status: z.enum([...UNDO_STATUSES, "dry_run"]),
    removed_count: z.number().int().openapi({ description: "Leads that the job had created and that are removed" }),
    restored_count: z.number().int().openapi({ description: "Leads that the job had changed and that are restored" }),
    kept_count: z.number().int().openapi({ description: "Fields that could not be restored" }),
    kept: z.array(KeptFieldView).openapi({ description: "The first 1,000 of them" }),
    complete: z.boolean().optional().openapi({ description: "Of a dry run: false when the job is so large that only its end is counted" }),
  })
  .openapi("Undo");

export const KEPT_EXAMPLE = { lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456", field: "company", reason: "changed_later" } as const;

export const UNDO_EXAMPLE = { status: "completed" as const, removed_count: 750, restored_count: 199, kept_count: 1, kept: [KEPT_EXAMPLE] };

export const keptView = (kept: KeptField) => ({ ...kept, lead_id: wireLeadId(kept.lead_id) });

export const undoView = (undo: Undo) => ({ ...undo, kept: undo.kept.map(keptView) });
