/** Other leads that may be the same person: shown only where there are any. */
import { call } from "../../call";
import { Button } from "../../components/button";
import { leadTitle } from "../../format";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import { type Pair, reasonsText } from "../conflicts/duplicate-words";

type DuplicatesProps = { leadId: string; version: string; onMerge: (other: Pair["other"]) => void };

/** Loaded again with each `version` of the lead. */
export function Duplicates({ leadId, version, onMerge }: DuplicatesProps) {
  const { data } = useLoad(version, (signal) => call("duplicates.ofLead", { lead_id: leadId }, { signal }));
  if (!data || data.pairs.length === 0) return null;
  return (
    <section class="card" aria-labelledby="duplicates">
      <div class="card-head wrap">
        <h2 id="duplicates">May be the same person</h2>
        <a href={hrefOf("/conflicts?show=duplicates")}>All likely duplicates</a>
      </div>
      <ul class="list" aria-label="May be the same person">
        {data.pairs.map((pair) => (
          <li key={pair.pair_id}>
            <div>
              <a href={hrefOf(`/leads/${pair.other.lead_id}`)}>{leadTitle(pair.other)}</a>
              <p class="muted small">
                {pair.other.email !== leadTitle(pair.other) && pair.other.email} {reasonsText(pair)}
              </p>
            </div>
            {mayWrite() && (
              <Button icon="link" onClick={() => onMerge(pair.other)}>
                Merge<span class="visually-hidden"> {leadTitle(pair.other)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
