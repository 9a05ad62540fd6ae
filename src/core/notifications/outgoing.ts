/** The request of one attempt: URL, headers and body. Pure. */
import type { Settings } from "../../context";
import type { NotificationChannelRow } from "./channel-store";
import type { Config } from "./config";
import type { ClaimedDelivery } from "./delivery-store";
import { addresses } from "./schemas";
import { signedHeaders } from "./sign";
import { emailMessage, type Payload, slackMessage, teamsMessage } from "./texts";
import { refusal } from "./url";

export type Outgoing = { url: string; headers: Record<string, string>; body: string };
/** Why nothing can be sent, at the next attempt either. */
export type Refused = { refused: string };

const HEADERS = { "Content-Type": "application/json", "User-Agent": "Leadedge-Webhooks/1" };

/** `now` in ms: each attempt has its own timestamp and signature; id and body stay the same. */
export function planRequest(
  delivery: ClaimedDelivery,
  channel: NotificationChannelRow,
  settings: Settings,
  now: number,
): Outgoing | Refused {
  const payload = () => JSON.parse(delivery.payload) as Payload;
  switch (channel.type) {
    case "webhook": {
      const config = configOf<"webhook">(channel);
      const signed = signedHeaders(delivery.delivery_id, Math.floor(now / 1000), delivery.payload, secretsOf(channel, now));
      const authorization = config.auth_header ? { Authorization: config.auth_header } : {};
      return checked({ url: config.url, headers: { ...HEADERS, ...authorization, ...signed }, body: delivery.payload }, settings);
    }
    case "slack":
      return checked(
        { url: configOf<"slack">(channel).webhook_url, headers: HEADERS, body: JSON.stringify(slackMessage(payload())) },
        settings,
      );
    case "teams":
      return checked(
        { url: configOf<"teams">(channel).webhook_url, headers: HEADERS, body: JSON.stringify(teamsMessage(payload())) },
        settings,
      );
    case "email":
      return planEmail(delivery.delivery_id, payload(), configOf<"email">(channel), settings);
  }
}

const configOf = <Type extends NotificationChannelRow["type"]>({ config }: NotificationChannelRow): Config<Type> =>
  JSON.parse(config) as Config<Type>;

const secretsOf = ({ secret, previous_secret, previous_until }: NotificationChannelRow, now: number): string[] =>
  [secret, (previous_until ?? 0) > now ? previous_secret : null].filter((valid) => valid !== null);

/** Checked again at every attempt: rules and settings may have changed since the channel was created. */
function checked(request: Outgoing, settings: Settings): Outgoing | Refused {
  const message = refusal(request.url, settings);
  return message === null ? request : { refused: `The channel's URL ${message}` };
}

/** The provider's URL is the operator's own setting, so it is not checked. */
function planEmail(id: string, payload: Payload, config: Config<"email">, { email }: Settings): Outgoing | Refused {
  if (!email) return { refused: "Email needs the setting EMAIL_WEBHOOK_URL, and this service has none" };
  const authorization = email.token === null ? {} : { Authorization: `Bearer ${email.token}` };
  return {
    url: email.url,
    headers: { ...HEADERS, "Idempotency-Key": id, ...authorization },
    body: JSON.stringify(emailMessage(payload, addresses(config.recipients), config)),
  };
}
