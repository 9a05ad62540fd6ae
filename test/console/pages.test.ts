/** The console's page, its files, and which requests its API takes. */
import { describe, expect, it } from "vitest";
import { calls } from "../../src/console/server/calls";
import { mintMember, OWN_PAGE, post } from "../support/console";
import { readProblem, request } from "../support/worker";

const FIRST_LOAD_BYTES_MAX = 60 * 1024;

describe("the page", () => {
  it("is served at every path, runs nothing inline and loads nothing from elsewhere", async () => {
    for (const path of ["/console", "/console/", "/console/leads?q=a", "/console/leads/ld_1", "/console/open"]) {
      const answer = await request(path);
      expect(answer.status).toBe(200);
      const policy = answer.headers.get("Content-Security-Policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain("unsafe");
      expect(answer.headers.get("Cache-Control")).toBe("no-cache");
      const html = await answer.text();
      expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|https?:\/\/(?!www\.w3\.org)/);
    }
  });

  it("needs at most 60 KB until it works, and its files are kept for ever under names that change with them", async () => {
    const html = await (await request("/console/leads")).text();
    const files = [...html.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path ?? "");
    expect(files.length).toBeGreaterThanOrEqual(2);
    let bytes = html.length;
    for (const path of files) {
      const answer = await request(path, { headers: { "Accept-Encoding": "gzip" } });
      expect(answer.headers.get("Cache-Control")).toContain("immutable");
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(answer.headers.get("Content-Type")).toMatch(path.endsWith(".css") ? /^text\/css/ : /^text\/javascript/);
      bytes += Number(answer.headers.get("Content-Length") ?? (await compressedBytes(answer)));
    }
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  });

  it("a file that is no more is 404, not the page", async () => {
    await readProblem(await request("/console/assets/main-OLD.js"), 404);
    await readProblem(await request("/console/assets/constructor"), 404);
  });
});

async function compressedBytes(answer: Response): Promise<number> {
  const stream = (answer.body ?? new Blob([]).stream()).pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

describe("the API", () => {
  it("takes no request from another site's page, none without its header, none that is not JSON", async () => {
    const { cookie } = await mintMember();
    const send = (headers: Record<string, string>, body = "{}") =>
      request("/console/api/session.current", { method: "POST", headers: { Cookie: cookie, ...headers }, body });
    expect((await send(OWN_PAGE)).status).toBe(200);
    const { "X-Leadedge-Console": _, ...withoutHeader } = OWN_PAGE;
    expect((await send(withoutHeader)).status).toBe(403);
    expect((await send({ ...OWN_PAGE, "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
    expect((await send({ ...OWN_PAGE, "Sec-Fetch-Site": "same-site" })).status).toBe(403);
    expect((await send({ ...OWN_PAGE, Origin: "https://evil.example" })).status).toBe(403);
    // an origin that the operator lists for the other APIs is not the console's own page either
    expect((await send({ ...OWN_PAGE, Origin: "https://app.example.com" })).status).toBe(403);
    expect((await send({ ...OWN_PAGE, "Content-Type": "text/plain" })).status).toBe(415);
    expect((await send(OWN_PAGE, "{")).status).toBe(400);
    expect((await send(OWN_PAGE, "[]")).status).toBe(400);
  });

  it("every call needs a session; an unknown call is 404", async () => {
    for (const name of Object.keys(calls)) {
      const answer = await post(name, {});
      expect(answer.status, name).toBe(401);
      expect(answer.headers.get("WWW-Authenticate"), name).toBeNull();
      expect(answer.headers.get("Cache-Control"), name).toBe("no-store");
    }
    const { call, credential } = await mintMember();
    for (const name of ["leads.nothing", "toString", "__proto__"]) expect((await call(name)).status).toBe(404);
    // a key of the API alone opens nothing here
    const basic = `Basic ${btoa(`${credential.client_id}:${credential.client_secret}`)}`;
    expect((await post("leads.list", {}, { Authorization: basic })).status).toBe(401);
  });

  it("names the field that is wrong", async () => {
    const { call } = await mintMember();
    const problem = await readProblem(await call("leads.list", { status: "odd" }), 400);
    expect(problem).toMatchObject({ errors: [{ path: "status", message: expect.stringContaining("odd") }] });
  });
});
