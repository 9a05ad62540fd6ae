/**
 * The HTTP application: a router for each family of paths, created by the first request for one of them, so that a new isolate pays for the
 * schemas of what it serves. What applies to every request stands before each, and unknown paths and methods after it.
 */

// First: it gives zod's schemas their `.openapi`, but only to those that are created after it, and the core creates schemas too.
import "@hono/zod-openapi";

import type { Context } from "hono";
import { getPath } from "hono/utils/url";
import { guardOrigins } from "./http/cors";
import { health } from "./http/health";
import { home } from "./http/home";
import { installation, installationReady } from "./http/installation";
import { allowedMethods } from "./http/method-not-allowed";
import { everyRequest } from "./http/middleware/every-request";
import { onError, problem } from "./http/problem";
import { createRouter, type HttpEnv, type Router } from "./http/router";

/** `refuse` responds to what no route matched; null: as everywhere. `fromAnyOrigin`: no credentials that browsers keep count here. `keyless`: nothing is signed or verified. */
type Loaded = { routers: readonly Router[]; refuse?: (c: Context<HttpEnv>) => Response | null; fromAnyOrigin?: true; keyless?: true };
type Family = { paths: readonly string[]; load: () => Promise<Loaded> };

/** By the first part of the path. What has none of these is of the engagement dialect. */
const FAMILIES: readonly Family[] = [
  {
    paths: ["docs", "openapi.json"],
    load: async () => ({ routers: [(await import("./http/docs")).docs(wholeApplication)], keyless: true }),
  },
  {
    paths: ["console"],
    load: async () => {
      const router = createRouter();
      (await import("./console/server")).mountConsole(router);
      return { routers: [router] };
    },
  },
  {
    paths: ["oauth", ".well-known"],
    load: async () => ({ routers: (await import("./http/oauth")).oauth }),
  },
  { paths: ["in"], load: async () => ({ routers: [(await import("./http/inbound")).inbound] }) },
  { paths: ["admin"], load: async () => ({ routers: [(await import("./http/admin")).admin] }) },
  {
    paths: ["api"],
    load: async () => {
      const { workspace, refuseUnknown } = await import("./http/workspace");
      return { routers: [workspace], refuse: refuseUnknown };
    },
  },
  { paths: ["mcp"], load: async () => ({ routers: [(await import("./http/mcp")).mcp] }) },
  { paths: ["beacon.js"], load: async () => ({ routers: [(await import("./http/segment/beacon")).beacon], fromAnyOrigin: true }) },
  { paths: ["v1"], load: async () => ({ routers: [(await import("./http/segment")).segment], fromAnyOrigin: true }) },
  { paths: ["partner", "functions"], load: async () => ({ routers: [(await import("./http/partner")).partner] }) },
];
const ENGAGEMENT: Family = { paths: [], load: async () => ({ routers: [(await import("./http/engagement")).engagement] }) };
/** Parts of the engagement dialect that isolates serve alone. */
const HOT: readonly Family[] = [
  { paths: ["ingest"], load: async () => ({ routers: (await import("./http/engagement/ingest-family")).ingestFamily }) },
  { paths: ["lead"], load: async () => ({ routers: (await import("./http/engagement/lead-family")).leadFamily }) },
  { paths: ["org-units"], load: async () => ({ routers: [(await import("./http/engagement/org-units")).orgUnits] }) },
];
/** What is cheap, and asked first: who probes an isolate needs nothing else. */
const ALIVE: Family = { paths: ["", "health", "metrics", "claim"], load: async () => ({ routers: [] }) };

const byPath = new Map([...FAMILIES, ...HOT, ALIVE].flatMap((family) => family.paths.map((path) => [path, family] as const)));
const familyOf = (path: string): Family => byPath.get(path.split("/", 2)[1] ?? "") ?? ENGAGEMENT;
const created = new Map<Family, Router>();

export const app = {
  async fetch(request: Request, env: HttpEnv["Bindings"], context: ExecutionContext): Promise<Response> {
    const family = familyOf(getPath(request));
    const router = created.get(family) ?? (await create(family));
    return router.fetch(request, env, context);
  },
};

/** Each request that comes before the family is there loads it by itself: a promise belongs to its request. */
async function create(family: Family): Promise<Router> {
  const loaded = await family.load();
  const router = created.get(family) ?? applicationOf(loaded);
  created.set(family, router);
  return router;
}

/** All routes, for the document that describes them. */
async function wholeApplication(): Promise<Router> {
  const loaded = await Promise.all([...FAMILIES, ENGAGEMENT].map(({ load }) => load()));
  return applicationOf({ routers: loaded.flatMap(({ routers }) => routers) });
}

function applicationOf({ routers, refuse = () => null, fromAnyOrigin, keyless }: Loaded): Router {
  const router = createRouter();
  router.onError(onError);
  router.use(everyRequest);
  if (!fromAnyOrigin) router.use(guardOrigins);
  router.route("/", health);
  router.route("/", home);
  if (!keyless) router.use(installationReady);
  router.route("/", installation);
  for (const routes of routers) router.route("/", routes);
  const methodsOf = allowedMethods(router);
  router.notFound((c) => refuse(c) ?? refuseRoute(c, methodsOf(c.req.path)));
  return router;
}

function refuseRoute(c: Context<HttpEnv>, methods: readonly string[]): Response {
  if (methods.length === 0) return problem(c, { status: 404, code: "not_found", detail: "No such path" });
  c.header("Allow", methods.join(", "));
  return problem(c, { status: 405, code: "method_not_allowed", detail: `This path takes ${methods.join(", ")}` });
}
