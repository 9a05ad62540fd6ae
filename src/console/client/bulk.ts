/** Changes and deletions of many leads: requested, waited for, and taken back from the message that says what was done. */
import type { CallInput, CallOutput } from "../server/calls";
import { call } from "./call";
import { toast, toastError } from "./components/toast";
import { counted } from "./format";

type Job = CallOutput<"leads.bulkJob">;
type Target = CallInput<"leads.deleteMany">;
type Changes = CallInput<"leads.changeMany">["changes"];

const POLL_MS = 400;
const pause = (): Promise<void> => new Promise((done) => setTimeout(done, POLL_MS));

/** Changes leads by their ids, or all that match a filter. Resolves once the message is shown. Calls `onDone` then, and after an undo. */
export async function changeLeads(target: Target, changes: Changes, onDone: () => void): Promise<void> {
  const { job_id, written, processed } = await ended(await call("leads.changeMany", { ...target, changes }));
  const same = processed > written ? `, ${counted(processed - written, "lead")} were left as they are` : "";
  say(`${counted(written, "lead")} changed${same}`, { job_id, written }, onDone, onDone);
}

type Deleted = {
  /** of the one lead that is deleted */
  title?: string;
  onUndone?: () => void;
};

/** As `changeLeads`. */
export async function deleteLeads(target: Target, onDone: () => void, { title, onUndone = onDone }: Deleted = {}): Promise<void> {
  const { job_id, written } = await ended(await call("leads.deleteMany", target));
  say(`${title ?? counted(written, "lead")} deleted`, { job_id, written }, onDone, onUndone);
}

async function ended(job: Job): Promise<Job> {
  let its = job;
  while (its.status !== "completed") {
    await pause();
    its = await call("leads.bulkJob", { job_id: its.job_id });
  }
  return its;
}

function say(text: string, { job_id, written }: Pick<Job, "job_id" | "written">, onDone: () => void, onUndone: () => void): void {
  toast(text, written > 0 ? { undo: () => void undo(job_id, onUndone).catch(toastError) } : {});
  onDone();
}

async function undo(job_id: string, onDone: () => void): Promise<void> {
  let its = await call("leads.undoMany", { job_id });
  while (its.status === "queued" || its.status === "in_progress") {
    await pause();
    its = await call("leads.undoMany", { job_id });
  }
  if (its.status === "failed") toast("The change could not be taken back: try again in a moment", { tone: "bad" });
  else toast(`${counted(its.restored, "lead")} as before${its.kept > 0 ? `; ${counted(its.kept, "later change")} stay` : ""}`);
  onDone();
}
