/** Trying something on the past before it is saved: what it would have done, and on which days. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../call";
import { startsOfDays } from "../days";
import { formatDay } from "../format";
import { Button } from "./button";
import { Pill } from "./pill";
import { BarPlot } from "./plot";
import { ErrorState, Skeleton } from "./states";

type Tried = { periods: readonly { at: number; leads: number }[] };

type TrialProps<Data extends Tried> = {
  /** what is tried, as text: a result of another one is marked */
  of: string;
  run: (starts: number[], signal: AbortSignal) => Promise<Data>;
  /** what the bars count */
  bars: string;
  /** the result in words; `days` is the range that was tried */
  summary: (data: Data, days: number) => ComponentChildren;
  /** examples, below the bars */
  children: (data: Data) => ComponentChildren;
};

type Result<Data> = { of: string; days: number; data: Data };

const RANGES_DAYS = [7, 30, 90];
const RANGE_DEFAULT_DAYS = 30;

export function Trial<Data extends Tried>({ of, run, bars, summary, children }: TrialProps<Data>) {
  const [days, setDays] = useState(RANGE_DEFAULT_DAYS);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [result, setResult] = useState<Result<Data> | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  const attempt = async (): Promise<void> => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    setBusy(true);
    setError(null);
    try {
      setResult({ of, days, data: await run(startsOfDays(days), mine.signal) });
    } catch (thrown) {
      if (isAbort(thrown)) return;
      setResult(null);
      setError(thrown as Error);
    }
    setBusy(false);
  };
  return (
    <section class="card" aria-labelledby="trial">
      <h2 id="trial">Try it on the past</h2>
      <div class="actions">
        <label class="inline-field">
          <span>The last</span>
          <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {RANGES_DAYS.map((range) => (
              <option key={range} value={range}>
                {range} days
              </option>
            ))}
          </select>
        </label>
        <Button icon="play" busy={busy} onClick={() => void attempt()}>
          Try it
        </Button>
        {result && result.of !== of && <Pill tone="warning">Changed since: try it again</Pill>}
      </div>
      {error && <ErrorState error={error} onRetry={() => void attempt()} />}
      {busy && !result && <Skeleton lines={4} label="Looking at what happened" />}
      {!busy && !result && !error && <p class="muted">Nothing is saved and nobody is notified.</p>}
      <div role="status">{result && summary(result.data, result.days)}</div>
      {result && (
        <>
          <BarPlot title={bars} points={result.data.periods.map(({ at, leads }) => ({ label: formatDay(at), value: leads }))} />
          {children(result.data)}
        </>
      )}
    </section>
  );
}
