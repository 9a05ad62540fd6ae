/** What is done to a channel besides changing it: a new signing secret, off and on, deletion. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import { toast, toastError } from "../../components/toast";
import { formatMinute } from "../../format";
import type { Channel } from "./channels";
import { ConfirmDialog } from "./parts";

type ToolsProps = {
  channel: Channel;
  onChanged: (channel: Channel) => void;
  onDeleted: () => void;
  onSecret: (secret: string | null, previousUntil: number) => void;
  onClose: () => void;
};

export function ChannelTools({
  channel: { channel_id, name, type, active, previous_secret_until },
  onChanged,
  onDeleted,
  onSecret,
  onClose,
}: ToolsProps) {
  const [deleting, setDeleting] = useState(false);
  const turn = async (to: boolean, isUndo = false): Promise<void> => {
    try {
      onChanged(await call("channels.change", { channel_id, active: to }));
      if (isUndo) return;
      onClose();
      toast(`${name} is switched ${to ? "on" : "off; what was waiting for it is discarded"}`, { undo: () => void turn(!to, true) });
    } catch (error) {
      toastError(error);
    }
  };
  const revoke = async (): Promise<void> => {
    try {
      onChanged(await call("channels.revokePreviousSecret", { channel_id }));
      onClose();
      toast(`Deliveries to ${name} are signed with the newest secret alone`);
    } catch (error) {
      toastError(error);
    }
  };
  const rotate = async (): Promise<void> => {
    try {
      const { signing_secret, previous_until } = await call("channels.rotateSecret", { channel_id });
      onClose();
      onSecret(signing_secret, previous_until);
    } catch (error) {
      toastError(error);
    }
  };
  const remove = async (): Promise<void> => {
    await call("channels.delete", { channel_id });
    onDeleted();
    onClose();
    toast(`${name} is deleted`);
  };
  return (
    <>
      {previous_secret_until !== null && (
        <p class="muted small">The former secret signs, too, until {formatMinute(previous_secret_until)}.</p>
      )}
      <div class="actions">
        {previous_secret_until !== null && <Button onClick={() => void revoke()}>Revoke the former secret</Button>}
        {type === "webhook" && <Button onClick={() => void rotate()}>New signing secret</Button>}
        <Button onClick={() => void turn(!active)}>{active ? "Switch off" : "Switch on"}</Button>
        <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      {deleting && (
        <ConfirmDialog title={`Delete ${name}?`} action="Delete it" onConfirm={remove} onClose={() => setDeleting(false)}>
          Triggers stop reporting to it, and what is waiting for it is discarded. This cannot be undone: switch it off to stop it for a
          while.
        </ConfirmDialog>
      )}
    </>
  );
}
