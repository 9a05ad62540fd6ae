/** Distinguishes a wrong method from an unknown path: Hono responds with "not found" to both. */
import type { Router } from "./router";

/** The methods that the application has routes for at a path; empty for an unknown path. */
export function allowedMethods(app: Router): (path: string) => string[] {
  const routes = app.routes
    // middleware is mounted for all methods
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/:[^/]+/g, "[^/]+")}$`) }));
  return (path) => {
    const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods];
  };
}
