/** Which answers are fields of the lead and which are its aliases. Pure. */
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import { namesSomebodyElse, targetOfName } from "../imports";
import { isAttributeKey, type Json, normaliseAlias, type Profile } from "../leads";
import { valueAtPointer } from "./json-pointer";
import { ALIAS_PREFIX, type InboundMapping } from "./source";
import { type Answer, type Submission, textOf } from "./submission";

export type PlacedAnswers = {
  aliases: { kind: AliasKind; raw: string }[];
  traits: Profile;
  /** values that cannot be the alias they were meant to be, each with why */
  invalid: string[];
};

const WHY: Readonly<Record<string, string>> = {
  invalid_email: "is not an email address",
  invalid_phone: "is not a phone number",
  too_long: "is too long",
};
const SHOWN_CHARS_MAX = 80;
const ALIASES_MAX = 20;

/** The mapping comes first; the first answer to a field counts. */
export function placeAnswers({ answers, root }: Submission, mapping: InboundMapping, region: string | null): PlacedAnswers {
  const mapped = Object.entries(mapping).flatMap(([pointer, target]): [string, Json][] => {
    const value = valueAtPointer(root, pointer);
    return value === undefined ? [] : [[target, value]];
  });
  const others = answers.flatMap((answer): [string, Json][] => {
    if (answer.pointer !== undefined && Object.keys(mapping).some((pointer) => isAt(answer.pointer ?? "", pointer))) return [];
    const target = targetOf(answer);
    return target === null ? [] : [[target, answer.value]];
  });
  const placed: PlacedAnswers = { aliases: [], traits: {}, invalid: [] };
  for (const [target, value] of [...mapped, ...others]) {
    if (target.startsWith(ALIAS_PREFIX)) addAlias(placed, target.slice(ALIAS_PREFIX.length), value, region);
    else addTrait(placed.traits, target, value);
  }
  return placed;
}

const isAt = (pointer: string, mapped: string): boolean => pointer === mapped || pointer.startsWith(`${mapped}/`);

export function targetOf({ label, ref, target }: Answer): string | null {
  if (target === null || namesSomebodyElse(label)) return null;
  return target ?? targetOfName(label) ?? (ref === undefined ? null : targetOfName(ref));
}

function addAlias({ aliases, invalid }: PlacedAnswers, kind: string, value: Json, region: string | null): void {
  const raw = textOf(value)?.replaceAll("\0", "").toWellFormed() ?? null;
  if (raw === null || raw === "" || !isOneOf(ALIAS_KINDS, kind)) return;
  const read = normaliseAlias(kind, raw, region);
  if ("problem" in read)
    invalid.push(`${kind} ${WHY[read.problem] ?? "is invalid"} (got ${JSON.stringify(raw.slice(0, SHOWN_CHARS_MAX))})`);
  else if (aliases.length < ALIASES_MAX) aliases.push({ kind, raw });
}

/** Lists of texts become one text, as people write them. */
function addTrait(traits: Profile, field: string, given: Json): void {
  if (Object.hasOwn(traits, field) || !isAttributeKey(field)) return;
  const value = storable(Array.isArray(given) && given.every((item) => typeof item === "string") ? given.join(", ") : given);
  if (value === null || value === "") return;
  traits[field] = value;
}

/** JSON without what no profile can hold. */
export function storable(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("\0", "").toWellFormed().trim();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== "object" || value === null) return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.replaceAll("\0", "").toWellFormed(), storable(inner)]));
}
