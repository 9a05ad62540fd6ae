/** Values that no lead of the org unit has as an email, phone or other alias. */
import { useState } from "preact/hooks";
import type { CallInput, CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, SelectField, TextField } from "../../components/form";
import { Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { counted } from "../../format";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import { Section } from "./parts";

type Value = CallOutput<"blocked.list">["values"][number];
type Alias = CallInput<"blocked.add">;

const KINDS = [
  { value: "email", label: "Email" },
  { value: "phone", label: "Phone" },
  { value: "external_id", label: "External id" },
  { value: "cookie", label: "Cookie" },
  { value: "social", label: "Profile URL" },
] as const;

const isSame = (one: Alias, other: Alias): boolean => one.kind === other.kind && one.value === other.value;

export function BlockedValues() {
  const loaded = useLoad("blocked", (signal) => call("blocked.list", {}, { signal }));
  const [adding, setAdding] = useState(false);
  const put = (value: Value): void =>
    loaded.set(({ values }) => ({
      values: values.some((other) => isSame(other, value))
        ? values.map((other) => (isSame(other, value) ? value : other))
        : [...values, value],
    }));
  const block = async ({ kind, value }: Alias): Promise<void> => {
    const { removed_from, conflicts_closed, ...blocked } = await call("blocked.add", { kind, value });
    put(blocked.value);
    const closed = conflicts_closed > 0 ? `; ${counted(conflicts_closed, "conflict")} about it closed` : "";
    toast(`${blocked.value.value} is blocked${removed_from === null ? "" : `, and removed from the lead that had it`}${closed}`, {
      undo: () => void allow(blocked.value),
    });
  };
  const allow = async (blocked: Value): Promise<void> => {
    const { kind, value } = blocked;
    try {
      await call("blocked.remove", { kind, value });
    } catch (error) {
      toastError(error);
      return;
    }
    if (blocked.is_default) put({ ...blocked, active: false });
    else loaded.set(({ values }) => ({ values: values.filter((other) => !isSame(other, blocked)) }));
    toast(`${value} is allowed again`, { undo: () => void block(blocked).catch(toastError) });
  };
  const add = async ({ kind = "email", value = "" }: Record<string, string>): Promise<void> => {
    await block({ kind: kind as Alias["kind"], value });
    setAdding(false);
  };
  return (
    <Section
      title="Blocked values"
      about="No import, form or request makes them an email, phone or other alias of a lead: placeholders, shared mailboxes, test data. A lead that has one loses it."
      loaded={loaded}
      actions={
        mayWrite() && (
          <Button icon="plus" onClick={() => setAdding(true)}>
            Block a value
          </Button>
        )
      }
    >
      {({ values }) => (
        <>
          <Values label="Your own" values={values.filter(({ is_default }) => !is_default)} onBlock={block} onAllow={allow} />
          <details>
            <summary>Usual placeholders, blocked unless you allow them</summary>
            <Values label="Usual placeholders" values={values.filter(({ is_default }) => is_default)} onBlock={block} onAllow={allow} />
          </details>
          {adding && (
            <Dialog title="Block a value" onClose={() => setAdding(false)}>
              <Form submit="Block" onSubmit={add}>
                <NewValueFields />
              </Form>
            </Dialog>
          )}
        </>
      )}
    </Section>
  );
}

function NewValueFields() {
  const [kind, setKind] = useState<string>("email");
  return (
    <>
      <SelectField label="Kind" name="kind" options={KINDS} value={kind} onChange={(event) => setKind(event.currentTarget.value)} />
      <TextField label="Value" name="value" placeholder={kind === "email" ? "info@example.com" : ""} autocomplete="off" />
    </>
  );
}

type ValuesProps = {
  label: string;
  values: readonly Value[];
  onBlock: (value: Value) => Promise<void>;
  onAllow: (value: Value) => Promise<void>;
};

const Values = ({ label, values, onBlock, onAllow }: ValuesProps) =>
  values.length === 0 ? (
    <p>No value of your own is blocked.</p>
  ) : (
    <ul class="list" aria-label={label}>
      {values.map((blocked) => {
        const { kind, value, active } = blocked;
        return (
          <li key={`${kind} ${value}`}>
            <div>
              <code>{value}</code> <Pill>{kind.replace("_", " ")}</Pill> {!active && <Pill tone="info">allowed here</Pill>}
            </div>
            {mayWrite() && (
              <Button
                aria-label={`${active ? "Allow" : "Block"} ${value}`}
                onClick={() => void (active ? onAllow(blocked) : onBlock(blocked).catch(toastError))}
              >
                {active ? "Allow" : "Block"}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
