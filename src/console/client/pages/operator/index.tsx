/** The operator's organizations, newest first, and creating one. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button } from "../../components/button";
import type { Column } from "../../components/data-table";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { PagedTable } from "../../components/paged-table";
import { Moment } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { toast } from "../../components/toast";
import { formatNumber } from "../../format";
import { usePages } from "../../load-pages";
import { go, hrefOf, query, setQuery } from "../../router";
import { useTypedQuery } from "../../typed-query";

type Organization = OperatorCallOutput<"organizations.list">["organizations"][number];

const COLUMNS: readonly Column<Organization>[] = [
  {
    id: "name",
    title: "Name",
    cell: ({ name, organization_id }) => <a href={hrefOf(`/operator/organizations/${organization_id}`)}>{name}</a>,
  },
  { id: "units", title: "Org units", numeric: true, cell: ({ org_unit_count }) => formatNumber(org_unit_count) },
  { id: "created", title: "Created", cell: ({ created_at }) => <Moment at={created_at} /> },
  { id: "id", title: "Id", cell: ({ organization_id }) => <code>{organization_id}</code> },
];

export function OrganizationsPage() {
  const q = query.value.get("q") ?? "";
  const [creating, setCreating] = useState(false);
  const pages = usePages<Organization>(q, async (cursor, signal) => {
    const page = await operate("organizations.list", { q, ...(cursor === null ? {} : { cursor }) }, { signal });
    return { rows: page.organizations, next: page.next_cursor };
  });
  const create = (
    <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
      New organization
    </Button>
  );
  return (
    <Page title="Organizations" actions={create} lead="Customers of this installation, newest first.">
      <Search />
      <PagedTable
        name="organizations"
        caption="Organizations"
        columns={COLUMNS}
        rowKey={({ organization_id }) => organization_id}
        empty={<NoOrganizations q={q} />}
        pages={pages}
      />
      {creating && <NewOrganization onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Search() {
  const { text, setText } = useTypedQuery("q");
  return (
    <search class="filters">
      <label>
        <span>Search</span>
        <input type="search" placeholder="Name or id" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
    </search>
  );
}

const NoOrganizations = ({ q }: { q: string }) =>
  q === "" ? (
    <EmptyState icon="leads" title="No organization yet">
      Create one: it gets an org unit and, on its page, the credentials that its people and programs sign in with.
    </EmptyState>
  ) : (
    <EmptyState icon="search" title="No organization matches" action={<Button onClick={() => setQuery({ q: null })}>Show all</Button>}>
      No organization has “{q}” in its name or as its id.
    </EmptyState>
  );

function NewOrganization({ onClose }: { onClose: () => void }) {
  const create = async ({ name = "", default_region = "" }: Record<string, string>): Promise<void> => {
    const { organization_id } = await operate("organizations.create", { name, ...(default_region ? { default_region } : {}) });
    toast(`${name} is created: give it a credential next`);
    go(`/operator/organizations/${organization_id}`);
  };
  return (
    <Dialog title="New organization" onClose={onClose}>
      <Form submit="Create" onSubmit={create}>
        <TextField label="Name" name="name" autocomplete="off" autofocus />
        <TextField
          label="Country of phone numbers"
          name="default_region"
          hint="Two letters such as DE: how its default org unit reads numbers without +. It can be changed later."
          autocomplete="off"
        />
      </Form>
    </Dialog>
  );
}
