/** Partner channels of all organizations, of one, or of one org unit, newest first. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button, LinkButton } from "../../components/button";
import type { Column } from "../../components/data-table";
import { Page } from "../../components/page";
import { PagedTable } from "../../components/paged-table";
import { Moment, Pill } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { formatNumber } from "../../format";
import { usePages } from "../../load-pages";
import { hrefOf, query } from "../../router";
import { IdFilter } from "./id-filter";
import { NewChannel } from "./new-channel";

export type Channel = OperatorCallOutput<"channels.get">;

const COLUMNS: readonly Column<Channel>[] = [
  {
    id: "title",
    title: "Title",
    cell: ({ title, channel_id }) => <a href={hrefOf(`/operator/channels/${channel_id}`)}>{title}</a>,
  },
  { id: "state", title: "State", cell: ({ archived_at }) => <ChannelState archivedAt={archived_at} /> },
  { id: "unit", title: "Org unit", cell: ({ home }) => home.name },
  {
    id: "organization",
    title: "Organization",
    cell: ({ home: { organization_id } }) => <a href={hrefOf(`/operator/organizations/${organization_id}`)}>{organization_id}</a>,
  },
  { id: "triggers", title: "Reward triggers", numeric: true, cell: ({ reward_triggers }) => formatNumber(reward_triggers.length) },
  { id: "created", title: "Created", cell: ({ created_at }) => <Moment at={created_at} /> },
];

export const ChannelState = ({ archivedAt }: { archivedAt: number | null }) =>
  archivedAt === null ? <Pill tone="good">open</Pill> : <Pill tone="warning">ended</Pill>;

export function ChannelsPage() {
  const organization_id = query.value.get("organization") ?? "";
  const unit_id = query.value.get("unit") ?? "";
  const [creating, setCreating] = useState(false);
  const home = organization_id ? { organization_id, ...(unit_id ? { unit_id } : {}) } : {};
  const pages = usePages<Channel>(`${organization_id} ${unit_id}`, async (cursor, signal) => {
    const page = Number(cursor ?? "1");
    const found = await operate("channels.list", { ...home, page }, { signal });
    return { rows: found.channels, next: page < found.pages ? String(page + 1) : null, total: found.total };
  });
  const create = (
    <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
      New channel
    </Button>
  );
  return (
    <Page title="Partner channels" actions={create} lead="Where companies share the leads of one org unit, with statuses and rewards.">
      <Filters organization={organization_id} unit={unit_id} />
      <PagedTable
        name="partner-channels"
        caption="Partner channels"
        columns={COLUMNS}
        rowKey={({ channel_id }) => channel_id}
        tools={pages.total !== null && <span class="muted small">{formatNumber(pages.total)} in all</span>}
        empty={<NoChannels filtered={organization_id !== ""} />}
        pages={pages}
      />
      {creating && <NewChannel organizationId={organization_id} unitId={unit_id} onClose={() => setCreating(false)} />}
    </Page>
  );
}

const Filters = ({ organization, unit }: { organization: string; unit: string }) => (
  <search class="filters">
    <IdFilter label="Organization id" placeholder="org_…" name="organization" value={organization} clears="unit" />
    {organization && <IdFilter label="Org unit id" placeholder="unit_default" name="unit" value={unit} />}
  </search>
);

const NoChannels = ({ filtered }: { filtered: boolean }) => (
  <EmptyState
    icon="link"
    title={filtered ? "No channel here" : "No partner channel yet"}
    action={filtered && <LinkButton to="/operator/channels">Show all channels</LinkButton>}
  >
    {filtered ? "No channel has its home here: create one, or check the ids." : "Create one to let companies share leads of an org unit."}
  </EmptyState>
);
