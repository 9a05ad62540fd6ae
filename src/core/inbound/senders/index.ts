/** Every sender that is known, by the type of source. */
import type { InboundType } from "../../../vocabulary";
import { calendly } from "./calendly";
import { generic } from "./generic";
import { googleAds } from "./google-ads";
import { hubspot } from "./hubspot";
import type { Sender } from "./sender";
import { stripe } from "./stripe";
import { tally } from "./tally";
import { typeform } from "./typeform";

export const SENDERS: Readonly<Record<InboundType, Sender>> = {
  typeform,
  tally,
  google_ads: googleAds,
  calendly,
  hubspot,
  stripe,
  generic,
};
