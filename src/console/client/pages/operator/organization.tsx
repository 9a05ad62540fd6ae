/** An organization: its org units with what they may use and have used, its credentials, and its end. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { CopiedFact } from "../../components/copied-fact";
import { Page } from "../../components/page";
import { Moment } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { useLoad } from "../../load";
import type { PageProps } from "..";
import { OrganizationCredentials } from "./credentials";
import { DeleteOrganization } from "./delete-organization";
import { UnitCard } from "./unit-card";

type Loaded = OperatorCallOutput<"organizations.get">;

export function OrganizationPage({ params: { organization: organization_id = "" } }: PageProps) {
  const loaded = useLoad(organization_id, (signal) => operate("organizations.get", { organization_id }, { signal }));
  const usage = useLoad(organization_id, (signal) => operate("organizations.usage", { organization_id }, { signal }));
  const { data, error, reload } = loaded;
  if (!data) {
    return <Page title="Organization">{error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={8} />}</Page>;
  }
  return (
    <OrganizationView
      data={data}
      usage={usage.data}
      usageFailed={usage.error !== undefined}
      onLimits={(unit_id, quotas) =>
        loaded.set(({ units, ...rest }) => ({
          ...rest,
          units: units.map((unit) => (unit.unit_id === unit_id ? { ...unit, quotas } : unit)),
        }))
      }
    />
  );
}

type ViewProps = {
  data: Loaded;
  usage: OperatorCallOutput<"organizations.usage"> | undefined;
  usageFailed: boolean;
  onLimits: (unitId: string, quotas: Loaded["units"][number]["quotas"]) => void;
};

function OrganizationView({ data: { organization, units }, usage, usageFailed, onLimits }: ViewProps) {
  const { organization_id, company_id, name, created_at } = organization;
  const [deleting, setDeleting] = useState(false);
  const actions = (
    <>
      <LinkButton to={`/operator/channels?organization=${organization_id}`}>Partner channels</LinkButton>
      <LinkButton to={`/operator/audit?organization=${organization_id}`}>Audit log</LinkButton>
      <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
        Delete
      </Button>
    </>
  );
  return (
    <Page title={name} actions={actions}>
      <section class="card" aria-label="Ids">
        <dl class="facts">
          <CopiedFact label="Organization id" value={organization_id} />
          <CopiedFact label="Company id" value={company_id} />
          <div>
            <dt>Created</dt>
            <dd>
              <Moment at={created_at} />
            </dd>
          </div>
        </dl>
      </section>
      {units.map((unit) => (
        <UnitCard
          key={unit.unit_id}
          organizationId={organization_id}
          unit={unit}
          usage={usage && (usage.usage.find(({ unit_id }) => unit_id === unit.unit_id) ?? null)}
          usageFailed={usageFailed}
          onLimits={(quotas) => onLimits(unit.unit_id, quotas)}
        />
      ))}
      <OrganizationCredentials organizationId={organization_id} units={units} />
      {deleting && <DeleteOrganization organization={organization} onClose={() => setDeleting(false)} />}
    </Page>
  );
}
