/** Changes the selected leads at once, waits until it is done, and offers to take it back. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import type { Selection } from "../../components/row-selection";
import { toast, toastError } from "../../components/toast";
import { formatNumber } from "../../format";

const POLL_MS = 400;
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, POLL_MS));

type Status = "new" | "contacted" | "qualified" | "converted" | "lost" | "follow_up";
type ChangeManyProps = { selection: Selection; statuses: readonly Status[]; onDone: () => void };

export function ChangeMany({ selection, statuses, onDone }: ChangeManyProps) {
  const [busy, setBusy] = useState(false);
  const [status, setStatus] = useState<Status>("contacted");
  const ids = [...selection.value];
  if (ids.length === 0) return null;
  const apply = async (): Promise<void> => {
    setBusy(true);
    try {
      let job = await call("leads.changeMany", { ids, changes: { status } });
      while (job.status !== "completed") {
        await pause();
        job = await call("leads.bulkJob", { job_id: job.job_id });
      }
      const { job_id, written, processed } = job;
      const same = processed > written ? `, ${formatNumber(processed - written)} were left as they are` : "";
      toast(
        `${formatNumber(written)} leads changed${same}`,
        written > 0 ? { undo: () => void undo(job_id, onDone).catch(toastError) } : {},
      );
      selection.value = new Set();
      onDone();
    } catch (error) {
      toastError(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <fieldset class="change-many">
      <legend class="visually-hidden">Change the selected leads</legend>
      <span role="status">{formatNumber(ids.length)} selected</span>
      <select
        aria-label="New status"
        value={status}
        onChange={(event) => setStatus(statuses.find((each) => each === event.currentTarget.value) ?? status)}
      >
        {statuses.map((value) => (
          <option key={value} value={value}>
            {value.replace("_", " ")}
          </option>
        ))}
      </select>
      <Button busy={busy} onClick={() => void apply()}>
        Set status
      </Button>
      <Button
        kind="quiet"
        onClick={() => {
          selection.value = new Set();
        }}
      >
        Clear selection
      </Button>
    </fieldset>
  );
}

async function undo(job_id: string, onDone: () => void): Promise<void> {
  let its = await call("leads.undoMany", { job_id });
  while (its.status === "queued" || its.status === "in_progress") {
    await pause();
    its = await call("leads.undoMany", { job_id });
  }
  if (its.status === "failed") toast("The change could not be taken back: try again in a moment", { tone: "bad" });
  else toast(`${formatNumber(its.restored)} leads are as they were${its.kept > 0 ? `; ${formatNumber(its.kept)} later changes stay` : ""}`);
  onDone();
}
