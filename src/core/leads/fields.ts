/**
 * The standard fields of a lead, each in one entry: what it is, and how each dialect names and shows it. Imports may fill those that the
 * profile holds (the names of their columns: core/imports/suggest/header-roles). Pure.
 */

/** Texts are kept in the profile under the field's key; emails and phones are aliases. */
type FieldType = "text" | "email" | "phone";

type FieldSpec = {
  label: string;
  type: FieldType;
  /** in the workspace API: a field of its own, a part of its `name`, or a key of its metadata */
  workspace: "field" | "name_part" | "metadata";
  /** in the partner API: a field of this name, shown and written; null: neither */
  partner: { name: string; description: string; example: string } | null;
};

export const LEAD_FIELDS = {
  first_name: {
    label: "First name",
    type: "text",
    workspace: "name_part",
    partner: { name: "first_name", description: "First name of the contact", example: "Alex" },
  },
  last_name: {
    label: "Last name",
    type: "text",
    workspace: "name_part",
    partner: { name: "last_name", description: "Last name of the contact", example: "Johnson" },
  },
  name: { label: "Name", type: "text", workspace: "field", partner: null },
  email: {
    label: "Email",
    type: "email",
    workspace: "field",
    partner: {
      name: "email",
      description: "Contact email address. One that another lead of the home unit has is shown here and stays there",
      example: "alex@example.com",
    },
  },
  phone: {
    label: "Phone",
    type: "phone",
    workspace: "field",
    partner: { name: "phone", description: "Phone number", example: "+15550100999" },
  },
  company: {
    label: "Company",
    type: "text",
    workspace: "metadata",
    partner: { name: "company_name", description: "Company name of the lead", example: "Acme" },
  },
  title: { label: "Job title", type: "text", workspace: "metadata", partner: null },
  industry: { label: "Industry", type: "text", workspace: "metadata", partner: null },
  country: { label: "Country", type: "text", workspace: "metadata", partner: null },
  source: {
    label: "Source",
    type: "text",
    workspace: "field",
    partner: { name: "source", description: 'How the lead was sourced (e.g. "Website", "Referral")', example: "Website" },
  },
  notes: {
    label: "Notes",
    type: "text",
    workspace: "metadata",
    partner: { name: "notes", description: "Free-text notes about the lead", example: "Asked for a demo" },
  },
  business_id: {
    label: "Business id",
    type: "text",
    workspace: "metadata",
    partner: {
      name: "business_id",
      description: "The business' ID in the company register, or an external identifier from your own system",
      example: "C-42",
    },
  },
  referring_employee: {
    label: "Referring employee",
    type: "text",
    workspace: "metadata",
    partner: {
      name: "referring_employee",
      description: "Employee at the referring company who submitted the lead",
      example: "Sam Reyes",
    },
  },
} as const satisfies Record<string, FieldSpec>;

type Fields = typeof LEAD_FIELDS;
type LeadField = keyof Fields;

/** Keys of the fields whose entry has these properties. */
type FieldsWith<Part extends Partial<FieldSpec>> = { [Key in LeadField]: Fields[Key] extends Part ? Key : never }[LeadField];

/** Fields that every unit's profiles know; a unit may define more of its own. */
export type StandardProfileField = FieldsWith<{ type: "text" }>;
export type WorkspaceField = FieldsWith<{ workspace: "field" }>;
type NamePart = FieldsWith<{ workspace: "name_part" }>;
/** By the name that the partner API has for it. */
export type PartnerField = NonNullable<Fields[LeadField]["partner"]>["name"];

const entries = Object.entries(LEAD_FIELDS) as [LeadField, FieldSpec][];
const keysWhere = <Key extends LeadField>(has: (spec: FieldSpec) => boolean): readonly Key[] =>
  entries.flatMap(([key, spec]) => (has(spec) ? [key as Key] : []));

export const STANDARD_PROFILE_FIELDS = keysWhere<StandardProfileField>(({ type }) => type === "text");
export const WORKSPACE_FIELDS = keysWhere<WorkspaceField>(({ workspace }) => workspace === "field");
export const NAME_PARTS = keysWhere<NamePart>(({ workspace }) => workspace === "name_part");

/** The partner API's fields: `key` is where the lead keeps the value. */
export const PARTNER_FIELDS: readonly { name: PartnerField; key: LeadField; type: FieldType; description: string; example: string }[] =
  entries.flatMap(([key, { type, partner }]) => (partner ? [{ ...partner, name: partner.name as PartnerField, key, type }] : []));
