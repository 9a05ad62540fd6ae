/** For how many leads a trigger would have fired, and when. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Moment } from "../../components/pill";
import { Trial } from "../../components/trial";
import { counted, formatDecimal, formatNumber } from "../../format";
import { hrefOf } from "../../router";
import { sentCondition, type TriggerDraft } from "./trigger-draft";

const SAMPLES_SHOWN = 10;

type Tried = CallOutput<"triggers.try">;

export function TriggerTrial({ draft }: { draft: TriggerDraft }) {
  if (draft.kind === "segment") {
    return (
      <section class="card" aria-labelledby="trial">
        <h2 id="trial">Try it on the past</h2>
        <p class="muted">A trigger of a segment cannot be tried: who was a member when is not kept.</p>
      </section>
    );
  }
  const { name: _, channel_ids: __, emails: ___, webhook_url: ____, ...condition } = draft;
  const filtered = draft.filter.level !== "" || draft.filter.status !== "" || draft.filter.other !== null;
  return (
    <Trial
      of={JSON.stringify(condition)}
      bars="Leads that it would have fired for, by day"
      run={async (starts, signal) => call("triggers.try", { condition: sentCondition(draft), starts }, { signal })}
      summary={(data, days) => <Summary data={data} days={days} filtered={filtered} />}
    >
      {({ samples }) => <Samples samples={samples} />}
    </Trial>
  );
}

function Summary({ data, days, filtered }: { data: Tried; days: number; filtered: boolean }) {
  const { leads, firings, leads_checked, truncated } = data;
  return (
    <>
      <p>
        It would have fired for{" "}
        <strong>
          {truncated && "at least "}
          {counted(leads, "lead")}
        </strong>
        , {counted(firings, "time")} in all, in the last {formatNumber(days)} days. It was tried on {counted(leads_checked, "lead")}
        {truncated ? ", those that were active last." : "."}
      </p>
      {filtered && leads > 0 && <p class="muted small">Level and status are not looked at: which ones leads had then is not kept.</p>}
    </>
  );
}

const Samples = ({ samples }: Pick<Tried, "samples">) =>
  samples.length > 0 && (
    <ul class="list" aria-label="Examples">
      {samples.slice(0, SAMPLES_SHOWN).map(({ lead_id, name, at, event_type, score }, place) => (
        <li key={`${lead_id} ${at} ${place}`}>
          <a href={hrefOf(`/leads/${lead_id}`)}>{name ?? lead_id}</a>
          <span>
            {event_type}, score {formatDecimal(score)}, <Moment at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
