/** The properties and statuses of a partner channel. They are never removed, since leads may refer to them; they are hidden or switched off. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { CheckField, Form, TextField } from "../../components/form";
import { Pill } from "../../components/pill";
import { toast } from "../../components/toast";
import { typedNumber } from "../../typed-number";
import type { Change } from "./channel";
import type { Channel } from "./channels";

type PartsProps = { channel: Channel; change: Change };
type Property = Channel["property_definitions"][number];
type Status = Channel["lead_status"][number];

const AT = { property: "change.property_definitions.0.", status: "change.lead_status.0." } as const;
const TYPES = ["text", "number", "select", "date", "boolean"];

export const Properties = ({ channel: { property_definitions }, change }: PartsProps) => (
  <PartList<Property>
    title="Properties"
    noun="property"
    empty="None yet: leads of the channel have only the standard fields."
    parts={property_definitions}
    nameOf={({ name }) => name}
    details={({ type, active }) => (
      <>
        <Pill>{type}</Pill> {!active && <Pill tone="warning">takes no values</Pill>}
      </>
    )}
    fields={(property) => (
      <>
        <TextField label="Name" name={`${AT.property}name`} defaultValue={property?.name ?? ""} autocomplete="off" />
        <TextField
          label="Type"
          name={`${AT.property}type`}
          defaultValue={property?.type ?? "text"}
          suggestions={TYPES}
          autocomplete="off"
        />
        <Common at={AT.property} part={property} />
        <CheckField label="Takes values" name={`${AT.property}active`} checked={property?.active ?? true} />
      </>
    )}
    save={(id, values) => {
      const given = (field: string): string | undefined => values[AT.property + field];
      const named = { name: given("name") ?? "", type: given("type") ?? "", active: given("active") !== undefined };
      return change({ property_definitions: [{ ...id, ...named, ...commonOf(AT.property, values) }] });
    }}
  />
);

export const Statuses = ({ channel: { lead_status }, change }: PartsProps) => (
  <PartList<Status>
    title="Statuses"
    noun="status"
    empty=""
    parts={lead_status}
    nameOf={({ status }) => status}
    details={({ color }) => (
      <>
        <span class="swatch" style={{ background: color }} /> {color}
      </>
    )}
    fields={(status) => (
      <>
        <TextField label="Name" name={`${AT.status}status`} defaultValue={status?.status ?? ""} autocomplete="off" />
        <TextField
          label="Color"
          name={`${AT.status}color`}
          defaultValue={status?.color ?? "#3B82F6"}
          hint="Such as #3B82F6"
          autocomplete="off"
        />
        <Common at={AT.status} part={status} />
      </>
    )}
    save={(id, values) => {
      const named = { status: values[`${AT.status}status`] ?? "", color: values[`${AT.status}color`]?.trim() ?? "" };
      return change({ lead_status: [{ ...id, ...named, ...commonOf(AT.status, values) }] });
    }}
  />
);

type Part = { id: string; order: number; visible: boolean };

const Common = ({ at, part }: { at: string; part: Part | null }) => (
  <>
    <TextField
      label="Place"
      name={`${at}order`}
      type="number"
      min={0}
      step={1}
      defaultValue={part?.order.toString() ?? ""}
      hint="A number: the lowest comes first. Left empty, a new one comes last."
    />
    <CheckField label="Visible" name={`${at}visible`} checked={part?.visible ?? true} />
  </>
);

function commonOf(at: string, values: Record<string, string>): { order?: number; visible: boolean } {
  const order = values[`${at}order`] ?? "";
  return { visible: values[`${at}visible`] !== undefined, ...(order.trim() ? { order: typedNumber(`${at}order`, order) } : {}) };
}

type ListProps<One extends Part> = {
  title: string;
  noun: string;
  empty: string;
  parts: readonly One[];
  nameOf: (part: One) => string;
  details: (part: One) => ComponentChildren;
  fields: (part: One | null) => ComponentChildren;
  save: (id: { id?: string }, values: Record<string, string>) => Promise<void>;
};

function PartList<One extends Part>({ title, noun, empty, parts, nameOf, details, fields, save }: ListProps<One>) {
  const [editing, setEditing] = useState<One | "new" | null>(null);
  const id = useId();
  const submit = async (values: Record<string, string>): Promise<void> => {
    await save(editing === "new" || editing === null ? {} : { id: editing.id }, values);
    setEditing(null);
    toast(`The ${noun} is saved`);
  };
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {parts.length === 0 && <p>{empty}</p>}
      <ul class="list" aria-label={title}>
        {parts.map((part) => (
          <li key={part.id}>
            <div>
              <strong>{nameOf(part)}</strong> {!part.visible && <Pill>hidden</Pill>}
              <div class="muted small">{details(part)}</div>
            </div>
            <Button aria-label={`Change ${nameOf(part)}`} onClick={() => setEditing(part)}>
              Change
            </Button>
          </li>
        ))}
      </ul>
      <div class="actions">
        <Button icon="plus" onClick={() => setEditing("new")}>
          New {noun}
        </Button>
      </div>
      {editing && (
        <Dialog title={editing === "new" ? `New ${noun}` : `Change ${nameOf(editing)}`} onClose={() => setEditing(null)}>
          <Form submit="Save" onSubmit={submit}>
            {fields(editing === "new" ? null : editing)}
          </Form>
        </Dialog>
      )}
    </section>
  );
}
