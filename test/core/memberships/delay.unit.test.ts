/** Memberships are current within two seconds: what an event waits for on its way is set here, and nothing else waits. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const consumer = (queue: string): string =>
  readFileSync("wrangler.toml", "utf8")
    .split("[[queues.consumers]]\n")
    .find((part) => part.startsWith(`queue = "${queue}"\n`)) ?? "";

it("an event waits a second at most for its batch, the only message on its way to the segments", () => {
  expect(/max_batch_timeout = (\d+)/.exec(consumer("leadedge-events"))?.[1]).toBe("1");
});
