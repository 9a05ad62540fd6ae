const CREATED_AT = "2026-01-15T10:00:00.000Z";
const LEAD_ID = "0193f3a2-c7b0-7aa1-8000-c0ffee123456";
const QUALIFIED_ID = "7a2e4c90-9c1d-4b7e-a1c4-0c0ffee12345";
const NEW_STATUS_ID = "3f6b0d1e-5a77-4d0e-8b2f-0c0ffee12345";

export const CHANNEL_EXAMPLE = {
  channel_id: "5d1f0c3a-3c1b-4f0e-9d3c-0c0ffee12345",
  public_id: "e4b8a1d2-6f0c-4b9a-8e7d-0c0ffee12345",
  title: "Acme referrals",
  home: { organization_id: "org_0193f3a2c7b07aa18000c0ffee123456", unit_id: "unit_default" },
  creator: "5f0c6a52-6c1b-4d0e-9f60-0c0ffee12345",
  partner: "9a1c6a52-6c1b-4d0e-9f60-0c0ffee12345",
  referring: null,
  receiving: null,
  currency: "USD",
  no_auth_api: false,
  property_definitions: [
    { id: "8c9e6679-7425-40de-944b-e07fc1f90ae7", name: "Deal size", type: "number", order: 1, visible: true, active: true },
  ],
  lead_status: [
    { id: NEW_STATUS_ID, status: "New lead", order: 1, color: "#3B82F6", visible: true },
    { id: QUALIFIED_ID, status: "Qualified", order: 2, color: "#F59E0B", visible: true },
  ],
  webhook_new_lead: "https://hooks.example.com/leadedge",
  webhook_status_update: null,
  created_at: CREATED_AT,
  archived_at: null,
};

export const ADDED_EXAMPLE = { leads: [{ id: LEAD_ID, legacy_id: 12345, added: true }], refused: [] };

export const TRIGGER_EXAMPLE = {
  trigger_id: "0b9f7c52-1f6d-4d39-8a3e-0c0ffee12345",
  kind: "purchase",
  amount_type: "percentage",
  amount: 10,
  status_id: null,
  active: true,
  created_at: CREATED_AT,
};

export const REWARD_EXAMPLE = {
  reward_event_id: "0193f3a2-c7b0-7aa3-8000-c0ffee123456",
  lead_id: LEAD_ID,
  trigger_id: TRIGGER_EXAMPLE.trigger_id,
  kind: "purchase",
  amount: 120,
  currency: "USD",
  purchase_id: "0193f3a2-c7b0-7aa2-8000-c0ffee123456",
  reverses: null,
  created_at: CREATED_AT,
};

export const REVERSAL_EXAMPLE = {
  ...REWARD_EXAMPLE,
  reward_event_id: "0193f3a2-c7b0-7aa5-8000-c0ffee123456",
  amount: -REWARD_EXAMPLE.amount,
  reverses: REWARD_EXAMPLE.reward_event_id,
};

export const EVENT_EXAMPLE = {
  event_id: "0193f3a2-c7b0-7aa4-8000-c0ffee123456",
  lead_id: LEAD_ID,
  category: "status",
  data: { status_id: QUALIFIED_ID, status: "Qualified", old_status_id: NEW_STATUS_ID, old_status: "New lead" },
  created_at: CREATED_AT,
};
