/** How far a session of D1 has read. In `x-d1-bookmark` a bookmark follows the number of its database, if that is not the first. Pure. */

/** Anything else is not passed to D1. */
const BOOKMARK = /^(?:([1-9]\d*):)?([0-9a-f]{8}(?:-[0-9a-f]{8}){2}-[0-9a-f]{32})$/;

/**
 * Where a session of a database begins to read. A bookmark of another database is from before the unit moved: what its caller saw there
 * must be visible here, so the session begins at the primary.
 */
export function readsFrom(sent: string | undefined, shard: number): string {
  const [, of = "0", bookmark] = BOOKMARK.exec(sent ?? "") ?? [];
  if (bookmark === undefined) return "first-unconstrained";
  return Number(of) === shard ? bookmark : "first-primary";
}

export const numbered = (bookmark: string | null, shard: number): string | null =>
  bookmark !== null && shard > 0 ? `${shard}:${bookmark}` : bookmark;
