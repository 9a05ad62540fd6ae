/** Which triggers have fired for a lead, and what was sent because of it. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Moment, Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { counted, formatDecimal } from "../../format";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { DELIVERY_TONES } from "../live/parts";

type Fired = CallOutput<"leads.firings">;

export function Firings({ leadId, version }: { leadId: string; version: string }) {
  const { data, error, reload } = useLoad(version, (signal) => call("leads.firings", { lead_id: leadId }, { signal }));
  return (
    <section class="card" aria-labelledby="firings">
      <h2 id="firings">Triggers</h2>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={2} label="Loading what has fired" />}
      {data?.firings.length === 0 && <p class="muted">No trigger has fired for this lead yet.</p>}
      {data && data.firings.length > 0 && <FiringList {...data} />}
    </section>
  );
}

const FiringList = ({ firings, more, deliveries, truncated }: Fired) => (
  <>
    <ul class="timeline">
      {firings.map(({ firing_id, kind, trigger_name, event_type, score, fired_at }) => (
        <li key={firing_id}>
          <strong>{trigger_name || "deleted trigger"}</strong> <Pill>{kind}</Pill> <Moment at={fired_at} />
          <p class="muted small">
            by {event_type}, at a score of {formatDecimal(score)}
          </p>
        </li>
      ))}
    </ul>
    {more && <p class="muted small">Only the newest {counted(firings.length, "firing")} are shown.</p>}
    <h3>Sent because of them in the last 30 days</h3>
    {deliveries.length === 0 && <p class="muted">Nothing.</p>}
    <ul class="timeline">
      {deliveries.map(({ delivery_id, event_type, status, channel_name, created_at, last_error }) => (
        <li key={delivery_id}>
          <a href={hrefOf(`/live?show=deliveries&delivery=${delivery_id}`)}>{event_type}</a>{" "}
          <Pill tone={DELIVERY_TONES[status]}>{status}</Pill> <Moment at={created_at} />
          <p class="muted small">
            to {channel_name ?? "the trigger's own channel"}
            {last_error && `: ${last_error}`}
          </p>
        </li>
      ))}
    </ul>
    {truncated && <p class="muted small">There may be more: too many merged leads or channels to search them all.</p>}
  </>
);
