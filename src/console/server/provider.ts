/** Signing in with an identity provider: two addresses that a browser is sent to, there and back. */
import { type Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { beginProviderSignIn, finishProviderSignIn } from "../../core/sign-in";
import { AppError } from "../../errors";
import { networkOf } from "../../http/address";
import type { HttpEnv } from "../../http/router";
import { openSignIn } from "../../open-sign-in";
import { startSession } from "./session";

const START = "/console/";
const CALLBACK = "/console/provider/callback";
const COOKIE_SECONDS = 600;
/** A path of the console itself: no other site, whatever a browser makes of slashes. */
const OWN_PATH = /^\/console(\/[\w\-.:]+)*\/?(\?[\w\-.%&=+:]*)?$/;

const isSecure = (c: Context<HttpEnv>): boolean => new URL(c.req.url).protocol === "https:";
const nameOf = (c: Context<HttpEnv>): string => (isSecure(c) ? "__Host-leadedge-sign-in" : "leadedge-sign-in");
/** Lax: the provider's answer is another site's navigation. */
const optionsOf = (c: Context<HttpEnv>) => ({ httpOnly: true, sameSite: "Lax", path: "/", secure: isSecure(c) }) as const;
const redirectUriOf = (c: Context<HttpEnv>): string => new URL(CALLBACK, c.req.url).href;

export const provider = new Hono<HttpEnv>();

provider.get("/start", async (c) => {
  const { organization = "", to = START } = c.req.query();
  c.header("Cache-Control", "no-store");
  return orBack(c, async () => {
    const wanted = { organization: organization || null, redirect_uri: redirectUriOf(c), to: OWN_PATH.test(to) ? to : START };
    const { url, cookie } = await beginProviderSignIn(await openSignIn(c.env, networkOf(c)), wanted);
    setCookie(c, nameOf(c), cookie, { ...optionsOf(c), maxAge: COOKIE_SECONDS });
    return c.redirect(url);
  });
});

provider.get("/callback", async (c) => {
  const cookie = getCookie(c, nameOf(c)) ?? "";
  deleteCookie(c, nameOf(c), optionsOf(c));
  c.header("Cache-Control", "no-store");
  return orBack(c, async () => {
    const answer = { cookie, returned: c.req.query(), redirect_uri: redirectUriOf(c) };
    const { signedIn, to } = await finishProviderSignIn(await openSignIn(c.env, networkOf(c)), answer);
    await startSession(c, signedIn);
    return c.redirect(to);
  });
});

/** A failure leads back to the page of signing in, which says why in words of its own. */
async function orBack(c: Context<HttpEnv>, step: () => Promise<Response>): Promise<Response> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return c.redirect(`${START}?sign-in=${error.code}`);
  }
}
