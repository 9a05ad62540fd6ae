import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/* How well leads fit. Nothing is stored for a lead: its profile is scored where it is read. */

export const profileRulesets = sqliteTable(
  "profile_rulesets",
  {
    unit: integer().notNull(),
    ruleset_id: text().notNull(),
    name: text().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.ruleset_id] })],
);

export const profileRules = sqliteTable(
  "profile_rules",
  {
    unit: integer().notNull(),
    ruleset_id: text().notNull(),
    rule_id: text().notNull(),
    profile_field: text().notNull(),
    operator: text().notNull(),
    value: text().notNull(),
    weight: integer().notNull(),
    active: integer().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.unit, table.ruleset_id, table.rule_id] })],
);

/** Which metadata key of a lead fills which field of the rules. */
export const profileMappings = sqliteTable(
  "profile_mappings",
  {
    unit: integer().notNull(),
    mapping_id: text().notNull(),
    metadata_key: text().notNull(),
    profile_field: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.unit, table.mapping_id] }),
    // makes a key's mapping unique; one written row for each mapping
    uniqueIndex("profile_mappings_by_key").on(table.unit, table.metadata_key),
  ],
);
