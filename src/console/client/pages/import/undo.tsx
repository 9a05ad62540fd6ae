/** Taking an import back: what that would do, then how far it is. */
import { useMemo, useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { useCommands } from "../../components/palette";
import { toast, toastError } from "../../components/toast";
import { formatNumber } from "../../format";
import { hrefOf } from "../../router";

type Job = CallOutput<"imports.job">;
type Undo = CallOutput<"imports.previewUndo">;

export function UndoButton({ job, onChange }: { job: Job; onChange: () => void }) {
  const [preview, setPreview] = useState<Undo | null>(null);
  const [busy, setBusy] = useState(false);
  const { job_id } = job;
  const possible = !job.undo && job.created + job.changed > 0;
  const look = (): void => {
    setBusy(true);
    void call("imports.previewUndo", { job_id })
      .then(setPreview, toastError)
      .then(() => setBusy(false));
  };
  useCommands(
    useMemo(
      () => (possible ? [{ id: "undo-import", title: "Undo this import", icon: "undo" as const, run: look }] : []),
      [job_id, possible],
    ),
  );
  if (!possible) return null;
  const undo = (): void => {
    setPreview(null);
    void call("imports.undo", { job_id: job.job_id }).then(() => {
      toast("The import is being undone");
      onChange();
    }, toastError);
  };
  return (
    <>
      <Button icon="undo" busy={busy} onClick={look}>
        Undo this import
      </Button>
      {preview && (
        <Dialog title="Undo this import" onClose={() => setPreview(null)}>
          <UndoState undo={preview} />
          <div class="actions">
            <Button kind="primary" onClick={undo}>
              Undo it
            </Button>
            <Button onClick={() => setPreview(null)}>Keep it</Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

const REASONS: Record<string, string> = {
  changed_later: "changed since",
  used_later: "the lead is in use",
  identifies_lead: "the lead is found by it",
  lead_deleted: "the lead is gone",
};
const KEPT_SHOWN = 20;

export function UndoState({ undo }: { undo: Undo }) {
  const running = undo.status === "queued" || undo.status === "in_progress";
  const will = undo.status === "dry_run";
  return (
    <div role="status">
      <p>
        {will ? "Undoing removes" : running ? "Being undone: so far removed" : "Undone: removed"} {formatNumber(undo.removed_count)}{" "}
        {undo.removed_count === 1 ? "lead" : "leads"} that the import created, and {will ? "restores" : "restored"}{" "}
        {formatNumber(undo.restored_count)} that it changed.
      </p>
      {undo.kept_count > 0 && (
        <>
          <p>{formatNumber(undo.kept_count)} values stay as they are, because of what happened since:</p>
          <ul>
            {undo.kept.slice(0, KEPT_SHOWN).map(({ lead_id, field, reason }) => (
              <li key={lead_id + field}>
                <a href={hrefOf(`/leads/${lead_id}`)}>{lead_id.slice(0, 12)}…</a>: {field.replaceAll("_", " ")}, {REASONS[reason] ?? reason}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
