/** The encodings that are read, under the names of the WHATWG Encoding Standard. */

export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "windows-1250",
  "windows-1251",
  "windows-1253",
  "windows-1254",
  "macintosh",
  "iso-8859-2",
  "iso-8859-5",
  "iso-8859-7",
  "iso-8859-15",
  "koi8-r",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Spellings in use that the standard's list of labels does not have. */
const SPELLINGS: Record<string, Encoding> = {
  ansi: "windows-1252",
  "mac-roman": "macintosh",
  macroman: "macintosh",
  utf16: "utf-16le",
  utf16le: "utf-16le",
  utf16be: "utf-16be",
  cp932: "shift_jis",
  cp936: "gb18030",
  cp949: "euc-kr",
  cp950: "big5",
};

/**
 * The encoding of a label in any usual spelling ("latin1", "cp1252", "sjis", "gbk"), or undefined. The ISO 8859 members that a Windows
 * code page contains are read as that page, GBK and GB 2312 as GB 18030.
 */
export function encodingOf(label: string): Encoding | undefined {
  const name = label.trim().toLowerCase().replaceAll(" ", "-");
  const spelt = SPELLINGS[name] ?? standardName(name);
  const whole = spelt === "gbk" ? "gb18030" : spelt;
  return ENCODINGS.find((encoding) => encoding === whole);
}

function standardName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}
