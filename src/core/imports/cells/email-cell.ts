/** The email addresses of a cell. */
import { normaliseAlias } from "../../leads";
import { narrow, plainText, unquote } from "./plain-text";

const IN_BRACKETS = /^[^<>@]*<\s*(?:mailto:)?([^<>]*@[^<>]*)>[^<>@]*$/i;
/** "Work: ann@example.com", "mailto:ann@example.com" */
const LABEL = /^[\p{L}][\p{L} .-]{0,24}:\s*(?=[^\s@]+@)/u;
const NOTE_AFTER = /\s*[([][^()[\]]*[)\]]$/;
const QUERY_OF_MAILTO = /\?[\w-]+=.*$/s;
const HARD = /\s*(?:;|:::|\r\n|\r|\n|\t)\s*/;
const SOFT = /\s*,\s*|\s+\/\s+|\s+(?:or|oder|ou|and|und)\s+|\s*\|\s*|\s+/i;

/** The parts of a cell, each as it would be stored; some may be invalid. */
export function emailParts(raw: string): string[] {
  return plainText(narrow(raw)).split(HARD).filter(Boolean).flatMap(partsOf);
}

function partsOf(text: string): string[] {
  const one = bareAddress(text);
  if (isEmail(one)) return [one];
  const inBrackets = [...text.matchAll(/<([^<>\s]+@[^<>\s]+)>/g)].map((match) => bareAddress(match[1] ?? ""));
  // a comma in "Doe, Ann <ann@example.com>" belongs to the name
  const others = text
    .replace(/<[^<>]*>/g, " , ")
    .split(/\s*,\s*/)
    .map(bareAddress)
    .filter(isEmail);
  if (inBrackets.length > 0) return [...inBrackets, ...others];
  const several = text
    .split(SOFT)
    .filter(Boolean)
    .map(bareAddress)
    .filter((part) => part.includes("@"));
  return several.length > 0 && several.every(isEmail) && !hasProse(text) ? several : splitAtCommas(text, one);
}

/** Words beside the addresses: then it is a remark, and whose address it holds is unknown. */
function hasProse(text: string): boolean {
  return text
    .split(SOFT)
    .filter(Boolean)
    .some((part) => !part.includes("@"));
}

function splitAtCommas(text: string, one: string): string[] {
  const parts = text
    .split(/\s*,\s*/)
    .filter(Boolean)
    .map(bareAddress);
  return parts.some(isEmail) ? parts : [one];
}

function bareAddress(text: string): string {
  let bare = text.trim();
  for (let before = ""; before !== bare; ) {
    before = bare;
    bare = unquote(bare.replace(IN_BRACKETS, "$1").trim());
    if (/^mailto:/i.test(bare)) bare = bare.slice("mailto:".length).replace(QUERY_OF_MAILTO, "");
    bare = bare
      .replace(LABEL, "")
      .replace(NOTE_AFTER, "")
      .replace(/^[<(]+|[>)]+$/g, "")
      .replace(/[.,;:]+$/, "");
    bare = bare
      .replace(/^=+(?=[^@]*@)/, "")
      .replace(/^['‘’`"]+|["’`]+$/g, "")
      .trim();
  }
  return bare;
}

const isEmail = (text: string): boolean => "value" in normaliseAlias("email", text, null);
