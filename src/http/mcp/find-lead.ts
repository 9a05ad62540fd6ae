/** A lead by whatever the model knows of it. */
import { z } from "@hono/zod-openapi";
import type { Ctx } from "../../context";
import { findLeadsByAliases, parseLeadId, requireLeadByAlias } from "../../core/leads";
import { AppError } from "../../errors";
import { invalidRequest } from "../../validation";
import { ALIAS_KINDS, oneOf } from "../../vocabulary";

/** For the input of a tool. */
export const LeadNamed = {
  value: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .optional()
    .describe("An email, phone number, external id, cookie, social profile or lead id, however it is written"),
  kind: z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS)).optional().describe("What kind of alias `value` is; left out: any of them"),
  lead_id: z.string().trim().min(1, "must not be empty").optional().describe("The lead's id, instead of `value`"),
};
type Named = { value?: string | undefined; kind?: (typeof ALIAS_KINDS)[number] | undefined; lead_id?: string | undefined };

/** The lead's id, as verbs take it. One D1 round trip for an alias. Throws invalid_request, not_found. */
export async function findLeadId(ctx: Ctx, { value, kind, lead_id }: Named): Promise<string> {
  if ((value === undefined) === (lead_id === undefined)) throw invalidRequest([{ path: "value", message: "give either value or lead_id" }]);
  if (value === undefined) return requireId(lead_id ?? "");
  if (kind !== undefined) return (await requireLeadByAlias(ctx, kind, value)).lead.lead_id;
  const owners = await findLeadsByAliases(
    ctx,
    ALIAS_KINDS.map((each) => ({ kind: each, value })),
  );
  const owner = owners.find((lead) => lead !== null);
  return owner ? owner.lead_id : requireId(value);
}

function requireId(text: string): string {
  const leadId = parseLeadId(text);
  if (leadId === null) throw new AppError("not_found", `No lead has this alias or id (got ${JSON.stringify(text.slice(0, 100))})`);
  return leadId;
}
