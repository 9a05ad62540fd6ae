/** A list that is loaded page by page, by the cursor that each page returns. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isAbort } from "./call";
import { shownUnit } from "./unit";

export type ListPage<Row> = { rows: readonly Row[]; next: string | null; total?: number | null };

type State<Row> = { rows: readonly Row[]; next: string | null; total: number | null; loading: boolean; error: Error | undefined };

export type Pages<Row> = State<Row> & {
  /** loads the next page; undefined at the end */
  more: (() => void) | undefined;
  reload(): void;
  /** shows a change without loading */
  change(to: (rows: readonly Row[]) => readonly Row[]): void;
};

/** The list starts again when `key` changes or the tab shows another unit; until its first page is there, the former rows stay. */
export function usePages<Row>(key: string, load: (cursor: string | null, signal: AbortSignal) => Promise<ListPage<Row>>): Pages<Row> {
  const [state, setState] = useState<State<Row>>({ rows: [], next: null, total: null, loading: true, error: undefined });
  const latest = useRef(load);
  latest.current = load;
  const current = useRef<AbortController | null>(null);
  const unit = shownUnit.value;
  const fetchPage = useMemo(
    () => (cursor: string | null) => {
      current.current?.abort();
      const mine = new AbortController();
      current.current = mine;
      setState((before) => ({ ...before, loading: true, error: undefined }));
      latest.current(cursor, mine.signal).then(
        ({ rows, next, total = null }) => {
          if (mine.signal.aborted) return;
          setState((before) => ({
            rows: cursor === null ? rows : [...before.rows, ...rows],
            next,
            total: total ?? (cursor === null ? null : before.total),
            loading: false,
            error: undefined,
          }));
        },
        (error: Error) => {
          if (!mine.signal.aborted && !isAbort(error)) setState((before) => ({ ...before, loading: false, error }));
        },
      );
    },
    [],
  );
  useEffect(() => {
    fetchPage(null);
    return () => current.current?.abort();
  }, [key, unit]);
  const { next } = state;
  return {
    ...state,
    more: next === null ? undefined : () => fetchPage(next),
    reload: () => fetchPage(null),
    change: (to) => setState((before) => ({ ...before, rows: to(before.rows) })),
  };
}
