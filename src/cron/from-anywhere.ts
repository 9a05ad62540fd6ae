/** The same items in the same order, beginning with a random one: so none is always among those that a tick leaves. */
export function fromAnywhere<Item>(items: readonly Item[]): Item[] {
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
