/** What a view loads: its data or the error, kept while the same is loaded again. */
import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isAbort } from "./call";
import { shownUnit } from "./unit";

export type Loaded<Data> = {
  data: Data | undefined;
  error: Error | undefined;
  loading: boolean;
  reload(): void;
  /** shows a change before, or instead of, loading it again */
  set(change: (data: Data) => Data): void;
};

/** Loads when the view appears, when `key` changes, and when the tab shows another unit; an answer that came too late is dropped. */
export function useLoad<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>): Loaded<Data> {
  const state = useMemo(
    () => signal<Pick<Loaded<Data>, "data" | "error" | "loading">>({ data: undefined, error: undefined, loading: true }),
    [],
  );
  const latest = useRef(load);
  latest.current = load;
  const current = useRef<AbortController | null>(null);
  const unit = shownUnit.value;
  const reload = useMemo(
    () => () => {
      current.current?.abort();
      const mine = new AbortController();
      current.current = mine;
      state.value = { ...state.peek(), error: undefined, loading: true };
      latest.current(mine.signal).then(
        (data) => {
          if (!mine.signal.aborted) state.value = { data, error: undefined, loading: false };
        },
        (error: Error) => {
          if (!mine.signal.aborted && !isAbort(error)) state.value = { ...state.peek(), error, loading: false };
        },
      );
    },
    [],
  );
  useEffect(() => {
    reload();
    return () => current.current?.abort();
  }, [key, unit]);
  const set = useMemo(
    () => (change: (data: Data) => Data) => {
      const { data } = state.peek();
      if (data !== undefined) state.value = { ...state.peek(), data: change(data) };
    },
    [],
  );
  return { ...state.value, reload, set };
}
