/** Promises that stay open until a test ends: what waits for one for ever may keep the runtime of its file from ending. */
import { afterEach } from "vitest";

const open = new Set<() => void>();

/** Settles no sooner than after the test, then as if its other side had died. Call `releaseHeld` once in the file. */
export const held = <Value>(): Promise<Value> =>
  new Promise((_, fail) => {
    open.add(() => fail(new Error("released after the test")));
  });

/** After each test of the file, lets go of what it has held. */
export const releaseHeld = (): void =>
  afterEach(() => {
    for (const release of open) release();
    open.clear();
  });
