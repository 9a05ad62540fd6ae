/** The list of leads: filters and order live in the address, so that a view can be sent to somebody. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { type Column, DataTable } from "../../components/data-table";
import { Page } from "../../components/page";
import { Moment, Pill, type Tone } from "../../components/pill";
import { newSelection } from "../../components/row-selection";
import { EmptyState, ErrorState } from "../../components/states";
import { formatDecimal, formatNumber } from "../../format";
import { usePages } from "../../load-pages";
import { hrefOf, query, setQuery } from "../../router";
import { mayWrite } from "../../session";
import { ChangeMany } from "./change-many";
import { SavedViews } from "./saved-views";

type Lead = CallOutput<"leads.list">["leads"][number];

const STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"] as const;
const SORTS = [
  { value: "-created_at", label: "Newest" },
  { value: "-updated_at", label: "Last changed" },
  { value: "-score", label: "Highest score" },
  { value: "name", label: "Name" },
] as const;
const TONES: Record<Lead["status"], Tone> = {
  new: "info",
  contacted: "neutral",
  qualified: "good",
  converted: "good",
  lost: "bad",
  follow_up: "warning",
};
const wordOf = (status: string): string => status.replace("_", " ");
const TYPING_MS = 200;

const COLUMNS: readonly Column<Lead>[] = [
  { id: "name", title: "Lead", cell: (lead) => <a href={hrefOf(`/leads/${lead.lead_id}`)}>{nameOf(lead)}</a> },
  { id: "email", title: "Email", cell: ({ email }) => email },
  { id: "company", title: "Company", cell: ({ company }) => company },
  { id: "status", title: "Status", cell: ({ status }) => <Pill tone={TONES[status]}>{wordOf(status)}</Pill> },
  { id: "score", title: "Score", numeric: true, cell: ({ score }) => formatDecimal(score) },
  { id: "level", title: "Level", cell: ({ level }) => level?.name },
  { id: "last_event_at", title: "Last event", cell: ({ last_event_at }) => <Moment at={last_event_at} /> },
  { id: "created_at", title: "Created", cell: ({ created_at }) => <Moment at={created_at} /> },
  { id: "phone", title: "Phone", hidden: true, cell: ({ phone }) => phone },
  { id: "owner", title: "Owner", hidden: true, cell: ({ owner_name }) => owner_name },
  { id: "updated_at", title: "Changed", hidden: true, cell: ({ updated_at }) => <Moment at={updated_at} /> },
];

const nameOf = ({ name, email, phone, lead_id }: Lead): string => name ?? email ?? phone ?? lead_id;

export function LeadsPage() {
  const q = query.value.get("q") ?? "";
  const status = STATUSES.find((value) => value === query.value.get("status"));
  const sort = SORTS.find(({ value }) => value === query.value.get("sort"))?.value;
  const filter = { ...(q ? { q } : {}), ...(status ? { status } : {}), ...(sort ? { sort } : {}) };
  const selection = useMemo(newSelection, []);
  const list = usePages(JSON.stringify(filter), async (cursor, signal) => {
    const page = await call("leads.list", { ...filter, ...(cursor ? { cursor } : {}) }, { signal });
    return { rows: page.leads, next: page.next_cursor, total: page.total };
  });
  return (
    <Page title="Leads" lead={list.total === null ? undefined : `${formatNumber(list.total)} in all`}>
      <Filters q={q} status={status} sort={sort} />
      {list.error ? (
        <ErrorState error={list.error} onRetry={list.reload} />
      ) : (
        <DataTable
          name="leads"
          caption="Leads"
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ lead_id }) => lead_id}
          rowLabel={nameOf}
          {...(mayWrite() ? { selection } : {})}
          tools={
            <>
              {mayWrite() && <ChangeMany selection={selection} statuses={STATUSES} onDone={list.reload} />}
              <SavedViews criteria={filter} />
            </>
          }
          loading={list.loading}
          {...(list.more ? { onMore: list.more } : {})}
          empty={q || status ? <NothingFound /> : <NoLeads />}
        />
      )}
    </Page>
  );
}

const NothingFound = () => (
  <EmptyState icon="search" title="No lead matches" action={<LinkButton to="/leads">Show all leads</LinkButton>}>
    Try fewer words, or another status.
  </EmptyState>
);

const NoLeads = () => (
  <EmptyState icon="leads" title="No leads yet">
    Leads appear here as soon as a file is imported, an event is received or an API creates them.
  </EmptyState>
);

function Filters({ q, status, sort }: { q: string; status: string | undefined; sort: string | undefined }) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    const timer = setTimeout(() => text !== q && setQuery({ q: text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, q]);
  return (
    <search class="filters">
      <label>
        <span>Search</span>
        <input
          type="search"
          placeholder="Name, email, phone or domain"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>Status</span>
        <select value={status ?? ""} onChange={(event) => setQuery({ status: event.currentTarget.value })}>
          <option value="">Any</option>
          {STATUSES.map((value) => (
            <option key={value} value={value}>
              {wordOf(value)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Order</span>
        <select value={sort ?? "-created_at"} onChange={(event) => setQuery({ sort: event.currentTarget.value })}>
          {SORTS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}
