/** The browser snippet as it is served. What it does in a page is tried in test/browser. */
import { expect, it } from "vitest";
import { request } from "../../support/worker";

const COMPRESSED_BYTES_MAX = 2048;

it("is below 2 KB compressed, cached, and versioned by its ETag", async () => {
  const answer = await request("/beacon.js");
  expect([answer.status, answer.headers.get("Content-Type"), answer.headers.get("Cache-Control")]).toEqual([
    200,
    "text/javascript; charset=utf-8",
    "public, max-age=3600",
  ]);
  const script = await answer.arrayBuffer();
  const packed = await new Response(new Blob([script]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  expect(packed.byteLength).toBeLessThan(COMPRESSED_BYTES_MAX);
  const etag = answer.headers.get("ETag") ?? "";
  expect((await request("/beacon.js", { headers: { "If-None-Match": etag } })).status).toBe(304);
  const versioned = await request(`/beacon.js?v=${etag.replaceAll('"', "")}`);
  expect(versioned.headers.get("Cache-Control")).toContain("immutable");
  expect((await request("/beacon.js?v=old")).headers.get("Cache-Control")).not.toContain("immutable");
});
