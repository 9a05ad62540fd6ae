/** The workspace dialect: everything under /api/v1, errors and unknown paths included. */
import type { Context } from "hono";
import { allowedMethods } from "../method-not-allowed";
import { createRouter, type HttpEnv } from "../router";
import { answerError, authenticateKey, onError, WorkspaceError } from "./adapter";
import { leads } from "./leads";
import { limitRequests } from "./rate-limit";

const PREFIX = "/api/v1/*";

export const workspace = createRouter();
workspace.onError(onError);
workspace.use(PREFIX, authenticateKey, limitRequests);
workspace.route("/", leads);

const methodsOf = allowedMethods(workspace);

/** Refuses a request under the prefix that no route matched. Not a route itself: the log would show it instead of the one that matched. */
export function refuseUnknown(c: Context<HttpEnv>): Response | null {
  if (!/^\/api\/v1(\/|$)/.test(c.req.path)) return null;
  const methods = methodsOf(c.req.path);
  if (methods.length === 0) return answerError(c, new WorkspaceError(404, "NOT_FOUND", "No such path"));
  c.header("Allow", methods.join(", "));
  return answerError(c, new WorkspaceError(405, "METHOD_NOT_ALLOWED", `This path takes ${methods.join(", ")}`));
}
