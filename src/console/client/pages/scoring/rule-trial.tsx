/** Whom a rule would have given points, and which levels they would be at today. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Trial } from "../../components/trial";
import { counted, formatDecimal, formatNumber } from "../../format";
import { hrefOf } from "../../router";
import { LevelMoves } from "./level-moves";
import { type RuleDraft, sentRule } from "./rule-draft";

type Tried = CallOutput<"scoring.tryRule">;

/** `saved`: a rule that is saved has given its points already, so that what it adds to scores is not counted twice. */
export const RuleTrial = ({ draft, saved }: { draft: RuleDraft; saved: boolean }) => (
  <Trial
    of={JSON.stringify({ ...draft, starts_at: null, ends_at: null })}
    bars="Leads that would have got points, by day"
    run={async (starts, signal) => {
      const { event_type, weight, half_life_days = null, attribute_filters = [] } = sentRule(draft);
      return call("scoring.tryRule", { event_type, weight, half_life_days, attribute_filters, starts }, { signal });
    }}
    summary={(data, days) => <Summary data={data} days={days} saved={saved} eventType={draft.event_type} />}
  >
    {({ samples }) => <Samples samples={samples} saved={saved} />}
  </Trial>
);

type SummaryProps = { data: Tried; days: number; saved: boolean; eventType: string };

function Summary({ data, days, saved, eventType }: SummaryProps) {
  const { events_checked, matching_events, leads, truncated, levels } = data;
  const atLeast = truncated ? "at least " : "";
  if (events_checked === 0) {
    return (
      <p>
        {truncated
          ? `No event of type ${eventType} is among the newest events, and only those were looked at.`
          : `No event of type ${eventType} happened in the last ${formatNumber(days)} days.`}
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>
          {atLeast}
          {counted(leads, "lead")}
        </strong>{" "}
        would have got points, for {formatNumber(matching_events)} of {atLeast}
        {counted(events_checked, "event")} of this type.
        {truncated && " There are more than could be looked at: the newest were."}
      </p>
      {!saved && leads > 0 && levels.length > 1 && <LevelMoves levels={levels} />}
    </>
  );
}

const Samples = ({ samples, saved }: Pick<Tried, "samples"> & { saved: boolean }) =>
  samples.length > 0 && (
    <ul class="list" aria-label="Leads that would have got most points">
      {samples.map(({ lead_id, name, points, current_score, projected_score }) => (
        <li key={lead_id}>
          <a href={hrefOf(`/leads/${lead_id}`)}>{name ?? lead_id}</a>
          <span>{saved ? `${formatDecimal(points)} points` : `${formatDecimal(current_score)} → ${formatDecimal(projected_score)}`}</span>
        </li>
      ))}
    </ul>
  );
