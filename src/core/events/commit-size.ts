/**
 * How much one commit of events loads and writes. 500 events of leads with long histories, or with many triggers, would exceed the memory
 * of an invocation, its CPU and D1's statements: such a commit is refused while it is being loaded or planned, and made in parts.
 */
import type { Statement } from "../../context";
import { countDeliveries, type PlannedFirings } from "../triggers";

/** Stored events, firings and contributions, about 200 bytes each. A single event may need more: triggers look back over 5,000. */
export const ROWS_LOADED_MAX = 30_000;
/** Rows of 100 to 200 bytes; 500 events with ten rules each write 6,000. */
const ROWS_WRITTEN_MAX = 20_000;
/** A notification's payload is about as long as ten other rows. */
const ROWS_PER_DELIVERY = 10;
/** 500 events may carry 50 MB of lead fields or metadata; D1 takes 32 MB at once. */
export const COMMIT_CHARS_MAX = 4_000_000;

/** Thrown before anything is written, and never for a single event. */
export class CommitTooLarge extends Error {
  constructor() {
    super("The events are too many for one commit");
    this.name = "CommitTooLarge";
  }
}

type Planned = { events: readonly unknown[]; contributions: readonly unknown[]; blocks: readonly unknown[]; firings: PlannedFirings };

/** Counts what is planned, lead by lead. Throws CommitTooLarge. */
export function writeCounter(events: number): (planned: Planned) => void {
  let rows = 0;
  return ({ events: own, contributions, blocks, firings }) => {
    rows += own.length + contributions.length + blocks.length + firings.upserts.length + countDeliveries(firings) * ROWS_PER_DELIVERY;
    if (events > 1 && rows > ROWS_WRITTEN_MAX) throw new CommitTooLarge();
  };
}

/** `chars`: of what is loaded or written for `parts` leads or events. Throws CommitTooLarge when that is too much and can be split. */
export function requireFew(parts: number, chars: number): void {
  if (parts > 1 && chars > COMMIT_CHARS_MAX) throw new CommitTooLarge();
}

export const charsOf = (statements: readonly Statement[]): number =>
  statements.reduce(
    (sum, { params }) => params.reduce<number>((all, param) => all + (typeof param === "string" ? param.length : 0), sum),
    0,
  );
