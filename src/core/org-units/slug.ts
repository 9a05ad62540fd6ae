/** The slug of an org unit, from its name. Pure. */

const SLUG_CHARS_MAX = 48;

/** "EMEA Sales" -> "emea-sales"; a name without Latin letters or digits has no slug of its own. */
export function slugOf(name: string): string | null {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_CHARS_MAX)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? null : slug;
}
