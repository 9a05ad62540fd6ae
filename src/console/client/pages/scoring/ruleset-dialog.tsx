/** The dialog for a new ruleset or a stored one: its name and, as `children`, its other fields. */
import type { ComponentChildren } from "preact";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast } from "../../components/toast";

type RulesetDialogProps = {
  /** of the ruleset that is changed; null: a new one */
  name: string | null;
  hint: string;
  save: (name: string) => Promise<{ name: string }>;
  onClose: () => void;
  onSaved: () => void;
  /** more fields */
  children?: ComponentChildren;
};

export function RulesetDialog({ name, hint, save, onClose, onSaved, children }: RulesetDialogProps) {
  const submit = async (values: Record<string, string>): Promise<void> => {
    const saved = await save(values.name ?? "");
    toast(`The ruleset ${saved.name} is saved`);
    onSaved();
    onClose();
  };
  return (
    <Dialog title={name === null ? "New ruleset" : `Change ${name}`} onClose={onClose}>
      <Form submit={name === null ? "Create" : "Save"} onSubmit={submit}>
        <TextField label="Name" name="name" defaultValue={name ?? ""} hint={hint} autocomplete="off" />
        {children}
      </Form>
    </Dialog>
  );
}
