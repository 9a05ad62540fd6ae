/** The API as /openapi.json describes it: its operations, and a validator for each answer that they document. */
import { type Schema, Validator } from "@cfworker/json-schema";
import { request } from "../support/worker";

export type JsonSchema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  propertyNames?: JsonSchema;
  $ref?: string;
  example?: unknown;
};
export type Parameter = { name: string; in: "path" | "query" | "header"; required?: boolean; schema: JsonSchema };
export type Content = Record<string, { schema?: JsonSchema; example?: unknown }>;
export type Operation = {
  method: string;
  path: string;
  security: string[];
  parameters: Parameter[];
  body: Content | null;
  responses: Record<string, { content: Content | null }>;
};
export type ApiDocument = { operations: Operation[]; schemas: Record<string, JsonSchema> };

type RawOperation = {
  security?: Record<string, unknown>[];
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
};
type RawDocument = { paths: Record<string, Record<string, RawOperation>>; components: { schemas: Record<string, JsonSchema> } };

export async function readDocument(): Promise<ApiDocument> {
  const { paths, components } = await (await request("/openapi.json")).json<RawDocument>();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      method: method.toUpperCase(),
      path,
      security: (raw.security ?? []).flatMap(Object.keys),
      parameters: raw.parameters ?? [],
      body: raw.requestBody?.content ?? null,
      responses: Object.fromEntries(Object.entries(raw.responses).map(([status, { content }]) => [status, { content: content ?? null }])),
    })),
  );
  return { operations, schemas: components.schemas };
}

export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

/** The schema that a `$ref` leads to. */
export function resolve(document: ApiDocument, schema: JsonSchema): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const found = document.schemas[schema.$ref.replace("#/components/schemas/", "")];
  if (!found) throw new Error(`no schema at ${schema.$ref}`);
  return resolve(document, found);
}

const validators = new WeakMap<JsonSchema, Validator>();

/** What is wrong with a value by its schema; null when nothing is. */
export function schemaProblem(document: ApiDocument, schema: JsonSchema, value: unknown): string | null {
  let validator = validators.get(schema);
  if (!validator) {
    validator = new Validator(withoutExamples({ ...schema, components: { schemas: document.schemas } }) as Schema, "2020-12", false);
    validators.set(schema, validator);
  }
  const { valid, errors } = validator.validate(value);
  return valid ? null : errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`).join("; ");
}

/** An `id` in an example would name a schema. */
const withoutExamples = (schema: object): unknown =>
  JSON.parse(JSON.stringify(schema, (key, value) => (key === "example" ? undefined : value)));
