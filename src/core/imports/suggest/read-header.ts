/** What a column's name says about its content. Pure. */
import { ABOUT, ID_OF_A_THING, NEUTRAL, OTHER_PERSON, PERHAPS_SHARED } from "./header-context";
import { type HeaderRole, ROLE_NAMES, type RoleName } from "./header-roles";
import { plainHeader } from "./plain-header";

/** Whose identifier it is: the row's person's, perhaps that of many, or somebody else's. */
export type Belonging = "own" | "shared" | "other";

/** `exact`: the name says nothing else. `about`: the column describes the one that the role names, such as its label. */
export type HeaderReading = { role: HeaderRole | null; exact: boolean; about: boolean; belonging: Belonging };

const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const IDENTIFIERS = new Set<HeaderRole>(["email", "phone", "phone_mobile", "phone_work", "phone_home", "linkedin", "social", "fax"]);
const PERSON_NAMES = new Set<HeaderRole>(["first_name", "last_name", "name", "first_or_full", "last_or_full"]);
const PHONETIC = ["phonetic", "yomi", "furigana", "kana", "フリガナ", "ふりがな", "カナ"].map(plainHeader);
const IDENTIFIER_NAMES = ROLE_NAMES.filter(({ role }) => IDENTIFIERS.has(role));

export function readHeader(header: string): HeaderReading {
  const name = plainHeader(header);
  const exact = ROLE_NAMES.find((known) => known.name === name);
  if (exact) return { role: exact.role, exact: true, about: false, belonging: "own" };
  const inside = (known: RoleName) => says(name, known.name, known.inside);
  const found = IDENTIFIER_NAMES.find(inside) ?? ROLE_NAMES.find(inside);
  if (found === undefined) return { role: null, exact: false, about: false, belonging: "own" };
  const rest = ` ${name} `.replace(` ${found.name} `, " ").replace(found.name, " ").trim();
  return { exact: false, about: false, belonging: "own", role: found.role, ...readRest(found, rest) };
}

/** What the words beside a role's name make of it. */
function readRest({ role, name }: RoleName, rest: string): Partial<HeaderReading> {
  const mentions = (words: readonly string[]) => words.some((word) => says(rest, word, false));
  if (IDENTIFIERS.has(role)) {
    if (mentions(OTHER_PERSON)) return { belonging: "other" };
    if (rest !== "primary" && mentions(ABOUT)) return { about: true };
    return mentions(PERHAPS_SHARED) ? { belonging: "shared" } : {};
  }
  if (PERSON_NAMES.has(role) && mentions(PHONETIC)) return { about: true };
  if (role === "external_id" && name !== "id") return mentions(ID_OF_A_THING) ? { role: null } : {};
  return EAST_ASIAN.test(rest) || rest.split(" ").some((word) => word !== "" && !NEUTRAL.has(word)) ? { role: null } : {};
}

function says(name: string, word: string, inside: boolean): boolean {
  if (EAST_ASIAN.test(word)) return word.length > 1 && name.includes(word);
  return inside ? name.includes(word) : ` ${name} `.includes(` ${word} `);
}

/** Whose identifiers a column holds that only its content tells. */
export function belongingOf(header: string): Belonging {
  const name = plainHeader(header);
  if (OTHER_PERSON.some((word) => says(name, word, false))) return "other";
  return PERHAPS_SHARED.some((word) => says(name, word, false)) ? "shared" : "own";
}
