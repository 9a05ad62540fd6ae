/** A card that tries what is edited, and marks a result that is out of date. */
import type { ComponentChildren } from "preact";
import type { Attempt } from "./attempt";
import { Button } from "./button";
import { Pill } from "./pill";
import { ErrorState, Skeleton } from "./states";

type TrialCardProps = {
  title: string;
  attempt: Pick<Attempt<{ of: string }>, "busy" | "error" | "result">;
  /** what is tried, as text: a result of another one is marked */
  of: string;
  onTry: () => void;
  /** beside the button */
  options?: ComponentChildren;
  /** while the first result loads */
  loading: string;
  /** before the first trial */
  note: string;
  /** the result in words, read out when it changes */
  summary: ComponentChildren;
  children: ComponentChildren;
};

export const TrialCard = ({
  title,
  attempt: { busy, error, result },
  of,
  onTry,
  options,
  loading,
  note,
  summary,
  children,
}: TrialCardProps) => (
  <section class="card" aria-labelledby="trial">
    <h2 id="trial">{title}</h2>
    <div class="actions">
      {options}
      <Button icon="play" busy={busy} onClick={onTry}>
        Try it
      </Button>
      <Outdated result={result} of={of} />
    </div>
    {error && <ErrorState error={error} onRetry={onTry} />}
    {busy && !result && <Skeleton lines={4} label={loading} />}
    {!busy && !result && !error && <p class="muted">{note}</p>}
    <div role="status">{summary}</div>
    {children}
  </section>
);

/** Marks a result that was tried before the last edit. */
export const Outdated = ({ result, of }: { result: { of: string } | null; of: string }) =>
  result !== null && result.of !== of && <Pill tone="warning">Changed since: try it again</Pill>;
