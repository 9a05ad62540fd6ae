/** The queue of conflicts: two leads were given one alias, and somebody has to say whether they are one person. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { openConflicts } from "../../conflict-count";
import { type Pages, usePages } from "../../load-pages";
import { setQuery } from "../../router";
import { mayWrite } from "../../session";
import { CaseView } from "./case";
import { MergeDialog } from "./merge";
import { Case, type Decision, useQueue } from "./queue";

export type Conflict = CallOutput<"conflicts.list">["conflicts"][number];

export function Conflicts() {
  const list = usePages("conflicts", async (cursor, signal) => {
    const page = await call("conflicts.list", cursor === null ? {} : { cursor }, { signal });
    return { rows: page.conflicts, next: page.next_cursor };
  });
  if (list.error) return <ErrorState error={list.error} onRetry={list.reload} />;
  if (list.rows.length > 0) return <OpenCases list={list} />;
  if (list.loading) return <Skeleton lines={8} label="Loading the conflicts" />;
  return list.more ? (
    <EmptyState icon="search" title="Nothing open so far" action={<Button onClick={list.more}>Look further</Button>}>
      The cases up to here were all decided to be different people.
    </EmptyState>
  ) : (
    <EmptyState icon="check" title="No conflicts" action={<LinkButton to="/leads">Show leads</LinkButton>}>
      A case appears here when a lead is given an email, phone or id that another lead has.
    </EmptyState>
  );
}

function OpenCases({ list }: { list: Pages<Conflict> }) {
  const [merging, setMerging] = useState(false);
  const queue = useQueue(list, ({ conflict_id }) => conflict_id);
  const { conflict_id, lead, owner } = queue.row;
  const decided = (): void => {
    setMerging(false);
    queue.leave((row) => row.conflict_id !== conflict_id);
    void openConflicts.load();
  };
  const reopened = (): void => {
    list.reload();
    void openConflicts.load();
    setQuery({ case: conflict_id });
  };
  const keepApart = async (): Promise<void> => {
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
  const mayDecide = mayWrite() && lead !== null && owner !== null;
  const decisions: readonly Decision[] = mayDecide
    ? [
        { key: "m", label: "Merge", title: "Merge the two leads", icon: "link", kind: "primary", run: () => setMerging(true) },
        { key: "k", label: "Keep apart", title: "Keep the two leads apart", icon: "close", run: () => void keepApart() },
      ]
    : [];
  return (
    <Case queue={queue} decisions={decisions}>
      <CaseView conflict={queue.row} />
      {merging && lead && owner && (
        <MergeDialog
          sides={[owner, lead]}
          merge={async (survivor, _, account_id) => {
            const decision = { conflict_id, action: "merge", target_id: survivor.lead_id } as const;
            const { merge } = await call("conflicts.resolve", { ...decision, ...(account_id ? { account_id } : {}) });
            return merge?.status ?? "done";
          }}
          onClose={() => setMerging(false)}
          onMerged={decided}
          onUnmerged={reopened}
        />
      )}
    </Case>
  );
}
