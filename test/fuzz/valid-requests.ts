/** Requests as the document allows them, naming things that exist. */
import { fc } from "../support/fast-check";
import type { ApiDocument, Operation } from "./document";
import type { Scene } from "./scene";
import { type Known, valuesOf } from "./schema-values";

export type ValidPlan = { operation: Operation; at: number; parameters: [string, unknown][]; body: unknown };

const word = fc.stringMatching(/^[a-z]{3,12}$/);
const email = word.chain((name) => fc.nat(1_000_000).map((n) => `${name}${n}@example.com`));
/** What some lead has by now. */
const sharedEmail = fc.constantFrom("a@example.com", "b@example.com", "c@example.com");
const phone = fc.integer({ min: 200_0000, max: 999_9999 }).map((n) => `+1212${n}`);

const rules = fc.constantFrom(
  { type: "lead", field: "status", operator: "equals", value: "new" },
  { not: { type: "lead_metadata", field: "seat", operator: "is_empty" } },
);

/** Fields whose rule stands in their description. */
const FIELDS: Record<string, fc.Arbitrary<unknown>> = {
  "/lead/by-alias value": sharedEmail,
  "/lead/by-alias kind": fc.constant("email"),
  "/accounts/{id} id": word,
  "/leads cursor": fc.constant(`c1_${"f".repeat(32)}`),
  ouId: fc.constant("unit_default"),
  unit_id: fc.constant("unit_default"),
  raw_value: email,
  recipients: email,
  webhook_url: word.map((name) => `https://hooks.example.com/${name}`),
  emails: fc.array(email, { maxLength: 3 }),
  primary_identifier: fc.constant({ column: "Email", kind: "email" }),
  field_mappings: fc.constant({ Name: "name" }),
  alias_mappings: fc.constant({}),
  identifiers: fc.constant([]),
  column_modes: fc.constant({}),
  create_fields: fc.constant(["seat"]),
  email,
  phone,
  alias_value: sharedEmail,
  alias: sharedEmail,
  alias_kind: fc.constant("email"),
  "/oauth/register redirect_uris": fc.constant(["http://127.0.0.1/callback"]),
  "/lead/{leadId}/aliases kind": fc.constant("email"),
  "/lead/{leadId}/aliases value": sharedEmail,
  default_region: fc.constantFrom("GB", "US", "JP"),
};
/** In a query, rules are JSON; in a body, an object. */
const RULES_QUERIES = ["/leads", "/leads/export.csv", "/leads/export.ndjson", "/leads/export.xlsx"];
for (const path of RULES_QUERIES) FIELDS[`${path} filter`] = rules.map((rule) => JSON.stringify(rule));

const knownOn =
  (path: string): Known =>
  (field) =>
    FIELDS[`${path} ${field}`] ?? FIELDS[field];

/** Names in a path that are not ids. */
const PATH_VALUES: Record<string, string> = { kind: "email" };

export const validPlanOf = (document: ApiDocument, operation: Operation): fc.Arbitrary<ValidPlan> => {
  const known = knownOn(operation.path);
  const queries = operation.parameters.filter(({ in: place }) => place === "query");
  const values = queries.map(({ name, schema, required }) => {
    const value = valuesOf(document, schema, known, name).map((given): [string, unknown][] => [[name, given]]);
    return required ? value : fc.oneof(value, fc.constant([]));
  });
  const json = operation.body?.["application/json"]?.schema;
  return fc.record({
    operation: fc.constant(operation),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    parameters: fc.tuple(...values).map((chosen) => chosen.flat()),
    body: json ? valuesOf(document, json, known) : fc.constant(undefined),
  });
};

/** An id in a path. A URL drops the segments `.` and `..`, however they are encoded: such an id would name another route. */
const segmentOf = (id: string | undefined): string | undefined =>
  id === undefined || id === "." || id === ".." ? undefined : encodeURIComponent(id);

export function renderValid({ operation, at, parameters, body }: ValidPlan, scene: Scene): { path: string; init: RequestInit } {
  const path = operation.path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => segmentOf(scene.ids.find(operation, name, at)) ?? PATH_VALUES[name] ?? "unknown",
  );
  const query = parameters
    .map(([name, value]) => `${name}=${encodeURIComponent(String(scene.ids.ground(operation, value, at, name)))}`)
    .join("&");
  const headers: Record<string, string> = { ...scene.credentialsFor(operation) };
  const init: RequestInit = { method: operation.method, headers };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(scene.ids.ground(operation, body, at));
  } else if (operation.body) Object.assign(init, formOf(operation));
  return { path: query ? `${path}?${query}` : path, init };
}

/** Forms are few: a file of contacts, a file of events, a grant. */
function formOf({ path, body }: Operation): Pick<RequestInit, "body"> {
  if (!body?.["multipart/form-data"]) return { body: new URLSearchParams({ grant_type: "client_credentials" }) };
  const form = new FormData();
  form.set(
    "file",
    new File([path === "/import" ? "event_type,email\nSignup,a@example.com\n" : "Email,Name\na@example.com,A\n"], "file.csv"),
  );
  return { body: form };
}
