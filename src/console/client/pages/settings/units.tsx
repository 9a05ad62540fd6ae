/** The org units of the organization. */
import { useState } from "preact/hooks";
import type { CallInput, CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Dialog } from "../../components/dialog";
import { CheckField, Form, TextField } from "../../components/form";
import { Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { mayWrite, session } from "../../session";
import { Section } from "./parts";

type Unit = CallOutput<"units.list">[number];
type Change = CallInput<"units.create">;

export function Units() {
  const loaded = useLoad("units", (signal) => call("units.list", {}, { signal }));
  const [editing, setEditing] = useState<Unit | "new" | null>(null);
  const mayChange = mayWrite("admin") && session.value?.home === null;
  const put = (unit: Unit): void => {
    loaded.set((units) => (units.some(isOf(unit)) ? units.map((other) => (isOf(unit)(other) ? unit : other)) : [...units, unit]));
    showEverywhere(unit);
  };
  const change = async (unit: Unit, to: Change): Promise<void> => {
    put(await call("units.change", { unit_id: unit.unit_id, ...to }));
    const { name, external_ref, default_region, link_accounts_by_domain } = unit;
    const before = { name, external_ref, default_region, link_accounts_by_domain };
    const undo = () => void call("units.change", { unit_id: unit.unit_id, ...before }).then(put, toastError);
    toast(`${to.name} is saved`, { undo });
  };
  const save = async (values: Record<string, string>): Promise<void> => {
    const wanted = changeOf(values);
    if (editing === "new") {
      put(await call("units.create", wanted));
      toast(`${wanted.name} is created: choose it at the top to work in it`);
    } else if (editing) await change(editing, wanted);
    setEditing(null);
  };
  return (
    <Section
      title="Org units"
      about="Each has its own leads, events and settings. Choose at the top which one this tab shows."
      loaded={loaded}
      actions={
        mayChange ? (
          <Button icon="plus" onClick={() => setEditing("new")}>
            New org unit
          </Button>
        ) : (
          <p class="muted small">An admin whose credential has no home unit creates and changes org units.</p>
        )
      }
    >
      {(units) => (
        <>
          <ul class="list" aria-label="Org units">
            {units.map((unit) => (
              <li key={unit.unit_id}>
                <UnitFacts unit={unit} />
                {mayChange && (
                  <Button aria-label={`Change ${unit.name}`} onClick={() => setEditing(unit)}>
                    Change
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {editing && (
            <Dialog title={editing === "new" ? "New org unit" : `Change ${editing.name}`} onClose={() => setEditing(null)}>
              <Form submit={editing === "new" ? "Create" : "Save"} onSubmit={save}>
                <UnitFields unit={editing === "new" ? null : editing} />
              </Form>
            </Dialog>
          )}
        </>
      )}
    </Section>
  );
}

const isOf =
  ({ unit_id }: Unit) =>
  (other: { unit_id: string }): boolean =>
    other.unit_id === unit_id;

const changeOf = ({ name = "", external_ref = "", default_region = "", link_accounts_by_domain }: Record<string, string>): Change => ({
  name,
  external_ref: external_ref || null,
  default_region: default_region || null,
  link_accounts_by_domain: link_accounts_by_domain !== undefined,
});

/** The switcher at the top knows the units, too. */
function showEverywhere({ unit_id, name, is_default, default_region, workspace_id }: Unit): void {
  const now = session.peek();
  if (!now) return;
  const shown = { unit_id, name, is_default, default_region, workspace_id };
  const known = now.units.some((unit) => unit.unit_id === unit_id);
  const units = known ? now.units.map((unit) => (unit.unit_id === unit_id ? shown : unit)) : [...now.units, shown];
  session.value = { ...now, units, unit: now.unit.unit_id === unit_id ? { unit_id, name } : now.unit };
}

const UnitFacts = ({ unit: { unit_id, name, workspace_id, default_region, is_default } }: { unit: Unit }) => (
  <div>
    <strong>{name}</strong> {unit_id === session.value?.unit.unit_id && <Pill tone="info">shown</Pill>} {is_default && <Pill>default</Pill>}
    <div class="muted small id">
      <code>{unit_id}</code> <CopyButton text={unit_id} label={`the id of ${name}`} /> <code>{workspace_id}</code>{" "}
      <CopyButton text={workspace_id} label={`the workspace id of ${name}`} />
    </div>
    {default_region && <p class="muted small">Phone numbers without + are read as those of {default_region}</p>}
  </div>
);

const UnitFields = ({ unit }: { unit: Unit | null }) => (
  <>
    <TextField label="Name" name="name" defaultValue={unit?.name ?? ""} autocomplete="off" />
    <TextField
      label="Country of phone numbers"
      name="default_region"
      defaultValue={unit?.default_region ?? ""}
      hint="Two letters such as DE: how numbers without + are read. Phones of leads are read again after a change."
      autocomplete="off"
    />
    <TextField label="Your own reference" name="external_ref" defaultValue={unit?.external_ref ?? ""} autocomplete="off" />
    <CheckField
      label="Link new leads to the account of their email's domain"
      name="link_accounts_by_domain"
      checked={unit?.link_accounts_by_domain ?? false}
    />
  </>
);
