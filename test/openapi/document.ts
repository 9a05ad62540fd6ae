/** The document of /openapi.json in plain Node: the app itself, without the files that only a Worker's bundle has. */
import { vi } from "vitest";

vi.mock("../../src/http/docs/reference", () => ({ mountReference: () => {} }));
vi.mock("../../src/console/server", () => ({ mountConsole: () => {} }));
vi.mock("../../src/http/segment/beacon/browser.js", () => ({ default: "" }));
vi.mock("../../src/http/docs/guides", () => ({ mountGuides: () => {}, guideLinks: () => [] }));

export async function documentText(): Promise<string> {
  const { app } = await import("../../src/app");
  const execution = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} } as unknown as ExecutionContext;
  const env = { LOG_LEVEL: "error", ALLOWED_ORIGINS: "", PUBLIC_ORIGIN: "" } as Env;
  return (await app.fetch(new Request("http://leadedge.test/openapi.json"), env, execution)).text();
}
