/** Erasing a person: the one thing here that nothing takes back. So it has to be typed, and leaves a signed receipt. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { EmptyState } from "../../components/states";
import { openConflicts } from "../../conflict-count";
import { counted, formatNumber, leadTitle } from "../../format";
import { saveBlob } from "../../save-file";
import type { Lead } from ".";

export type Receipt = CallOutput<"leads.erase">;

const CONFIRMATION = "erase";

type EraseProps = { lead: Lead; onClose: () => void; onErased: (receipt: Receipt) => void };

export const EraseDialog = ({ lead, onClose, onErased }: EraseProps) => (
  <Dialog title={`Erase ${leadTitle(lead)}`} onClose={onClose}>
    <p>
      Every trace of this person is removed: the lead with its events and scores, and whatever names it in imported files, deliveries and
      logs. Its emails, phones and ids are refused from then on. <strong>This cannot be undone.</strong>
    </p>
    <p>To remove a lead that may come back, delete it instead: that can be undone for 30 days.</p>
    <Form
      submit="Erase for good"
      kind="danger"
      onSubmit={async ({ confirmation = "" }) => {
        if (confirmation.trim().toLowerCase() !== CONFIRMATION) throw new Error(`Nothing was erased: type the word “${CONFIRMATION}”`);
        onErased(await call("leads.erase", { lead_id: lead.lead_id }));
        void openConflicts.load();
      }}
      actions={
        <Button kind="quiet" onClick={onClose}>
          Cancel
        </Button>
      }
    >
      <TextField label={`Type “${CONFIRMATION}” to confirm`} name="confirmation" autofocus autocomplete="off" spellcheck={false} />
    </Form>
  </Dialog>
);

export function ErasedPage({ receipt }: { receipt: Receipt }) {
  const save = (): void =>
    saveBlob(new Blob([`${JSON.stringify(receipt, null, 2)}\n`], { type: "application/json" }), `erasure-${receipt.lead_id}.json`);
  return (
    <Page title="This person was erased" lead={`${counted(receipt.suppressed, "alias", "aliases")} will not be accepted again.`}>
      <EmptyState
        icon="check"
        title="Download the receipt now: it is shown this once"
        action={
          <>
            <Button kind="primary" icon="import" onClick={save}>
              Download the receipt
            </Button>
            <LinkButton to="/leads">Back to the leads</LinkButton>
          </>
        }
      >
        It lists what was removed and is signed: the key set at /.well-known/jwks.json verifies it.
      </EmptyState>
      <section class="card" aria-labelledby="removed">
        <h2 id="removed">What was removed</h2>
        <dl class="facts">
          {Object.entries(receipt.rows).map(([table, rows]) => (
            <div key={table}>
              <dt>{table.replaceAll("_", " ")}</dt>
              <dd>{counted(rows, "row")}</dd>
            </div>
          ))}
          <div>
            <dt>files that named the person</dt>
            <dd>{formatNumber(receipt.objects)}</dd>
          </div>
        </dl>
      </section>
    </Page>
  );
}
