/** Takes off a cell what spreadsheets, exports and clipboards put around its text. */

/** Zero-width characters, direction marks, soft hyphens and byte order marks. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
const FORMULA_TEXT = /^=\s*"((?:[^"]|"")*)"$/;
const QUOTED = /^(["“”„«»‹›'‘’`])(.*)(["“”„«»‹›'‘’`])$/su;

/** The text without what cannot be seen, without the quotes of a formula (`="0049"`) and an apostrophe that marks text. */
export function plainText(raw: string): string {
  const text = raw.replace(INVISIBLE, "").trim();
  const formula = FORMULA_TEXT.exec(text)?.[1];
  if (formula !== undefined) return formula.replaceAll('""', '"').trim();
  return /^'+[=+\-@\d(]/.test(text) && !text.endsWith("'") ? text.replace(/^'+/, "") : text;
}

/** The text without the quotes around all of it. */
export function unquote(text: string): string {
  const inner = QUOTED.exec(text)?.[2];
  return inner === undefined || inner === "" ? text : inner.trim();
}

/** Full-width forms and digits of other scripts as ASCII. Nothing else is folded: the Kelvin sign must not become a K. */
export function narrow(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0\u2007\u202f]/g, " ")
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, (digit) =>
      String((digit.charCodeAt(0) & 0xf) - (digit.charCodeAt(0) < 0x900 ? 0 : 6)),
    );
}
