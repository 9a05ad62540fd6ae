/** A channel: where companies share the leads of one org unit, with statuses, custom properties and rewards of its own. Types, pure. */

import { AppError } from "../../errors";
import type { AmountType, RewardKind } from "../../vocabulary";

export type PropertyDefinition = { id: string; name: string; type: string; order: number; visible: boolean; active: boolean };
export type ChannelStatus = { id: string; status: string; order: number; color: string; visible: boolean };

export type RewardTrigger = {
  id: string;
  kind: RewardKind;
  amount_type: AmountType;
  /** in the channel's currency, or percent of a purchase's amount */
  amount: number;
  /** of a status_change: the status that pays when it is reached; null: any */
  status_id: string | null;
  active: boolean;
  created_at: number;
};

export const WEBHOOKS = ["webhook_new_lead", "webhook_status_update"] as const;
export type WebhookKind = (typeof WEBHOOKS)[number];
/** A URL and the notification channel of the home unit that delivers to it. */
export type Webhook = { url: string; notification_channel_id: string };

export const ROLES = ["creator", "partner", "referring", "receiving"] as const;
export type ChannelRole = (typeof ROLES)[number];

export type Channel = {
  channel_id: string;
  /** the second UUID, by which public forms may name the channel */
  public_id: string;
  title: string;
  /** company ids */
  roles: Record<"creator", string> & Record<Exclude<ChannelRole, "creator">, string | null>;
  currency: string;
  /** whether lead_external may create leads */
  no_auth_api: boolean;
  webhooks: Record<WebhookKind, Webhook | null>;
  created_at: number;
  archived_at: number | null;
  /** by order */
  definitions: readonly PropertyDefinition[];
  /** by order, at least one */
  statuses: readonly ChannelStatus[];
  triggers: readonly RewardTrigger[];
};

/** Where a new lead stands: the status with the lowest order. */
export function firstStatus({ statuses }: Channel): ChannelStatus {
  const [first] = statuses;
  if (!first) throw new Error("a channel without a status");
  return first;
}

/** By any role, and only while the channel is not archived. */
export const isAccessible = ({ roles, archived_at }: Channel, companyId: string): boolean =>
  archived_at === null && ROLES.some((role) => roles[role] === companyId);

export const noSuchChannel = (): AppError => new AppError("not_found", "Channel not found");

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Any version and variant. */
export const isUuid = (text: string): boolean => UUID.test(text);
