/** A channel as the directory returns it. Pure. */
import type { OrgUnit } from "../../context";
import type { Channel, ChannelStatus, PropertyDefinition, RewardTrigger } from "./channel";

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
export type FoundChannel = ChannelAtHome & LookedUp;

export function readChannel({ definitions, statuses, triggers, home, company_id, lead_id, ...row }: ChannelRow & LookedUp): FoundChannel {
  const { creator, partner, referring, receiving } = row;
  const webhook = (url: string | null, id: string | null) => (url === null || id === null ? null : { url, notification_channel_id: id });
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
      webhooks: {
        webhook_new_lead: webhook(row.webhook_new_lead, row.webhook_new_lead_id),
        webhook_status_update: webhook(row.webhook_status_update, row.webhook_status_update_id),
      },
      created_at: row.created_at,
      archived_at: row.archived_at,
      definitions: JSON.parse(definitions) as PropertyDefinition[],
      statuses: JSON.parse(statuses) as ChannelStatus[],
      triggers: JSON.parse(triggers) as RewardTrigger[],
    },
  };
}
