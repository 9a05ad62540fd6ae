/** One lead: its profile, by what it is known, why its score is what it is, what happened, and who changed it. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call, Problem } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Page } from "../../components/page";
import { Moment, Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { formatDecimal, leadTitle, type Named } from "../../format";
import { type Loaded, useLoad } from "../../load";
import { go } from "../../router";
import { mayWrite } from "../../session";
import type { PageProps } from "..";
import { AccountCard } from "./account";
import { Aliases } from "./aliases";
import { deleteLead, useLeadCommands } from "./commands";
import { Duplicates } from "./duplicates";
import { EraseDialog, Erased, type Erasure } from "./erase";
import { Firings } from "./firings";
import { MergeDialog } from "./merge";
import { Partner } from "./partner";
import { ProfileCard } from "./profile";
import { ProfileScore } from "./profile-score";
import { Score } from "./score";
import { Segments } from "./segments";
import { Changes, Timeline } from "./timeline";

export type Lead = CallOutput<"leads.get">;

export const LeadPage = ({ params: { id = "" } }: PageProps) => <OneLead key={id} leadId={id} />;

function OneLead({ leadId }: { leadId: string }) {
  const [erased, setErased] = useState<Erasure | null>(null);
  const showErased = (erasure: Erasure): void =>
    erasure.status === "running" ? go(`/erasures/${erasure.receipt_id}`) : setErased(erasure);
  const loaded = useLoad(leadId, (signal) => call("leads.get", { lead_id: leadId }, { signal }));
  const { data: lead, error } = loaded;
  if (erased?.status === "erased") return <Erased receipt={erased} />;
  if (lead) return <LeadView lead={lead} loaded={loaded} onErased={showErased} />;
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

type ViewProps = { lead: Lead; loaded: Loaded<Lead>; onErased: (erasure: Erasure) => void };

function LeadView({ lead, loaded, onErased }: ViewProps) {
  const [opened, setOpened] = useState<"merge" | "erase" | null>(null);
  const [found, setFound] = useState<Named | null>(null);
  const merge = (other: Named | null): void => {
    setFound(other);
    setOpened("merge");
  };
  const close = (): void => setOpened(null);
  const { lead_id, version } = lead;
  useLeadCommands(lead, (dialog) => (dialog === "merge" ? merge(null) : setOpened(dialog)));
  return (
    <Page
      title={leadTitle(lead)}
      lead={
        <>
          <Pill tone="info">{lead.status.replace("_", " ")}</Pill> score {formatDecimal(lead.score)}
          {lead.level && `, ${lead.level.name}`} · created <Moment at={lead.created_at} /> · changed <Moment at={lead.updated_at} />
        </>
      }
      actions={
        <>
          {mayWrite() && (
            <>
              <Button icon="link" onClick={() => merge(null)}>
                Merge
              </Button>
              <Button icon="trash" onClick={() => void deleteLead(lead)}>
                Delete
              </Button>
              <Button kind="quiet" onClick={() => setOpened("erase")}>
                Erase this person
              </Button>
            </>
          )}
          <CopyButton text={lead_id} label="the lead's id" />
        </>
      }
    >
      {opened === "merge" && <MergeDialog lead={lead} found={found} onClose={close} onMerged={loaded.reload} />}
      {opened === "erase" && <EraseDialog lead={lead} onClose={close} onErased={onErased} />}
      <div class="lead-columns">
        <div class="lead-column">
          <ProfileCard lead={lead} onSaved={(saved) => loaded.set(() => saved)} />
          <Aliases lead={lead} onChange={loaded.reload} />
          <AccountCard lead={lead} onSaved={(saved) => loaded.set(() => saved)} />
          <Segments leadId={lead_id} version={version} />
          <Partner leadId={lead_id} version={version} />
          <Duplicates leadId={lead_id} version={version} onMerge={merge} />
        </div>
        <div class="lead-column">
          <Score leadId={lead_id} version={version} />
          <ProfileScore lead={lead} />
          <Timeline leadId={lead_id} version={version} />
          <Firings leadId={lead_id} version={version} />
          <Changes leadId={lead_id} version={version} onUnmerged={loaded.reload} />
        </div>
      </div>
    </Page>
  );
}
