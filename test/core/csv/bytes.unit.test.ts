import { expect, it } from "vitest";
import { spaceLength } from "../../../src/core/csv/bytes";
import { utf8 } from "../../fixtures/csv/bytes";

it("whitespace is exactly what String.trim removes", () => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCharCode(code);
    const bytes = utf8(character);
    if (spaceLength(bytes, 0) !== (character.trim() === "" ? bytes.length : 0)) wrong.push(code.toString(16));
  }
  expect(wrong).toEqual([]);
});
