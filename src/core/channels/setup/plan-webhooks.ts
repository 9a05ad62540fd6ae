/** The webhooks of a channel as the operator sets them, and the notification channels of the home unit that deliver to them. */
import type { Ctx, Statement } from "../../../context";
import { sha256Hex } from "../../../hash";
import { deleteOwnedWebhooks, insertOwnedWebhook, newSigningSecret, requireDeliverableUrl, updateOwnedWebhook } from "../../notifications";
import { type Channel, WEBHOOKS, type Webhook, type WebhookKind } from "../channel";
import type { ChannelSettings } from "../schemas";

type PlannedWebhooks = {
  /** columns of the channel's row */
  columns: Partial<Record<WebhookKind | `${WebhookKind}_id`, string | null>>;
  /** for the home unit, to run before and after the channel is saved */
  before: Statement<never>[];
  after: Statement<never>[];
  /** of the webhooks that are new */
  secrets: Partial<Record<WebhookKind, string>>;
};

/** The webhooks that are given: a URL is created or changed, null removes one. Throws invalid_request for a URL that is refused. */
export function planWebhooks(ctx: Ctx, channel: Channel, wanted: Pick<ChannelSettings, WebhookKind>): PlannedWebhooks {
  const plan: PlannedWebhooks = { columns: {}, before: [], after: [], secrets: {} };
  for (const kind of WEBHOOKS) {
    const url = wanted[kind];
    if (url === undefined) continue;
    const owner = `${channel.channel_id} ${kind}`;
    const before: Webhook | null = channel.webhooks[kind];
    if (url === null) {
      plan.columns = { ...plan.columns, [kind]: null, [`${kind}_id`]: null };
      plan.after.push(deleteOwnedWebhooks(ctx.db, owner));
      continue;
    }
    requireDeliverableUrl(url, ctx.settings, kind);
    const now = ctx.now();
    const channel_id = before?.notification_channel_id ?? webhookId(owner);
    const owned = { channel_id, owner, name: channel.title, url };
    plan.columns = { ...plan.columns, [kind]: url, [`${kind}_id`]: channel_id };
    if (before) plan.before.push(updateOwnedWebhook(ctx.db, owned, now));
    else {
      const secret = newSigningSecret();
      plan.secrets[kind] = secret;
      plan.before.push(deleteOwnedWebhooks(ctx.db, owner), insertOwnedWebhook(ctx.db, { ...owned, secret }, now));
    }
  }
  return plan;
}

/** Derived from its owner, so that of two concurrent writers neither leaves the channel with a webhook that the other has replaced. */
const webhookId = (owner: string): string => `nch_${sha256Hex(owner).slice(0, 32)}`;
