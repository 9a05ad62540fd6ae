/** What is done with the selected leads at once. Every change can be taken back from the message that says it is done. */
import { useState } from "preact/hooks";
import type { CallInput } from "../../../server/calls";
import { changeLeads, deleteLeads } from "../../bulk";
import { AccountFinder } from "../../components/account-finder";
import { Button, IconButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { Menu } from "../../components/menu";
import type { Selection } from "../../components/row-selection";
import { toastError } from "../../components/toast";
import { formatNumber } from "../../format";

type Changes = CallInput<"leads.changeMany">["changes"];
type Status = NonNullable<Changes["status"]>;
type Filter = Readonly<Record<string, string>>;

type ChangeManyProps = {
  selection: Selection;
  statuses: readonly Status[];
  /** what the list is narrowed to; null: it shows every lead, and no change is offered for those */
  filter: Filter | null;
  /** whether there are leads that match and are not loaded */
  more: boolean;
  onDone: () => void;
};

export function ChangeMany({ selection, statuses, filter, more, onDone }: ChangeManyProps) {
  const [busy, setBusy] = useState(false);
  const [whole, setWhole] = useState(false);
  const [asking, setAsking] = useState<"owner" | "account" | null>(null);
  const ids = [...selection.value];
  if (ids.length === 0) return null;
  const all = whole && filter !== null;
  const target = all ? { filter } : { ids };
  // what was selected while it ran stays selected
  const end = (): void => {
    selection.value = new Set(all ? [] : [...selection.peek()].filter((id) => !ids.includes(id)));
    if (all) setWhole(false);
    onDone();
  };
  const run = async (work: Promise<void>): Promise<void> => {
    setBusy(true);
    setAsking(null);
    await work.catch(toastError);
    setBusy(false);
  };
  const change = (changes: Changes): Promise<void> => run(changeLeads(target, changes, end));
  return (
    <fieldset class="change-many">
      <legend class="visually-hidden">Change the selected leads</legend>
      <span role="status">{all ? "All that match" : `${formatNumber(ids.length)} selected`}</span>
      {more && filter !== null && !whole && <Button onClick={() => setWhole(true)}>Select all that match</Button>}
      <StatusChange statuses={statuses} busy={busy} onApply={(status) => void change({ status })} />
      <Menu label="Change" align="start">
        <button type="button" class="menu-item" onClick={() => setAsking("owner")}>
          Owner
        </button>
        <button type="button" class="menu-item" onClick={() => setAsking("account")}>
          Account
        </button>
      </Menu>
      <Button icon="trash" busy={busy} onClick={() => void run(deleteLeads(target, end))}>
        Delete
      </Button>
      <IconButton
        icon="close"
        label="Clear selection"
        onClick={() => {
          setWhole(false);
          selection.value = new Set();
        }}
      />
      {asking === "owner" && <OwnerDialog onClose={() => setAsking(null)} onApply={change} />}
      {asking === "account" && (
        <Dialog title="Link the selected leads to an account" onClose={() => setAsking(null)}>
          <AccountFinder onChoose={({ account_id }) => void change({ account_id })} />
          <div class="actions">
            <Button onClick={() => void change({ account_id: null })}>Link them to no account</Button>
          </div>
        </Dialog>
      )}
    </fieldset>
  );
}

type StatusProps = { statuses: readonly Status[]; busy: boolean; onApply: (status: Status) => void };

function StatusChange({ statuses, busy, onApply }: StatusProps) {
  const [status, setStatus] = useState<Status>("contacted");
  return (
    <>
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
      <Button busy={busy} onClick={() => onApply(status)}>
        Set status
      </Button>
    </>
  );
}

const OwnerDialog = ({ onClose, onApply }: { onClose: () => void; onApply: (changes: Changes) => Promise<void> }) => (
  <Dialog title="Owner of the selected leads" onClose={onClose}>
    <Form
      submit="Set owner"
      onSubmit={async ({ owner_id = "", owner_name = "" }) => {
        if (owner_id.trim() === "") throw new Error("An owner needs an id: that of the person in your CRM or directory");
        await onApply({ owner_id, owner_name: owner_name.trim() || null });
      }}
      actions={<Button onClick={() => void onApply({ owner_id: null })}>Nobody</Button>}
    >
      <TextField label="Owner's id" name="owner_id" autofocus autocomplete="off" />
      <TextField label="Name" name="owner_name" autocomplete="off" />
    </Form>
  </Dialog>
);
