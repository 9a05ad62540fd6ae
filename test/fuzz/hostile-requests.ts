/** Requests that mean harm: an operation's own example, changed in its values, keys, encoding, size, path, query or headers. */
import { fc } from "../support/fast-check";
import { type ApiDocument, type Operation, resolve } from "./document";
import { entriesObject, hostileKey, hostileText, hostileValue } from "./hostile-values";
import type { Scene } from "./scene";

export type Plan = {
  operation: Operation;
  /** per path parameter: where in the pool of known ids to look, or a hostile text */
  path: (number | string)[];
  query: [string, string][];
  headers: [string, string][];
  credentials: "right" | "wrong" | "none";
  /** where the mutations begin: one of the operation's examples, with ids of things that exist */
  base: unknown;
  mutations: Mutation[];
  encoding: (typeof ENCODINGS)[number];
};
type Mutation = { kind: "replace" | "remove" | "add" | "duplicate" | "whole"; at: number; key: string; value: unknown };

const ENCODINGS = [
  ...(Array(30).fill("json") as "json"[]),
  "truncated",
  "bom",
  "utf16",
  "invalid-utf8",
  "trailing",
  "empty",
  "huge",
  "wrong-type",
  "no-type",
] as const;

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("replace", "replace", "replace", "remove", "add", "duplicate", "whole"),
  at: fc.nat(1_000),
  key: hostileKey,
  value: hostileValue,
});
const latin1 = fc
  .string({ unit: "binary-ascii", maxLength: 60 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no header value may hold
  .map((text) => text.replace(/[\0-\x1f\x7f]/g, "~").trim());
const header: fc.Arbitrary<[string, string]> = fc.tuple(
  fc.constantFrom(
    "X-Org-Unit",
    "Cookie",
    "x-d1-bookmark",
    "If-Match",
    "If-None-Match",
    "Idempotency-Key",
    "X-Request-Id",
    "Origin",
    "Accept",
    "Content-Encoding",
  ),
  fc.oneof(
    latin1,
    fc.constantFrom("activeOu=x", "activeOu=a.b.c", "*", '"1"', "W/", "unit_default", "https://app.example.com", "x".repeat(9_000)),
  ),
);

export const planOf = (document: ApiDocument, operation: Operation): fc.Arbitrary<Plan> => {
  const queries = operation.parameters.filter(({ in: place }) => place === "query");
  const fair = fc.constant(queries.flatMap(({ name, schema, required }) => (required ? [pair(name, schema.example)] : [])));
  const named = queries.length > 0 ? fc.constantFrom(...queries.map(({ name }) => name)) : hostileText;
  const unfair = fc.array(fc.tuple(fc.oneof({ weight: 4, arbitrary: named }, { weight: 1, arbitrary: hostileText }), hostileText), {
    maxLength: 3,
  });
  return fc.record({
    operation: fc.constant(operation),
    path: fc.array(
      fc.oneof(
        { weight: operation.method === "DELETE" ? 1 : 6, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }) },
        { weight: 2, arbitrary: hostileText },
      ),
      {
        minLength: 2,
        maxLength: 2,
      },
    ),
    query: fc.oneof(fair, unfair),
    headers: fc.oneof(
      { weight: 3, arbitrary: fc.constant<[string, string][]>([]) },
      { weight: 1, arbitrary: fc.array(header, { minLength: 1, maxLength: 2 }) },
    ),
    credentials: fc.oneof(
      { weight: 30, arbitrary: fc.constant("right" as const) },
      { weight: 1, arbitrary: fc.constantFrom("wrong" as const, "none" as const) },
    ),
    base: fc.constantFrom(...examplesOf(document, operation)),
    mutations: fc.oneof(fc.constant<Mutation[]>([]), fc.array(mutation, { minLength: 1, maxLength: 3 })),
    encoding: fc.constantFrom(...ENCODINGS),
  });
};

const pair = (name: string, value: unknown): [string, string] => [name, String(value)];

/** The example of a JSON body, and those of its variants. */
function examplesOf(document: ApiDocument, { body }: Operation): unknown[] {
  const media = body?.["application/json"];
  const variants = media?.schema ? (resolve(document, media.schema).oneOf ?? []) : [];
  return [media?.example ?? {}, ...variants.flatMap(({ example }) => (example === undefined ? [] : [example]))];
}

/** The request as it goes out. */
export function render(plan: Plan, scene: Scene): { path: string; init: RequestInit } {
  const { operation } = plan;
  let next = 0;
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const chosen = plan.path[next++ % plan.path.length] ?? 0;
    const text = typeof chosen === "string" ? chosen : (scene.ids.find(operation, name, chosen) ?? "unknown");
    return encodeSegment(text);
  });
  const query = plan.query.map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`).join("&");
  const headers = new Headers(credentialsOf(plan, scene));
  for (const [name, value] of plan.headers) headers.set(name, value);
  const body = operation.body ? renderBody(plan, scene, headers) : undefined;
  return {
    path: `${path}${query ? `?${query}` : ""}`,
    init: { method: operation.method, headers, ...(body === undefined ? {} : { body }) },
  };
}

const credentialsOf = ({ operation, credentials }: Plan, scene: Scene): Record<string, string> => {
  if (credentials === "none") return {};
  const right = scene.credentialsFor(operation);
  return credentials === "right" ? right : Object.fromEntries(Object.keys(right).map((name) => [name, "Bearer sk-workspace_wrong"]));
};

/** Half surrogates have no place in a URL. */
const encodeText = (text: string): string => encodeURIComponent(text.toWellFormed());
/** A path of dots would be another path. */
const encodeSegment = (text: string): string => (/^\.{0,2}$/.test(text) ? "%20" : encodeText(text.slice(0, 2_000)));

function renderBody(plan: Plan, scene: Scene, headers: Headers): BodyInit | undefined {
  const [type = ""] = Object.keys(plan.operation.body ?? {});
  if (type === "multipart/form-data") return renderForm(plan);
  if (type === "application/x-www-form-urlencoded") {
    headers.set("Content-Type", type);
    return new URLSearchParams(plan.query.map(([name, value]) => [name.toWellFormed(), value.toWellFormed()])).toString();
  }
  const at = plan.path.find((place) => typeof place === "number") ?? 0;
  const text = mutated(scene.ids.ground(plan.operation, plan.base, at), plan.mutations);
  if (plan.encoding !== "no-type") headers.set("Content-Type", plan.encoding === "wrong-type" ? "text/plain" : type);
  switch (plan.encoding) {
    case "truncated":
      return text.slice(0, -1);
    case "bom":
      return `\ufeff${text}`;
    case "utf16":
      return Uint8Array.from([...text].flatMap((char) => [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8]));
    case "invalid-utf8":
      return Uint8Array.from([...new TextEncoder().encode(text), 0xc3, 0x28, 0xff]);
    case "trailing":
      return `${text},{}`;
    case "empty":
      return "";
    case "huge":
      return `{"a":"${"x".repeat(2_200_000)}"}`;
    default:
      // as a number, too: JSON.stringify writes none that a double cannot hold
      return text.replace(/"(9007199254740993)"(?!:)/g, "$1");
  }
}

/** A fair file where nothing is mutated. */
function renderForm({ operation, mutations }: Plan): FormData {
  const form = new FormData();
  const fair = operation.path === "/import" ? "event_type,email\nSignup,a@example.com\n" : "Email,Name\na@example.com,A\n";
  const [first, ...others] = mutations;
  const content = first ? (JSON.stringify(first.value) ?? fair) : fair;
  if (first?.kind !== "remove") form.set("file", new File([content.toWellFormed()], first?.key.toWellFormed() || "file.csv"));
  const fields = ["delimiter", "encoding", "header_row", "skip_triggers", "default_region"];
  for (const { at, key, value } of others) {
    form.set(at % 3 ? (fields[at % fields.length] ?? "") : key.toWellFormed(), (JSON.stringify(value) ?? "").toWellFormed());
  }
  return form;
}

/** The JSON text of a value after its mutations; a duplicated key stands in it twice. */
function mutated(example: unknown, mutations: readonly Mutation[]): string {
  let value = structuredClone(example);
  let twice: Mutation | undefined;
  for (const change of mutations) {
    const places = placesOf(value);
    const place = places[change.at % Math.max(1, places.length)];
    if (change.kind === "whole") value = change.at % 4 ? value : change.value;
    else if (change.kind === "duplicate") twice = change;
    else if (change.kind === "add" && isObject(value)) value = entriesObject([...Object.entries(value), [change.key, change.value]]);
    else if (place && change.kind === "remove" && !Array.isArray(place.of)) delete place.of[place.key];
    else if (place) place.of[place.key] = change.value;
  }
  const text = JSON.stringify(value) ?? "null";
  const key = twice && isObject(value) && Object.keys(value)[twice.at % Math.max(1, Object.keys(value).length)];
  return key === undefined ? text : `${text.slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(twice?.value) ?? "null"}}`;
}

type Place = { of: Record<string, unknown>; key: string };

function placesOf(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const of = value as Record<string, unknown>;
  return Object.keys(of)
    .slice(0, 50)
    .flatMap((key) => [{ of, key }, ...(isShallow(of[key]) ? placesOf(of[key]) : [])]);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isShallow = (value: unknown): boolean => JSON.stringify(value)?.length < 5_000;
