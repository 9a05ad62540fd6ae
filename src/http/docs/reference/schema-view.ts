import { html } from "hono/html";
import type { Schema } from "../document";
import { prose } from "./prose";

type Schemas = Record<string, Schema>;

const DEPTH_MAX = 6;
const VALUES_SHOWN_MAX = 30;
const LIMITS = ["format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "minProperties", "default"];

/** The fields of a schema as a nested list; a schema inside itself is only named. */
export function schemaView(schema: Schema, schemas: Schemas, path: readonly string[] = []): unknown {
  const name = nameOf(schema);
  if (path.length >= DEPTH_MAX || (name !== null && path.includes(name))) return "";
  const inner = resolved(schema, schemas);
  const deeper = [...path, name ?? ""];
  const variants = inner.oneOf ?? inner.anyOf;
  if (variants) {
    const shown = variants.filter((variant) => hasFields(variant, schemas));
    return shown.map(
      (variant, index) => html`<p class="variant">${nameOf(variant) ?? `Form ${index + 1}`}</p>${schemaView(variant, schemas, deeper)}`,
    );
  }
  if (inner.allOf) return inner.allOf.map((part) => schemaView(part, schemas, deeper));
  if (inner.items) return schemaView(inner.items, schemas, deeper);
  const fields = Object.entries(inner.properties ?? {});
  if (fields.length === 0)
    return typeof inner.additionalProperties === "object" ? schemaView(inner.additionalProperties, schemas, deeper) : "";
  return html`<ul class="fields">${fields.map(
    ([field, value]) => html`<li>
<code>${field}</code> <span class="type">${typeText(value, schemas)}${inner.required?.includes(field) ? ", required" : ""}${value.deprecated ? ", deprecated" : ""}</span>
${descriptionOf(value, schemas)}${schemaView(value, schemas, deeper)}</li>`,
  )}</ul>`;
}

/** A schema in words: its type, its values and its limits. */
export function typeText(schema: Schema, schemas: Schemas): string {
  const inner = resolved(schema, schemas);
  const variants = inner.oneOf ?? inner.anyOf;
  if (variants) return [...new Set(variants.map((variant) => typeText(variant, schemas)))].join(" or ");
  if (inner.const !== undefined) return JSON.stringify(inner.const);
  if (inner.enum) return inner.enum.slice(0, VALUES_SHOWN_MAX).map(String).join(" | ");
  if (inner.items) return `array of ${typeText(inner.items, schemas)}${limitsText(inner)}`;
  const type = Array.isArray(inner.type) ? inner.type.join(" or ") : (inner.type ?? "anything");
  return `${type}${limitsText(inner)}`;
}

const limitsText = (schema: Schema): string =>
  LIMITS.filter((limit) => schema[limit] !== undefined)
    .map((limit) => `, ${limit} ${String(schema[limit])}`)
    .join("");

function descriptionOf(schema: Schema, schemas: Schemas) {
  const text = schema.description ?? resolved(schema, schemas).description;
  return text === undefined ? "" : html`<span class="about">${prose(text)}</span>`;
}

const hasFields = (schema: Schema, schemas: Schemas): boolean => {
  const { properties, items, allOf, oneOf, anyOf } = resolved(schema, schemas);
  return Boolean(properties ?? items ?? allOf ?? oneOf ?? anyOf);
};

const nameOf = ({ $ref }: Schema): string | null => $ref?.split("/").at(-1) ?? null;

export function resolved(schema: Schema, schemas: Schemas): Schema {
  const name = nameOf(schema);
  return name === null ? schema : (schemas[name] ?? {});
}
