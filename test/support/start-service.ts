/** A real `npm start` for tests in plain Node: its own port, its own state. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** `link`: the console's, signed in. */
export type Service = { origin: string; link: string; stop: () => Promise<void> };

const LINK = /^\s+(http:\S+\/console\/open#\w+)$/;

export async function startService(): Promise<Service> {
  const port = await freePort();
  const stateDir = mkdtempSync(join(tmpdir(), "leadedge-service-"));
  const bin = join(process.cwd(), "node_modules", ".bin");
  const server = spawn(join(bin, "node"), ["src/local/start.ts"], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, PORT: String(port), STATE_DIR: stateDir, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const link = await linkOf(server);
  const stop = async () => {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGTERM");
    await ended;
    rmSync(stateDir, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${port}`, link, stop };
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
