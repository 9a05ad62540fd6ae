/** Merging the two leads of a case: which of them survives, and what would move. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { leadTitle } from "../../format";
import { MergeForm, sayMerged, unmerge } from "../lead/merge-form";
import type { Conflict } from ".";
import type { Side } from "./case";

type MergeProps = { conflict: Conflict; onClose: () => void; onMerged: () => void; onUnmerged: () => void };

export function MergeDialog({ conflict, onClose, onMerged, onUnmerged }: MergeProps) {
  const { conflict_id, lead, owner } = conflict;
  const [survivorId, setSurvivorId] = useState(owner?.lead_id);
  if (!lead || !owner) return null;
  const sides = [owner, lead];
  const [survivor, other] = survivorId === lead.lead_id ? [lead, owner] : [owner, lead];
  const merge = async (account_id: string | undefined): Promise<void> => {
    const decision = { conflict_id, action: "merge", target_id: survivor.lead_id } as const;
    const { merge } = await call("conflicts.resolve", { ...decision, ...(account_id ? { account_id } : {}) });
    onMerged();
    sayMerged(other, merge?.status ?? "done", () => void unmerge(survivor.lead_id, onUnmerged));
  };
  return (
    <Dialog title="Merge the two leads" onClose={onClose}>
      <Survivor sides={sides} chosen={survivor.lead_id} onChoose={setSurvivorId} />
      <MergeForm
        key={survivor.lead_id}
        survivor={survivor}
        other={other}
        onMerge={merge}
        actions={
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      />
    </Dialog>
  );
}

type SurvivorProps = { sides: readonly Side[]; chosen: string; onChoose: (leadId: string) => void };

const Survivor = ({ sides, chosen, onChoose }: SurvivorProps) => (
  <fieldset class="choices">
    <legend>Which lead stays?</legend>
    {sides.map((side) => (
      <label key={side.lead_id}>
        <input type="radio" name="survivor" checked={side.lead_id === chosen} onChange={() => onChoose(side.lead_id)} />
        <span>
          {leadTitle(side)} {side.email && <span class="muted">{side.email}</span>}
        </span>
      </label>
    ))}
  </fieldset>
);
