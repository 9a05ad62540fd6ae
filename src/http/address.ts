import type { Context } from "hono";
import type { TokenTarget } from "../core/auth";
import type { Service } from "../core/authorization";
import { httpSettings } from "../open-context";
import { clientNetwork } from "./client-network";
import type { HttpEnv } from "./router";

/** The network that wrong credentials are counted by; null without Cloudflare in front, which names the address. */
export function networkOf(c: Context<HttpEnv>): string | null {
  const address = c.req.header("CF-Connecting-IP");
  return address ? clientNetwork(address) : null;
}

/** This service's URL for the world, without a path: the setting PUBLIC_ORIGIN, else where the request was sent. */
export const originOf = (c: Context<HttpEnv>): string => httpSettings(c.env).publicOrigin ?? new URL(c.req.url).origin;

/** A resource of its own (RFC 8707): a token that is issued for it opens nothing else. */
export const MCP_PATH = "/mcp";

/** What a token has to be issued for to be accepted by this request. */
export function targetOf(c: Context<HttpEnv>): TokenTarget {
  const origin = originOf(c);
  return { origin, resource: c.req.path === MCP_PATH ? origin + MCP_PATH : origin };
}

/** This service to OAuth clients: the issuer of tokens, and what they can be issued for. */
export function serviceOf(c: Context<HttpEnv>): Service {
  const origin = originOf(c);
  return { origin, resources: [origin, origin + MCP_PATH] };
}
