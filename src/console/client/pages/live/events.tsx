/** Events on the timelines of all leads, newest first by the time they happened. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { LiveList, shownPage } from "../../components/live-list";
import { Moment, Pill } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { formatExactly } from "../../format";
import { useLoad } from "../../load";
import { useLive } from "../../load-live";
import { hrefOf, query, setQuery } from "../../router";
import { Json } from "./parts";

type ShownEvent = CallOutput<"events.list">["events"][number];

export function Events() {
  const type = query.value.get("type") ?? "";
  const page = shownPage();
  const live = useLive(`${page} ${type}`, (signal) => call("events.list", { page, ...(type ? { event_type: type } : {}) }, { signal }));
  return (
    <LiveList live={live} tools={<TypeFilter type={type} />}>
      {({ events }) =>
        events.length === 0 ? (
          <NoEvents filtered={type !== "" || page > 1} />
        ) : (
          <ul class="feed" aria-label="Events">
            {events.map((event) => (
              <EventView key={event.event_id} event={event} />
            ))}
          </ul>
        )
      }
    </LiveList>
  );
}

function TypeFilter({ type }: { type: string }) {
  const { data = [] } = useLoad("types", (signal) => call("events.types", {}, { signal }));
  const types = type === "" || data.includes(type) ? data : [type, ...data];
  return (
    <search class="filters">
      <label>
        <span>Type</span>
        <select value={type} onChange={(event) => setQuery({ type: event.currentTarget.value, page: null })}>
          <option value="">All types</option>
          {types.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

const EventView = ({
  event: { event_id, event_type, lead_id, lead_name, occurred_at, suppression_reason, metadata },
}: {
  event: ShownEvent;
}) => (
  <li>
    <details>
      <summary>
        <strong>{event_type}</strong>
        <span>{lead_name ?? lead_id}</span>
        {suppression_reason && <Pill tone="warning">not scored</Pill>}
        <Moment at={occurred_at} />
      </summary>
      <div class="feed-more">
        <p>
          <a href={hrefOf(`/leads/${lead_id}`)}>Open the lead</a>
        </p>
        <p>{formatExactly(occurred_at)}</p>
        {suppression_reason && <p>Not scored: {suppression_reason.replaceAll("_", " ")}</p>}
        <p class="id">
          <code>{event_id}</code> <CopyButton text={event_id} label="the event's id" />
        </p>
        <Json {...metadata} label={`Metadata of ${event_type}`} />
      </div>
    </details>
  </li>
);

const NoEvents = ({ filtered }: { filtered: boolean }) =>
  filtered ? (
    <EmptyState icon="search" title="No event matches" action={<LinkButton to="/live">Show the newest of all types</LinkButton>}>
      No event has this type, or the list has fewer pages.
    </EmptyState>
  ) : (
    <EmptyState icon="live" title="No events yet" action={<LinkButton to="/live?show=rejected">Look at rejected events</LinkButton>}>
      Leave this page open: an event appears here within seconds of being sent to /ingest. One that does not is among the rejected events.
    </EmptyState>
  );
