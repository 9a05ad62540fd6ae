/** Merging two leads that stand side by side: which of them survives, and what would move. */
import { useState } from "preact/hooks";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { leadTitle } from "../../format";
import { MergeForm, sayMerged, unmerge } from "../lead/merge-form";
import type { Side } from "./comparison";

type MergeProps = {
  /** the first survives unless the other one is chosen */
  sides: readonly [Side, Side];
  /** returns the merge's status */
  merge: (survivor: Side, other: Side, accountId: string | undefined) => Promise<string>;
  onClose: () => void;
  onMerged: (other: Side) => void;
  onUnmerged: () => void;
};

export function MergeDialog({ sides, merge, onClose, onMerged, onUnmerged }: MergeProps) {
  const [one, two] = sides;
  const [survivorId, setSurvivorId] = useState(one.lead_id);
  const [survivor, other] = survivorId === two.lead_id ? [two, one] : [one, two];
  const submit = async (account_id: string | undefined): Promise<void> => {
    const status = await merge(survivor, other, account_id);
    onMerged(other);
    sayMerged(other, status, () => void unmerge(survivor.lead_id, onUnmerged));
  };
  return (
    <Dialog title="Merge the two leads" onClose={onClose}>
      <Survivor sides={sides} chosen={survivor.lead_id} onChoose={setSurvivorId} />
      <MergeForm
        key={survivor.lead_id}
        survivor={survivor}
        other={other}
        onMerge={submit}
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
