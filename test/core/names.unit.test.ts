/** Names that SQLite would store as something else than was sent. */
import { expect, it } from "vitest";
import { AccountInput } from "../../src/core/accounts/schemas";
import { ChannelChange, NewChannel } from "../../src/core/channels/schemas";
import { CONFIGS, NewNotificationChannel, NotificationChannelChange } from "../../src/core/notifications/schemas";
import { NewOrganization, OrgUnitInput } from "../../src/core/org-units/schemas";
import { parseInput } from "../../src/validation";

const HOOK = { type: "webhook", config: {} };
const SLACK = { webhook_url: "https://hooks.example.com/x" };
const CHANNEL = { title: "Channel", creator: "company" };

it.each([
  ["an account", (name: string) => parseInput(AccountInput, { name })],
  ["an organization", (name: string) => parseInput(NewOrganization, { name })],
  ["an org unit", (name: string) => parseInput(OrgUnitInput, { name })],
  ["an org unit's external_ref", (external_ref: string) => parseInput(OrgUnitInput, { name: "Unit", external_ref })],
  ["a notification channel", (name: string) => parseInput(NewNotificationChannel, { ...HOOK, name })],
  ["a notification channel that is renamed", (name: string) => parseInput(NotificationChannelChange, { name })],
  ["a chat room", (channel_name: string) => parseInput(CONFIGS.slack, { ...SLACK, channel_name })],
  ["a channel", (title: string) => parseInput(NewChannel, { ...CHANNEL, title })],
  ["a channel that is renamed", (title: string) => parseInput(ChannelChange, { title })],
  ["a property", (name: string) => parseInput(NewChannel, { ...CHANNEL, property_definitions: [{ name }] })],
  ["a status", (status: string) => parseInput(NewChannel, { ...CHANNEL, lead_status: [{ status }] })],
])("NUL or half a surrogate pair in the name of %s is invalid; a whole pair is not", (_, named) => {
  for (const name of ["a\0b", "\ud83d", "b\ude00"]) {
    expect(() => named(name)).toThrow(expect.objectContaining({ code: "invalid_request", message: expect.stringContaining("surrogate") }));
  }
  expect(() => named("caf\u00e9 \u{1f600}")).not.toThrow();
});
