/** The form of a profile. It remembers what was typed, field by field, and lays that over the newest version of the lead. */
import { useEffect, useRef, useState } from "preact/hooks";
import { call, Problem } from "../../call";
import { Button } from "../../components/button";
import { Form, SelectField, TextField } from "../../components/form";
import { Icon } from "../../components/icon";
import type { Lead } from ".";
import { type Conflict, changedIn, changeOf, conflictsOf, type Edits, fieldsOf, STATUS, textOf } from "./profile-fields";

const STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"].map((value) => ({
  value,
  label: value.replace("_", " "),
}));
/** How often a save that another writer overtook is repeated before the form shows an error. */
const TRIES_MAX = 3;

type FormProps = {
  lead: Lead;
  onSaved: (saved: Lead, before: Lead, edits: Edits) => void;
  /** somebody else's version, as soon as it is known */
  onTheirs: (theirs: Lead) => void;
  onCancel: () => void;
};

export function ProfileForm({ lead, onSaved, onTheirs, onCancel }: FormProps) {
  const [base, setBase] = useState(lead);
  const [edits, setEdits] = useState<Edits>({});
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const change = (id: string, text: string): void => setEdits((before) => ({ ...before, [id]: text }));
  const dirty = changedIn(base, edits).length > 0;
  useWarning(dirty);
  const save = async (): Promise<void> => {
    let before = base;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (changedIn(before, edits).length === 0) return tries === 0 ? onCancel() : onSaved(before, before, {});
      try {
        const { lead_id, version } = before;
        return onSaved(await call("leads.change", { lead_id, version, ...changeOf(before, edits) }), before, edits);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 412) throw error;
      }
      const theirs = await call("leads.get", { lead_id: before.lead_id });
      const found = conflictsOf(before, theirs, edits);
      before = theirs;
      setBase(theirs);
      onTheirs(theirs);
      setConflicts(found);
      if (found.length > 0) return;
    }
    throw new Error("Others keep changing this lead: try again in a moment");
  };
  return (
    <Form
      submit="Save"
      onSubmit={save}
      actions={
        <Button kind="quiet" onClick={onCancel}>
          Cancel
        </Button>
      }
    >
      {conflicts.length > 0 && <Conflicts conflicts={conflicts} edits={edits} onChoose={change} />}
      {fieldsOf(base).map((field, at) => (
        <Field key={field.id} field={field} first={at === 0} text={edits[field.id] ?? textOf(base, field.id)} onChange={change} />
      ))}
    </Form>
  );
}

/** Leaving the page, or closing the tab, asks first. */
function useWarning(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [dirty]);
}

type Change = (id: string, text: string) => void;

function Field({
  field: { id, label },
  first,
  text,
  onChange,
}: {
  field: { id: string; label: string };
  first: boolean;
  text: string;
  onChange: Change;
}) {
  const name = id.replace(/^profile\./, "metadata_patch.");
  if (id === STATUS.id)
    return (
      <SelectField
        label={label}
        name={name}
        options={STATUSES}
        value={text}
        onChange={(event) => onChange(id, event.currentTarget.value)}
      />
    );
  return (
    <TextField
      label={label}
      name={name}
      value={text}
      autofocus={first}
      autocomplete="off"
      onInput={(event) => onChange(id, event.currentTarget.value)}
    />
  );
}

type ConflictsProps = { conflicts: readonly Conflict[]; edits: Edits; onChoose: Change };

/** For each field the value that was typed here and the one that is saved. */
function Conflicts({ conflicts, edits, onChoose }: ConflictsProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.querySelector("input")?.focus(), [conflicts]);
  return (
    <section class="conflicts" aria-label="Changed by somebody else" ref={box}>
      <p>
        <Icon name="warning" /> Somebody else changed this lead while you were editing it. Nothing of yours is saved yet: choose, then save.
      </p>
      {conflicts.map(({ id, label, mine, theirs }) => (
        <fieldset key={id} class="choices">
          <legend>{label}</legend>
          {[
            { text: mine, who: "Yours" },
            { text: theirs, who: "Saved by somebody else" },
          ].map(({ text, who }) => (
            <label key={who}>
              <input type="radio" name={`conflict.${id}`} checked={edits[id]?.trim() === text} onChange={() => onChoose(id, text)} />
              <span>
                {who}: <strong>{text === "" ? "(empty)" : text}</strong>
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </section>
  );
}
