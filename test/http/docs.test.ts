/** The guides: pages of the service that need no script and no other server, and no link of theirs is broken. */
import { describe, expect, it } from "vitest";
import { guideLinks } from "../../src/http/docs/guides";
import { request } from "../support/worker";

describe("/docs/guides", () => {
  it("each guide is a page of its own title, with a policy that allows no script", async () => {
    for (const { href, title } of guideLinks()) {
      const answer = await request(href);
      expect([href, answer.status]).toEqual([href, 200]);
      expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      const html = await answer.text();
      expect(html).toContain(`<h1>${title}</h1>`);
      expect(html).not.toContain("<script");
    }
  });

  it("every link from a guide to a page of the service leads somewhere", async () => {
    const targets = new Set<string>();
    for (const { href } of guideLinks()) {
      const html = await (await request(href)).text();
      for (const [, target] of html.matchAll(/href="(\/[^"#]*)/g)) targets.add(target ?? "");
      expect(html.match(/href="(?!https:\/\/|\/|#|data:)[^"]*"/g)).toBeNull();
    }
    for (const target of targets) expect([target, (await request(target)).status]).toEqual([target, 200]);
  });

  it("the API reference links to every guide", async () => {
    const html = await (await request("/docs")).text();
    for (const { href } of guideLinks()) expect(html).toContain(`href="${href}"`);
  });
});
