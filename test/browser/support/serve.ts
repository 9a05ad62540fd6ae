/** One real `npm start` for all tests in the browser, and the link that it prints. */
import { existsSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { startService } from "../../support/start-service";

declare module "vitest" {
  interface ProvidedContext {
    /** null: this machine has no browser, and the tests are skipped */
    served: { origin: string; chromium: string; link: string } | null;
  }
}

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const NOT_FOUND = `
  The tests in a browser are SKIPPED: no Chromium is installed.
  Debian and Ubuntu: apt-get install chromium. Elsewhere: CHROMIUM=/path/to/chromium npm test
`;

export default async function serve(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = PLACES.find((path) => path && existsSync(path));
  if (!chromium) {
    console.warn(NOT_FOUND);
    project.provide("served", null);
    return undefined;
  }
  const { origin, link, stop } = await startService();
  project.provide("served", { origin, chromium, link });
  return stop;
}
