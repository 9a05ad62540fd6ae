/** What a payload becomes: an event for each submission, with the fields and aliases of its lead. Pure. */
import type { OrgUnit } from "../../context";
import { sha256Hex } from "../../hash";
import { JSON_DEPTH_MAX } from "../../json-depth";
import { isoTime, parseIsoTime } from "../../time";
import type { PayloadOutcome } from "../../vocabulary";
import { type QueuedEvent, readEvent } from "../events";
import type { Json, Profile } from "../leads";
import { placeAnswers, storable } from "./place-answers";
import { readPayload } from "./senders";
import type { InboundSource } from "./source";
import { type Submission, textOf } from "./submission";

export type ReadDelivery = { outcome: PayloadOutcome; reason: string | null; events: QueuedEvent[] };

const ID_CHARS = 40;
const REASON_CHARS_MAX = 500;
const UNREADABLE = `The body is neither JSON nor a form, or nested deeper than ${JSON_DEPTH_MAX} levels`;
const NOBODY = "It names nobody: no email, phone, external id, cookie or profile URL is among its answers. Map one of them";

export type Arrival = {
  unit: OrgUnit;
  now: number;
  /** the sender's id of the delivery where a header says it */
  given_id: string | null;
  /** hash of the body where that is signed and `given_id` is not */
  signed_body?: string | undefined;
};

/** A delivery without an id of its own is identified by its content. */
export function readDelivery(
  source: Pick<InboundSource, "source_id" | "name" | "type" | "mapping">,
  payload: Json | undefined,
  arrival: Arrival,
): ReadDelivery {
  if (payload === undefined) return unusable(UNREADABLE);
  const reading = readPayload(source.type, payload);
  if ("unusable" in reading) return { ...unusable(reading.unusable), ...(reading.test ? { outcome: "test" as const } : {}) };
  const events: QueuedEvent[] = [];
  const reasons: string[] = [];
  for (const submission of reading.submissions) {
    const read = readSubmission(source, submission, { ...arrival, at: events.length });
    if (typeof read === "string") reasons.push(read);
    else events.push(read);
  }
  if (events.length === 0) return unusable(reasons[0] ?? NOBODY);
  const left = reasons.length === 0 ? null : `${reasons.length} of ${reading.submissions.length} are unusable: ${reasons[0]}`;
  return { outcome: "accepted", reason: left?.slice(0, REASON_CHARS_MAX) ?? null, events };
}

const unusable = (reason: string): ReadDelivery => ({ outcome: "unusable", reason: reason.slice(0, REASON_CHARS_MAX), events: [] });

type Reader = Arrival & { at: number };

/** The event, or why it is none. */
function readSubmission(
  source: Pick<InboundSource, "source_id" | "name" | "type" | "mapping">,
  submission: Submission,
  { unit, now, given_id, signed_body, at }: Reader,
): QueuedEvent | string {
  const { aliases, traits, invalid } = placeAnswers(submission, source.mapping, unit.default_region);
  if (aliases.length === 0) return invalid[0] === undefined ? NOBODY : `It names nobody: ${invalid.join("; ")}`;
  const about = { source_id: source.source_id, source_name: source.name, source_type: source.type, ...submission.about };
  const input = {
    event_id: eventIdOf(source.source_id, submission, given_id === null ? null : `${given_id} ${at}`),
    // the same body under another id is the same submission, too
    idempotency_key:
      signed_body === undefined ? undefined : `inb_${sha256Hex(JSON.stringify([source.source_id, signed_body])).slice(0, ID_CHARS)}`,
    event_type: submission.event_type,
    timestamp: momentOf(submission.at, now),
    aliases: aliases.map(({ kind, raw }) => ({ path: kind, kind, raw })),
    traits,
  };
  for (const metadata of [{ ...about, answers: said(submission) }, about, {}]) {
    const event = readEvent({ ...input, metadata: storable(metadata) as Profile }, unit, now);
    if (!Array.isArray(event)) return event;
    // answers that are too large are left out rather than the event
    if (!event.some(({ too_large }) => too_large)) return event.map(({ path, message }) => `${path} ${message}`).join("; ");
  }
  return "It is too large";
}

const eventIdOf = (sourceId: string, { delivery_id, root }: Submission, given: string | null): string =>
  `inb_${sha256Hex(JSON.stringify([sourceId, given ?? delivery_id ?? root])).slice(0, ID_CHARS)}`;

/** By question; a later answer to the same question has its number. */
function said({ answers }: Submission): Profile {
  const answered = new Map<string, Json>();
  const times = new Map<string, number>();
  for (const { label, value } of answers) {
    if (label === "" || value === null) continue;
    const n = (times.get(label) ?? 0) + 1;
    times.set(label, n);
    answered.set(n === 1 ? label : `${label} (${n})`, value);
  }
  return Object.fromEntries(answered);
}

/** A time that cannot be is left out: it counts from now. */
function momentOf(at: Json | undefined, now: number): string | undefined {
  const text = textOf(at);
  if (text === null) return undefined;
  const time = /^\d+$/.test(text) ? Number(text) * (text.length > 11 ? 1 : 1000) : parseIsoTime(text);
  return time >= 0 && time <= now ? isoTime(time) : undefined;
}
