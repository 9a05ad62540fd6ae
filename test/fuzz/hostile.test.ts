/**
 * Hostile requests to every operation that /openapi.json describes: no 5xx, every answer documented for its operation, valid against its
 * schema, and every error whole in its dialect's shape. FUZZ_REQUESTS sets how many, FUZZ_SEED which.
 */
import { env } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import { fc } from "../support/fast-check";
import { nameOf, readDocument } from "./document";
import { planOf, render } from "./hostile-requests";
import { openScene } from "./scene";
import { complaintsOf } from "./verdict";

const REQUESTS = Number(env.FUZZ_REQUESTS);
const SEED = inject("fuzzSeed");
const TIMEOUT_MS = 60_000 + REQUESTS * 200;

describe("hostile requests", () => {
  it(
    "have no 5xx, and every answer is as documented",
    async () => {
      const document = await readDocument();
      const scene = await openScene();
      const findings = new Map<string, string>();
      const each = Math.ceil(REQUESTS / document.operations.length);
      const byOperation = document.operations.map((operation, index) =>
        fc.sample(planOf(document, operation), { numRuns: each, seed: SEED + index }),
      );
      let sent = 0;
      // round after round: what one operation creates, the next ones find
      for (let round = 0; round < each; round++) {
        for (const plans of byOperation) {
          const plan = plans[round];
          if (!plan) continue;
          const { path, init } = render(plan, scene);
          const answer = await scene.send(path, init);
          for (const complaint of complaintsOf(document, plan.operation, answer)) {
            const key = `${nameOf(plan.operation)}: ${complaint.slice(0, 300)}`.toWellFormed();
            if (!findings.has(key))
              findings.set(key, `${init.method} ${path.slice(0, 300)} ${shown(init.body)} -> ${answer.text.slice(0, 300)}`.toWellFormed());
          }
          sent += 1;
        }
      }
      expect(Object.fromEntries(findings)).toEqual({});
      expect(sent).toBeGreaterThanOrEqual(REQUESTS);
    },
    TIMEOUT_MS,
  );
});

const shown = (body: unknown): string => (typeof body === "string" ? body.slice(0, 600) : (body?.constructor.name ?? ""));
