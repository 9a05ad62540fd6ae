/** Names of org units. Pure. */

/** "EMEA Sales" -> "emea-sales"; a name without Latin letters or digits has no slug of its own. */
export function slugOf(name: string): string | null {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  return slug === "" ? null : slug;
}
