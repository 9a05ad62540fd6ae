/** The front page is read to the end, and what it links to exists. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const GUIDES = "src/http/docs/guides";
const pages = ["README.md", ".github/CONTRIBUTING.md", ...readdirSync(GUIDES).map((name) => join(GUIDES, name))];

describe("the repository's pages", () => {
  it("the README stays within 1,300 words", () => {
    expect(readFileSync("README.md", "utf8").split(/\s+/).length).toBeLessThanOrEqual(1_300);
  });

  it("no relative link is broken", () => {
    const broken = pages.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g)]
        .map(([, target]) => target ?? "")
        .filter((target) => !existsSync(join(dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken.filter((link) => !link.includes("http://127.0.0.1"))).toEqual([]);
  });

  it("shell lines paste into any shell: no trailing comments, no command that macOS lacks", () => {
    const lines = pages.flatMap((page) =>
      [...readFileSync(page, "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, code]) => (code ?? "").split("\n")),
    );
    expect(lines.filter((line) => /\s#\s/.test(line) || /(^|[;&|] *)timeout /.test(line))).toEqual([]);
  });
});
