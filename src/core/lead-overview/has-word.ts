import type { Params, SearchTerm } from "../leads";

/** JSON writes these characters in another way. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

/**
 * SQL of whether the lead `l` has a word or an email that begins with the term. A lead whose row does not contain the term anywhere is
 * excluded first, since `words` is computed from the row, which takes much longer.
 */
export function hasWord({ prefix, spellings }: SearchTerm, params: Params): string {
  const [words, email] = [params.add(JSON.stringify(spellings)), params.add(prefix)];
  const found = `(EXISTS (SELECT 1 FROM json_each(l.words) w CROSS JOIN json_each(${words}) r WHERE substr(w.value, 1, length(r.value)) = r.value)
    OR EXISTS (SELECT 1 FROM json_each(l.aliases) x WHERE x.value->>0 = 'email' AND substr(x.value->>1, 1, length(${email})) = ${email}))`;
  if (spellings.length !== 1 || spellings[0] !== prefix || ESCAPED.test(prefix)) return found;
  return `iif(instr(lower(l.profile), ${email}) OR instr(l.aliases, ${email}) OR instr(lower(coalesce(l.shown_email, '')), ${email}), ${found}, 0)`;
}
