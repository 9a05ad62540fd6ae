/** What triggers have fired, newest first by the time of the event; it keeps itself up to date. */
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { LiveList, shownPage } from "../../components/live-list";
import { Moment } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { formatDecimal } from "../../format";
import { useLoad } from "../../load";
import { useLive } from "../../load-live";
import { hrefOf, query, setQuery } from "../../router";

export function Firings() {
  const wanted = query.value.get("trigger") ?? "";
  const page = shownPage();
  const live = useLive(`${page} ${wanted}`, (signal) =>
    call("firings.list", { page, ...(wanted ? { trigger_id: wanted } : {}) }, { signal }),
  );
  return (
    <LiveList live={live} tools={<TriggerFilter wanted={wanted} />}>
      {({ firings }) =>
        firings.length === 0 ? (
          <EmptyState icon="bell" title="Nothing has fired yet" action={<LinkButton to="/triggers">All triggers</LinkButton>}>
            Leave this page open: a firing appears here within seconds.
          </EmptyState>
        ) : (
          <ul class="feed" aria-label="Firings">
            {firings.map(({ firing_id, trigger_name, lead_id, lead_name, event_type, score, fired_at }) => (
              <li key={firing_id} class="firing">
                <strong>{trigger_name}</strong>
                <a href={hrefOf(`/leads/${lead_id}`)}>{lead_name ?? lead_id}</a>
                <span class="muted">
                  {event_type ? `by ${event_type}, ` : ""}score {formatDecimal(score)}
                </span>
                <Moment at={fired_at} />
              </li>
            ))}
          </ul>
        )
      }
    </LiveList>
  );
}

function TriggerFilter({ wanted }: { wanted: string }) {
  const { data = [] } = useLoad("triggers", (signal) => call("triggers.list", {}, { signal }));
  return (
    <search class="filters">
      <label>
        <span>Trigger</span>
        <select value={wanted} onChange={(event) => setQuery({ trigger: event.currentTarget.value, page: null })}>
          <option value="">All triggers</option>
          {wanted && !data.some(({ trigger_id }) => trigger_id === wanted) && <option value={wanted}>A deleted trigger</option>}
          {data.map(({ trigger_id, name }) => (
            <option key={trigger_id} value={trigger_id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}
