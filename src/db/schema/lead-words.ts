/**
 * The words that a search finds a lead by, as columns that SQLite computes from the lead's row (virtual: they are stored nowhere).
 * `words` is a JSON array: the words of the name as they are written, the parts of the name and of the email's local part, the
 * email's domain, and an email that the lead only shows. Lower case is SQLite's: ASCII only.
 */
import { sql } from "drizzle-orm";

const NAME_CHARS_MAX = 256;
/** Every space of Unicode, as `\s` matches them in a search; the plain one is what words are split at in the end. */
const SPACES = [9, 10, 11, 12, 13, 160, 5760, ...Array.from({ length: 11 }, (_, n) => 8192 + n), 8232, 8233, 8239, 8287, 12288, 65279];
const SEPARATORS = ["'-'", "'.'", "'_'", "'+'", "''''", "'('", "')'", "'\"'", "','", "'/'", ...SPACES.map((code) => `char(${code})`)];

const split = (text: string): string => SEPARATORS.reduce((done, separator) => `replace(${done}, ${separator}, ' ')`, text);
const part = (key: string): string => `coalesce(profile->>'$.${key}', '')`;
const aliasAt = (at: number, otherwise: string): string => `iif(aliases->>'$[${at}][0]' = 'email', aliases->>'$[${at}][1]', ${otherwise})`;

const NAME = `lower(substr(iif(json_type(profile, '$.name') = 'text', profile->>'$.name', ${part("first_name")} || ' ' || ${part("last_name")}), 1, ${NAME_CHARS_MAX}))`;
const LOCAL = "substr(searched_email, 1, instr(searched_email, '@') - 1)";
const DOMAIN = "substr(searched_email, instr(searched_email, '@') + 1)";
const TEXT = `searched_name || ' ' || ${split(`searched_name || ' ' || ${LOCAL}`)} || ' ' || ${DOMAIN} || ' ' || coalesce(lower(shown_email), '')`;

/** The email among a lead's first three aliases, or ''. */
export const OWNED_EMAIL = sql.raw(aliasAt(0, aliasAt(1, aliasAt(2, "''"))));
export const SEARCHED_EMAIL = sql.raw("coalesce(lower(shown_email), owned_email)");
export const SEARCHED_NAME = sql.raw(NAME);
export const WORDS = sql.raw(`'[' || replace(json_quote(${TEXT}), ' ', '","') || ']'`);
