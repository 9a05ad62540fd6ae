/** A tick runs each of its jobs, whatever happens to the others. */
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { heldDelivery, mintChannel, tick, wait } from "../support/deliveries";
import { mintTenant } from "../support/tenant";
import { failingD1, logged } from "../support/worker";

afterEach(() => void vi.useRealTimers());

/** A database that fails for statements on import jobs. */
const withoutImports = (): D1Database =>
  ({
    ...env.DB,
    prepare: (text: string) => (text.includes("import_jobs") ? failingD1("reset").DB : env.DB).prepare(text),
  }) as unknown as D1Database;

it("a job that fails is logged and does not keep the others from running", async () => {
  const { client } = await mintTenant();
  const message = await heldDelivery(client, (await mintChannel(client)).id);
  wait(61_000);
  const sent: string[] = [];
  const lines = await logged(async () => {
    for (const { delivery_id } of await tick("* * * * *", { DB: withoutImports() })) sent.push(delivery_id);
  });
  expect(sent).toContain(message.delivery_id);
  expect(lines.join()).toContain("cron job failed");
});
