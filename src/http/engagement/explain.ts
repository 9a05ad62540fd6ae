/** `?explain=true`: how an alias was resolved to a lead. */
import { z } from "@hono/zod-openapi";
import type { Alias, RefusedAlias } from "../../core/leads";
import { oneOf } from "../../vocabulary";
import { wireLeadId } from "./adapter";
import { AliasKind } from "./schemas";

const AliasShape = z.object({ kind: AliasKind, value: z.string() });

export const ExplainFlag = z
  .enum(["true", "false"], oneOf(["true", "false"]))
  .optional()
  .openapi({ description: "`true` adds how the lead was found" });

export const Explanation = z
  .object({
    matched_by: AliasShape.nullable().openapi({ description: "The alias that found the lead, as it is compared; null: none did" }),
    attached: z.array(AliasShape).openapi({ description: "Aliases that the lead gained by this request" }),
    refused: z
      .array(AliasShape.extend({ lead_id: z.string() }))
      .openapi({ description: "Aliases that the lead was given and did not get: `lead_id` has them" }),
  })
  .openapi("Explanation");

export const explanation = (matched_by: Alias | null, refused: readonly RefusedAlias[], attached: readonly Alias[] = []) => ({
  matched_by: matched_by && { kind: matched_by.kind, value: matched_by.value },
  attached: attached.map(({ kind, value }) => ({ kind, value })),
  refused: refused.map(({ kind, value, owner }) => ({ kind, value, lead_id: wireLeadId(owner) })),
});
