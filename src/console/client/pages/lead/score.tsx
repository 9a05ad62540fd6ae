/** Why the score is what it is: what each rule gave, and what of it has decayed. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { LinePlot } from "../../components/plot";
import { ErrorState, Skeleton } from "../../components/states";
import { formatDay, formatDecimal, formatNumber } from "../../format";
import { useLoad } from "../../load";

type Driver = CallOutput<"leads.explain">["drivers"][number];

/** Loaded again with each `version` of the lead: a merge brings events. */
export function Score({ leadId, version }: { leadId: string; version: string }) {
  const { data, error, reload } = useLoad(version, (signal) => call("leads.explain", { lead_id: leadId }, { signal }));
  const curve = useLoad(version, (signal) => call("leads.scoreCurve", { lead_id: leadId }, { signal }));
  const most = Math.max(1, ...(data?.drivers ?? []).map(({ total }) => Math.abs(total)));
  return (
    <section class="card" aria-labelledby="score">
      <h2 id="score">Score{data && `: ${formatDecimal(data.score)}`}</h2>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={3} label="Loading the score" />}
      {data?.drivers.length === 0 && <p class="muted">No event of this lead has matched a scoring rule yet.</p>}
      <ul class="drivers">
        {data?.drivers.map((driver) => (
          <DriverBar key={`${driver.rule_id} ${driver.weight}`} driver={driver} most={most} />
        ))}
      </ul>
      {data && data.inorganic_count > 0 && (
        <p class="muted small">{formatNumber(data.inorganic_count)} events were not counted: they came too fast to be a person's.</p>
      )}
      {curve.error && <ErrorState error={curve.error} onRetry={curve.reload} />}
      {curve.data && curve.data.points.length > 1 && (
        <LinePlot
          title="The last 90 days"
          format={formatDecimal}
          points={curve.data.points.map(({ at, score }) => ({ label: formatDay(at), value: score }))}
        />
      )}
    </section>
  );
}

function DriverBar({ driver: { event_type, filter_label, count, weight, total, left }, most }: { driver: Driver; most: number }) {
  const width = (points: number): string => `${(Math.abs(points) / most) * 100}%`;
  const decayed = total - left;
  return (
    <li>
      <div class="driver-text">
        <strong>{event_type || "deleted rule"}</strong>
        <span>{formatDecimal(left)}</span>
      </div>
      <div class="driver-bar" aria-hidden="true">
        <div class={total < 0 ? "left bad" : "left"} style={{ width: width(left) }} />
        <div class="decayed" style={{ width: width(decayed) }} />
      </div>
      <p class="muted small">
        {formatNumber(count)} × {formatDecimal(weight)} = {formatDecimal(total)}, of which {formatDecimal(decayed)} decayed
        {filter_label && ` · ${filter_label}`}
      </p>
    </li>
  );
}
