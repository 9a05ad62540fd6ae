/** In workerd: what the unit tests show of Node's decoders holds for the platform's; the corpus of the preview's tests reads them there. */
import { expect, it } from "vitest";
import { ENCODINGS, encodingOf } from "../../../src/core/csv";

it("the platform decodes every encoding that may be named, by its own name and by aliases", () => {
  for (const encoding of ENCODINGS) {
    expect(encodingOf(encoding)).toBe(encoding);
    expect(new TextDecoder(encoding).encoding).toBe(encoding);
  }
  expect(["latin1", "sjis", "gbk", "ks_c_5601-1987", "klingon"].map(encodingOf)).toEqual([
    ...["windows-1252", "shift_jis", "gb18030", "euc-kr", undefined],
  ]);
});
