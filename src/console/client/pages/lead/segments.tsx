/** The segments that a lead is a member of now. */
import { call } from "../../call";
import { ErrorState, Skeleton } from "../../components/states";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";

export function Segments({ leadId, version }: { leadId: string; version: string }) {
  const { data, error, reload } = useLoad(version, (signal) => call("leads.segments", { lead_id: leadId }, { signal }));
  return (
    <section class="card" aria-labelledby="segments">
      <h2 id="segments">Segments</h2>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={1} label="Loading the segments" />}
      {data?.segments.length === 0 && <p class="muted">This lead matches the rules of no segment.</p>}
      {data && data.segments.length > 0 && (
        <ul class="actions">
          {data.segments.map(({ segment_id, name }) => (
            <li key={segment_id}>
              <a class="pill info" href={hrefOf(`/leads?segment=${segment_id}`)}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
