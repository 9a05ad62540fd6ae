/** Takes a number format code apart (ECMA-376 part 1, 18.8.31). */

export type FormatToken =
  | { kind: "literal"; text: string }
  /** y, m, d, h, s with their number of letters; `fraction` has the zeros of ".000"; `elapsed` is "[h]". */
  | { kind: "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction"; length: number }
  | { kind: "elapsed"; unit: "h" | "m" | "s"; length: number }
  | { kind: "meridiem"; short: boolean }
  /** A digit placeholder, 0 # or ?, or one of . , % and E+. */
  | { kind: "digit"; text: string }
  | { kind: "general" }
  /** "[$-407]": the language of month names. "F800" and "F400" are the system's own date and time. */
  | { kind: "locale"; name: string }
  /** Conditions, eras and whatever else is not rendered. */
  | { kind: "unknown" };

const TOKEN =
  /"([^"]*)"?|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|(AM\/PM|A\/P)|(General)|(\.0+)(?=[^0#?]*$)|(y+|m+|d+|h+|s+)|([0#?.,%]|E[+-])|([gbeGBE]+)|([\s\S])/giu;

/** The sections between semicolons: positive, negative, zero, text. */
export function formatSections(code: string): string[] {
  return code.match(/(?:"[^"]*"?|\\.|[_*].|\[[^\]]*\]|[^;])*(?:;|$)/gsu)?.map((section) => section.replace(/;$/, "")) ?? [code];
}

export function formatTokens(section: string): FormatToken[] {
  const tokens: FormatToken[] = [];
  for (const match of section.matchAll(TOKEN)) {
    const token = tokenOf(match, tokens);
    if (token) tokens.push(token);
  }
  return tokens.map((token, index) => minuteOrMonth(token, index, tokens));
}

function tokenOf(match: RegExpMatchArray, before: readonly FormatToken[]): FormatToken | null {
  const [, quoted, escaped, space, fill, bracket, meridiem, general, fraction, letters, digit, era, other] = match;
  if (quoted !== undefined) return { kind: "literal", text: quoted };
  if (escaped !== undefined) return { kind: "literal", text: escaped };
  if (space !== undefined) return { kind: "literal", text: " " };
  if (fill !== undefined) return null;
  if (bracket !== undefined) return bracketToken(bracket);
  if (meridiem !== undefined) return { kind: "meridiem", short: meridiem.length === 3 };
  if (general !== undefined) return { kind: "general" };
  if (fraction !== undefined)
    return afterSeconds(before) ? { kind: "fraction", length: fraction.length - 1 } : { kind: "digit", text: fraction };
  if (letters !== undefined) return letterToken(letters.toLowerCase());
  if (digit !== undefined) return { kind: "digit", text: digit.toUpperCase() };
  if (era !== undefined) return { kind: "unknown" };
  return other === "@" ? { kind: "general" } : { kind: "literal", text: other as string };
}

const KINDS = { y: "year", m: "month", d: "day", h: "hour", s: "second" } as const;

function letterToken(letters: string): FormatToken {
  return { kind: KINDS[letters[0] as keyof typeof KINDS], length: letters.length };
}

function bracketToken(content: string): FormatToken | null {
  const elapsed = /^(h+|m+|s+)$/i.exec(content)?.[1]?.toLowerCase();
  if (elapsed) return { kind: "elapsed", unit: elapsed[0] as "h" | "m" | "s", length: elapsed.length };
  const currency = /^\$([^-]*)(?:-(.*))?$/s.exec(content);
  if (currency) return currency[1] ? { kind: "literal", text: currency[1] } : { kind: "locale", name: currency[2] ?? "" };
  return /^(black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)$/i.test(content) ? null : { kind: "unknown" };
}

function afterSeconds(before: readonly FormatToken[]): boolean {
  const last = before.at(-1);
  return last?.kind === "second" || (last?.kind === "elapsed" && last.unit === "s");
}

/** "m" after hours or before seconds means minutes. */
function minuteOrMonth(token: FormatToken, index: number, tokens: readonly FormatToken[]): FormatToken {
  if (token.kind !== "month" || token.length > 2) return token;
  const before = tokens.slice(0, index).findLast(isTimePart);
  const after = tokens.slice(index + 1).find(isTimePart);
  const minutes = before?.kind === "hour" || (before?.kind === "elapsed" && before.unit === "h") || after?.kind === "second";
  return minutes || (after?.kind === "elapsed" && after.unit === "s") ? { kind: "minute", length: token.length } : token;
}

const TIME_PARTS = new Set<FormatToken["kind"]>(["year", "month", "day", "hour", "second", "elapsed"]);

function isTimePart(token: FormatToken): boolean {
  return TIME_PARTS.has(token.kind);
}
