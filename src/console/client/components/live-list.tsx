/** A list that keeps itself up to date, page by page; the address names the page. */
import type { ComponentChildren } from "preact";
import { formatNumber } from "../format";
import type { Live } from "../load-live";
import { query, setQuery } from "../router";
import { Button } from "./button";
import { Pill } from "./pill";
import { ErrorState, Skeleton } from "./states";

/** The page of the list that the address names. */
export const shownPage = (): number => Math.max(1, Math.trunc(Number(query.value.get("page"))) || 1);

type Listed = { pages: number; total: number; at_least?: boolean };

/** A list that keeps itself up to date: whether it does, its filters, its content, and its pages. */
export function LiveList<Data extends Listed>({
  live,
  tools,
  children,
}: {
  live: Live<Data>;
  tools?: ComponentChildren;
  children: (data: Data) => ComponentChildren;
}) {
  const { data, error, stale, paused, pause, reload } = live;
  return (
    <>
      <div class="live-bar">
        {tools}
        <div class="actions">
          <span role="status">
            {paused ? (
              <Pill>Paused</Pill>
            ) : stale ? (
              <Pill tone="warning">Out of date: trying again</Pill>
            ) : (
              <Pill tone="good">Watching</Pill>
            )}
          </span>
          <Button onClick={() => pause(!paused)}>{paused ? "Go on" : "Pause"}</Button>
        </div>
      </div>
      {data ? children(data) : error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={10} />}
      {data && <Paging {...data} />}
    </>
  );
}

function Paging({ pages, total, at_least }: Listed) {
  const page = shownPage();
  if (pages < 2 && page < 2) return null;
  const show = (to: number) => setQuery({ page: to < 2 ? null : String(to) }, { replace: false });
  return (
    <nav class="paging" aria-label="Pages">
      <Button icon="left" disabled={page < 2} onClick={() => show(Math.min(page - 1, pages))}>
        Newer
      </Button>
      <span>
        Page {formatNumber(page)} of {formatNumber(pages)}, {formatNumber(total)} {at_least ? "or more" : "in all"}
      </span>
      <Button icon="right" disabled={page >= pages} onClick={() => show(page + 1)}>
        Older
      </Button>
    </nav>
  );
}
