/** Traits of a person or an account, as the fields that they mean. Pure. */

import type { StatedGroup } from "../../core/accounts";
import { domainOf, namedFields } from "../../core/imports";
import type { Json, Profile } from "../../core/leads";
import { type Fields, textOf } from "./fields";

/** `email`, `phone`: in the words of the sender; null where none is given. */
export type ReadTraits = { email: string | null; phone: string | null; traits: Profile };

const KEY_CHARS_MAX = 64;
const NOT_OF_A_KEY = /[^\p{L}\p{Nd}_\-. ]/gu;

/** A trait named like a field of leads in any language that imports know becomes that field; others keep their names. */
export function readTraits(sent: Fields): ReadTraits {
  const read: ReadTraits = { email: null, phone: null, traits: {} };
  const traits = new Map<string, Json>();
  const entries = Object.entries(sent);
  const fields = namedFields(entries.map(([name]) => name));
  for (const [at, [name, value]] of entries.entries()) {
    const field = fields[at] ?? null;
    if (field === "email" || field === "phone") read[field] ??= textOf(value);
    else if (field === null) traits.set(keyOf(name), value as Json);
    else for (const [key, part] of standardField(field, value)) traits.set(key, part);
  }
  return { ...read, traits: Object.fromEntries(traits) };
}

/** A standard field holds a text: of an object it is the `name`, and the other members have keys of their own. */
function standardField(field: string, value: unknown): [string, Json][] {
  if (value === null) return [[field, null]];
  if (Array.isArray(value))
    return [
      [
        field,
        value
          .map(textOf)
          .filter((text) => text !== null)
          .join(", "),
      ],
    ];
  if (typeof value !== "object") return textOf(value) === null ? [] : [[field, textOf(value)]];
  const { name, ...others } = value as Fields;
  return [
    ...(textOf(name) === null ? [] : [[field, textOf(name)] as [string, Json]]),
    ...Object.entries(others).map(([key, part]): [string, Json] => [keyOf(`${field}_${key}`), part as Json]),
  ];
}

/** A key that a profile can have. */
const keyOf = (name: string): string => [...name.toWellFormed().replace(NOT_OF_A_KEY, "_")].slice(0, KEY_CHARS_MAX).join("") || "_";

/** `id`: the sender's own for the account. Its domain is stated, or its website's, or the id itself. */
export function readGroup(id: string, traits: Fields): StatedGroup {
  const domain = [traits.domain, traits.website, traits.url, id]
    .map((text) => domainOf(textOf(text) ?? ""))
    .find((found) => found !== null);
  const kept = Object.entries(traits).map(([name, value]) => [keyOf(name), value as Json] as const);
  return { id, domain: domain ?? null, traits: Object.fromEntries(kept) };
}
