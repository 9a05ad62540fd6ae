/** The browser snippet: one script, cached, the same for everybody. Its write key stands in the page that includes it. */
import { sha256Hex } from "../../../hash";
import { namesEtag } from "../../etag";
import { createRouter } from "../../router";
import script from "./browser.js";

const VERSION_CHARS = 12;
/** An hour: pages without a version get a new one soon. */
const CACHED = "public, max-age=3600";
const CACHED_FOREVER = "public, max-age=31536000, immutable";

let version: string | undefined;

export const beacon = createRouter();
beacon.get("/beacon.js", (c) => {
  version ??= sha256Hex(script).slice(0, VERSION_CHARS);
  const etag = `"${version}"`;
  c.header("ETag", etag);
  c.header("Cache-Control", c.req.query("v") === version ? CACHED_FOREVER : CACHED);
  c.header("Cross-Origin-Resource-Policy", "cross-origin");
  if (namesEtag(c.req.header("If-None-Match") ?? "", etag, "weak")) return c.body(null, 304);
  return c.body(script, 200, { "Content-Type": "text/javascript; charset=utf-8" });
});
