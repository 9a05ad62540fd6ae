/** Declares routes: who may call them and which errors they have. One declaration validates, documents and guards a route. */

import { createRoute, type RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Role } from "../vocabulary";
import { onceInDirectory, onceInUnit } from "./idempotency";
import { KEY_PARAMETER, keyErrors, replayable } from "./idempotency-document";
import { requireActiveOrgUnit } from "./middleware/active-org-unit";
import { requireCaller } from "./middleware/authenticate";
import { JSON_BODY_BYTES_MAX, requireJsonBody } from "./middleware/body";
import { FOLLOW_PARAMETER, mergedLead } from "./middleware/merged-lead";
import { PROBLEM_TYPE, Problem, TITLES } from "./problem";
import type { HttpEnv } from "./router";

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 415 | 422 | 429 | 503;
export type Declared = Omit<RouteConfig, "middleware" | "path"> & {
  /** least role that may call; left out where callers have no role */
  role?: Role;
  /** this route's errors, each with its description; those of every route are added */
  errors?: Partial<Record<ErrorStatus, string>>;
  /** a call stores more: the quota stored_bytes of the org unit can refuse it */
  stores?: true;
  /** size limit of a JSON body; 100 KB when left out */
  bodyBytesMax?: number;
  /**
   * a request with an Idempotency-Key is carried out once; the handler hands its verb `remembering(…)` or `rememberingInDirectory(…)`.
   * Names the database that the verb commits in where it is not the usual one of the route's family
   */
  idempotent?: true | keyof typeof ONCE;
  /** a merged lead's id means what it says, as for its unmerge: no 410 */
  takesMerged?: true;
  /** this route's own guards, run after those of every route */
  guards?: MiddlewareHandler<HttpEnv>[];
};

export type DeclaredForRole = Declared & { role: Role };

/** Where responses are stored: the org unit's database, or the directory. */
const ONCE = { in_unit: onceInUnit(PROBLEM_TYPE), in_directory: onceInDirectory(PROBLEM_TYPE) };

/** What the routes of one family share. */
type RouteFamily = {
  security: Record<string, string[]>[];
  middleware: MiddlewareHandler<HttpEnv>[];
  errors: Partial<Record<ErrorStatus, string>>;
  /** replays the answer of a request with the same Idempotency-Key */
  once?: MiddlewareHandler<HttpEnv>;
  /** the dialect's error bodies as OpenAPI responses; problem JSON when left out */
  errorResponses?: (errors: Partial<Record<ErrorStatus, string>>) => NonNullable<RouteConfig["responses"]>;
};

const STORAGE_USED_UP = "The org unit's quota stored_bytes is used up";

const CALLER_SECURITY = [{ Bearer: [] }, { Basic: [] }];
const CALLER_ERRORS = {
  401: "Credentials missing, malformed, wrong, expired or revoked",
  429: "Wrong credentials, from the 60th of one address within a minute: see Retry-After",
};

/** A route in the caller's active org unit. */
export const unitRoute = <const Path extends string, const Route extends DeclaredForRole>(path: Path, route: Route) =>
  declare(path, route.takesMerged || !path.includes("{leadId}") ? route : ofOneLead(route), {
    security: CALLER_SECURITY,
    middleware: [requireActiveOrgUnit(route.role)],
    once: ONCE.in_unit,
    errors: {
      ...CALLER_ERRORS,
      400: "Invalid request, or `active OU not set`",
      404: "Not found, or an org unit that the caller may not use",
      429: "The org unit's quota requests_per_second is used up, or 60 wrong credentials of one address within a minute: see Retry-After",
    },
  });

const ofOneLead = <const Route extends DeclaredForRole>(route: Route): Route => ({
  ...route,
  parameters: [...(route.parameters ?? []), FOLLOW_PARAMETER],
  errors: { ...route.errors, 410: "Merged into another lead: `merged_into` is its id" },
  guards: [mergedLead, ...(route.guards ?? [])],
});

/** A route of the caller's organization: no org unit needed. */
export const callerRoute = <const Path extends string, const Route extends DeclaredForRole>(path: Path, route: Route) =>
  declare(path, route, {
    security: CALLER_SECURITY,
    middleware: [requireCaller(route.role)],
    once: ONCE.in_directory,
    errors: CALLER_ERRORS,
  });

/** A route of the operator. A middleware on the whole prefix requires the admin token. */
export const adminRoute = <const Path extends string, const Route extends Declared>(
  path: Path,
  route: Route,
  middleware: MiddlewareHandler<HttpEnv>[] = [],
) =>
  declare(path, route, {
    security: [{ AdminToken: [] }],
    middleware,
    once: ONCE.in_directory,
    errors: { 401: "Wrong admin token", 404: "Not found, or there is no administrator yet" },
  });

/** A declared route as the router's types see it: without its errors, which are thrown, and its guards. */
type DeclaredRoute<Path extends string, Route extends Declared> = Omit<
  Route,
  "role" | "errors" | "guards" | "bodyBytesMax" | "idempotent" | "stores" | "takesMerged"
> & {
  path: Path;
  getRoutingPath(): string;
};

/** Declares a route of a dialect's own family. */
export function declare<const Path extends string, const Route extends Declared>(
  path: Path,
  { role, errors, guards, bodyBytesMax = JSON_BODY_BYTES_MAX, idempotent, stores, takesMerged: _, ...route }: Route,
  family: RouteFamily,
): DeclaredRoute<Path, Route> {
  const json = route.request?.body?.content["application/json"] !== undefined;
  const optional = route.request?.body?.required === false;
  const bodyGuards = json ? [requireJsonBody(bodyBytesMax, { optional })] : [];
  const conflict = stores ? [errors?.[409], STORAGE_USED_UP].filter(Boolean).join("; or ") : errors?.[409];
  const documented: Partial<Record<ErrorStatus, string>> = {
    ...(role === undefined || role === "viewer"
      ? route.method === "get"
        ? {}
        : { 403: "A form that another site's page sends with credentials that the browser keeps" }
      : { 403: `Needs the role ${role}` }),
    ...(route.request?.query ? { 400: "Invalid request" } : {}),
    ...(json
      ? {
          400: "Invalid request",
          413: `Request body over ${Math.round(bodyBytesMax / 1024)} KB`,
          415: "Content-Type is not application/json",
        }
      : {}),
    ...family.errors,
    ...errors,
    ...(conflict === undefined ? {} : { 409: conflict }),
    ...(idempotent ? keyErrors(conflict) : {}),
  };
  const config = {
    ...route,
    description: [route.description ?? `${route.summary}.`, role && `For the role ${role}${role === "admin" ? "" : " and above"}.`]
      .filter(Boolean)
      .join(" "),
    path,
    security: family.security,
    ...(idempotent ? { parameters: [...(route.parameters ?? []), KEY_PARAMETER] } : {}),
    responses: {
      ...(idempotent ? replayable(route.responses) : route.responses),
      ...(family.errorResponses ?? problemResponses)(documented),
    },
    middleware: [...family.middleware, ...bodyGuards, ...onceOf(idempotent, family), ...(guards ?? [])],
  };
  return createRoute(config as RouteConfig) as unknown as DeclaredRoute<Path, Route>;
}

function onceOf(idempotent: Declared["idempotent"], { once }: RouteFamily): MiddlewareHandler<HttpEnv>[] {
  const chosen = typeof idempotent === "string" ? ONCE[idempotent] : idempotent && once;
  return chosen ? [chosen] : [];
}

/** An error that the platform returns before the Worker runs. */
export const URI_TOO_LONG = { description: "URL over 16 KB" };

/** OpenAPI responses for a route's errors, each with an example. */
function problemResponses(errors: Partial<Record<ErrorStatus, string>>) {
  const responses: Record<
    string,
    { description: string; content: { "application/problem+json": { schema: typeof Problem; example: unknown } } }
  > = {};
  for (const [status, description] of Object.entries(errors)) {
    const example = {
      type: "about:blank",
      title: TITLES[Number(status)],
      status: Number(status),
      detail: description,
      code: EXAMPLE_CODES[Number(status)],
      request_id: "req_0193f3a2c7b07aa18000c0ffee123456",
    };
    responses[status] = { description, content: { "application/problem+json": { schema: Problem, example } } };
  }
  return responses;
}

const EXAMPLE_CODES: Record<number, string> = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  409: "conflict",
  410: "gone",
  412: "precondition_failed",
  413: "too_large",
  415: "unsupported_media_type",
  422: "idempotency_key_reused",
  429: "rate_limited",
  503: "unavailable",
};

/** A JSON response, for `responses`. */
export const jsonResponse = <Schema>(description: string, schema: Schema, example?: unknown) => ({
  description,
  content: { "application/json": example === undefined ? { schema } : { schema, example } },
});

/** A JSON request body, for `request`. */
export const jsonBody = <Schema>(schema: Schema, example?: unknown) => ({
  required: true as const,
  content: { "application/json": example === undefined ? { schema } : { schema, example } },
});
