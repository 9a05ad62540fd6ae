/** Every sender that is known, by the type of source. */
import type { InboundType } from "../../../vocabulary";
import type { Json } from "../../leads";
import { ANSWERS_MAX, type Answer, LABEL_CHARS_MAX, type Reading } from "../submission";
import { calendly } from "./calendly";
import { generic } from "./generic";
import { googleAds } from "./google-ads";
import { hubspot } from "./hubspot";
import type { Sender } from "./sender";
import { stripe } from "./stripe";
import { tally } from "./tally";
import { typeform } from "./typeform";

/** What a payload says. */
export function readPayload(type: InboundType, payload: Json): Reading {
  const reading = SENDERS[type].read(payload);
  if (!("submissions" in reading)) return reading;
  const taken = (answers: readonly Answer[]) =>
    answers.slice(0, ANSWERS_MAX).map((answer) => ({ ...answer, label: answer.label.slice(0, LABEL_CHARS_MAX) }));
  return { submissions: reading.submissions.map((submission) => ({ ...submission, answers: taken(submission.answers) })) };
}

/** A payload without the secret that its sender puts into it. */
export const withoutSecret = (type: InboundType, payload: Json): Json => SENDERS[type].withoutSecret?.(payload) ?? payload;

export const SENDERS: Readonly<Record<InboundType, Sender>> = {
  typeform,
  tally,
  google_ads: googleAds,
  calendly,
  hubspot,
  stripe,
  generic,
};
