/** The list of leads: filters and order live in the address, so that a view can be sent to somebody. */
import { useMemo } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { LinkButton } from "../../components/button";
import { type Column, DataTable } from "../../components/data-table";
import { Page } from "../../components/page";
import { Moment, Pill, type Tone } from "../../components/pill";
import { newSelection } from "../../components/row-selection";
import { EmptyState, ErrorState } from "../../components/states";
import { formatDecimal, formatNumber, leadTitle } from "../../format";
import { usePages } from "../../load-pages";
import { hrefOf, query } from "../../router";
import { mayWrite } from "../../session";
import { ChangeMany } from "./change-many";
import { useListCommands } from "./commands";
import { ExportButton } from "./export";
import { Filters, Linked, SORTS, STATUSES, wordOf } from "./filters";
import { SavedViews } from "./saved-views";

type Lead = CallOutput<"leads.list">["leads"][number];

const TONES: Record<Lead["status"], Tone> = {
  new: "info",
  contacted: "neutral",
  qualified: "good",
  converted: "good",
  lost: "bad",
  follow_up: "warning",
};
/** A parameter of the address that is passed on as it is. */
function given<Name extends string>(name: Name): { [Key in Name]?: string } {
  const value = query.value.get(name);
  return value ? ({ [name]: value } as { [Key in Name]?: string }) : {};
}

const COLUMNS: readonly Column<Lead>[] = [
  { id: "name", title: "Lead", cell: (lead) => <a href={hrefOf(`/leads/${lead.lead_id}`)}>{leadTitle(lead)}</a> },
  { id: "email", title: "Email", cell: ({ email }) => email },
  { id: "company", title: "Company", cell: ({ company }) => company },
  { id: "status", title: "Status", cell: ({ status }) => <Pill tone={TONES[status]}>{wordOf(status)}</Pill> },
  { id: "score", title: "Score", numeric: true, cell: ({ score }) => formatDecimal(score) },
  { id: "level", title: "Level", cell: ({ level }) => level?.name },
  { id: "last_event_at", title: "Last event", cell: ({ last_event_at }) => <Moment at={last_event_at} /> },
  { id: "created_at", title: "Created", cell: ({ created_at }) => <Moment at={created_at} /> },
  { id: "profile_score", title: "Profile score", numeric: true, hidden: true, cell: ({ profile_score }) => formatDecimal(profile_score) },
  { id: "phone", title: "Phone", hidden: true, cell: ({ phone }) => phone },
  { id: "owner", title: "Owner", hidden: true, cell: ({ owner_name }) => owner_name },
  { id: "updated_at", title: "Changed", hidden: true, cell: ({ updated_at }) => <Moment at={updated_at} /> },
];

export function LeadsPage() {
  const q = query.value.get("q") ?? "";
  const status = STATUSES.find((value) => value === query.value.get("status"));
  const sort = SORTS.find(({ value }) => value === query.value.get("sort"))?.value;
  const narrowed = {
    ...(q ? { q } : {}),
    ...(status ? { status } : {}),
    ...given("segment"),
    ...given("account_id"),
    ...given("owner_id"),
  };
  const { segment } = narrowed;
  // members of a segment are found one after the other: they have no other order
  const filter = { ...narrowed, ...(sort && !segment ? { sort } : {}) };
  const isNarrowed = Object.keys(narrowed).length > 0;
  const selection = useMemo(newSelection, []);
  const list = usePages(JSON.stringify(filter), async (cursor, signal) => {
    const page = await call("leads.list", { ...filter, ...(cursor ? { cursor } : {}) }, { signal });
    return { rows: page.leads, next: page.next_cursor, total: page.total };
  });
  useListCommands(selection, narrowed);
  return (
    <Page
      title="Leads"
      lead={list.total === null ? undefined : `${formatNumber(list.total)} in all`}
      actions={<LinkButton to="/conflicts?show=duplicates">Likely duplicates</LinkButton>}
    >
      <Filters status={status} segment={segment} sort={sort} />
      <Linked {...narrowed} />
      {list.error ? (
        <ErrorState error={list.error} onRetry={list.reload} />
      ) : (
        <DataTable
          name="leads"
          caption="Leads"
          columns={COLUMNS}
          rows={list.rows}
          rowKey={({ lead_id }) => lead_id}
          rowLabel={leadTitle}
          selection={selection}
          tools={
            <>
              {mayWrite() && (
                <ChangeMany
                  key={JSON.stringify(narrowed)}
                  selection={selection}
                  statuses={STATUSES}
                  filter={isNarrowed ? narrowed : null}
                  more={list.more !== undefined}
                  onDone={list.reload}
                />
              )}
              <ExportButton selection={selection} filter={narrowed} />
              <SavedViews criteria={filter} />
            </>
          }
          loading={list.loading}
          {...(list.more ? { onMore: list.more } : {})}
          empty={isNarrowed ? <NothingFound /> : <NoLeads />}
        />
      )}
    </Page>
  );
}

const NothingFound = () => (
  <EmptyState icon="search" title="No lead matches" action={<LinkButton to="/leads">Show all leads</LinkButton>}>
    Try fewer words, another status or another segment.
  </EmptyState>
);

const NoLeads = () => (
  <EmptyState icon="leads" title="No leads yet" action={mayWrite() && <LinkButton to="/import">Import a file</LinkButton>}>
    Leads appear here as soon as a file is imported, an event is received or an API creates them.
  </EmptyState>
);
