/** Merging another lead into this one: it is found, what would move is shown, then it is done; the message that says so takes it back. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Finder } from "../../components/finder";
import { leadTitle, type Named } from "../../format";
import type { Lead } from ".";
import { MergeForm, sayMerged, unmerge } from "./merge-form";

type Found = CallOutput<"leads.list">["leads"][number];

const FOUND_MAX = 8;

/** `found`: the lead that was chosen before the dialog opened. */
type MergeProps = { lead: Lead; found: Named | null; onClose: () => void; onMerged: () => void };

export function MergeDialog({ lead, found, onClose, onMerged }: MergeProps) {
  const [source, setSource] = useState<Named | null>(found);
  return (
    <Dialog title={`Merge another lead into ${leadTitle(lead)}`} onClose={onClose}>
      {source ? (
        <Preview lead={lead} source={source} onBack={() => setSource(null)} onClose={onClose} onMerged={onMerged} />
      ) : (
        <Search lead={lead} onChoose={setSource} />
      )}
    </Dialog>
  );
}

const Search = ({ lead, onChoose }: { lead: Lead; onChoose: (found: Found) => void }) => (
  <Finder
    label="Which lead is the same person?"
    placeholder="Name, email or phone"
    find={async (q, signal) => {
      const { leads } = await call("leads.list", { q, limit: FOUND_MAX + 1 }, { signal });
      const others = leads.filter(({ lead_id }) => lead_id !== lead.lead_id).slice(0, FOUND_MAX);
      return others.map((found) => ({
        id: found.lead_id,
        title: leadTitle(found),
        detail: [found.email, found.phone, found.company].filter(Boolean).join(" · "),
        item: found,
      }));
    }}
    onChoose={onChoose}
    nothing={() => "No other lead matches: try fewer words."}
  />
);

type PreviewProps = { lead: Lead; source: Named; onBack: () => void; onClose: () => void; onMerged: () => void };

function Preview({ lead, source, onBack, onClose, onMerged }: PreviewProps) {
  const merge = async (account_id: string | undefined): Promise<void> => {
    const wish = { target_id: lead.lead_id, source_ids: [source.lead_id] };
    const { status } = await call("leads.merge", { ...wish, ...(account_id ? { account_id } : {}) });
    onClose();
    onMerged();
    sayMerged(source, status, () => void unmerge(lead.lead_id, onMerged));
  };
  return (
    <MergeForm
      survivor={lead}
      other={source}
      onMerge={merge}
      actions={
        <Button kind="quiet" onClick={onBack}>
          Choose another
        </Button>
      }
    />
  );
}
