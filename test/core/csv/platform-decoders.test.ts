/** In workerd: what the unit tests show of Node's decoders holds for the platform's. */
import { expect, it } from "vitest";
import { ENCODINGS, encodingOf } from "../../../src/core/csv";
import { encoded } from "../../fixtures/csv/encoded";
import { LANGUAGES } from "../../fixtures/csv/languages";
import { tableOf } from "./reading";

it("the platform decodes every encoding that may be named, by its own name and by aliases", () => {
  for (const encoding of ENCODINGS) {
    expect(encodingOf(encoding)).toBe(encoding);
    expect(new TextDecoder(encoding).encoding).toBe(encoding);
  }
  expect(["latin1", "sjis", "gbk", "ks_c_5601-1987", "klingon"].map(encodingOf)).toEqual([
    ...["windows-1252", "shift_jis", "gb18030", "euc-kr", undefined],
  ]);
});

it.each(LANGUAGES.flatMap(({ language, encodings, lines }) => encodings.map((encoding) => ({ language, encoding, lines }))))(
  "$language in $encoding is recognised",
  ({ encoding, lines }) => {
    const table = tableOf(encoded(`${lines.join("\n")}\n`, encoding));
    expect(table.headers.join(table.delimiter)).toBe(lines[0]);
    expect(table.sample_rows.map((cells) => cells.join(table.delimiter))).toEqual(lines.slice(1, 6));
  },
);
