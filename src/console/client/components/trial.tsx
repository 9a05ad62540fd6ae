/** Trying something on the past before it is saved: what it would have done, and on which days. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { startsOfDays } from "../days";
import { formatDay } from "../format";
import { useAttempt } from "./attempt";
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
  const { busy, error, result, start } = useAttempt<Result<Data>>();
  const attempt = (): void => start(async (signal) => ({ of, days, data: await run(startsOfDays(days), signal) }));
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
        <Button icon="play" busy={busy} onClick={attempt}>
          Try it
        </Button>
        {result && result.of !== of && <Pill tone="warning">Changed since: try it again</Pill>}
      </div>
      {error && <ErrorState error={error} onRetry={attempt} />}
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
