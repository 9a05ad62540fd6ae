/** How tools show values: short, and saying so where something is left out. */

const VALUE_CHARS_MAX = 500;

export const rounded = (score: number): number => Math.round(score * 100) / 100 + 0;

/** A value whose JSON is longer than 500 characters is cut to a text. */
function cutValue(value: unknown): unknown {
  const json = JSON.stringify(value) ?? "";
  if (json.length <= VALUE_CHARS_MAX) return value ?? null;
  return `${(typeof value === "string" ? value : json).slice(0, VALUE_CHARS_MAX).toWellFormed()}…`;
}

/** The first entries of an object, up to some characters of JSON; `truncated` when entries or parts of values are left out. */
export function cutObject(
  given: Readonly<Record<string, unknown>>,
  charsMax: number,
): { shown: Record<string, unknown>; truncated: boolean } {
  const shown: [string, unknown][] = [];
  let chars = 0;
  let truncated = false;
  for (const [key, value] of Object.entries(given)) {
    const cut = cutValue(value);
    chars += key.length + (JSON.stringify(cut)?.length ?? 0);
    if (chars > charsMax) return { shown: Object.fromEntries(shown), truncated: true };
    truncated ||= cut !== value;
    shown.push([key, cut]);
  }
  return { shown: Object.fromEntries(shown), truncated };
}

type Change = { field: string; before?: unknown; after?: unknown };

export const cutChange = ({ field, before, after }: Change) => ({ field, before: cutValue(before), after: cutValue(after) });

/** `company: "Acme" -> "Acme Corp"` */
export const changeText = ({ field, before, after }: Change): string =>
  `${field}: ${JSON.stringify(cutValue(before))} -> ${JSON.stringify(cutValue(after))}`;

export const leadText = ({ lead_id, name }: { lead_id: string; name: string | null }): string =>
  name === null ? lead_id : `${name} (${lead_id})`;

/** `1 lead`, `2 leads` */
export const count = (n: number, noun: string): string => `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;

/** A sentence, and lines under it. */
export const lines = (sentence: string, items: readonly string[]): string => [sentence, ...items.map((item) => `- ${item}`)].join("\n");
