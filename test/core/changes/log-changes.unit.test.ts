/** What a commit's row in the log of changes may weigh. */
import { expect, it } from "vitest";
import type { Statement } from "../../../src/context";
import { type LogCtx, logChanges } from "../../../src/core/changes/log-changes";

const ROW_BYTES_MAX = 2_000_000;

const ctx = {
  db: { sql: (text: string, ...params: unknown[]) => ({ text, params }) as unknown as Statement<never> },
  actor: { kind: "system" },
  source: { dialect: "import", import: "job_1" },
  requestId: "req_test",
} as unknown as LogCtx;

const sizeOf = (statements: readonly Statement[]) => JSON.stringify(statements.map(({ params }) => params)).length;
const changesWith = (keys: (n: number) => string[]) =>
  Array.from({ length: 1_000 }, (_, n) => ({ lead_id: n.toString(16).padStart(32, "0"), type: "changed" as const, keys: keys(n) }));

it("1,000 leads, each with other keys of a survey, fit a row of the database", () => {
  const header = (n: number) => `How satisfied were you with the answer to question number ${n}?`;
  const keys = (n: number) => Array.from({ length: 40 }, (_, at) => header((n * 7 + at * 3) % 50));
  expect(JSON.stringify(changesWith(keys).map((change) => change.keys)).length).toBeGreaterThan(ROW_BYTES_MAX);
  expect(sizeOf(logChanges(ctx, changesWith(keys), 0))).toBeLessThan(ROW_BYTES_MAX);
});

it("leads that changed alike are logged with just their keys", () => {
  const [statement] = logChanges(
    ctx,
    changesWith((n) => (n % 2 ? ["a"] : ["a", "b"])),
    0,
  );
  expect(statement?.params).toContain('[["changed",["a","b"]],["changed",["a"]]]');
});
