/** Every verb of notifications that writes refuses who may not, and what cannot be stored, whichever door it is called through. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  changeNotificationChannel,
  createNotificationChannel,
  deleteNotificationChannel,
  replayDelivery,
  revokePreviousSecret,
  rotateSigningSecret,
  testNotificationChannel,
} from "../../../src/core/notifications";
import { mintCtx } from "../../support/context";

const HOOK = { name: "CRM", type: "webhook", config: { url: "https://hooks.example.com/a" } } as const;

type Given = { ctx: Ctx; channel: string; delivery: string };
const VERBS: [string, (given: Given) => Promise<unknown>][] = [
  ["createNotificationChannel", ({ ctx }) => createNotificationChannel(ctx, HOOK)],
  ["changeNotificationChannel", ({ ctx, channel }) => changeNotificationChannel(ctx, channel, { active: false })],
  ["rotateSigningSecret", ({ ctx, channel }) => rotateSigningSecret(ctx, channel)],
  ["revokePreviousSecret", ({ ctx, channel }) => revokePreviousSecret(ctx, channel)],
  ["testNotificationChannel", ({ ctx, channel }) => testNotificationChannel(ctx, channel)],
  ["replayDelivery", ({ ctx, delivery }) => replayDelivery(ctx, delivery)],
  ["deleteNotificationChannel", ({ ctx, channel }) => deleteNotificationChannel(ctx, channel)],
];

async function mintGiven(): Promise<Given> {
  const ctx = await mintCtx();
  const { channel } = await createNotificationChannel(ctx, HOOK);
  const { delivery_id } = await testNotificationChannel(ctx, channel.channel_id);
  return { ctx, channel: channel.channel_id, delivery: delivery_id };
}

const as = ({ ctx, ...given }: Given, role: "viewer" | "editor"): Given => ({
  ...given,
  ctx: { ...ctx, actor: { kind: "credential", credential_id: "cred_1", organization_id: ctx.unit.organization_id, role, home: null } },
});

/** All that a unit has of notifications; deliveries without what sending them changes. */
const stored = async ({ ctx }: Given): Promise<unknown> => {
  const rows = (sql: string) => env.DB.prepare(sql).bind(ctx.unit.unit).all();
  const channels = await rows("SELECT * FROM notification_channels WHERE unit = ?1");
  const deliveries = await rows("SELECT delivery_id, attempts_before FROM deliveries WHERE unit = ?1");
  return [channels.results, deliveries.results];
};

it.each(VERBS)("%s: a viewer is refused and nothing changes, an editor may", async (_, call) => {
  const given = await mintGiven();
  const before = await stored(given);
  await expect(call(as(given, "viewer"))).rejects.toMatchObject({ code: "forbidden" });
  expect(await stored(given)).toEqual(before);
  await call(as(given, "editor"));
});

const HOSTILE: [string, unknown, string][] = [
  ["nothing", undefined, ""],
  ["a list", [], ""],
  ["no type", { name: "x", config: HOOK.config }, "type"],
  ["an unknown type", { ...HOOK, type: "sms" }, "type"],
  ["a name of 5,000 characters", { ...HOOK, name: "x".repeat(5000) }, "name"],
  ["a blank name", { ...HOOK, name: " " }, "name"],
  ["a config that is a text", { ...HOOK, config: "https://hooks.example.com" }, "config"],
  ["a private address", { ...HOOK, config: { url: "http://169.254.169.254/latest" } }, "config.url"],
  ["a header of two lines", { ...HOOK, config: { ...HOOK.config, auth_header: "a\r\nX-Evil: b" } }, "config.auth_header"],
];

it.each(HOSTILE)("createNotificationChannel: %s is invalid_request, and nothing is stored", async (_, input, path) => {
  const given = await mintGiven();
  const before = await stored(given);
  const call = createNotificationChannel(as(given, "editor").ctx, input as typeof HOOK);
  await expect(call).rejects.toMatchObject({ code: "invalid_request", problems: [expect.objectContaining({ path })] });
  expect(await stored(given)).toEqual(before);
});

it.each([
  ["nothing", {}, ""],
  ["a name of 5,000 characters", { name: "x".repeat(5000) }, "name"],
  ["a flag that is a text", { active: "yes" }, "active"],
  ["a private address", { config: { url: "http://10.0.0.1/" } }, "config.url"],
  ["another type's config", { config: { webhook_url: HOOK.config.url } }, "config.url"],
])("changeNotificationChannel: %s is invalid_request, and nothing is stored", async (_, input, path) => {
  const given = await mintGiven();
  const before = await stored(given);
  const call = changeNotificationChannel(as(given, "editor").ctx, given.channel, input as { name?: string });
  await expect(call).rejects.toMatchObject({ code: "invalid_request", problems: [expect.objectContaining({ path })] });
  expect(await stored(given)).toEqual(before);
});
