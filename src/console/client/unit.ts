/** The org unit that this tab shows. Each tab has its own: two never write into each other's. */
import { signal } from "@preact/signals";

const KEY = "leadedge.unit";

const stored = (): string | null => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

/** Its id; null: where the session is kept. */
export const shownUnit = signal<string | null>(new URLSearchParams(location.search).get("unit") ?? stored());

/** Shows another unit in this tab, and in tabs that are opened later. */
export function showUnit(unitId: string | null): void {
  shownUnit.value = unitId;
  for (const storage of [sessionStorage, localStorage]) {
    if (unitId === null) storage.removeItem(KEY);
    else storage.setItem(KEY, unitId);
  }
}
