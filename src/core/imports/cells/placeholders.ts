/** What people write where they know nothing. Patterns ignore case; `*` stands for any text. */

const WORDS = [
  ...["n/a", "n.a.", "n.a", "na", "n/d", "n.d.", "nd", "nil", "null", "(null)", "none", "-none-", "nan", "#n/a", "#na", "#value!", "#ref!"],
  ...["undefined", "unknown", "not available", "not applicable", "not provided", "not given", "no", "no email", "no e-mail", "no phone"],
  ...["no number", "tbd", "tba", "tbc", "empty", "blank", "missing", "(blank)", "(none)", "(not set)", "[not provided]", "private", "same"],
  ...["see above", "see mobile", "see notes", "test", "x", "xx", "xxx", "yes"],
  ...["k.a.", "k. a.", "ka", "k.a", "keine", "kein", "keine angabe", "keine e-mail", "keine email", "kein telefon", "unbekannt"],
  ...["nicht bekannt", "nicht vorhanden", "entfällt", "siehe *", "s.o.", "s. o.", "folgt", "ohne"],
  ...["aucun", "aucune", "inconnu", "non renseigné", "non communiqué", "néant", "sans", "sans email", "voir *"],
  ...["ninguno", "ninguna", "no tiene", "desconocido", "sin correo", "sin email", "sin teléfono", "s/d", "s/n"],
  ...["nessuno", "nessuna", "sconosciuto", "non disponibile", "nenhum", "nenhuma", "não tem", "não informado", "desconhecido"],
  ...["brak", "nie dotyczy", "nieznany", "nie ma", "geen", "onbekend", "n.v.t.", "nvt", "saknas", "okänd", "ingen", "yok", "bilinmiyor"],
  ...[
    "нет",
    "неизвестно",
    "не указан",
    "не указано",
    "отсутствует",
    "なし",
    "無し",
    "無",
    "不明",
    "未定",
    "未登録",
    "无",
    "没有",
    "未知",
    "暂无",
  ],
] as const;

const ADDRESSES = [
  ...["noemail@*", "no-email@*", "no.email@*", "no_email@*", "nomail@*", "no-mail@*", "noemailprovided@*", "noemailgiven@*"],
  ...["no-email-provided@*", "notprovided@*", "not-provided@*", "none@*", "null@*", "unknown@*", "undefined@*"],
  ...["keine@*", "keineemail@*", "keine-email@*", "keinemail@*", "keine-mail@*", "keineangabe@*", "unbekannt@*"],
  ...["sansemail@*", "sans-email@*", "pasdemail@*", "sinemail@*", "sincorreo@*", "notiene@*", "nessuna@*", "brak@*", "geenemail@*"],
  ...["test@test*", "tester@test.*", "test@email.*", "test@mail.*", "test@gmail.com", "no@email.*", "no@mail.*", "no@no.*", "na@na.*"],
  ...["email@email.*", "mail@mail.*", "example@example.*", "email@example.*", "noreply@example.*", "name@domain.*", "user@domain.*"],
  ...["you@domain.*", "your@email.*", "youremail@*", "asdf@*", "asd@asd.*", "qwerty@qwerty.*", "abc@abc.*", "aaa@aaa.*", "xxx@xxx.*"],
  ...["test@fb.com", "test@meta.com", "<test lead*"],
] as const;

const fold = (text: string): string => text.normalize("NFC").trim().toLowerCase();
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** What an import refuses unless the caller says otherwise; a caller's own list may contain it. */
export const DEFAULT_PLACEHOLDERS: readonly string[] = [...WORDS, ...ADDRESSES];

export type Placeholders = { has(text: string): boolean };

/** Compiles patterns once for a whole file. A cell without letters and digits ("-", "--", "?") is a placeholder in any case. */
export function compilePlaceholders(patterns: readonly string[] = DEFAULT_PLACEHOLDERS): Placeholders {
  const folded = patterns.map(fold);
  const exact = new Set(folded.filter((pattern) => !pattern.includes("*")));
  const wild = folded.filter((pattern) => pattern.includes("*")).map((pattern) => pattern.split("*").map(literal).join(".*"));
  const anyWild = new RegExp(`^(?:${wild.length > 0 ? wild.join("|") : "(?!)"})$`, "su");
  return {
    has(text) {
      const cell = fold(text);
      return !/[\p{L}\p{N}]/u.test(cell) || exact.has(cell) || anyWild.test(cell);
    },
  };
}

export const defaultPlaceholders: Placeholders = compilePlaceholders();

/** Digits that nobody's phone has: one digit repeated, or counted up or down. `digits` may include a country code. */
export function isPlaceholderNumber(digits: string): boolean {
  return /^(\d)\1*$/.test(digits) || "01234567890123".includes(digits) || "9876543210987".includes(digits);
}
