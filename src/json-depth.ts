/** How deep parsed JSON is nested. Without recursion: JSON.parse accepts any depth, and a recursive walk could overflow the stack. */

/** Far beyond what any library or form sends. */
export const JSON_DEPTH_MAX = 50;

export function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= JSON_DEPTH_MAX; depth++) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return level.some((item) => typeof item === "object" && item !== null);
}
