/** How many rows lists find a lead by: as the triggers on `leads` keep them, of which this is the twin. Pure. */
import { cutTo, type Json, lowerAscii, SOURCE_CHARS_MAX, type StoredAlias, WORD_CHARS_MAX, WORDS_PER_LEAD_MAX } from "../../leads";

/** What the terms of a lead are computed from; `aliases` are its first three. */
export type SearchedLead = {
  profile: ReadonlyMap<string, Json>;
  aliases: readonly StoredAlias[];
  shown_email: string | null;
};

/** The keys of a profile that terms are computed from. */
export const SEARCHED_KEYS = ["name", "first_name", "last_name", "source"] as const;
export const SEARCHED_ALIASES = 3;

const NAME_CHARS_MAX = 256;
const SEPARATORS = /[-._+'()",/\s]/g;

/** The words, and the source with a mark that no word begins with. */
export function searchTerms({ profile, aliases, shown_email }: SearchedLead): Set<string> {
  const owned = aliases.slice(0, SEARCHED_ALIASES).find(([kind]) => kind === "email")?.[1] ?? "";
  const shown = shown_email === null ? null : lowerAscii(shown_email);
  const email = shown ?? owned;
  const name = profile.get("name");
  const searched = lowerAscii(
    cutTo(NAME_CHARS_MAX, typeof name === "string" ? name : `${part(profile, "first_name")} ${part(profile, "last_name")}`),
  );
  const at = email.indexOf("@");
  const split = `${searched} ${email.slice(0, Math.max(0, at))}`.replace(SEPARATORS, " ");
  const terms = new Set<string>();
  for (const word of `${searched} ${split} ${email.slice(at + 1)} ${shown ?? ""}`.split(" ")) {
    if (terms.size === WORDS_PER_LEAD_MAX) break;
    if (word !== "" && !owned.startsWith(word) && (/[^0-9]/.test(word) || searched.includes(word))) terms.add(cutTo(WORD_CHARS_MAX, word));
  }
  const source = profile.get("source");
  if (typeof source === "string") terms.add(` ${cutTo(SOURCE_CHARS_MAX, source)}`);
  return terms;
}

function part(profile: ReadonlyMap<string, Json>, key: string): string {
  const value = profile.get(key) ?? "";
  return typeof value === "object" ? JSON.stringify(value) : typeof value === "boolean" ? String(Number(value)) : String(value);
}
