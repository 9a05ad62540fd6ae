/** The phone numbers of a cell. */
import { normaliseAlias } from "../../leads";
import { narrow, plainText, unquote } from "./plain-text";
import { splitCell } from "./split-cell";

export const PHONE_DIGITS_MIN = 7;

const EXTENSION = /[\s,;]*(?:;ext=|#|\b(?:x|ext|extn|extension|durchwahl|dw|poste|anexo|ramal|wew|доб|内線|inner)\b[.:]?)\s*\d{1,6}\s*$/iu;
const GLUED_EXTENSION = /(\d)\s*(?:x|ext\.?)\s*\d{1,6}\s*$/i;
/** "p:" of Facebook's exports, "tel:", "Mobile:" and the like */
const LABEL = /^(?:p|tel|phone|callto|sms|whatsapp|\p{L}[\p{L}. -]{0,20})\s*:\s*(?=[+(\d])/iu;
const WORD_BEFORE = /^(?:tel|telefon|phone|mobile|mobil|handy|cell|fon|ph|m|t|p|office|work|home|privat)\.?\s+(?=[+(\d])/iu;
const NOTE = /\s*[([]\s*[^()[\]\d]*[\p{L}][^()[\]\d]*[)\]]\s*/gu;
const WORD_AFTER = /[\s,-]+(?:mobile|mobil|handy|cell|work|home|office|privat|private|dienstlich|m|h|w|c|o)\.?$/iu;
const DASHES = /[\u2010-\u2015\u2212\u30fc\uff70]/g;

/** The parts of a cell, each as it would be stored; some may be invalid. */
export function phoneParts(raw: string, region: string | null): string[] {
  const text = plainText(narrow(raw));
  const isWhole = (part: string) => isPhone(bareNumber(part), region);
  // an extension after a comma is no second number
  return splitCell(withoutExtension(text), isWhole).map(bareNumber);
}

export const digitsOf = (text: string): string => text.replace(/\D/g, "");

function isPhone(text: string, region: string | null): boolean {
  return digitsOf(text).length >= PHONE_DIGITS_MIN && "value" in normaliseAlias("phone", text, region);
}

function withoutExtension(text: string): string {
  return text.replace(EXTENSION, "").replace(GLUED_EXTENSION, "$1");
}

function bareNumber(text: string): string {
  let bare = unquote(text.trim());
  bare = plainText(bare).replace(NOTE, " ").trim();
  bare = withoutExtension(bare.replace(LABEL, "").replace(WORD_BEFORE, "").replace(WORD_AFTER, ""));
  bare = bare
    .replace(DASHES, "-")
    .replace(/^=+\s*/, "")
    .replace(/^'+|'+$/g, "")
    .replace(/^\++\s*(?=\+)/, "");
  return bare
    .replace(/[.,;:\s-]+$/, "")
    .replace(/^\s*00\s*\+/, "+")
    .trim();
}
