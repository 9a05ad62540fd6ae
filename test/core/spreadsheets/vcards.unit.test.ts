import { describe, expect, it } from "vitest";
import { type ByteSource, readVcards } from "../../../src/core/spreadsheets";
import { inPieces, rowsOf } from "./workbooks";

async function people(file: string | Uint8Array | ByteSource): Promise<Record<string, string>[]> {
  const result = await readVcards(typeof file === "string" ? new TextEncoder().encode(file) : file);
  if (!result.ok) throw new Error(`${result.problem.kind}: ${result.problem.detail}`);
  const [header, ...rows] = await rowsOf(result.table.rows());
  expect(header?.cells).toEqual(result.table.headers);
  return rows.map(({ cells }) =>
    Object.fromEntries(cells.flatMap((cell, index) => (cell === "" ? [] : [[result.table.headers[index], cell]]))),
  );
}

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const card = (...lines: string[]) => ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n");

describe("one card is one row", () => {
  it("of version 3.0", async () => {
    const file = card(
      "N:Müller;Ann;Maria;Dr.;PhD",
      "FN:Dr. Ann Müller",
      "item1.EMAIL;TYPE=INTERNET:ann@home.example",
      "EMAIL;TYPE=INTERNET,PREF:ann@work.example",
      "TEL;TYPE=CELL,VOICE:+49 151 23456789",
      "TEL;TYPE=WORK:+49 30 123",
      "TEL;TYPE=WORK,FAX:+49 30 124",
      "ORG:Acme\\, Inc.;Sales",
      "TITLE:CEO",
      "ADR;TYPE=WORK:;;Main St 1\\;B;Berlin;BE;10115;Germany",
      "URL:https://acme.example",
      "BDAY:1980-02-29",
      "CATEGORIES:vip,fair\\, 2026",
      "NOTE:line one\\nline",
      "  two",
      "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ",
      " AAAQABAAD",
    );
    expect(await people(file)).toEqual([
      {
        Name: "Dr. Ann Müller",
        "First Name": "Ann",
        "Middle Name": "Maria",
        "Last Name": "Müller",
        "Name Prefix": "Dr.",
        "Name Suffix": "PhD",
        Email: "ann@work.example",
        "Email 2": "ann@home.example",
        Phone: "+49 151 23456789",
        "Phone 2": "+49 30 123",
        Fax: "+49 30 124",
        Company: "Acme, Inc.",
        Department: "Sales",
        "Job Title": "CEO",
        Website: "https://acme.example",
        Street: "Main St 1;B",
        City: "Berlin",
        Region: "BE",
        "Postal Code": "10115",
        Country: "Germany",
        Birthday: "1980-02-29",
        Categories: "vip; fair, 2026",
        Note: "line one\nline two",
      },
    ]);
  });

  it("of version 2.1, quoted-printable and with its own character set", async () => {
    const file = [
      "BEGIN:VCARD",
      "VERSION:2.1",
      "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=",
      "ller;J=C3=B6rg",
      "ORG;CHARSET=ISO-8859-1:B\u00e4cker",
      "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=windows-1251:=CF=F0=E8=E2=E5=F2=0D=0A!",
      "TEL;CELL;PREF:0151 2",
      "TEL;HOME:030 1",
      "AGENT:",
      "BEGIN:VCARD",
      "EMAIL:assistant@x.example",
      "END:VCARD",
      "EMAIL;INTERNET:jm@x.example",
      "END:VCARD",
    ].join("\r\n");
    expect(await people(latin1(file))).toEqual([
      {
        "First Name": "Jörg",
        "Last Name": "Müller",
        Company: "Bäcker",
        Note: "Привет\r\n!",
        Phone: "0151 2",
        "Phone 2": "030 1",
        Email: "jm@x.example",
      },
    ]);
  });

  it("of version 4.0", async () => {
    const file = card(
      "FN:Ann",
      'TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+1-555-1',
      "TEL;VALUE=uri;PREF=1:tel:+1-555-2",
      "EMAIL:mailto:a@x.example",
    );
    expect(await people(file)).toEqual([{ Name: "Ann", Phone: "+1-555-2", "Phone 2": "+1-555-1", Email: "a@x.example" }]);
  });

  it("folded within a character, in lower case, with a mark", async () => {
    const bytes = new TextEncoder().encode("\uFEFFbegin:vcard\nfn:J\u00f6rg\nend:vcard\n");
    const at = bytes.indexOf(0xb6);
    const folded = new Uint8Array([...bytes.slice(0, at), 0x0a, 0x20, ...bytes.slice(at)]);
    expect(await people(folded)).toEqual([{ Name: "Jörg" }]);
  });

  it("of UTF-16 with its mark", async () => {
    const text = "\uFEFFBEGIN:VCARD\nFN:Jörg\nEND:VCARD\n";
    const bytes = new Uint8Array(2 * text.length);
    for (let index = 0; index < text.length; index++) new DataView(bytes.buffer).setUint16(2 * index, text.charCodeAt(index), true);
    expect(await people(bytes)).toEqual([{ Name: "Jörg" }]);
  });

  it("columns are those that any card fills; repeated values count once, and at most ten", async () => {
    const many = Array.from({ length: 15 }, (_, index) => `EMAIL:p${index}@x.example`);
    const [one, other] = await people(card("FN:A", "EMAIL:a@x.example", "EMAIL:a@x.example") + card(...many));
    expect(one).toEqual({ Name: "A", Email: "a@x.example" });
    expect(Object.keys(other ?? {})).toHaveLength(10);
  });
});

describe("what is wrong is named", () => {
  it.each([
    ["", "invalid: the file holds no vCards"],
    ["hello\n", "invalid: the file holds no vCards"],
    [card("X-NOTHING:1"), "invalid: the vCards of the file hold no names, addresses or numbers"],
    [`${card("FN:A")}BEGIN:VCARD\r\nFN:B\r\n`, "invalid: the vCard that begins in line 5 has no END:VCARD"],
    [`BEGIN:VCARD\n${"FN:A\n".repeat(10_001)}END:VCARD`, "invalid: the vCard that begins in line 1 has no END:VCARD"],
  ])("%#", async (file, problem) => {
    await expect(people(file)).rejects.toThrow(problem);
  });

  it("a file cut off anywhere never throws anything else", async () => {
    const bytes = new TextEncoder().encode(
      `${card("FN:Jörg", 'TEL;TYPE="a,b":1')}BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE:=C3=\n=BC\nEND:VCARD`,
    );
    for (let size = 0; size <= bytes.length; size++) expect(await readVcards(bytes.slice(0, size))).toHaveProperty("ok");
  });

  it("a file that arrives in pieces is read as at once, wherever they are cut", async () => {
    const text = `${card("FN:Jörg", "NOTE:folded\r\n  here")}${card("FN:B", "AGENT:BEGIN:VCARD")}${card("FN:C")}`;
    const bytes = new TextEncoder().encode(`\ufeff${text}`);
    const whole = await people(bytes);
    for (let size = 1; size <= bytes.length; size++) expect(await people(inPieces(bytes, size))).toEqual(whole);
  });
});
