/** The cookies that hold the console's sessions. They end with the browser. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { HttpEnv } from "../../http/router";

const isSecure = (c: Context<HttpEnv>): boolean => new URL(c.req.url).protocol === "https:";
const optionsOf = (c: Context<HttpEnv>) => ({ httpOnly: true, sameSite: "Strict", path: "/", secure: isSecure(c) }) as const;

/** `name`: the cookie's name over http. Over https it has the prefix `__Host-`, which browsers accept only with Secure, and that only over https. */
export function sessionCookie(name: string) {
  const nameOf = (c: Context<HttpEnv>): string => (isSecure(c) ? `__Host-${name}` : name);
  return {
    read: (c: Context<HttpEnv>): string | undefined => getCookie(c, nameOf(c)),
    /** null clears it */
    write(c: Context<HttpEnv>, value: string | null): void {
      if (value === null) deleteCookie(c, nameOf(c), optionsOf(c));
      else setCookie(c, nameOf(c), value, optionsOf(c));
    },
  };
}
