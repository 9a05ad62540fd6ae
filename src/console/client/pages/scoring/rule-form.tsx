/** What the forms of all rules share. */
import type { ComponentChildren } from "preact";
import { Form, TextField } from "../../components/form";
import { mayWrite } from "../../session";

type RuleFormProps = { children: ComponentChildren; onSave: (values: Record<string, string>) => Promise<void>; note: string };

/** Viewers see the fields but cannot change them. `note`: when a change takes effect. */
export const RuleForm = ({ children, onSave, note }: RuleFormProps) =>
  mayWrite() ? (
    <Form submit="Save" onSubmit={onSave}>
      {children}
      <p class="muted small">{note}</p>
    </Form>
  ) : (
    <fieldset class="read-only" disabled>
      {children}
    </fieldset>
  );

export const PointsField = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => (
  <TextField
    label="Points"
    name="weight"
    type="number"
    step={1}
    value={value}
    hint="A whole number; below zero takes points away"
    onInput={(event) => onChange(event.currentTarget.value)}
  />
);
