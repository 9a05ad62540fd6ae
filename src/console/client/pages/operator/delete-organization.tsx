/** The end of an organization. Nothing takes it back, so its name has to be typed. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { counted } from "../../format";
import { go } from "../../router";
import { saveBlob } from "../../save-file";

type Receipt = OperatorCallOutput<"organizations.delete">;
type DeleteProps = { organization: { organization_id: string; name: string }; onClose: () => void };

export function DeleteOrganization({ organization: { organization_id, name }, onClose }: DeleteProps) {
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  if (receipt) return <Deleted name={name} receipt={receipt} />;
  const remove = async ({ confirmation = "" }: Record<string, string>): Promise<void> => {
    if (confirmation.trim() !== name) throw new Error(`Nothing was deleted: type “${name}”`);
    for (;;) {
      const found = await operate("organizations.delete", { organization_id });
      if (found.status === "done") {
        setReceipt(found);
        return;
      }
    }
  };
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      <p>
        Its credentials are revoked, and its leads, files, channels and audit entries are deleted from every org unit.{" "}
        <strong>This cannot be undone.</strong> Export it first through the API to keep a copy.
      </p>
      <Form
        submit="Delete for good"
        kind="danger"
        onSubmit={remove}
        actions={
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
        }
      >
        <TextField label={`Type “${name}” to confirm`} name="confirmation" autofocus autocomplete="off" spellcheck={false} />
      </Form>
    </Dialog>
  );
}

function Deleted({ name, receipt }: { name: string; receipt: Receipt }) {
  const rows = Object.values(receipt.rows).reduce((sum, count) => sum + count, 0);
  const save = (): void =>
    saveBlob(new Blob([`${JSON.stringify(receipt, null, 2)}\n`], { type: "application/json" }), `deletion-${receipt.organization_id}.json`);
  return (
    <Dialog title={`${name} is deleted`}>
      <p>
        {counted(rows, "row")} and {counted(receipt.objects, "file")} are gone. The receipt is signed.
      </p>
      <div class="actions">
        <Button kind="primary" icon="import" onClick={save}>
          Download the receipt
        </Button>
        <Button onClick={() => go("/operator/organizations")}>Go to the organizations</Button>
      </div>
    </Dialog>
  );
}
