/** One request of the protocol, by the library, which is loaded with the first. */
import type { Context } from "hono";
import type { Ctx } from "../../context";
import { includesRole, roleOf } from "../../core/auth";
import { logError } from "../../log";
import { parseJson } from "../parse-json";
import type { HttpEnv } from "../router";
import { clientOf, clientOfSession, sessionIdOf } from "./client-name";
import { INSTRUCTIONS } from "./instructions";
import type { Server } from "./library";
import type { Tool } from "./tool";
import { errorText } from "./tool-error";
import { listedTools, TOOLS } from "./tools";

const LIST_TTL_MS = 60_000;

type Library = typeof import("./library");

/** Responds to every message with its result at once: nothing is streamed, and no session is kept. */
export async function serve(c: Context<HttpEnv>): Promise<Response> {
  const message = read(await c.req.text());
  if (message === undefined) return refuse(c, -32700, "Parse error: the request body is not valid JSON");
  if (Array.isArray(message)) return refuse(c, -32600, "Invalid Request: send one message, not a batch of them");
  const client = clientOf(message) ?? clientOfSession(c.req.header("Mcp-Session-Id"));
  const known = c.get("ctx");
  const ctx: Ctx = client === null ? known : { ...known, source: { ...known.source, client } };
  const library = await import("./library");
  const handler = library.createMcpHandler(() => serverFor(ctx, library), {
    onerror: (error) => {
      if (!(error instanceof library.ProtocolError)) reported = error;
    },
  });
  let reported: Error | null = null;
  const response = await handler.fetch(c.req.raw, { parsedBody: message });
  // read to its end here: the database's bookmark and the request's line are written when the tool is done
  const body = await response.text();
  if (response.status >= 500) logError("request failed", reported ?? body, { request_id: ctx.requestId });
  if (client !== null && isInitialize(message)) c.header("Mcp-Session-Id", sessionIdOf(client));
  c.header("Cache-Control", "no-store");
  if (body === "") return c.body(null, response.status as 202);
  return c.body(body, response.status as 200, { "Content-Type": response.headers.get("Content-Type") ?? "application/json" });
}

function read(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const isInitialize = (message: unknown): boolean => (message as { method?: unknown } | null)?.method === "initialize";

const refuse = (c: Context<HttpEnv>, code: number, message: string): Response =>
  c.json({ jsonrpc: "2.0", error: { code, message }, id: null }, 400);

/** The server of one request, with the tools that the caller's role may call. */
function serverFor(ctx: Ctx, { ProtocolError, ProtocolErrorCode, Server: McpServer }: Library): Server {
  const server = new McpServer(
    { name: "leadedge", title: "Leadedge", version: "0.1.0" },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "private" } },
    },
  );
  const role = roleOf(ctx.actor);
  const mayCall = (tool: Tool) => includesRole(role, tool.role);
  server.setRequestHandler("tools/list", () => ({ tools: listedTools(mayCall) }));
  server.setRequestHandler("tools/call", async ({ params: { name, arguments: given } }) => {
    const tool = TOOLS.find((known) => known.name === name);
    if (!tool || !mayCall(tool)) {
      const why = tool ? `: it needs the role ${tool.role}, and this credential has the role ${role}` : "";
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}${why}`);
    }
    try {
      const { data, text } = await tool.call(ctx, given ?? {});
      return { content: [{ type: "text", text }], structuredContent: data as Record<string, unknown> };
    } catch (error) {
      return { content: [{ type: "text", text: errorText(error, ctx.requestId) }], isError: true };
    }
  });
  return server;
}
