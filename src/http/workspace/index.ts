/** The workspace dialect (seed 004): everything under /api/v1, errors and unknown paths included. */
import { allowedMethods } from "../method-not-allowed";
import { createRouter } from "../router";
import { authenticateKey } from "./authenticate";
import { answerError, onError, WorkspaceError } from "./errors";
import { leads } from "./leads";
import { limitRequests } from "./rate-limit";

const PREFIX = "/api/v1/*";

export const workspace = createRouter();
workspace.onError(onError);
workspace.use(PREFIX, authenticateKey, limitRequests);
workspace.route("/", leads);

const methodsOf = allowedMethods(workspace);
workspace.all(PREFIX, (c) => {
  const methods = methodsOf(c.req.path);
  if (methods.length === 0) return answerError(c, new WorkspaceError(404, "NOT_FOUND", "No such path"));
  c.header("Allow", methods.join(", "));
  return answerError(c, new WorkspaceError(405, "METHOD_NOT_ALLOWED", `This path takes ${methods.join(", ")}`));
});
