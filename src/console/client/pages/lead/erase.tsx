/** Erasing a person: the one thing here that nothing takes back. So it has to be typed, and leaves a signed receipt. */
import { useEffect } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { openConflicts } from "../../conflict-count";
import { counted, formatNumber, leadTitle } from "../../format";
import { useLoad } from "../../load";
import { saveBlob } from "../../save-file";
import type { PageProps } from "..";
import type { Lead } from ".";

export type Erasure = CallOutput<"leads.erase">;
type Receipt = Extract<Erasure, { status: "erased" }>;

const CONFIRMATION = "erase";

type EraseProps = { lead: Lead; onClose: () => void; onErased: (erasure: Erasure) => void };

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

const POLL_MS = 1_000;

/** A lead with many events takes a while; its address shows how far it is, and for 30 days the receipt. */
export function ErasurePage({ params: { receipt = "" } }: PageProps) {
  const { data, error, reload } = useLoad(receipt, (signal) => call("erasures.get", { receipt_id: receipt }, { signal }));
  useEffect(() => {
    if (data?.status !== "running") return;
    const timer = setTimeout(reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [data]);
  if (data?.status === "erased") return <Erased receipt={data} />;
  return (
    <Page title="This person is being erased" lead="You may close this page: it goes on.">
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={3} label="Loading the erasure" />}
      {data && <Removed erasure={data} title="Removed so far" />}
    </Page>
  );
}

export function Erased({ receipt }: { receipt: Receipt }) {
  const save = (): void =>
    saveBlob(new Blob([`${JSON.stringify(receipt, null, 2)}\n`], { type: "application/json" }), `erasure-${receipt.lead_id}.json`);
  return (
    <Page title="This person was erased" lead={`${counted(receipt.suppressed, "alias", "aliases")} will not be accepted again.`}>
      <EmptyState
        icon="check"
        title="Download the receipt now: it may not be shown again"
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
      <Removed erasure={receipt} title="What was removed" />
    </Page>
  );
}

const Removed = ({ erasure: { rows, objects }, title }: { erasure: Pick<Erasure, "rows" | "objects">; title: string }) => (
  <section class="card" aria-labelledby="removed">
    <h2 id="removed">{title}</h2>
    <dl class="facts">
      {Object.entries(rows).map(([table, count]) => (
        <div key={table}>
          <dt>{table.replaceAll("_", " ")}</dt>
          <dd>{counted(count, "row")}</dd>
        </div>
      ))}
      <div>
        <dt>files that named the person</dt>
        <dd>{formatNumber(objects)}</dd>
      </div>
    </dl>
  </section>
);
