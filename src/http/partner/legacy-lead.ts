/** The lead that has a legacy id: one in the directory, or one whose profile was given the id in its home unit since. */
import {
  type ChannelAtHome,
  type ChannelLead,
  findChannelLead,
  findChannelLeadByLegacyId,
  findLeadsByLegacyId,
  leadNotAccessible,
  listAccessibleChannels,
} from "../../core/channels";
import { noSuchLead } from "../../core/leads";
import { countRequest } from "../middleware/enter-org-unit";
import { type Call, enterHome, openHome } from "./adapter";

/** Home units that are searched for an id which the directory does not have: those of the newest channels. */
const HOMES_SEARCHED_MAX = 50;

/**
 * Of several, the oldest. Two D1 round trips; for an id that the directory does not have, two and one for each home unit, against whose rate
 * it counts as a request. Throws forbidden, not_found, RateLimited.
 */
export async function requireLeadByLegacyId(call: Call, legacyId: number): Promise<ChannelLead> {
  const { leads, known } = await findLeadsByLegacyId(call.caller, legacyId);
  for (const { lead_id, ...at } of leads) {
    const { ctx, channel } = enterHome(call, at);
    const found = await findChannelLead(ctx, channel, lead_id);
    if (found?.state.legacy_id === legacyId) return found;
  }
  const found = await searchHomes(call, legacyId);
  if (found) return found;
  throw known && leads.length === 0 ? leadNotAccessible() : noSuchLead();
}

async function searchHomes(call: Call, legacyId: number): Promise<ChannelLead | null> {
  const homes = Map.groupBy(await listAccessibleChannels(call.caller), ({ home }) => home.unit);
  const searches = [...homes.values()].slice(0, HOMES_SEARCHED_MAX).map((there) => {
    const [{ home }] = there as [ChannelAtHome];
    countRequest(call.c, home);
    const channels = there.map(({ channel }) => channel);
    return findChannelLeadByLegacyId(openHome(call, home), channels, legacyId);
  });
  const found = (await Promise.all(searches)).filter((lead) => lead !== null);
  return found.sort((a, b) => (a.lead.lead_id < b.lead.lead_id ? -1 : 1))[0] ?? null;
}
