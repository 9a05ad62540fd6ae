import { describe, expect, it } from "vitest";
import { utf8 } from "../../fixtures/csv/bytes";
import { tableOf } from "./reading";

const delimiterOf = (text: string) => tableOf(utf8(text)).delimiter;

describe("the delimiter", () => {
  it("is the one by which rows agree with the header", () => {
    expect(delimiterOf("Email;Name, full;Phone\na@example.com;Ann;1\nb@example.com;Bob;2\n")).toBe(";");
  });

  it("is not taken from inside quotes", () => {
    expect(delimiterOf('Name,Note\n"Lee; Ann","a;b;c;d"\n"Ray; Bob","a;b;c;d"\n')).toBe(",");
  });

  it("gives the most columns when several agree", () => {
    expect(delimiterOf("a|b|c,d\n1|2|3,4\n")).toBe("|");
  });

  it("survives ragged rows", () => {
    expect(delimiterOf("a\tb\tc\n1\n1\t2\n1\t2\t3\t4\n")).toBe("\t");
  });

  it("is found when the first 64 KB end inside a record", () => {
    expect(delimiterOf(`a;b\n${"1;2\n".repeat(10)}3;"${"x,".repeat(50_000)}"\n`)).toBe(";");
  });

  it("can be overridden", () => {
    expect(tableOf(utf8("a,b\n1,2\n"), { delimiter: ";" })).toMatchObject({ delimiter: ";", headers: ["a,b"], sample_rows: [["1,2"]] });
  });
});
