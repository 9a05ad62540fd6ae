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
    /** whether a new lead is linked to the account of its email's domain */
    link_accounts_by_domain: integer({ mode: "boolean" }).notNull().default(false),
    /** JSON array: the regions that its phones may have been read by before; null: all are read by `default_region` */
    former_regions: text(),
    /** the last lead whose phones have been read again */
    rekeyed_to: text().notNull().default(""),
    /** when reading them again may begin, in ms: it names one change of the region */
    rekey_at: integer(),
    shard: integer().notNull().default(0),
    /** whether it may change its database any moment: then no isolate may remember where it is */
    moving: integer({ mode: "boolean" }).notNull().default(false),
    /** the quotas that the operator set; the others have their default */
    limits: text({ mode: "json" }).$type<QuotaSettings>().notNull().default({}),
    created_at: integer().notNull(),
  },
  (table) => [
    // read by: the active org unit of a request; also makes a unit's id unique inside its organization
    uniqueIndex("org_units_by_id").on(table.organization_id, table.unit_id),
    // read by: the cron job that reads phones again; written only for units whose region has changed
    index("org_units_to_rekey").on(table.rekey_at).where(sql`rekey_at IS NOT NULL`),
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
    /** the credential that created it, and together with which it is revoked */
    created_by: text(),
    /** the user of an identity provider who created it, or whose token did */
    subject: text(),
    /** that user's identity provider, when an organization has it as its own */
    identity_provider_id: text(),
    /** the key whose tag the secret carries: see core/auth/secret-tag.ts */
    tag_key_id: text(),
    expires_at: integer(),
    revoked_at: integer(),
    /** JSON array, of a write key: the pages that may use it; null: anybody may */
    origins: text(),
    /** JSON, of an OAuth grant: what its client was allowed (GrantTerms); null: of any other kind */
    grant_terms: text(),
  },
  (table) => [
    // read by: HTTP Basic
    uniqueIndex("credentials_by_client_id").on(table.client_id).where(sql`client_id IS NOT NULL`),
    // read by: tokens and API keys
    uniqueIndex("credentials_by_secret_hash").on(table.secret_hash),
    // read by: a revocation, for what the credential created; one written row for each of those
    index("credentials_by_creator").on(table.created_by).where(sql`created_by IS NOT NULL`),
    // read by: the removal of an identity provider, for what its users created
    index("credentials_by_identity_provider").on(table.identity_provider_id).where(sql`identity_provider_id IS NOT NULL`),
    // read by: the lists of credentials, and the limits of OAuth grants
    index("credentials_by_organization").on(table.organization_id, table.kind, table.unit),
  ],
);

/** Who signs tokens of an organization's own users (OpenID Connect). An issuer belongs to one organization. */
export const identityProviders = sqliteTable(
  "identity_providers",
  {
    identity_provider_id: text().primaryKey(),
    organization_id: text()
      .notNull()
      .references(() => organizations.organization_id),
    issuer: text().notNull().unique(),
    jwks_url: text().notNull(),
    audience: text().notNull(),
    created_at: integer().notNull(),
  },
  (table) => [
    // read by: the list of an organization's identity providers
    index("identity_providers_by_organization").on(table.organization_id),
  ],
);

/** Changes of organizations, org units, credentials, identity providers and channels: who, what, when. Removed by cron. */
export const auditEntries = sqliteTable(
  "audit_entries",
  {
    /** sorts by time */
    entry_id: text().primaryKey(),
    /** null: of the whole service */
    organization_id: text(),
    at: integer().notNull(),
    actor_kind: text().notNull(),
    actor_id: text().notNull(),
    action: text().notNull(),
    target_id: text().notNull(),
    request_id: text().notNull(),
  },
  (table) => [
    // read by: the entries of one organization
    index("audit_entries_by_organization").on(table.organization_id, table.entry_id),
  ],
);
