/** What /openapi.json says of scoring, triggers and events. */
import "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { engagement } from "../../../src/http/engagement";

type Schema = Record<string, unknown>;
type Content = { "application/json"?: { schema: Schema; example?: unknown } };
type Operation = {
  operationId?: string;
  tags: string[];
  parameters?: { name: string; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
};

const TAGS = ["Scoring rules", "Scores", "Engagement levels", "Milestones", "Sequences", "Surges", "Events", "Ingest"];
// zod looks for references among $defs
const { paths, components } = JSON.parse(
  JSON.stringify(engagement.getOpenAPI31Document({ openapi: "3.1.0", info: { title: "Leadedge", version: "1" } })).replaceAll(
    "#/components/schemas/",
    "#/$defs/",
  ),
) as { paths: Record<string, Record<string, Operation>>; components: { schemas: Schema } };
const readable = (schema: Schema) => z.fromJSONSchema({ ...schema, $defs: components.schemas } as Parameters<typeof z.fromJSONSchema>[0]);
const operations = Object.entries(paths)
  .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })))
  .filter(({ tags }) => tags.some((tag) => TAGS.includes(tag)));

const operation = (name: string) => operations.find((found) => found.name === name);
const bodyOf = (name: string) => operation(name)?.requestBody?.content["application/json"]?.schema;
const queryOf = (name: string, parameter: string) => operation(name)?.parameters?.find((found) => found.name === parameter)?.schema;
/** Whether a schema of the document allows a value. */
const allows = (schema: Schema | undefined, value: unknown) => readable(schema ?? { not: {} }).safeParse(value).success;

it("every operation is named in camelCase, and none like another", () => {
  const names = operations.map(({ operationId }) => operationId);
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) expect(name).toMatch(/^[a-z]+([A-Z][a-z]+)+$/);
  expect(new Set(names).size).toBe(names.length);
});

it("every example is valid against its schema", () => {
  for (const { name, requestBody, responses } of operations) {
    for (const content of [requestBody?.content, ...Object.values(responses).map((response) => response.content)]) {
      const json = content?.["application/json"];
      if (json) expect(readable(json.schema).safeParse(json.example).error, name).toBeUndefined();
    }
  }
});

describe("bounds are in the document", () => {
  it.each([
    ["get /lead/{leadId}/score-explain", "hours", 1, 87_600],
    ["get /lead/{leadId}/score-history", "days", 1, 90],
    ["get /top-leads", "limit", 1, 100],
    ["get /milestone-events", "limit", 1, 100],
    ["get /events", "page", 1, 1_000_000],
  ])("%s: %s is a whole number from %d to %d", (name, parameter, minimum, maximum) => {
    expect(queryOf(name, parameter)).toMatchObject({ type: "integer", minimum, maximum });
  });

  it.each(operations.filter(({ name }) => name.startsWith("put ")).map(({ name }) => name))(
    "%s: a change names at least one field",
    (name) => {
      expect(bodyOf(name)).toMatchObject({ minProperties: 1 });
      expect(allows(bodyOf(name), {})).toBe(false);
    },
  );

  it.each([
    ["post /engagement-scoring/rulesets", ["name"]],
    ["post /engagement-scoring/rulesets/{id}/rules", ["event_type", "weight"]],
    ["post /engagement-levels", ["name", "min_score"]],
    ["post /triggers", ["name", "score_threshold"]],
    ["post /sequences", ["name", "event_types", "window_seconds"]],
    ["post /surge-triggers", ["name", "threshold", "window_seconds"]],
    ["post /ingest", ["event_type"]],
  ])("%s requires %j", (name, required) => {
    expect(bodyOf(name)).toMatchObject({ required });
  });

  it("a period may be open at both ends", () => {
    const body = bodyOf("post /engagement-scoring/rulesets");
    expect(allows(body, { name: "x", starts_at: null, ends_at: null })).toBe(true);
    expect(allows(body, { name: "" })).toBe(false);
  });

  it("an event names no org unit, and a rejected one may have no metadata", () => {
    const event = { event_type: "Page View", alias_kind: "email", alias: "ann@example.com" };
    expect(allows(bodyOf("post /ingest"), event)).toBe(true);
    expect(bodyOf("post /ingest")).toMatchObject({ properties: { unit_id: { not: {} } } });
    const rejected = operation("get /ingest/rejected")?.responses["200"]?.content?.["application/json"];
    const page = JSON.stringify(rejected?.example).replace(/"metadata":\{[^}]*\}/, '"metadata":null');
    expect(page).toContain('"metadata":null');
    expect(allows(rejected?.schema, JSON.parse(page))).toBe(true);
  });
});
