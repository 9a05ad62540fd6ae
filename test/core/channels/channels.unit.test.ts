/** The pure parts of channels: what is paid, what is stored, what is shown. */
import { describe, expect, it } from "vitest";
import type { Channel, RewardTrigger } from "../../../src/core/channels/channel";
import { flatLead, wholeLead } from "../../../src/core/channels/leads/channel-lead";
import { InvalidProperties, propertyValueId, readProperties } from "../../../src/core/channels/leads/properties";
import { profileAfter } from "../../../src/core/channels/leads/standard-fields";
import { chosenTriggers, rewardsFor } from "../../../src/core/channels/rewards/rewards";
import { planDefinitions, planStatuses } from "../../../src/core/channels/setup/channel-input";
import type { Lead } from "../../../src/core/leads";

const DEFINITION = { id: "8c9e6679-7425-40de-944b-e07fc1f90ae7", name: "Deal size", type: "number", order: 1, visible: true, active: true };
const CHANNEL: Channel = {
  channel_id: "5d1f0c3a-3c1b-4f0e-9d3c-0c0ffee12345",
  public_id: "e4b8a1d2-6f0c-4b9a-8e7d-0c0ffee12345",
  title: "T",
  roles: { creator: "c", partner: null, referring: null, receiving: null },
  currency: "USD",
  no_auth_api: false,
  webhooks: { webhook_new_lead: null, webhook_status_update: null },
  created_at: 0,
  archived_at: null,
  definitions: [DEFINITION],
  statuses: [{ id: "s1", status: "New lead", order: 1, color: "#3B82F6", visible: true }],
  triggers: [],
};
const trigger = (fields: Partial<RewardTrigger>): RewardTrigger => ({
  id: "t",
  kind: "purchase",
  amount_type: "fixed",
  amount: 5,
  status_id: null,
  active: true,
  created_at: 0,
  ...fields,
});

describe("rewards", () => {
  const amounts = (triggers: RewardTrigger[], amount: number | null) =>
    rewardsFor(triggers, { kind: "purchase", amount }, "USD").map((reward) => reward.minor_units);

  it("are fixed, or a percentage of what was paid, and never nothing", () => {
    const percentage = trigger({ amount_type: "percentage", amount: 10 });
    expect(amounts([trigger({}), percentage], 1000)).toEqual([500, 10_000]);
    expect(amounts([percentage], 0.1 + 0.2)).toEqual([3]);
    expect(amounts([percentage], 49.99)).toEqual([500]);
    for (const amount of [null, 0, -5, 0.000001]) expect(amounts([percentage, trigger({ amount: 0 })], amount)).toEqual([]);
  });

  it("are of active triggers of the kind, and of the status where one is named", () => {
    const triggers = [
      trigger({ id: "any", kind: "status_change" }),
      trigger({ id: "won", kind: "status_change", status_id: "won" }),
      trigger({ id: "lost", kind: "status_change", status_id: "lost" }),
      trigger({ id: "off", kind: "status_change", active: false }),
      trigger({ id: "other" }),
    ];
    expect(rewardsFor(triggers, { kind: "status_change", status_id: "won" }, "USD").map(({ trigger_id }) => trigger_id)).toEqual([
      "any",
      "won",
    ]);
    expect(rewardsFor(triggers, { kind: "new_lead" }, "USD")).toEqual([]);
  });

  it("may be requested by name, once each, whatever the case", () => {
    const channel = { ...CHANNEL, triggers: [trigger({ id: "aa" }), trigger({ id: "bb" }), trigger({ id: "cc", kind: "new_lead" })] };
    expect(chosenTriggers(channel, null).chosen.map(({ id }) => id)).toEqual(["aa", "bb"]);
    expect(chosenTriggers(channel, ["BB", "bb"])).toMatchObject({ chosen: [{ id: "bb" }], unknown: [] });
    expect(chosenTriggers(channel, ["cc", "x"])).toMatchObject({ chosen: [], unknown: ["cc", "x"] });
  });
});

describe("properties", () => {
  it("an echoed value is cut, and so can never be as large as what was sent", () => {
    const entries = ["x".repeat(1_000_000), { a: "x".repeat(1_000_000) }].map((value) => ({ property_definitions_id: "none", value }));
    try {
      readProperties(CHANNEL, entries);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidProperties);
      expect(JSON.stringify((error as InvalidProperties).invalid).length).toBeLessThan(1000);
    }
  });

  it("a value's id is a UUID of its lead and its definition", () => {
    const id = propertyValueId("a", "b");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(propertyValueId("a", "b")).toBe(id);
    expect(propertyValueId("b", "a")).not.toBe(id);
  });
});

describe("what is shown", () => {
  const LEAD: Lead = {
    lead_id: "0193f3a2c7b07aa18000c0ffee123456",
    profile: { name: "Cher", notes: { a: 1 } },
    aliases: [],
    account_id: null,
    status: "new",
    shown_email: null,
    shown_phone: null,
    owner_id: null,
    owner_name: null,
    consent: null,
    version: 1,
    created_at: 0,
    updated_at: 0,
  };
  const of = (state: Partial<{ status_id: string; properties: Record<string, string> }>) => ({
    lead: LEAD,
    channel: CHANNEL,
    state: { status_id: "s1", properties: {}, legacy_id: null, ...state },
  });

  it("a name of one word is a first name", () => {
    expect(wholeLead(of({}))).toMatchObject({
      first_name: "Cher",
      last_name: null,
      notes: '{"a":1}',
      created_at: "1970-01-01T00:00:00.000Z",
    });
  });

  it("a status that the channel does not know has no name, and a value whose definition it does not know is not shown", () => {
    expect(wholeLead(of({ status_id: "gone", properties: { gone: "x" } }))).toMatchObject({
      status: null,
      lead_status_id: "gone",
      property_values: [],
    });
    expect(flatLead(of({ properties: { [DEFINITION.id]: "5" } }))).toMatchObject({ "Deal size": "5" });
  });
});

it("writing one part of a name keeps the other, and clearing is not writing", () => {
  expect(profileAfter({ name: "Ann Lee" }, { last_name: "May" })).toEqual({ first_name: "Ann", last_name: "May" });
  expect(profileAfter({ name: "Ann Lee" }, { notes: "x" })).toEqual({ name: "Ann Lee", notes: "x" });
  expect(profileAfter({ name: "Ann Lee" }, { first_name: null })).toEqual({ last_name: "Lee" });
});

it("what is set on a channel is completed in order, and a name is used once", () => {
  expect(planDefinitions([DEFINITION], [{ name: "B" }, { id: DEFINITION.id, active: false }]).changed).toEqual([
    { id: expect.any(String), name: "B", type: "text", order: 2, visible: true, active: true },
    { ...DEFINITION, active: false },
  ]);
  expect(planDefinitions([DEFINITION], [{ name: "Deal size" }]).problems).toHaveLength(1);
  expect(planStatuses([], []).changed.map(({ status }) => status)).toEqual(["New lead"]);
  expect(planStatuses(CHANNEL.statuses, []).changed).toEqual([]);
});
