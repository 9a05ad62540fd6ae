/** What each action takes. A message that begins with `must` ends the sentence that its field's name begins; others are the contract's own. */
import { z } from "@hono/zod-openapi";
import {
  forStandardFields,
  isUuid,
  NewPurchase,
  Properties,
  STANDARD_FIELDS,
  type StandardChange,
  type StandardField,
} from "../../core/channels";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { type Body, parseBody } from "./action";
import { PartnerError } from "./adapter";

const uuid = (message: string) =>
  z
    .string(message)
    .trim()
    .refine(isUuid, message)
    .toLowerCase()
    .openapi({ format: "uuid", example: "0193f3a2-c7b0-7aa1-8000-c0ffee123456" });

const text = () => z.string("must be a string").refine(isStorable, NOT_STORABLE).nullish();
const StandardFields = forStandardFields(({ description }) => text().openapi({ description }));
const Employee = text().openapi({ description: "Old name of `referring_employee`, which wins when both are sent" });

const SentProperties = Properties.nullish().openapi({
  type: "array",
  description:
    "Each entry's definition must be an active one of the lead's channel. `value`: string, number, boolean, object or array; stored as text. " +
    "Of two entries for one definition the last wins. One bad entry refuses the whole call, and nothing is saved",
  items: {
    type: "object",
    required: ["property_definitions_id", "value"],
    properties: { property_definitions_id: { type: "string", format: "uuid" }, value: {} },
  },
});

const LEAD_ID = uuid("lead_id (uuid) required");
const channelId = uuid("channel_id required");
const newLead = { channel_id: channelId, ...StandardFields, employee: Employee, properties: SentProperties };

const NOTHING_TO_UPDATE = "At least one updatable field or non-empty properties array required";

export const GetChannels = z.object({ action: z.literal("get_channels") });
export const GetLeads = z.object({ action: z.literal("get_leads"), channel_id: channelId });
export const GetLeadById = z.object({ action: z.literal("get_lead_by_id"), lead_id: LEAD_ID });
export const GetLeadByLegacyId = z.object({
  action: z.literal("get_lead_by_legacy_id"),
  legacy_id: z
    .number("legacy_id (number) required")
    .int("legacy_id (number) required")
    .openapi({ description: "The numeric id of the former system", example: 12345 }),
});
export const CreateLead = z.object({ action: z.literal("create_lead"), ...newLead });
export const LeadExternal = z.object({ action: z.literal("lead_external"), ...newLead });
export const UpdateLead = z.object({ action: z.literal("update_lead"), lead_id: LEAD_ID, ...StandardFields, properties: SentProperties });
export const UpdateStatus = z.object({
  action: z.literal("update_status"),
  lead_id: uuid("lead_id and status required"),
  status: z
    .string("lead_id and status required")
    .min(1, "lead_id and status required")
    .openapi({ description: "Exact name of a status of the lead's channel", example: "Qualified" }),
  old_status_id: z.unknown().optional().openapi({ type: "string", description: "Taken for compatibility; not a precondition" }),
});
export const UpdateStatusId = z.object({
  action: z.literal("update_status_id"),
  lead_id: uuid("lead_id and status_id required"),
  status_id: uuid("lead_id and status_id required"),
  old_status_id: z.unknown().optional().openapi({ type: "string", description: "Taken for compatibility; not a precondition" }),
});
export const CreatePurchase = z.object({
  action: z.literal("create_purchase"),
  lead_id: uuid("lead_id required"),
  purchase_amount: NewPurchase.shape.amount,
  product_name: NewPurchase.shape.name,
  product_description: NewPurchase.shape.description,
  date: z
    .union(
      [z.iso.datetime({ offset: true }), z.iso.date(), NewPurchase.shape.date.unwrap().unwrap()],
      "must be a time in RFC 3339 format, or in milliseconds",
    )
    .nullish()
    .openapi({ description: "RFC 3339, a date, or milliseconds since the epoch; now when left out" }),
  trigger_ids: NewPurchase.shape.trigger_ids.openapi({
    type: "array",
    items: { type: "string", format: "uuid" },
    description: "Only these active purchase triggers of the channel are evaluated; all when left out",
  }),
});

/** Checked before the schema, so that an empty update gets the contract's message. Throws a 400. */
export function requireUpdate(body: Body): void {
  parseBody(z.object({ lead_id: LEAD_ID }), body);
  if (STANDARD_FIELDS.some((field) => Object.hasOwn(body, field))) return;
  if (!Array.isArray(body.properties) || body.properties.length === 0) throw new PartnerError(400, NOTHING_TO_UPDATE);
}

/** The fields that were sent. */
export function standardChange(body: Partial<Record<StandardField | "employee", string | null | undefined>>): StandardChange {
  const change: StandardChange = {};
  for (const field of STANDARD_FIELDS) {
    const value = body[field];
    if (value !== undefined) change[field] = value;
  }
  if (body.employee && !change.referring_employee) change.referring_employee = body.employee;
  return change;
}
