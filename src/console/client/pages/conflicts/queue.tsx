/** A queue of cases, shown one at a time: the address names the case, keys step through the queue, and decided cases leave it. */
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../components/button";
import type { IconName } from "../../components/icon";
import { type Command, useCommands } from "../../components/palette";
import { formatNumber } from "../../format";
import type { Pages } from "../../load-pages";
import { query, setQuery } from "../../router";

export type Queue<Row> = {
  row: Row;
  at: number;
  list: Pages<Row>;
  box: RefObject<HTMLElement | null>;
  show: (to: number) => void;
  /** removes the cases that were just decided and shows the next one; `stays`: whether a loaded case is still open */
  leave: (stays: (row: Row) => boolean) => void;
};

/** `list` must not be empty. `idOf`: what the address names a case by. */
export function useQueue<Row>(list: Pages<Row>, idOf: (row: Row) => string): Queue<Row> {
  const at = Math.max(
    0,
    list.rows.findIndex((row) => idOf(row) === query.value.get("case")),
  );
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (at === list.rows.length - 1 && list.more && !list.loading) list.more();
  }, [at, list.rows.length]);
  const show = (to: number): void => {
    const next = list.rows[to];
    if (!next) return;
    setQuery({ case: idOf(next) });
    box.current?.focus();
  };
  const leave = (stays: (row: Row) => boolean): void => {
    const next = list.rows.slice(at + 1).find(stays) ?? list.rows.slice(0, at).findLast(stays);
    list.change((rows) => rows.filter(stays));
    setQuery({ case: next === undefined ? null : idOf(next) });
    box.current?.focus();
  };
  return { row: list.rows[at] as Row, at, list, box, show, leave };
}

/** What can be decided: a button, a key and a command of the palette. */
export type Decision = { key: string; label: string; title: string; icon: IconName; kind?: "primary" | "plain"; run: () => void };

type CaseProps<Row> = { queue: Queue<Row>; decisions: readonly Decision[]; children: ComponentChildren };

export function Case<Row>({ queue: { at, list, box, show }, decisions, children }: CaseProps<Row>) {
  const steps = [
    { key: "p", label: "Previous", icon: "left", to: at - 1 },
    { key: "j", label: "Next", icon: "right", to: at + 1 },
  ] as const;
  const keys: Record<string, () => void> = Object.fromEntries([
    ...steps.map(({ key, to }) => [key, () => show(to)] as const),
    ...decisions.map(({ key, run }) => [key, run] as const),
  ]);
  useQueueCommands(decisions, () => show(at + 1));
  return (
    <section ref={box} class="case" aria-label={`Case ${formatNumber(at + 1)}`} tabIndex={-1} onKeyDown={(event) => onKey(event, keys)}>
      {children}
      <div class="actions sticky">
        {decisions.map(({ key, label, icon, kind = "plain", run }) => (
          <Button key={key} kind={kind} icon={icon} aria-keyshortcuts={key} onClick={run}>
            {label} <kbd>{key}</kbd>
          </Button>
        ))}
        {steps.map(({ key, label, icon, to }) => (
          <Button key={key} icon={icon} disabled={list.rows[to] === undefined} aria-keyshortcuts={key} onClick={() => show(to)}>
            {label} <kbd>{key}</kbd>
          </Button>
        ))}
        <span class="muted" role="status">
          {formatNumber(at + 1)} of {formatNumber(list.rows.length)}
          {list.more && " or more"}
        </span>
      </div>
    </section>
  );
}

/** Single keys work only while the focus is in the case (WCAG 2.1.4). */
function onKey(event: KeyboardEvent, keys: Readonly<Record<string, () => void>>): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("dialog, input, select, textarea")) return;
  const run = keys[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

function useQueueCommands(decisions: readonly Decision[], next: () => void): void {
  const latest = useRef({ decisions, next });
  latest.current = { decisions, next };
  const commands = useMemo(
    (): readonly Command[] => [
      ...decisions.map(({ title, icon, key }, at) => ({
        id: `case-${key}`,
        title,
        icon,
        run: () => latest.current.decisions[at]?.run(),
      })),
      { id: "next-case", title: "Next case", icon: "right", run: () => latest.current.next() },
    ],
    [decisions.map(({ key }) => key).join()],
  );
  useCommands(commands);
}
