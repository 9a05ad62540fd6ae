/** What was sent to notification channels, newest first. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { type Column, DataTable } from "../../components/data-table";
import { LiveList, shownPage } from "../../components/live-list";
import { Moment, Pill } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { formatNumber } from "../../format";
import { useLive } from "../../load-live";
import { hrefOf, query, setQuery } from "../../router";
import { DeliveryDialog } from "./delivery-dialog";
import { DELIVERY_TONES } from "./parts";

type Delivery = CallOutput<"deliveries.list">["deliveries"][number];

const STATUSES = ["pending", "delivered", "failed", "discarded"] as const;

const COLUMNS: readonly Column<Delivery>[] = [
  { id: "event", title: "Event", cell: ({ delivery_id, event_type }) => <a href={addressOf(delivery_id)}>{event_type}</a> },
  { id: "status", title: "Status", cell: ({ status }) => <Pill tone={DELIVERY_TONES[status]}>{status}</Pill> },
  { id: "channel", title: "Channel", cell: ({ channel_name, channel_id }) => channel_name ?? channel_id },
  { id: "attempts", title: "Attempts", numeric: true, cell: ({ attempts_made }) => formatNumber(attempts_made) },
  { id: "created", title: "Created", cell: ({ created_at }) => <Moment at={created_at} /> },
  { id: "next", title: "Next attempt", cell: ({ next_attempt_at }) => next_attempt_at !== null && <Moment at={next_attempt_at} /> },
  { id: "error", title: "Last error", cell: ({ last_error }) => last_error },
];

function addressOf(deliveryId: string): string {
  const to = new URLSearchParams(query.value);
  to.set("delivery", deliveryId);
  return hrefOf(`/live?${to}`);
}

export function Deliveries() {
  const status = STATUSES.find((value) => value === query.value.get("status"));
  const opened = query.value.get("delivery");
  const page = shownPage();
  const live = useLive(`${page} ${status}`, (signal) => call("deliveries.list", { page, ...(status ? { status } : {}) }, { signal }));
  return (
    <LiveList live={live} tools={<StatusFilter status={status} />}>
      {({ deliveries }) => (
        <>
          <DataTable
            name="deliveries"
            caption="Deliveries"
            columns={COLUMNS}
            rows={deliveries}
            rowKey={({ delivery_id }) => delivery_id}
            empty={<NoDeliveries filtered={status !== undefined || page > 1} />}
          />
          {opened && <DeliveryDialog key={opened} deliveryId={opened} onClose={() => setQuery({ delivery: null })} />}
        </>
      )}
    </LiveList>
  );
}

const StatusFilter = ({ status }: { status: string | undefined }) => (
  <search class="filters">
    <label>
      <span>Status</span>
      <select value={status ?? ""} onChange={(event) => setQuery({ status: event.currentTarget.value, page: null })}>
        <option value="">Any</option>
        {STATUSES.map((value) => (
          <option key={value} value={value}>
            {value}
          </option>
        ))}
      </select>
    </label>
  </search>
);

const NoDeliveries = ({ filtered }: { filtered: boolean }) =>
  filtered ? (
    <EmptyState icon="search" title="No delivery matches" action={<LinkButton to="/live?show=deliveries">Show all deliveries</LinkButton>}>
      No delivery has this status, or the list has fewer pages.
    </EmptyState>
  ) : (
    <EmptyState icon="bell" title="No deliveries yet">
      A delivery appears here as soon as a trigger fires or a notification channel is tested. They are kept for 30 days.
    </EmptyState>
  );
