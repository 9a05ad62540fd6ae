/** The audit log: what the operator and the organizations' admins have changed. */
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { LinkButton } from "../../components/button";
import type { Column } from "../../components/data-table";
import { Page } from "../../components/page";
import { PagedTable } from "../../components/paged-table";
import { EmptyState } from "../../components/states";
import { formatExactly, formatMinute } from "../../format";
import { usePages } from "../../load-pages";
import { hrefOf, query } from "../../router";
import { IdFilter } from "./id-filter";

type Entry = OperatorCallOutput<"audit.list">["entries"][number];

const COLUMNS: readonly Column<Entry>[] = [
  { id: "action", title: "Action", cell: ({ action }) => action.replaceAll(/[._]/g, " ") },
  {
    id: "at",
    title: "When",
    cell: ({ at }) => (
      <time dateTime={new Date(at).toISOString()} title={formatExactly(at)}>
        {formatMinute(at)}
      </time>
    ),
  },
  { id: "target", title: "What", cell: (entry) => <Target entry={entry} /> },
  { id: "actor", title: "Who", cell: ({ actor_kind, actor_id }) => (actor_kind === actor_id ? actor_id : `${actor_kind} ${actor_id}`) },
  {
    id: "organization",
    title: "Organization",
    cell: ({ organization_id }) => organization_id && <a href={hrefOf(`/operator/organizations/${organization_id}`)}>{organization_id}</a>,
  },
  { id: "request", title: "Request", hidden: true, cell: ({ request_id }) => <code>{request_id}</code> },
];

const Target = ({ entry: { action, target_id } }: { entry: Entry }) =>
  action === "channel.changed" ? <a href={hrefOf(`/operator/channels/${target_id}`)}>{target_id}</a> : <code>{target_id}</code>;

export function AuditPage() {
  const organization_id = query.value.get("organization") ?? "";
  const pages = usePages<Entry>(organization_id, async (cursor, signal) => {
    const only = organization_id ? { organization_id } : {};
    const page = await operate("audit.list", { ...only, ...(cursor === null ? {} : { cursor }) }, { signal });
    return { rows: page.entries, next: page.next_cursor };
  });
  return (
    <Page title="Audit log" lead="Changes of organizations, org units, credentials and channels, newest first. They are kept for 400 days.">
      <search class="filters">
        <IdFilter label="Organization id" placeholder="org_…" name="organization" value={organization_id} />
      </search>
      <PagedTable
        name="audit"
        caption="Audit log"
        columns={COLUMNS}
        rowKey={({ entry_id }) => entry_id}
        empty={
          <EmptyState
            title="Nothing was changed"
            action={organization_id && <LinkButton to="/operator/audit">Show all organizations</LinkButton>}
          >
            A change appears here at once. Those of a deleted organization are deleted with it.
          </EmptyState>
        }
        pages={pages}
      />
    </Page>
  );
}
