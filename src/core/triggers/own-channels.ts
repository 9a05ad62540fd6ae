/** The notification channels that a trigger owns for its `webhook_url` and `emails`: created, kept or removed to match its destination. */
import type { Ctx, Statement } from "../../context";
import { newId } from "../../ids";
import {
  deleteOwnedChannel,
  insertOwnedEmail,
  insertOwnedWebhook,
  newSigningSecret,
  readConfig,
  requireDeliverableUrl,
  updateOwnedWebhook,
} from "../notifications";
import type { Destination, Trigger } from "./trigger";

export type PlannedChannels = { destination: Trigger["destination"]; statements: Statement[]; signing_secret: string | null };

/** Throws invalid_request at `webhook_url`, `emails` or one of the email texts. */
export function planOwnChannels(
  ctx: Ctx,
  trigger: Pick<Trigger, "trigger_id" | "name" | "destination">,
  wanted: Destination,
): PlannedChannels {
  const webhook = planWebhook(ctx, trigger, wanted.webhook_url);
  const email = planEmail(ctx, trigger, wanted);
  return {
    destination: { ...wanted, webhook_channel_id: webhook.channel_id, email_channel_id: email.channel_id },
    statements: [...webhook.statements, ...email.statements],
    signing_secret: webhook.signing_secret,
  };
}

type Owner = Pick<Trigger, "trigger_id" | "name" | "destination">;

/** The secret survives a change of the URL, as the receiver already has it. */
function planWebhook(ctx: Ctx, { trigger_id, name, destination }: Owner, url: string | null) {
  const { webhook_channel_id: known, webhook_url: before } = destination;
  if (url === null)
    return { channel_id: null, statements: known === null ? [] : [deleteOwnedChannel(ctx.db, trigger_id, known)], signing_secret: null };
  if (url === before) return { channel_id: known, statements: [], signing_secret: null };
  requireDeliverableUrl(url, ctx.settings, "webhook_url");
  const owned = { channel_id: known ?? newId("nch", ctx.now()), owner: trigger_id, name, url };
  if (known !== null) return { channel_id: known, statements: [updateOwnedWebhook(ctx.db, owned, ctx.now())], signing_secret: null };
  const secret = newSigningSecret();
  return {
    channel_id: owned.channel_id,
    statements: [insertOwnedWebhook(ctx.db, { ...owned, secret }, ctx.now())],
    signing_secret: secret,
  };
}

function planEmail(ctx: Ctx, { trigger_id, name, destination }: Owner, wanted: Destination) {
  const known = destination.email_channel_id;
  const same = JSON.stringify(emailPart(wanted)) === JSON.stringify(emailPart(destination));
  if (same) return { channel_id: known, statements: [] };
  const removed = known === null ? [] : [deleteOwnedChannel(ctx.db, trigger_id, known)];
  if (wanted.emails.length === 0) return { channel_id: null, statements: removed };
  const { email_subject, email_preheader, email_message } = wanted;
  const texts = {
    ...(email_subject === null ? {} : { subject: email_subject }),
    ...(email_preheader === null ? {} : { preheader: email_preheader }),
    ...(email_message === null ? {} : { message: email_message }),
  };
  const config = readConfig(
    "email",
    { recipients: wanted.emails.join(","), ...texts },
    ctx.settings,
    (field) => EMAIL_PATHS[field] ?? field,
  );
  const channel_id = newId("nch", ctx.now());
  return { channel_id, statements: [...removed, insertOwnedEmail(ctx.db, { channel_id, owner: trigger_id, name, config }, ctx.now())] };
}

/** Where a trigger's input has what an email channel's config calls by another name. */
const EMAIL_PATHS: Record<string, string> = {
  type: "emails",
  recipients: "emails",
  subject: "email_subject",
  preheader: "email_preheader",
  message: "email_message",
};

const emailPart = ({ emails, email_subject, email_preheader, email_message }: Destination) => [
  emails,
  email_subject,
  email_preheader,
  email_message,
];
