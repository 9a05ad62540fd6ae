/** What a batch says of all its messages. Pure. */
import { isTooDeep, JSON_DEPTH_MAX } from "../../json-depth";
import { type Fields, fieldsOf, jsonBytes } from "./fields";
import { type ReadTraits, readTraits } from "./traits";

export type Envelope = {
  context: Fields;
  /** of `context.traits` */
  person: ReadTraits;
  sentAt: unknown;
};

const CONTEXT_BYTES_MAX = 32 * 1024;
/** Of the context, once for each event that it is part of. */
const CONTEXTS_BYTES_MAX = 5 * 1024 * 1024;

/** Why the context of a batch of so many events is refused; null: it is not. */
export function problemOfContext(context: unknown, events: number): string | null {
  if (isTooDeep(context)) return `The context of the batch is nested deeper than ${JSON_DEPTH_MAX} levels`;
  const bytes = jsonBytes(context ?? null);
  if (bytes > CONTEXT_BYTES_MAX) return `The context of the batch is larger than ${CONTEXT_BYTES_MAX / 1024} KB`;
  if (bytes * events <= CONTEXTS_BYTES_MAX) return null;
  return `The context of the batch is ${bytes} bytes and part of each of its ${events} events: together at most ${CONTEXTS_BYTES_MAX / 1024 / 1024} MB are taken`;
}

export function readEnvelope({ context: given, sentAt }: Fields): Envelope {
  const context = fieldsOf(given);
  return { context, person: readTraits(fieldsOf(context.traits)), sentAt };
}
