/** The fields of leads: the standard ones, and the org unit's own. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast } from "../../components/toast";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import { Section } from "./parts";

export function Fields() {
  const loaded = useLoad("fields", (signal) => call("fields.list", {}, { signal }));
  const [creating, setCreating] = useState(false);
  const create = async ({ name = "" }: Record<string, string>): Promise<void> => {
    const field = await call("fields.create", { name });
    loaded.set(({ fields }) => ({ fields: [...fields, field] }));
    setCreating(false);
    toast(`${field.name} can be chosen in imports and forms from now on`);
  };
  return (
    <Section
      title="Profile fields"
      about="What imports and forms may fill. A field cannot be renamed or removed later: choose its name with care."
      loaded={loaded}
      actions={
        mayWrite() && (
          <Button icon="plus" onClick={() => setCreating(true)}>
            New field
          </Button>
        )
      }
    >
      {({ fields }) => (
        <>
          <h3>Your own</h3>
          {fields.every(({ standard }) => standard) && <p>No field of your own yet: an import offers to create what it needs.</p>}
          <FieldNames label="Your own fields" names={fields.filter(({ standard }) => !standard).map(({ name }) => name)} />
          <h3>Standard</h3>
          <FieldNames label="Standard fields" names={fields.filter(({ standard }) => standard).map(({ name }) => name)} />
          {creating && (
            <Dialog title="New field" onClose={() => setCreating(false)}>
              <Form submit="Create" onSubmit={create}>
                <TextField label="Name" name="name" hint="Letters, digits, underscore, dash, dot, space: at most 64" autocomplete="off" />
              </Form>
            </Dialog>
          )}
        </>
      )}
    </Section>
  );
}

const FieldNames = ({ label, names }: { label: string; names: readonly string[] }) =>
  names.length === 0 ? null : (
    <ul class="names" aria-label={label}>
      {names.map((name) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  );
