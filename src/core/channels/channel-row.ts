/** A channel as the directory returns it. Pure. */
import type { OrgUnit } from "../../context";
import type { channels } from "../../db/schema/channels";
import type { Channel, ChannelStatus, PropertyDefinition, RewardTrigger, WebhookKind } from "./channel";

export type ChannelRow = {
  channel_id: string;
  public_id: string;
  title: string;
  creator: string;
  partner: string | null;
  referring: string | null;
  receiving: string | null;
  currency: string;
  no_auth_api: number;
  webhook_new_lead: string | null;
  webhook_new_lead_id: string | null;
  webhook_status_update: string | null;
  webhook_status_update_id: string | null;
  created_at: number;
  archived_at: number | null;
  definitions: string;
  statuses: string;
  triggers: string;
  home: string;
};
/** `company_id`: of the caller's organization; null when that does not exist. `lead_id`: of the lead that the channel was looked up by. */
export type LookedUp = { company_id: string | null; lead_id: string | null };

/** A channel with its home unit. */
export type ChannelAtHome = { channel: Channel; home: OrgUnit };
/** Whose channels: an organization's, one unit's of it, or everybody's. */
export type ChannelHome = { organization_id?: string | undefined; unit_id?: string | null | undefined };
export type FoundChannel = ChannelAtHome & LookedUp;

export function readChannel({ definitions, statuses, triggers, home, company_id, lead_id, ...row }: ChannelRow & LookedUp): FoundChannel {
  const { creator, partner, referring, receiving } = row;
  return {
    company_id,
    lead_id,
    home: JSON.parse(home) as OrgUnit,
    channel: {
      channel_id: row.channel_id,
      public_id: row.public_id,
      title: row.title,
      roles: { creator, partner, referring, receiving },
      currency: row.currency,
      no_auth_api: row.no_auth_api === 1,
      webhooks: webhooksOf(row),
      created_at: row.created_at,
      archived_at: row.archived_at,
      definitions: JSON.parse(definitions) as PropertyDefinition[],
      statuses: JSON.parse(statuses) as ChannelStatus[],
      triggers: JSON.parse(triggers) as RewardTrigger[],
    },
  };
}

export type StoredChannel = typeof channels.$inferInsert;
export type ChannelParts = { definitions: readonly PropertyDefinition[]; statuses: readonly ChannelStatus[] };

/** A new channel as it will be read. */
export function plannedChannel(row: StoredChannel, { definitions, statuses }: ChannelParts): Channel {
  const { channel_id, public_id, title, creator, partner = null, referring = null, receiving = null, currency, no_auth_api } = row;
  const { created_at, archived_at = null } = row;
  return {
    channel_id,
    public_id,
    title,
    roles: { creator, partner, referring, receiving },
    currency,
    no_auth_api,
    webhooks: webhooksOf(row),
    created_at,
    archived_at,
    definitions: definitions.toSorted(byOrder),
    statuses: statuses.toSorted(byOrder),
    triggers: [],
  };
}

type WebhookColumns = Partial<Pick<StoredChannel, WebhookKind | `${WebhookKind}_id`>>;

function webhooksOf(row: WebhookColumns): Channel["webhooks"] {
  const webhook = (kind: WebhookKind) => {
    const { [kind]: url, [`${kind}_id` as const]: id } = row;
    return url && id ? { url, notification_channel_id: id } : null;
  };
  return { webhook_new_lead: webhook("webhook_new_lead"), webhook_status_update: webhook("webhook_status_update") };
}

/** As the directory sorts them. */
const byOrder = (a: { order: number; id: string }, b: { order: number; id: string }): number => a.order - b.order || (a.id < b.id ? -1 : 1);
