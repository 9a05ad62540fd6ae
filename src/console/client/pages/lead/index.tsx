/** One lead: its profile, by what it is known, why its score is what it is, what happened, and who changed it. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call, Problem } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Page } from "../../components/page";
import { Moment, Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { formatDecimal } from "../../format";
import { type Loaded, useLoad } from "../../load";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { Aliases } from "./aliases";
import { MergeDialog } from "./merge";
import { ProfileCard } from "./profile";
import { Score } from "./score";
import { Changes, Timeline } from "./timeline";

export type Lead = CallOutput<"leads.get">;

export const LeadPage = ({ params: { id = "" } }: PageProps) => <OneLead key={id} leadId={id} />;

function OneLead({ leadId }: { leadId: string }) {
  const loaded = useLoad(leadId, (signal) => call("leads.get", { lead_id: leadId }, { signal }));
  const { data: lead, error } = loaded;
  if (lead) return <LeadView lead={lead} loaded={loaded} />;
  const mergedInto = error instanceof Problem ? error.more.merged_into : undefined;
  return (
    <Page title="Lead">
      {typeof mergedInto === "string" ? (
        <EmptyState
          icon="link"
          title="This lead was merged into another one"
          action={<LinkButton to={`/leads/${mergedInto}`}>Open that lead</LinkButton>}
        >
          Everything it had is there now.
        </EmptyState>
      ) : error ? (
        <ErrorState error={error} onRetry={loaded.reload} />
      ) : (
        <Skeleton lines={8} label="Loading the lead" />
      )}
    </Page>
  );
}

function LeadView({ lead, loaded }: { lead: Lead; loaded: Loaded<Lead> }) {
  const [merging, setMerging] = useState(false);
  return (
    <Page
      title={lead.name ?? lead.email ?? lead.phone ?? "Lead without a name"}
      lead={
        <>
          <Pill tone="info">{lead.status.replace("_", " ")}</Pill> score {formatDecimal(lead.score)}
          {lead.level && `, ${lead.level.name}`} · created <Moment at={lead.created_at} /> · changed <Moment at={lead.updated_at} />
        </>
      }
      actions={
        <>
          {mayWrite() && (
            <Button icon="link" onClick={() => setMerging(true)}>
              Merge
            </Button>
          )}
          <CopyButton text={lead.lead_id} label="the lead's id" />
        </>
      }
    >
      {merging && <MergeDialog lead={lead} onClose={() => setMerging(false)} onMerged={loaded.reload} />}
      <div class="lead-columns">
        <div class="lead-column">
          <ProfileCard lead={lead} onSaved={(saved) => loaded.set(() => saved)} />
          <Aliases lead={lead} onChange={loaded.reload} />
        </div>
        <div class="lead-column">
          <Score leadId={lead.lead_id} version={lead.version} />
          <Timeline leadId={lead.lead_id} version={lead.version} />
          <Changes leadId={lead.lead_id} version={lead.version} onUnmerged={loaded.reload} />
        </div>
      </div>
    </Page>
  );
}
