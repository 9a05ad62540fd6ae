import { describe, expect, it } from "vitest";
import { readCsv } from "../../../src/core/csv";
import { CORPUS, type CsvExpectation } from "../../fixtures/csv/corpus";
import { tableOf } from "./reading";

const LARGE_FILE_TIMEOUT_MS = 30_000;

describe("every file of the corpus gets the answer it must get", () => {
  for (const { name, bytes, expect: expected } of CORPUS) {
    it(name, () => check(bytes(), expected), LARGE_FILE_TIMEOUT_MS);
  }
});

function check(bytes: Uint8Array, expected: CsvExpectation): void {
  if ("problem" in expected) {
    expect(readCsv(bytes)).toEqual({ ok: false, problem: { kind: expected.problem, detail: expect.stringContaining(expected.detail) } });
    return;
  }
  const { first_rows, warnings = [], email_columns, phone_columns, ...exact } = expected;
  const table = tableOf(bytes);
  expect(table).toMatchObject(exact);
  expect(table.warnings).toEqual(warnings.map((fragment) => expect.stringContaining(fragment)));
  if (first_rows) expect(table.sample_rows.slice(0, first_rows.length)).toEqual(first_rows);
  if (email_columns) expect(table.detected.email_columns).toEqual(email_columns);
  if (phone_columns) expect(table.detected.phone_columns).toEqual(phone_columns);
}
