/** Trying something on the past before it is saved: what it would have done, and on which days. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { startsOfDays } from "../days";
import { formatDay } from "../format";
import { useAttempt } from "./attempt";
import { BarPlot } from "./plot";
import { TrialCard } from "./trial-card";

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
  const attempt = useAttempt<Result<Data>>();
  const { result } = attempt;
  const range = (
    <label class="inline-field">
      <span>The last</span>
      <select value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
        {RANGES_DAYS.map((each) => (
          <option key={each} value={each}>
            {each} days
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <TrialCard
      title="Try it on the past"
      attempt={attempt}
      of={of}
      onTry={() => attempt.start(async (signal) => ({ of, days, data: await run(startsOfDays(days), signal) }))}
      options={range}
      loading="Looking at what happened"
      note="Nothing is saved and nobody is notified."
      summary={result && summary(result.data, result.days)}
    >
      {result && (
        <>
          <BarPlot title={bars} points={result.data.periods.map(({ at, leads }) => ({ label: formatDay(at), value: leads }))} />
          {children(result.data)}
        </>
      )}
    </TrialCard>
  );
}
