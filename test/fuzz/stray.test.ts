/** Paths and methods that no operation has: a 404 or 405 in the shape of the dialect whose path it is, or a redirect to nothing. */

import { expect, it } from "vitest";
import { fc } from "../support/fast-check";
import { request } from "../support/worker";
import { readDocument } from "./document";
import { openScene } from "./scene";
import { readAnswer, strayComplaints } from "./verdict";

const TRICKS = [
  (path: string) => `${path}/`,
  (path: string) => `/${path}`,
  (path: string) => path.replaceAll("/", "//"),
  (path: string) => `${path}/..%2f..%2fadmin/organizations`,
  (path: string) => `${path}/%2e%2e/x`,
  (path: string) => `${path}%00`,
  (path: string) => `${path}%ff%fe`,
  (path: string) => `${path}%`,
  (path: string) => `${path};a=b`,
  (path: string) => `${path}%2f`,
  (path: string) => path.toUpperCase(),
  (path: string) => `${path}/${"a/".repeat(500)}`,
  (path: string) => `${path}/${"x".repeat(8_000)}`,
  (path: string) => `${path}?${"a=b&".repeat(2_000)}`,
  (path: string) => path.replace(/\{\w+\}/g, "%E0%A4%A"),
];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND"];

it("every path trick and every method gets a whole answer, never a 5xx", async () => {
  const document = await readDocument();
  const scene = await openScene();
  const samples = fc.sample(
    fc.record({
      operation: fc.constantFrom(...document.operations),
      trick: fc.constantFrom(...TRICKS),
      method: fc.constantFrom(...METHODS),
    }),
    { numRuns: 400, seed: 1 },
  );
  const findings = new Map<string, string>();
  for (const { operation, trick, method } of samples) {
    const path = trick(operation.path.replace(/\{\w+\}/g, "anything"));
    const answer = await readAnswer(await request(path, { method, headers: scene.credentialsFor(operation) }));
    const [complaint] =
      method === "HEAD" ? (answer.status >= 500 ? [`${answer.status}`] : []) : strayComplaints(new URL(`http://x${path}`).pathname, answer);
    if (complaint) findings.set(`${method} ${path.slice(0, 200)}`, complaint);
  }
  expect(Object.fromEntries(findings)).toEqual({});
});
