/** Values that a schema allows: as wide as the schema is, so that one that promises too much is found out. */
import { fc } from "../support/fast-check";
import { type ApiDocument, type JsonSchema, resolve } from "./document";

const TEXT_CHARS = 30;
const ITEMS = 3;
const INTEGER_MAX = 2 ** 53 - 1;
const YEAR_MS = 365 * 86_400_000;

/** What the document leaves to prose: values of fields whose rule no JSON Schema keyword holds. */
export type Known = (field: string) => fc.Arbitrary<unknown> | undefined;

export function valuesOf(document: ApiDocument, given: JsonSchema, known: Known, field = ""): fc.Arbitrary<unknown> {
  const schema = resolve(document, given);
  const by = known(field);
  if (by) return by;
  const inner = (part: JsonSchema, name = field) => valuesOf(document, part, known, name);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches) {
    const chosen = fc.oneof(...branches.map((branch) => inner(requiring(schema.required ?? [], resolve(document, branch)))));
    return schema.properties ? fc.tuple(objects(schema, inner), chosen).map(([shared, own]) => Object.assign({}, shared, own)) : chosen;
  }
  if (schema.allOf) return fc.tuple(...schema.allOf.map((part) => inner(part))).map((parts) => Object.assign({}, ...parts));
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? "any"];
  return fc.oneof(...types.map((type) => ofType(type, schema, inner)));
}

/** A branch that states a field leaves it to the schema around it to require the field. */
const requiring = (names: readonly string[], branch: JsonSchema): JsonSchema => ({
  ...branch,
  required: [...names.filter((name) => branch.properties?.[name]), ...(branch.required ?? [])],
});

type Inner = (part: JsonSchema, name?: string) => fc.Arbitrary<unknown>;

function ofType(type: string, schema: JsonSchema, inner: Inner): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer(integerBounds(schema));
    case "number":
      return fc.double({
        noNaN: true,
        noDefaultInfinity: true,
        min: schema.minimum ?? schema.exclusiveMinimum ?? -1e15,
        minExcluded: schema.minimum === undefined && schema.exclusiveMinimum !== undefined,
        max: schema.maximum ?? 1e15,
      });
    case "string":
      return texts(schema);
    case "array":
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? ITEMS, Math.max(ITEMS, schema.minItems ?? 0)),
      });
    case "object":
      return objects(schema, inner);
    default:
      return fc.oneof(fc.string({ maxLength: TEXT_CHARS }), fc.integer(), fc.boolean(), fc.constant({}), fc.constant([]));
  }
}

const integerBounds = ({ minimum, maximum, exclusiveMinimum }: JsonSchema) => ({
  min: Math.max(minimum ?? (exclusiveMinimum === undefined ? -INTEGER_MAX : exclusiveMinimum + 1), -INTEGER_MAX),
  max: Math.min(maximum ?? INTEGER_MAX, INTEGER_MAX),
});

function texts({ format, pattern, minLength = 0, maxLength: charsMax }: JsonSchema): fc.Arbitrary<unknown> {
  const maxLength = charsMax ?? TEXT_CHARS;
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc.date({ min: new Date(Date.now() - YEAR_MS), max: new Date(), noInvalidDate: true }).map((date) => date.toISOString());
  if (format === "date") return fc.constant("2026-01-15");
  if (format === "email") return fc.emailAddress();
  if (format === "uri") return fc.webUrl();
  if (pattern !== undefined) return matching(pattern, charsMax);
  const most = Math.max(minLength, Math.min(maxLength, TEXT_CHARS));
  const word = fc.string({ unit: "grapheme", minLength: Math.max(1, minLength), maxLength: most });
  return minLength > 0
    ? word.filter((text) => text.trim().length >= minLength && text.length <= maxLength)
    : word.filter((text) => text.length <= maxLength);
}

/** fast-check cannot look ahead: that part of a pattern filters what the rest of it makes. */
function matching(pattern: string, charsMax: number | undefined): fc.Arbitrary<string> {
  const whole = new RegExp(pattern, "u");
  const body = new RegExp(pattern.replace(/\(\?[=!][^)]*\)/g, ""), "u");
  // without a limit, the pattern's own: 64 hex digits are longer than other texts here
  return fc.stringMatching(body, charsMax === undefined ? {} : { maxLength: charsMax }).filter((text) => whole.test(text));
}

const ANY_NAME = "^[a-z_]{1,12}$";

function objects(
  { properties = {}, required = [], additionalProperties, propertyNames, minProperties = 0, maxProperties = ITEMS }: JsonSchema,
  inner: Inner,
): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inner(part, name)]));
  const known = fc.record(fields, { requiredKeys: required });
  const more =
    typeof additionalProperties === "object"
      ? fc.dictionary(matching(propertyNames?.pattern ?? ANY_NAME, undefined), inner(additionalProperties, ""), {
          maxKeys: Math.min(maxProperties, ITEMS),
        })
      : null;
  const whole = more ? fc.tuple(known, more).map(([own, others]) => ({ ...others, ...own })) : known;
  return whole.filter((object) => Object.keys(object).length >= minProperties);
}
