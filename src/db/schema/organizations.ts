import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import type { QuotaSettings } from "../../quotas";
import { CREDENTIAL_KINDS } from "../../vocabulary";

/** A customer; the partner dialect's company. */
export const organizations = sqliteTable("organizations", {
  organization_id: text().primaryKey(),
  /** UUID, the partner dialect's company id */
  company_id: text().notNull().unique(),
  name: text().notNull(),
  created_at: integer().notNull(),
});

/** The unit of tenancy and of scale; the workspace dialect's workspace. */
export const orgUnits = sqliteTable(
  "org_units",
  {
    unit: integer().primaryKey({ autoIncrement: true }),
    organization_id: text()
      .notNull()
      .references(() => organizations.organization_id),
    unit_id: text().notNull(),
    workspace_id: text().notNull().unique(),
    name: text().notNull(),
    slug: text().notNull(),
    external_ref: text(),
    is_default: integer({ mode: "boolean" }).notNull(),
    default_region: text(),
    shard: integer().notNull().default(0),
    /** the quotas that the operator set; the others have their default */
    limits: text({ mode: "json" }).$type<QuotaSettings>().notNull().default({}),
    created_at: integer().notNull(),
  },
  (table) => [
    // read by: the active org unit of a request; also makes a unit's id unique inside its organization
    uniqueIndex("org_units_by_id").on(table.organization_id, table.unit_id),
  ],
);

/** Who may call. Only the SHA-256 of a secret is kept. */
export const credentials = sqliteTable(
  "credentials",
  {
    credential_id: text().primaryKey(),
    kind: text({ enum: CREDENTIAL_KINDS }).notNull(),
    organization_id: text()
      .notNull()
      .references(() => organizations.organization_id),
    /** the home org unit; null: the whole organization */
    unit: integer().references(() => orgUnits.unit),
    name: text().notNull(),
    role: text({ enum: ["admin", "editor", "viewer"] }).notNull(),
    client_id: text(),
    /** SHA-256, lower-case hex */
    secret_hash: text().notNull(),
    rate_limit_per_hour: integer(),
    created_at: integer().notNull(),
    /** of a personal token: the credential that made it, and with which it is revoked */
    created_by: text(),
    expires_at: integer(),
    revoked_at: integer(),
  },
  (table) => [
    // read by: HTTP Basic
    uniqueIndex("credentials_by_client_id").on(table.client_id).where(sql`client_id IS NOT NULL`),
    // read by: tokens and API keys
    uniqueIndex("credentials_by_secret_hash").on(table.secret_hash),
    // read by: a revocation, for the tokens that the credential made; one written row for each such token
    index("credentials_by_creator").on(table.created_by).where(sql`created_by IS NOT NULL`),
  ],
);
