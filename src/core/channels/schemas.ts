/** What the verbs of channels accept. A message that begins with `must` completes the sentence that the field's name begins. */
import { z } from "zod";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { ALIAS_KINDS, AMOUNT_TYPES, oneOf, REWARD_KINDS } from "../../vocabulary";
import { STANDARD_FIELDS } from "./leads/standard-fields";

const DEFINITIONS_MAX = 1_000;
const STATUSES_MAX = 200;
const LEADS_PER_CALL_MAX = 1_000;
/** `invalid` lists every refused entry: a body of nothing else would get a response of forty times its size. */
const PROPERTIES_PER_CALL_MAX = 10_000;
const TRIGGER_IDS_MAX = 1_000;
/** Positive or negative: a percentage of it is still a safe number. */
const PURCHASE_AMOUNT_MAX = 1e12;
/** A row holds both, and a page of a thousand events holds every name. */
const PURCHASE_NAME_CHARS_MAX = 1_000;
const PURCHASE_DESCRIPTION_CHARS_MAX = 100_000;
/** The last millisecond that RFC 3339 can write, whose years have four digits. */
const TIME_MAX = 253_402_300_799_999;

const text = (charsMax: number) =>
  z
    .string("must be a text")
    .trim()
    .min(1, "must not be empty")
    .max(charsMax, `must be at most ${charsMax} characters`)
    .refine(isStorable, NOT_STORABLE);
const listOf = <Item extends z.ZodType>(item: Item, max: number, shown = String(max)) =>
  z.array(item, "must be an array").max(max, `must be at most ${shown}`);
const Flag = z.boolean("must be true or false");
const Order = z
  .number("must be a number")
  .int("must be a whole number")
  .min(0, "must be at least 0")
  .max(1_000_000, "must be at most 1000000");
const Url = z.string("must be a text").nullable().meta({ format: "uri", example: "https://hooks.example.com/leadedge" });
const Company = text(100).meta({ description: "A company id or an organization id" });
const PartId = z.guid("must be a UUID").optional().meta({ description: "Of what is to change; left out, one is added" });

const Definition = z.strictObject({
  id: PartId,
  name: text(200).optional(),
  type: text(50).optional().meta({ description: "`text` when left out; kept as it is" }),
  order: Order.optional(),
  visible: Flag.optional(),
  active: Flag.optional().meta({ description: "Only an active one takes values" }),
});
const Status = z.strictObject({
  id: PartId,
  status: text(200).optional(),
  order: Order.optional(),
  color: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, "must be a color such as #3B82F6")
    .optional(),
  visible: Flag.optional(),
});

const settings = {
  title: text(200),
  creator: Company,
  partner: Company.nullable().optional(),
  referring: Company.nullable().optional(),
  receiving: Company.nullable().optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code such as USD")
    .optional(),
  no_auth_api: Flag.optional().meta({ description: "Lets anybody create leads by lead_external" }),
  property_definitions: listOf(Definition, DEFINITIONS_MAX).optional(),
  lead_status: listOf(Status, STATUSES_MAX).optional(),
  webhook_new_lead: Url.optional(),
  webhook_status_update: Url.optional(),
};
/** A body that changes nothing is a mistake. */
const changeOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject(shape)
    .refine(
      (sent) => Object.values(sent).some((value) => value !== undefined),
      `must have at least one of: ${Object.keys(shape).join(", ")}`,
    );

export const NewChannel = z.strictObject(settings);
export const ChannelChange = changeOf({
  ...settings,
  title: settings.title.optional(),
  creator: Company.optional(),
  archived: Flag.optional().meta({ description: "false takes an archived channel back" }),
});
export type ChannelSettings = z.output<typeof ChannelChange>;
export type DefinitionInput = z.output<typeof Definition>;
export type StatusInput = z.output<typeof Status>;
export const CHANNEL_LIMITS = { definitions: DEFINITIONS_MAX, statuses: STATUSES_MAX };

export const LeadsToAdd = z
  .strictObject({
    lead_ids: z
      .array(z.string("must be a text").max(100, "must be at most 100 characters"))
      .max(LEADS_PER_CALL_MAX, "must be at most 1,000")
      .default([]),
    aliases: z
      .array(z.strictObject({ kind: z.enum(ALIAS_KINDS, oneOf(ALIAS_KINDS)), value: z.string("must be a text").max(600) }))
      .max(LEADS_PER_CALL_MAX, "must be at most 1,000")
      .default([]),
    legacy_id: z.number("must be a number").int("must be a whole number").optional().meta({
      description: "For the one lead that is named. Left out, a lead's own is its profile's `legacy_id`, where that is a whole number",
    }),
  })
  .refine(({ lead_ids, aliases }) => lead_ids.length + aliases.length > 0, "must name a lead by lead_ids or aliases")
  .refine(({ lead_ids, aliases }) => lead_ids.length + aliases.length <= LEADS_PER_CALL_MAX, "must name at most 1,000 leads");

const rewardAmount = {
  amount_type: z.enum(AMOUNT_TYPES, oneOf(AMOUNT_TYPES)),
  amount: z
    .number("must be a number")
    .min(0, "must be at least 0")
    .max(1e12, "must be at most 1e12")
    .meta({ description: "In the channel's currency, or percent of a purchase's amount" }),
};
const rewardOptions = {
  status_id: z.guid("must be a UUID").nullable().optional().meta({ description: "Of status_change: the status that pays; null: any" }),
  active: Flag.optional(),
};
export const NewRewardTrigger = z.strictObject({ kind: z.enum(REWARD_KINDS, oneOf(REWARD_KINDS)), ...rewardAmount, ...rewardOptions });
export const RewardTriggerChange = changeOf({
  amount_type: rewardAmount.amount_type.optional(),
  amount: rewardAmount.amount.optional(),
  ...rewardOptions,
});

/** Entries as sent: `readProperties` judges each, so that the response can name all that are refused. */
export const Properties = z
  .array(z.unknown(), "must be an array")
  .max(PROPERTIES_PER_CALL_MAX, `must be at most ${PROPERTIES_PER_CALL_MAX}`);
/** What is left out stays; null clears. */
const StandardFields = z.partialRecord(z.enum(STANDARD_FIELDS), z.string("must be a string").refine(isStorable, NOT_STORABLE).nullable());

export const NewChannelLead = z.object({
  /** an empty email or phone counts as none */
  fields: StandardFields,
  properties: Properties,
  /** whether the channel's webhook is notified */
  notify: z.boolean(),
});
export const ChannelLeadChange = z.object({
  /** an empty email or phone clears, too */
  fields: StandardFields,
  properties: Properties,
});

/** A status by its exact name, or by its id. */
export const StatusChoice = z.union([z.object({ name: z.string("must be a string") }), z.object({ id: z.string("must be a string") })]);

const shortText = (charsMax: number) =>
  z.string("must be a string").max(charsMax, `must be at most ${charsMax} characters`).refine(isStorable, NOT_STORABLE).nullish();
export const NewPurchase = z.object({
  name: shortText(PURCHASE_NAME_CHARS_MAX),
  description: shortText(PURCHASE_DESCRIPTION_CHARS_MAX),
  amount: z
    .number("must be a number")
    .min(-PURCHASE_AMOUNT_MAX, `must be at least -${PURCHASE_AMOUNT_MAX}`)
    .max(PURCHASE_AMOUNT_MAX, `must be at most ${PURCHASE_AMOUNT_MAX}`)
    .nullish(),
  /** ms; now when left out */
  date: z.number().int().min(0).max(TIME_MAX).nullish(),
  // the count comes first: each invalid entry would be an issue of its own
  trigger_ids: z
    .array(z.unknown(), "must be an array of UUIDs")
    .max(TRIGGER_IDS_MAX, "must be at most 1,000")
    .pipe(z.array(z.string("must be UUIDs")))
    .nullish(),
});
