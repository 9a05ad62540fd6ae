/** Which fields of leads fill the fields that the rules compare. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast } from "../../components/toast";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import type { Act } from "./act";
import type { ProfileBook, ProfileMapping } from "./profile-words";

type MappingsProps = { book: ProfileBook; act: Act; onSaved: () => void };

export function ProfileMappings({ book: { rulesets, mappings }, act, onSaved }: MappingsProps) {
  const [editing, setEditing] = useState<ProfileMapping | "new" | null>(null);
  const remove = ({ mapping_id, metadata_key, profile_field }: ProfileMapping) =>
    act(
      `${metadata_key} no longer fills ${profile_field}`,
      () => call("profileScoring.deleteMapping", { mapping_id }),
      () => call("profileScoring.createMapping", { metadata_key, profile_field }),
    );
  const wanted = [...new Set(rulesets.flatMap(({ rules }) => rules.map(({ profile_field }) => profile_field)))];
  return (
    <section class="card" aria-labelledby="mappings">
      <div class="card-head wrap">
        <h2 id="mappings">Where the fields come from</h2>
        {mayWrite() && (
          <Button icon="plus" onClick={() => setEditing("new")}>
            New source
          </Button>
        )}
      </div>
      <p class="muted">Rules look at fields; each field is filled by one or several fields of a lead. The first one with a value counts.</p>
      {mappings.length === 0 && <p>Nothing fills a field yet: no rule gives points.</p>}
      <ul class="list" aria-label="Where the fields come from">
        {mappings.map((mapping) => (
          <li key={mapping.mapping_id}>
            <span class="rule-what">
              <strong>{mapping.profile_field}</strong> is the lead's <code>{mapping.metadata_key}</code>
            </span>
            {mayWrite() && (
              <div class="actions">
                <Button kind="quiet" icon="edit" onClick={() => setEditing(mapping)} aria-label={`Change ${mapping.metadata_key}`}>
                  Change
                </Button>
                <Button kind="quiet" icon="trash" onClick={() => remove(mapping)} aria-label={`Delete ${mapping.metadata_key}`}>
                  Delete
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {editing && (
        <MappingDialog mapping={editing === "new" ? null : editing} fields={wanted} onClose={() => setEditing(null)} onSaved={onSaved} />
      )}
    </section>
  );
}

type DialogProps = { mapping: ProfileMapping | null; fields: readonly string[]; onClose: () => void; onSaved: () => void };

function MappingDialog({ mapping, fields, onClose, onSaved }: DialogProps) {
  const save = async ({ metadata_key = "", profile_field = "" }: Record<string, string>): Promise<void> => {
    const saved = mapping
      ? await call("profileScoring.changeMapping", { mapping_id: mapping.mapping_id, metadata_key, profile_field })
      : await call("profileScoring.createMapping", { metadata_key, profile_field });
    toast(`${saved.metadata_key} fills ${saved.profile_field}`);
    onSaved();
    onClose();
  };
  return (
    <Dialog title={mapping ? `Change ${mapping.metadata_key}` : "New source of a field"} onClose={onClose}>
      <Form submit={mapping ? "Save" : "Create"} onSubmit={save}>
        <LeadFieldField name="metadata_key" defaultValue={mapping?.metadata_key ?? ""} />
        <TextField
          label="Fills the field"
          name="profile_field"
          defaultValue={mapping?.profile_field ?? ""}
          suggestions={fields}
          hint="As the rules name it, such as job_title"
          autocomplete="off"
        />
      </Form>
    </Dialog>
  );
}

/** A field of leads; those that imports may fill are offered. */
export function LeadFieldField({ name, defaultValue }: { name: string; defaultValue: string }) {
  const { data } = useLoad("fields", (signal) => call("fields.list", {}, { signal }));
  return (
    <TextField
      label="Field of the lead"
      name={name}
      defaultValue={defaultValue}
      suggestions={data?.fields.map((field) => field.name) ?? []}
      hint="As its profile has it, such as title or company"
      autocomplete="off"
    />
  );
}
