/** Entity tags in conditional requests (RFC 9110, section 13.1). */

/** Whether an If-Match or If-None-Match header names this tag. If-Match compares strongly: a weak tag matches nothing. */
export function namesEtag(header: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  return header.split(",").some((part) => {
    const tag = part.trim();
    return tag === etag || (comparison === "weak" && tag === `W/${etag}`);
  });
}
