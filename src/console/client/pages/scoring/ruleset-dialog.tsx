/** A ruleset's name and the time in which it applies: for a new one, or one that there is. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast } from "../../components/toast";
import { PeriodFields } from "./period-fields";

export type Ruleset = CallOutput<"scoring.rulesets">[number];

type RulesetDialogProps = { ruleset: Ruleset | null; onClose: () => void; onSaved: () => void };

export function RulesetDialog({ ruleset, onClose, onSaved }: RulesetDialogProps) {
  const [period, setPeriod] = useState({ starts_at: ruleset?.starts_at ?? null, ends_at: ruleset?.ends_at ?? null });
  const save = async ({ name = "" }: Record<string, string>): Promise<void> => {
    const fields = { name, ...period };
    const saved = ruleset
      ? await call("scoring.changeRuleset", { ruleset_id: ruleset.ruleset_id, seen: ruleset.updated_at, ...fields })
      : await call("scoring.createRuleset", fields);
    toast(`The ruleset ${saved.name} is saved`);
    onSaved();
    onClose();
  };
  return (
    <Dialog title={ruleset ? `Change ${ruleset.name}` : "New ruleset"} onClose={onClose}>
      <Form submit={ruleset ? "Save" : "Create"} onSubmit={save}>
        <TextField
          label="Name"
          name="name"
          defaultValue={ruleset?.name ?? ""}
          hint="What its rules are about, such as Website or Spring campaign"
          autocomplete="off"
        />
        <PeriodFields period={period} onChange={setPeriod} />
      </Form>
    </Dialog>
  );
}
