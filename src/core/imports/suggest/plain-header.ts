const VOICED_KANA = "\\u3099\\u309a";
const ACCENTS = new RegExp(`(?![${VOICED_KANA}])\\p{Mn}`, "gu");

/** Lower case without accents, digits and punctuation, words apart by one space: "E-Mail1", "e_mail 1" and "eMail1" read alike. */
export function plainHeader(header: string): string {
  return header
    .normalize("NFKC")
    .replaceAll("#", " no ")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .normalize("NFD")
    .replace(ACCENTS, "")
    .normalize("NFC")
    .replaceAll("ß", "ss")
    .replace(/[łŁ]/g, "l")
    .replaceAll("ı", "i")
    .toLowerCase()
    .replace(/[^\p{L}\p{Mc}ー]+/gu, " ")
    .trim();
}

/** The shape by which a mapping is remembered: the same columns in any order, however they are capitalised. */
export function headerShape(headers: readonly string[]): string {
  return JSON.stringify(headers.map((header) => header.trim().toLowerCase()).sort());
}
