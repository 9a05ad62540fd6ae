/** The queue of conflicts: two leads were given one alias, and somebody has to say whether they are one person. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { type Command, useCommands } from "../../components/palette";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { openConflicts } from "../../conflict-count";
import { counted, formatNumber } from "../../format";
import { usePages } from "../../load-pages";
import { query, setQuery } from "../../router";
import { mayWrite } from "../../session";
import { CaseView } from "./case";
import { MergeDialog } from "./merge";

export type Conflict = CallOutput<"conflicts.list">["conflicts"][number];

export function ConflictsPage() {
  const list = usePages("conflicts", async (cursor, signal) => {
    const page = await call("conflicts.list", cursor === null ? {} : { cursor }, { signal });
    return { rows: page.conflicts, next: page.next_cursor };
  });
  const count = openConflicts.value;
  return (
    <Page
      title="Conflicts"
      lead={count && count.open > 0 ? `${count.at_least ? "At least " : ""}${counted(count.open, "case")} to decide` : undefined}
    >
      {list.error ? (
        <ErrorState error={list.error} onRetry={list.reload} />
      ) : list.rows.length > 0 ? (
        <Queue list={list} />
      ) : list.loading ? (
        <Skeleton lines={8} label="Loading the conflicts" />
      ) : list.more ? (
        <EmptyState icon="search" title="Nothing open so far" action={<Button onClick={list.more}>Look further</Button>}>
          The cases up to here were all decided to be different people.
        </EmptyState>
      ) : (
        <EmptyState icon="check" title="No conflicts" action={<LinkButton to="/leads">Show leads</LinkButton>}>
          A case appears here when a lead is given an email, phone or id that another lead has. Nothing moves until somebody decides.
        </EmptyState>
      )}
    </Page>
  );
}

type List = ReturnType<typeof usePages<Conflict>>;

/** One case at a time; the address says which. */
function Queue({ list }: { list: List }) {
  const [merging, setMerging] = useState(false);
  const at = Math.max(
    0,
    list.rows.findIndex(({ conflict_id }) => conflict_id === query.value.get("case")),
  );
  const conflict = list.rows[at] as Conflict;
  const box = useRef<HTMLElement>(null);
  const show = (to: number): void => {
    const next = list.rows[to];
    if (!next) return;
    setQuery({ case: next.conflict_id });
    box.current?.focus();
  };
  useEffect(() => {
    if (at === list.rows.length - 1 && list.more && !list.loading) list.more();
  }, [at, list.rows.length]);
  const decided = (): void => {
    setMerging(false);
    const next = list.rows[at + 1] ?? list.rows[at - 1];
    list.change((rows) => rows.filter(({ conflict_id }) => conflict_id !== conflict.conflict_id));
    setQuery({ case: next?.conflict_id ?? null });
    void openConflicts.load();
    box.current?.focus();
  };
  const reopened = (): void => {
    list.reload();
    void openConflicts.load();
    setQuery({ case: conflict.conflict_id });
  };
  const keepApart = async (): Promise<void> => {
    const { conflict_id } = conflict;
    try {
      await call("conflicts.resolve", { conflict_id, action: "keep_apart" });
    } catch (error) {
      toastError(error);
      return;
    }
    decided();
    const undo = (): void => void call("conflicts.reopen", { conflict_id }).then(reopened, toastError);
    toast("Kept apart: they are different people", { undo });
  };
  const actions = {
    merge: () => setMerging(true),
    keepApart: () => void keepApart(),
    next: () => show(at + 1),
    before: () => show(at - 1),
  };
  const mayDecide = mayWrite() && conflict.lead !== null && conflict.owner !== null;
  useQueueCommands(mayDecide, conflict.conflict_id, actions);
  return (
    <section
      ref={box}
      class="case"
      aria-label={`Case ${formatNumber(at + 1)}`}
      tabIndex={-1}
      onKeyDown={(event) => onKey(event, mayDecide, actions)}
    >
      <CaseView conflict={conflict} />
      <div class="actions sticky">
        {mayDecide && (
          <>
            <Button kind="primary" icon="link" aria-keyshortcuts="m" onClick={actions.merge}>
              Merge <kbd>m</kbd>
            </Button>
            <Button aria-keyshortcuts="k" onClick={actions.keepApart}>
              Keep apart <kbd>k</kbd>
            </Button>
          </>
        )}
        <Button icon="left" disabled={at === 0} aria-keyshortcuts="p" onClick={actions.before}>
          Previous <kbd>p</kbd>
        </Button>
        <Button icon="right" disabled={at === list.rows.length - 1} aria-keyshortcuts="j" onClick={actions.next}>
          Next <kbd>j</kbd>
        </Button>
        <span class="muted" role="status">
          {formatNumber(at + 1)} of {formatNumber(list.rows.length)}
          {list.more && " or more"}
        </span>
      </div>
      {merging && <MergeDialog conflict={conflict} onClose={() => setMerging(false)} onMerged={decided} onUnmerged={reopened} />}
    </section>
  );
}

type Actions = { merge: () => void; keepApart: () => void; next: () => void; before: () => void };

/** Single keys work while the focus is in the case, and nowhere else (WCAG 2.1.4). */
function onKey(event: KeyboardEvent, mayDecide: boolean, { merge, keepApart, next, before }: Actions): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("dialog, input, select, textarea")) return;
  const keys: Record<string, (() => void) | undefined> = { j: next, p: before, ...(mayDecide ? { m: merge, k: keepApart } : {}) };
  const run = keys[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}

function useQueueCommands(mayDecide: boolean, caseId: string, actions: Actions): void {
  const latest = useRef(actions);
  latest.current = actions;
  const commands = useMemo(
    (): readonly Command[] => [
      ...(mayDecide
        ? ([
            { id: "merge-case", title: "Merge the two leads", icon: "link", run: () => latest.current.merge() },
            { id: "keep-apart", title: "Keep the two leads apart", icon: "close", run: () => latest.current.keepApart() },
          ] as const)
        : []),
      { id: "next-case", title: "Next conflict", icon: "right", run: () => latest.current.next() },
    ],
    [mayDecide, caseId],
  );
  useCommands(commands);
}
