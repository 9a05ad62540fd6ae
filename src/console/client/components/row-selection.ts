/** Which rows of a table are selected, and moving among them by keyboard. */
import { type Signal, signal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";

export type Selection = Signal<ReadonlySet<string>>;
export const newSelection = (): Selection => signal<ReadonlySet<string>>(new Set());

/** Turns a row over; with `anchor`, gives every row from there to it what it gets. */
export function selectTo(selection: Selection, keys: readonly string[], key: string, anchor: string | null): void {
  const next = new Set(selection.peek());
  const on = !next.has(key);
  const [from, to] = [keys.indexOf(anchor ?? key), keys.indexOf(key)].sort((one, other) => one - other) as [number, number];
  for (const each of keys.slice(from === -1 ? to : from, to + 1)) {
    if (on) next.add(each);
    else next.delete(each);
  }
  selection.value = next;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

/** Arrows up and down, or j and k, move the focus to the same column of another row. */
export function moveBetweenRows(event: TargetedKeyboardEvent<HTMLTableSectionElement>): void {
  const step = STEPS[event.key];
  const focused = event.target as HTMLElement;
  if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  if (focused.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const row = focused.closest("tr");
  const other = step > 0 ? row?.nextElementSibling : row?.previousElementSibling;
  const cell = focused.closest("td, th");
  if (!row || !other || !cell) return;
  const target = other.children[[...row.children].indexOf(cell)]?.querySelector<HTMLElement>("a, button, input");
  if (!target) return;
  event.preventDefault();
  target.focus();
}
