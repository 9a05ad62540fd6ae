import { sql } from "drizzle-orm";
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { AMOUNT_TYPES, CHANNEL_EVENT_CATEGORIES, REWARD_KINDS } from "../../vocabulary";
import { orgUnits } from "./organizations";

/*
 * Channels and what is set on them stand in the directory: a partner's key knows a channel or a lead before any org unit is known.
 * What a channel says of one lead (status, property values, purchases, rewards) commits with the lead and so is in its home unit's database.
 */

/** Where companies share leads. Companies are organizations' `company_id`s. */
export const channels = sqliteTable(
  "channels",
  {
    /** UUID */
    channel_id: text().primaryKey(),
    /** the second UUID, by which public forms may name the channel */
    public_id: text().notNull().unique(),
    title: text().notNull(),
    /** the home org unit: the channel's leads are its leads */
    unit: integer()
      .notNull()
      .references(() => orgUnits.unit),
    creator: text().notNull(),
    partner: text(),
    referring: text(),
    receiving: text(),
    /** ISO 4217 */
    currency: text().notNull(),
    no_auth_api: integer({ mode: "boolean" }).notNull(),
    /** URLs; the notification channels of the home unit that deliver to them are named beside */
    webhook_new_lead: text(),
    webhook_new_lead_id: text(),
    webhook_status_update: text(),
    webhook_status_update_id: text(),
    created_at: integer().notNull(),
    archived_at: integer(),
  },
  (table) => [
    // read by: get_channels, for the channels of a company in any role; one written row for each role that is taken
    index("channels_by_creator").on(table.creator),
    index("channels_by_partner").on(table.partner).where(sql`partner IS NOT NULL`),
    index("channels_by_referring").on(table.referring).where(sql`referring IS NOT NULL`),
    index("channels_by_receiving").on(table.receiving).where(sql`receiving IS NOT NULL`),
  ],
);

/** What a channel's leads may have beside the standard fields. */
export const propertyDefinitions = sqliteTable(
  "property_definitions",
  {
    channel_id: text()
      .notNull()
      .references(() => channels.channel_id),
    /** UUID */
    definition_id: text().notNull(),
    name: text().notNull(),
    type: text().notNull(),
    order: integer().notNull(),
    /** for the eyes of a user interface only */
    visible: integer({ mode: "boolean" }).notNull(),
    /** only an active one takes values */
    active: integer({ mode: "boolean" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channel_id, table.definition_id] }),
    // makes a name unique in its channel, where get_leads shows values by it; one written row for each definition
    uniqueIndex("property_definitions_by_name").on(table.channel_id, table.name),
  ],
);

/** Where a channel's leads may stand. The first by order is a new lead's. */
export const channelStatuses = sqliteTable(
  "channel_statuses",
  {
    channel_id: text()
      .notNull()
      .references(() => channels.channel_id),
    /** UUID */
    status_id: text().notNull(),
    status: text().notNull(),
    order: integer().notNull(),
    color: text().notNull(),
    visible: integer({ mode: "boolean" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channel_id, table.status_id] }),
    // makes a name unique in its channel, where update_status finds a status by it; one written row for each status
    uniqueIndex("channel_statuses_by_name").on(table.channel_id, table.status),
  ],
);

/** What a channel pays for. */
export const rewardTriggers = sqliteTable(
  "reward_triggers",
  {
    channel_id: text()
      .notNull()
      .references(() => channels.channel_id),
    /** UUID */
    trigger_id: text().notNull(),
    kind: text({ enum: REWARD_KINDS }).notNull(),
    amount_type: text({ enum: AMOUNT_TYPES }).notNull(),
    /** in the channel's currency, or percent of a purchase's amount */
    amount: real().notNull(),
    /** of a status_change: the status that pays when it is reached; null: any */
    status_id: text(),
    active: integer({ mode: "boolean" }).notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.channel_id, table.trigger_id] })],
);

/**
 * Which channel a lead is in, for a caller who knows the lead's id and nothing else. Written before the lead's own rows, which may stand
 * in another database: a row without its lead is a lead that is gone or never came to be.
 */
export const leadDirectory = sqliteTable(
  "lead_directory",
  {
    /** 32 hex digits */
    lead_id: text().primaryKey(),
    channel_id: text()
      .notNull()
      .references(() => channels.channel_id),
    legacy_id: integer(),
  },
  (table) => [
    // read by: get_lead_by_legacy_id; one written row for each lead that has a legacy id. Unique it is in channel_leads
    index("lead_directory_by_legacy_id").on(table.legacy_id).where(sql`legacy_id IS NOT NULL`),
  ],
);

/** What a channel knows of a lead. One document of values for each lead: a thousand properties are one written row. */
export const channelLeads = sqliteTable(
  "channel_leads",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    channel_id: text().notNull(),
    status_id: text().notNull(),
    /** JSON object: value as text by definition id */
    properties: text().notNull(),
    legacy_id: integer(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id] }),
    // read by: get_leads, newest first by the key itself; one written row for each lead
    index("channel_leads_by_channel").on(table.unit, table.channel_id, table.lead_id),
    // makes a legacy id unique in its unit; one written row for each lead that has one
    uniqueIndex("channel_leads_by_legacy_id").on(table.unit, table.legacy_id).where(sql`legacy_id IS NOT NULL`),
  ],
);

export const purchases = sqliteTable(
  "purchases",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** UUIDv7 */
    purchase_id: text().notNull(),
    name: text(),
    description: text(),
    amount: real(),
    /** when it was created, in ms */
    date: integer().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.lead_id, table.purchase_id] })],
);

/** What happened to a lead in its channel. */
export const channelEvents = sqliteTable(
  "channel_events",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** UUIDv7 */
    event_id: text().notNull(),
    channel_id: text().notNull(),
    category: text({ enum: CHANNEL_EVENT_CATEGORIES }).notNull(),
    /** JSON object; its shape depends on `category` */
    data: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id, table.event_id] }),
    // read by: GET /admin/channels/{channel_id}/events, newest first; one written row for each event
    index("channel_events_by_channel").on(table.unit, table.channel_id, table.event_id),
  ],
);

/**
 * What a channel owes for a lead: a ledger, to which entries are only added. What was paid by mistake is taken back by an entry of the
 * opposite amount.
 */
export const rewardEvents = sqliteTable(
  "reward_events",
  {
    unit: integer().notNull(),
    lead_id: text().notNull(),
    /** UUIDv7 */
    reward_event_id: text().notNull(),
    channel_id: text().notNull(),
    trigger_id: text().notNull(),
    kind: text({ enum: REWARD_KINDS }).notNull(),
    /** in the currency, for releases that do not know `minor_units` */
    amount: real().notNull(),
    /** in the currency's minor unit (ISO 4217); null in a row of such a release */
    minor_units: integer(),
    currency: text().notNull(),
    /** of a purchase */
    purchase_id: text(),
    /** the entry that this one takes back */
    reverses: text(),
    created_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.lead_id, table.reward_event_id] }),
    // makes a reversal the only one of its reward; one written row for each reversal
    uniqueIndex("reward_events_by_reversed").on(table.unit, table.lead_id, table.reverses).where(sql`reverses IS NOT NULL`),
    // read by: GET /admin/channels/{channel_id}/reward-events, newest first; one written row for each reward
    index("reward_events_by_channel").on(table.unit, table.channel_id, table.reward_event_id),
  ],
);
