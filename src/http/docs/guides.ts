/**
 * The guides as pages of the service. build.ts renders and packs them: four bytes with the length of a list in JSON, the list of names and titles in
 * reading order, then the pages by name, as JSON compressed by gzip.
 */
import { raw } from "hono/html";
import type { Router } from "../router";
import bytes from "./dist/guides.pack";
import stylesheet from "./guides.css";
import { page } from "./page";

const HEAD_BYTES = 4;
const pagesAt = HEAD_BYTES + new DataView(bytes).getUint32(0);
const GUIDES = JSON.parse(new TextDecoder().decode(bytes.slice(HEAD_BYTES, pagesAt))) as [name: string, title: string][];

let pages: Record<string, string> | undefined;

async function readPages(): Promise<Record<string, string>> {
  const unpacked = new Blob([bytes.slice(pagesAt)]).stream().pipeThrough(new DecompressionStream("gzip"));
  pages ??= await new Response(unpacked).json<Record<string, string>>();
  return pages;
}

export const guideLinks = (): { href: string; title: string }[] => GUIDES.map(([name, title]) => ({ href: `/docs/guides/${name}`, title }));

export function mountGuides(app: Router): void {
  app.get("/docs/guides.css", (c) => c.body(stylesheet, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/docs/guides", (c) => c.redirect("/docs/guides/concepts"));
  for (const [name, title] of GUIDES) {
    app.get(`/docs/guides/${name}`, async (c) => {
      c.header("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'");
      return c.html(page(title, guideLinks(), raw((pages ?? (await readPages()))[name] ?? "")));
    });
  }
}
