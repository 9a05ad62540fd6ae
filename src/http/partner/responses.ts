/** What each action returns, as OpenAPI. Documentation only: `views.ts` builds the responses. */
import { z } from "@hono/zod-openapi";
import { STANDARD_FIELDS } from "../../core/channels";
import { RESPONSE_EXAMPLES } from "./examples";

const Uuid = z.string().openapi({ format: "uuid" });
const Time = z.string().openapi({ format: "date-time" });
const NullableText = z.string().nullable();
const nullableTexts = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, NullableText]));

const Definition = z.object({ id: Uuid, name: z.string(), type: z.string() });
const Placed = { id: Uuid, created_at: Time, status: NullableText };
const wholeLead = {
  ...Placed,
  ...nullableTexts(STANDARD_FIELDS),
  channels_id: Uuid,
  lead_status_id: Uuid,
  lead_status: z.object({ id: Uuid, status: NullableText }),
  property_values: z.array(z.object({ id: Uuid, value: z.string(), property_definitions_id: Uuid, property_definitions: Definition })),
};
const Channel = z.object({
  id: Uuid,
  title: z.string(),
  created_at: Time,
  creator: z.string(),
  ...nullableTexts(["partner_companies_id", "referring_id", "receiving_id"]),
  currency: z.string(),
  no_auth_api: z.boolean(),
  property_definitions: z.array(Definition.extend({ order: z.number().int(), visible: z.boolean() })),
  lead_status: z.array(z.object({ id: Uuid, status: z.string(), order: z.number().int(), color: z.string(), visible: z.boolean() })),
});

export const RESPONSES = {
  lead: z.object({ lead: z.object(wholeLead) }),
  legacyLead: z.object({ lead: z.object({ ...wholeLead, legacy_id: z.number().int(), employee: NullableText }) }),
  leads: z
    .array(z.object({ ...Placed, ...nullableTexts(STANDARD_FIELDS) }).catchall(NullableText))
    .openapi({ description: "With a key for each active property definition, named as it is" }),
  channels: z.object({ channels: z.array(Channel) }),
  movedLead: z.object({
    lead: z.object({ ...Placed, ...nullableTexts(["email", "first_name", "last_name"]), lead_status_id: Uuid, channels_id: Uuid }),
  }),
  purchase: z.object({
    purchase: z.object({
      id: Uuid,
      created_at: Time,
      leads_id: Uuid,
      purchase_amount: z.number().nullable(),
      date: Time,
      ...nullableTexts(["name", "description"]),
    }),
  }),
  publicLead: z.object({ lead: z.object({ ...Placed, ...nullableTexts(STANDARD_FIELDS) }) }),
};
/** `anyOf`: which one it is follows from the action, and a whole lead also has all the fields of a moved one. */
export const Response = z.union(
  RESPONSE_EXAMPLES.map(({ action, shape, response }) =>
    (RESPONSES[shape] as z.ZodType).openapi({ description: `Of ${action}`, example: response }),
  ),
);
