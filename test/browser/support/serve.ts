/** One real `npm start` for all tests in the browser: its own port, its own state, and the link that it prints. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

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
const LINK = /^\s+(http:\S+\/console\/open#\w+)$/;

export default async function serve(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const chromium = PLACES.find((path) => path && existsSync(path));
  if (!chromium) {
    console.warn(NOT_FOUND);
    project.provide("served", null);
    return undefined;
  }
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), "leadedge-browser-"));
  const bin = join(process.cwd(), "node_modules", ".bin");
  const server = spawn(join(bin, "node"), ["src/local/start.ts"], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, PORT: String(port), STATE_DIR: stateDir, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const link = await linkOf(server);
  project.provide("served", { origin: `http://127.0.0.1:${port}`, chromium, link });
  return async () => {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    await ended;
    rmSync(stateDir, { recursive: true, force: true });
  };
}

/** The console's link is printed when the server is ready. */
function linkOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    for (const stream of [server.stdout, server.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const [, link] = LINK.exec(line) ?? [];
        if (link) resolve(link);
      });
    }
    server.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${lines.join("\n")}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
