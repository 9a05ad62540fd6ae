import type { Context } from "hono";
import { clientNetwork } from "./client-network";
import type { HttpEnv } from "./router";

/** The network that wrong credentials are counted by; null without Cloudflare in front, which names the address. */
export function networkOf(c: Context<HttpEnv>): string | null {
  const address = c.req.header("CF-Connecting-IP");
  return address ? clientNetwork(address) : null;
}
