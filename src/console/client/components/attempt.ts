/** Work that a button starts, possibly again while it runs: only the latest run counts. */
import { useEffect, useRef, useState } from "preact/hooks";
import { isAbort } from "../call";

export type Attempt<Result> = {
  busy: boolean;
  error: Error | null;
  /** kept while it is tried again */
  result: Result | null;
  start: (run: (signal: AbortSignal) => Promise<Result>) => void;
};

export function useAttempt<Result>(): Attempt<Result> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);
  const attempt = async (run: (signal: AbortSignal) => Promise<Result>): Promise<void> => {
    current.current?.abort();
    const mine = new AbortController();
    current.current = mine;
    setBusy(true);
    setError(null);
    try {
      setResult(await run(mine.signal));
    } catch (thrown) {
      if (isAbort(thrown)) return;
      setResult(null);
      setError(thrown as Error);
    }
    setBusy(false);
  };
  return { busy, error, result, start: (run) => void attempt(run) };
}
