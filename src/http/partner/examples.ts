/** One channel and one lead, as every example shows them. */
import { forStandardFields } from "../../core/channels";

const CHANNEL_ID = "5d1f0c3a-3c1b-4f0e-9d3c-0c0ffee12345";
const DEFINITION_ID = "8c9e6679-7425-40de-944b-e07fc1f90ae7";
const TRIGGER_ID = "0b9f7c52-1f6d-4d39-8a3e-0c0ffee12345";
const NEW_STATUS_ID = "3f6b0d1e-5a77-4d0e-8b2f-0c0ffee12345";
const QUALIFIED_ID = "7a2e4c90-9c1d-4b7e-a1c4-0c0ffee12345";
const CREATED_AT = "2026-01-15T10:00:00.000Z";
const COMPANY_ID = "5f0c6a52-6c1b-4d0e-9f60-0c0ffee12345";
export const LEAD_ID_EXAMPLE = "0193f3a2-c7b0-7aa1-8000-c0ffee123456";

const FIELDS = forStandardFields(({ example }) => example);
const CONTACT = { email: FIELDS.email, first_name: FIELDS.first_name, last_name: FIELDS.last_name };

export const UPDATE_EXAMPLE = {
  action: "update_lead",
  lead_id: LEAD_ID_EXAMPLE,
  phone: FIELDS.phone,
  properties: [{ property_definitions_id: DEFINITION_ID, value: 50000 }],
};
export const CREATE_EXAMPLE = {
  action: "create_lead",
  channel_id: CHANNEL_ID,
  ...CONTACT,
  properties: [{ property_definitions_id: DEFINITION_ID, value: 50000 }],
};
export const EXTERNAL_EXAMPLE = { action: "lead_external", channel_id: CHANNEL_ID, ...CONTACT };
export const PURCHASE_EXAMPLE = {
  action: "create_purchase",
  lead_id: LEAD_ID_EXAMPLE,
  purchase_amount: 1200,
  product_name: "Annual plan",
  trigger_ids: [TRIGGER_ID],
};
export const WHOLE_LEAD_EXAMPLE = {
  id: LEAD_ID_EXAMPLE,
  ...FIELDS,
  channels_id: CHANNEL_ID,
  lead_status_id: QUALIFIED_ID,
  lead_status: { id: QUALIFIED_ID, status: "Qualified" },
  status: "Qualified",
  created_at: CREATED_AT,
  property_values: [
    {
      id: "1c6f7d0a-7b1e-8f52-8a64-0c0ffee12345",
      value: "50000",
      property_definitions_id: DEFINITION_ID,
      property_definitions: { id: DEFINITION_ID, name: "Deal size", type: "number" },
    },
  ],
};
const NEW_LEAD = {
  ...WHOLE_LEAD_EXAMPLE,
  lead_status_id: NEW_STATUS_ID,
  lead_status: { id: NEW_STATUS_ID, status: "New lead" },
  status: "New lead",
};
const MOVED = {
  id: LEAD_ID_EXAMPLE,
  created_at: CREATED_AT,
  ...CONTACT,
  status: "Qualified",
  lead_status_id: QUALIFIED_ID,
  channels_id: CHANNEL_ID,
};
const CHANNEL = {
  id: CHANNEL_ID,
  title: "Acme referrals",
  created_at: CREATED_AT,
  creator: COMPANY_ID,
  partner_companies_id: "9a1c6a52-6c1b-4d0e-9f60-0c0ffee12345",
  referring_id: null,
  receiving_id: COMPANY_ID,
  currency: "USD",
  no_auth_api: true,
  property_definitions: [{ id: DEFINITION_ID, name: "Deal size", type: "number", order: 1, visible: true }],
  lead_status: [
    { id: NEW_STATUS_ID, status: "New lead", order: 1, color: "#3B82F6", visible: true },
    { id: QUALIFIED_ID, status: "Qualified", order: 2, color: "#F59E0B", visible: true },
  ],
};

export const RESPONSE_EXAMPLES = [
  { action: "update_lead and get_lead_by_id", shape: "lead", response: { lead: WHOLE_LEAD_EXAMPLE } },
  { action: "create_lead", shape: "lead", response: { lead: NEW_LEAD } },
  {
    action: "get_lead_by_legacy_id",
    shape: "legacyLead",
    response: { lead: { ...WHOLE_LEAD_EXAMPLE, legacy_id: 12345, employee: FIELDS.referring_employee } },
  },
  {
    action: "get_leads",
    shape: "leads",
    response: [{ id: LEAD_ID_EXAMPLE, ...FIELDS, created_at: CREATED_AT, status: "Qualified", "Deal size": "50000" }],
  },
  { action: "get_channels", shape: "channels", response: { channels: [CHANNEL] } },
  { action: "update_status and update_status_id", shape: "movedLead", response: { lead: MOVED } },
  {
    action: "create_purchase",
    shape: "purchase",
    response: {
      purchase: {
        id: "0193f3a2-c7b0-7aa2-8000-c0ffee123456",
        created_at: CREATED_AT,
        leads_id: LEAD_ID_EXAMPLE,
        purchase_amount: 1200,
        date: CREATED_AT,
        name: "Annual plan",
        description: null,
      },
    },
  },
  {
    action: "lead_external",
    shape: "publicLead",
    response: { lead: { id: LEAD_ID_EXAMPLE, created_at: CREATED_AT, ...FIELDS, status: "New lead" } },
  },
] as const;

export const ERROR_EXAMPLES: Record<number, { description: string; response: object }> = {
  400: {
    description: "Fields missing or invalid, an unknown action, or no JSON object",
    response: {
      error: "Invalid properties",
      invalid: [{ index: 0, property_definitions_id: DEFINITION_ID, value: null, reason: "value must not be null" }],
    },
  },
  401: { description: "Missing or invalid X-Api-Key header", response: { error: "Invalid API key" } },
  403: {
    description: "`Channel not accessible`, `Lead not accessible`, `Public API not enabled for this channel`, or a key that may only read",
    response: { error: "Lead not accessible" },
  },
  404: {
    description: '`Lead not found`, `Status "X" not found for this channel`, `Status ID not found`, `Channel not found` (lead_external)',
    response: { error: "Lead not found" },
  },
  405: { description: "Not a POST", response: { error: "Method not allowed: every call is a POST" } },
  409: {
    description: "A call with the same Idempotency-Key is being carried out: repeat it after Retry-After",
    response: { error: "A request with this Idempotency-Key is being carried out: try again in a moment" },
  },
  413: {
    description: "Body over 2 MB (lead_external: 8 KB), or a lead's values over 256 KB",
    response: { error: "Request body over 2048 KB" },
  },
  422: {
    description: "The Idempotency-Key was used for another call",
    response: { error: "This Idempotency-Key was used for another request: use a new key for each request" },
  },
  429: { description: "Too many lead_external calls; Retry-After says when to try again", response: { error: "Rate limit exceeded" } },
  500: { description: "Unexpected server error", response: { error: "Internal server error" } },
  503: { description: "The database is busy; try again", response: { error: "The database is busy; try again in a moment" } },
};
