/** lead_external: anybody's form may create a lead in a channel that allows it. No key, no webhook, a limit for each address. */
import type { Context } from "hono";
import { type ChannelLead, createChannelLead, requirePublicChannel } from "../../core/channels";
import { consumePublicLeadQuota, openCaller } from "../../open-context";
import { clientNetwork } from "../client-network";
import type { HttpEnv } from "../router";
import { type Body, parseBody } from "./action";
import { enterHome, PartnerError } from "./adapter";
import { once } from "./once";
import { LeadExternal, standardChange } from "./schemas";
import { publicLead } from "./views";

export const EXTERNAL_ACTION = "lead_external";
export const EXTERNAL_BODY_BYTES_MAX = 8 * 1024;
/** The period of the limit: see PUBLIC_LEADS_LIMIT in wrangler.toml. */
const LIMIT_PERIOD_SECONDS = 60;

export async function leadExternal(c: Context<HttpEnv>, sent: Body): Promise<object | Response> {
  const { channel_id, properties, ...body } = parseBody(LeadExternal, sent);
  // checked before anything is read, so that a refused call costs no database query
  await requireRoom(c, channel_id);
  const caller = openCaller(c.env, { kind: "system" }, c.get("requestId"));
  const at = await requirePublicChannel(caller, channel_id);
  // a channel has two ids and one limit
  if (at.channel.channel_id !== channel_id) await requireRoom(c, at.channel.channel_id);
  const { ctx, channel } = enterHome({ c, caller, access: "write" }, at);
  const wanted = { fields: standardChange(body), properties: properties ?? [], notify: false };
  return once(
    { c },
    ctx,
    (lead: ChannelLead) => ({ lead: publicLead(lead) }),
    (remember) => createChannelLead(ctx, channel, wanted, remember),
    channel.channel_id,
  );
}

async function requireRoom(c: Context<HttpEnv>, channelId: string): Promise<void> {
  if (await consumePublicLeadQuota(c.env, `${channelId} ${clientNetwork(c.req.header("CF-Connecting-IP"))}`)) return;
  c.header("Retry-After", String(LIMIT_PERIOD_SECONDS));
  throw new PartnerError(429, "Rate limit exceeded");
}
