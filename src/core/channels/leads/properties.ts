/** Custom property values: what may be stored, and as what text . Pure. */

import { AppError } from "../../../errors";
import { sha256Hex } from "../../../hash";
import { dashed } from "../../../ids";
import { utf8Bytes } from "../../../text";
import { type Json, PROFILE_BYTES_MAX, valueProblem } from "../../leads";
import type { Channel } from "../channel";

/** Value as text by definition id. */
export type PropertyValues = Readonly<Record<string, string>>;

/** A refused entry as it was sent, its position, and the reason. Long values are cut. */
export type InvalidProperty = { index: number; property_definitions_id?: unknown; value?: unknown; reason: string };

export class InvalidProperties extends AppError {
  constructor(readonly invalid: readonly InvalidProperty[]) {
    super("invalid_request", "Invalid properties");
  }
}

/** As large as the profile beside it may be: get_leads holds a hundred of both in memory. */
const PROPERTIES_BYTES_MAX = PROFILE_BYTES_MAX;
const SHOWN_CHARS_MAX = 200;

/**
 * The texts to store, by definition id; of two entries for one definition the last wins. One bad entry refuses all: InvalidProperties.
 * Numbers and booleans are stringified, objects and arrays become JSON. The definition's type is not checked: values are text.
 */
export function readProperties(channel: Channel, entries: readonly unknown[]): PropertyValues {
  const definitions = new Map(channel.definitions.map((definition) => [definition.id, definition]));
  const values = new Map<string, string>();
  const invalid: InvalidProperty[] = [];
  for (const [index, entry] of entries.entries()) {
    const reason = entryProblem(entry, definitions);
    if (reason === null) {
      const { property_definitions_id, value } = entry as { property_definitions_id: string; value: Json };
      values.set(property_definitions_id.toLowerCase(), typeof value === "string" ? value : JSON.stringify(value));
    } else invalid.push({ index, ...echoed(entry), reason });
  }
  if (invalid.length > 0) throw new InvalidProperties(invalid);
  return Object.fromEntries(values);
}

function entryProblem(entry: unknown, definitions: ReadonlyMap<string, { active: boolean }>): string | null {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    return "must be an object with property_definitions_id and value";
  const id = own(entry, "property_definitions_id");
  const value = own(entry, "value");
  if (id === undefined || id === null) return "property_definitions_id is required";
  if (typeof id !== "string") return "property_definitions_id must be a UUID";
  const definition = definitions.get(id.toLowerCase());
  if (!definition) return "property_definitions_id is no definition of the lead's channel";
  if (!definition.active) return "the property definition is not active";
  if (value === undefined) return "value is required";
  if (value === null) return "value must not be null";
  const problem = valueProblem(value);
  return problem && `value${problem.at} ${problem.message}`;
}

const own = (entry: object, key: string): unknown => (Object.hasOwn(entry, key) ? (entry as Record<string, unknown>)[key] : undefined);

function echoed(entry: unknown): Pick<InvalidProperty, "property_definitions_id" | "value"> {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return { value: short(entry) };
  const shown: Pick<InvalidProperty, "property_definitions_id" | "value"> = {};
  for (const key of ["property_definitions_id", "value"] as const) if (Object.hasOwn(entry, key)) shown[key] = short(own(entry, key));
  return shown;
}

/** A value may be nested too deeply to serialise. */
function short(value: unknown): unknown {
  if (typeof value === "string") return value.length > SHOWN_CHARS_MAX ? `${value.slice(0, SHOWN_CHARS_MAX)}…` : value;
  if (typeof value === "bigint") return short(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (valueProblem(value) !== null) return "…";
  const text = JSON.stringify(value);
  return text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : value;
}

/** As it is stored. Throws too_large. */
export function storedProperties(values: PropertyValues): string {
  const text = JSON.stringify(values);
  const bytes = utf8Bytes(text);
  if (bytes <= PROPERTIES_BYTES_MAX) return text;
  throw new AppError("too_large", `The lead's properties would be ${bytes} bytes; at most ${PROPERTIES_BYTES_MAX} are kept`);
}

/** A value's id is derived from its lead and its definition (UUIDv8, RFC 9562), so it stays the same whenever the value is written. */
export function propertyValueId(leadId: string, definitionId: string): string {
  const hash = sha256Hex(`${leadId}/${definitionId}`);
  return dashed(`${hash.slice(0, 12)}8${hash.slice(13, 16)}8${hash.slice(17, 32)}`);
}
