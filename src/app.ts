/** The HTTP application: what applies to every request, then the dialects, then unknown paths and methods. */

// First: it gives zod's schemas their `.openapi`, but only to those that are created after it, and the core creates schemas too.
import "@hono/zod-openapi";

import { mountConsole } from "./console/server";
import { admin } from "./http/admin";
import { guardOrigins } from "./http/cors";
import { mountDocs } from "./http/docs";
import { engagement } from "./http/engagement";
import { health } from "./http/health";
import { home } from "./http/home";
import { installation, installationReady } from "./http/installation";
import { allowedMethods } from "./http/method-not-allowed";
import { everyRequest } from "./http/middleware/every-request";
import { oauth, serverMetadata } from "./http/oauth";
import { partner } from "./http/partner";
import { onError, problem } from "./http/problem";
import { createRouter } from "./http/router";
import { isWorkspacePath, noSuchRoute, workspace } from "./http/workspace";

export const app = createRouter();
app.onError(onError);
app.use(everyRequest, guardOrigins);
app.route("/", health);
app.route("/", home);
app.use(installationReady);
app.route("/", installation);
mountDocs(app);
mountConsole(app);
app.route("/", oauth);
app.route("/", serverMetadata);
app.route("/", admin);
app.route("/", workspace);
app.route("/", partner);
app.route("/", engagement);

const methodsOf = allowedMethods(app);
app.notFound((c) => {
  if (isWorkspacePath(c.req.path)) return noSuchRoute(c);
  const methods = methodsOf(c.req.path);
  if (methods.length === 0) return problem(c, { status: 404, code: "not_found", detail: "No such path" });
  c.header("Allow", methods.join(", "));
  return problem(c, { status: 405, code: "method_not_allowed", detail: `This path takes ${methods.join(", ")}` });
});
