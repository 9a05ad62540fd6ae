import type { ComponentChildren } from "preact";
import { formatAgo, formatExactly } from "../format";

export type Tone = "neutral" | "good" | "warning" | "bad" | "info";

/** A short word on a tinted ground. The tone repeats what the word says; it never says it alone. */
export const Pill = ({ tone = "neutral", children }: { tone?: Tone; children: ComponentChildren }) => (
  <span class={`pill ${tone}`}>{children}</span>
);

/** A moment, relative to now; the exact time is in its tooltip. */
export const Moment = ({ at }: { at: number | null }) =>
  at === null ? (
    <span class="muted">never</span>
  ) : (
    <time dateTime={new Date(at).toISOString()} title={formatExactly(at)}>
      {formatAgo(at)}
    </time>
  );
