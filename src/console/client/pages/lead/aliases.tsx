/** By what a lead is known: its emails, phones, ids. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button, IconButton } from "../../components/button";
import { Form, SelectField, TextField } from "../../components/form";
import { Moment, Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { mayWrite } from "../../session";
import type { Lead } from ".";

type Alias = Lead["aliases"][number];

const KINDS: Record<Alias["kind"], string> = {
  email: "email",
  phone: "phone",
  external_id: "external id",
  cookie: "cookie",
  social: "profile",
};
const OPTIONS = Object.entries(KINDS).map(([value, label]) => ({ value, label }));

export function Aliases({ lead: { lead_id, aliases }, onChange }: { lead: Lead; onChange: () => void }) {
  const [adding, setAdding] = useState(false);
  const attach = async ({ kind, value }: Pick<Alias, "kind" | "value">): Promise<void> => {
    await call("leads.attachAlias", { lead_id, kind, value });
    onChange();
  };
  const detach = async ({ kind, value }: Alias): Promise<void> => {
    try {
      await call("leads.detachAlias", { lead_id, kind, value });
    } catch (error) {
      toastError(error);
      return;
    }
    onChange();
    toast(`${value} finds this lead no longer`, { undo: () => void attach({ kind, value }).catch(toastError) });
  };
  return (
    <section class="card" aria-labelledby="aliases">
      <header class="card-head">
        <h2 id="aliases">Aliases</h2>
        {mayWrite() && !adding && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            Add alias
          </Button>
        )}
      </header>
      {adding && (
        <Form
          submit="Add"
          onSubmit={async ({ kind, value = "" }) => {
            await attach({ kind: kind as Alias["kind"], value });
            setAdding(false);
          }}
          actions={
            <Button kind="quiet" onClick={() => setAdding(false)}>
              Cancel
            </Button>
          }
        >
          <SelectField label="Kind" name="kind" options={OPTIONS} />
          <TextField label="Value" name="value" autofocus autocomplete="off" />
        </Form>
      )}
      {aliases.length === 0 && <p class="muted">None: no email, phone or id finds this lead.</p>}
      <ul class="list">
        {aliases.map((alias) => (
          <li key={`${alias.kind} ${alias.value}`}>
            <div>
              <Pill>{KINDS[alias.kind]}</Pill> {alias.value}
              <p class="muted small">
                since <Moment at={alias.created_at} />
              </p>
            </div>
            {mayWrite() && <IconButton icon="trash" label={`Remove ${alias.value}`} onClick={() => void detach(alias)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
