/**
 * Agents: the Model Context Protocol at /mcp, in its stateless revision of 2026-07-28 and for clients of 2025-11-25
 * (https://modelcontextprotocol.io/specification/2026-07-28). A dialect: its tools translate, and the verbs of the core decide.
 */
import { AppError } from "../../errors";
import { MCP_PATH, originOf } from "../address";
import { requireActiveOrgUnit } from "../middleware/active-org-unit";
import { requireJsonBody } from "../middleware/body";
import { onError } from "../problem";
import { createRouter } from "../router";
import { refuseForeignOrigin } from "./origin";
import { serve } from "./serve";

const BODY_BYTES_MAX = 2 * 1024 * 1024;

export const mcp = createRouter();

mcp.onError((error, c) => {
  const response = onError(error, c);
  // where a client finds out how to sign in (RFC 9728)
  if (error instanceof AppError && error.code === "unauthenticated") {
    const metadata = `${originOf(c)}/.well-known/oauth-protected-resource${MCP_PATH}`;
    response.headers.set("WWW-Authenticate", `Bearer resource_metadata="${metadata}"`);
  }
  return response;
});

mcp.post(MCP_PATH, refuseForeignOrigin, requireActiveOrgUnit("viewer", "mcp"), requireJsonBody(BODY_BYTES_MAX), serve);
