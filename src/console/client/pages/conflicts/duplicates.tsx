/** The queue of likely duplicates: two leads that look like one person, and why. */
import { useRef, useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { counted, leadTitle } from "../../format";
import { type Pages, usePages } from "../../load-pages";
import { setQuery } from "../../router";
import { mayWrite } from "../../session";
import { Comparison } from "./comparison";
import { likelihood, type Pair, reasonsText } from "./duplicate-words";
import { MergeDialog } from "./merge";
import { Case, type Decision, useQueue } from "./queue";

export function Duplicates() {
  const compared = useRef(0);
  const list = usePages("duplicates", async (cursor, signal) => {
    const page = await call("duplicates.list", cursor === null ? {} : { cursor }, { signal });
    compared.current = page.compared + (cursor === null ? 0 : compared.current);
    return { rows: page.pairs, next: page.next_cursor };
  });
  if (list.error) return <ErrorState error={list.error} onRetry={list.reload} />;
  // a pair is found from either lead, which may be on different pages
  const rows = [...new Map(list.rows.map((pair) => [pair.pair_id, pair])).values()];
  if (rows.length > 0) return <Pairs list={{ ...list, rows }} />;
  if (list.loading) return <Skeleton lines={8} label="Comparing leads" />;
  return list.more ? (
    <EmptyState icon="search" title="None so far" action={<Button onClick={list.more}>Look further</Button>}>
      The newest {counted(compared.current, "lead")} were compared with older ones.
    </EmptyState>
  ) : (
    <EmptyState icon="check" title="No likely duplicates" action={<LinkButton to="/leads">Show leads</LinkButton>}>
      No two leads have a similar email, a name and company in common, or were given the same alias.
    </EmptyState>
  );
}

function Pairs({ list }: { list: Pages<Pair> }) {
  const [merging, setMerging] = useState(false);
  const queue = useQueue(list, ({ pair_id }) => pair_id);
  const { pair_id, lead, other } = queue.row;
  const decisions: readonly Decision[] = mayWrite()
    ? [{ key: "m", label: "Merge", title: "Merge the two leads", icon: "link", kind: "primary", run: () => setMerging(true) }]
    : [];
  return (
    <Case queue={queue} decisions={decisions}>
      <div class="card">
        <h2 class="case-title">
          <strong>{leadTitle(other)}</strong> and <strong>{leadTitle(lead)}</strong> <Pill tone="info">{likelihood(queue.row)}</Pill>
        </h2>
        <p>
          {likelihood(queue.row) === "very likely" ? "Very likely one person" : "May be one person"}: {reasonsText(queue.row)}.
        </p>
        <Comparison sides={[{ side: other }, { side: lead }]} />
      </div>
      {merging && (
        <MergeDialog
          sides={[other, lead]}
          merge={async (survivor, source, account_id) => {
            const wish = { target_id: survivor.lead_id, source_ids: [source.lead_id] };
            return (await call("leads.merge", { ...wish, ...(account_id ? { account_id } : {}) })).status;
          }}
          onClose={() => setMerging(false)}
          onMerged={(gone) => {
            setMerging(false);
            queue.leave((pair) => [pair.lead, pair.other].every(({ lead_id }) => lead_id !== gone.lead_id));
          }}
          onUnmerged={() => {
            list.reload();
            setQuery({ case: pair_id });
          }}
        />
      )}
    </Case>
  );
}
