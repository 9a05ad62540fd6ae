/** Pieces that input schemas share. */
import { z } from "zod";

/** Whether the database returns a text as it was sent. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
export const NOT_STORABLE = "must not hold NUL or half a surrogate pair";

/** A text of one line: trimmed, not empty, and stored by SQLite as it is. */
export const shortText = (chars: number) =>
  z
    .string()
    .trim()
    .min(1, `must be 1 to ${chars} characters`)
    .max(chars, `must be 1 to ${chars} characters`)
    .refine(isStorable, NOT_STORABLE);

/** An object of texts whose keys may be any column's name, `__proto__` included: zod's own record would drop that key. */
export const TextMap = z.custom<Record<string, string>>(
  (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every((item) => typeof item === "string"),
  { error: "must be an object whose values are strings" },
);

/** RFC 3339 has four digits for the year. */
const INSTANT_MIN = Date.parse("0000-01-01T00:00:00.000Z");
const INSTANT_MAX = Date.parse("9999-12-31T23:59:59.999Z");

/** A time in ms. */
export const Instant = z
  .number()
  .int()
  .min(INSTANT_MIN, "must be in the years 0 to 9999")
  .max(INSTANT_MAX, "must be in the years 0 to 9999");

/** Input that changes some fields of a thing, at least one. Fields that are undefined are left out of the result. */
export const changesOf = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z
    .object(fields)
    .partial()
    .refine(
      (changes) => Object.values(changes).some((value) => value !== undefined),
      `must have at least one of: ${Object.keys(fields).join(", ")}`,
    )
    .meta({ minProperties: 1 })
    .transform(definedFields);

type Defined<Fields> = { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> };

export const definedFields = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;

export const wholeNumber = (from: number, to: number) => {
  const rule = `must be a whole number from ${from} to ${to}`;
  return z.number({ error: rule }).int(rule).min(from, rule).max(to, rule);
};
