/** How many conflicts wait for a decision: shown in the navigation. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { CallOutput } from "../server/calls";
import { call } from "./call";
import { path } from "./router";
import { shownUnit } from "./unit";

type Count = CallOutput<"conflicts.count">;

const count = signal<Count | null>(null);

/** Null until it is known; a count that cannot be loaded is not shown. */
export const openConflicts = {
  get value(): Count | null {
    return count.value;
  },
  async load(): Promise<void> {
    count.value = await call("conflicts.count", {}).catch(() => null);
  },
};

/** Loads the count, and again when the tab shows another unit. */
export function useConflictCount(): void {
  const unit = shownUnit.value;
  // the link of npm start: nobody is signed in until its code has been sent
  const opening = path.value === "/open";
  useEffect(() => {
    if (!opening) void openConflicts.load();
  }, [unit, opening]);
}
