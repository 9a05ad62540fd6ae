/** The same items in the same order, beginning with a random one, so that no item is left out by every tick. */
export function fromAnywhere<Item>(items: readonly Item[]): Item[] {
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
