/** For which leads a trigger fires, and whom it notifies. */
import { CheckField, SelectField, TextField } from "../../components/form";
import { hrefOf } from "../../router";
import type { FieldsProps } from "./condition-fields";

const STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"];

export const FilterFields = ({ draft: { kind, filter }, onChange, choices }: FieldsProps) => {
  if (kind === "segment") return null;
  if (filter.other) return <p class="muted">It fires only for some leads, by a filter that was set with the API and stays as it is.</p>;
  return (
    <fieldset class="pair">
      <legend>Only for leads</legend>
      <SelectField
        label="At the level"
        name="condition.filter.level"
        value={filter.level}
        options={[{ value: "", label: "Any level" }, ...withCurrent(choices.levels, filter.level)]}
        onChange={(event) => onChange({ filter: { ...filter, level: event.currentTarget.value } })}
      />
      <SelectField
        label="With the status"
        name="condition.filter.status"
        value={filter.status}
        options={[{ value: "", label: "Any status" }, ...withCurrent(STATUSES, filter.status)]}
        onChange={(event) => onChange({ filter: { ...filter, status: event.currentTarget.value } })}
      />
    </fieldset>
  );
};

/** A level that was renamed since is still what is stored. */
const withCurrent = (texts: readonly string[], current: string) =>
  [...texts, ...(current && !texts.includes(current) ? [current] : [])].map((value) => ({ value, label: value.replace("_", " ") }));

export const DestinationFields = ({ draft, onChange, choices: { channels } }: FieldsProps) => (
  <fieldset class="destination">
    <legend>Notify</legend>
    {channels.length === 0 && (
      <p class="muted">
        No notification channels are set up yet: <a href={hrefOf("/settings")}>Settings</a>. Without any the trigger only records what it
        fires.
      </p>
    )}
    {channels.map(({ channel_id, name, type, active }) => (
      <CheckField
        key={channel_id}
        label={`${name} (${type}${active ? "" : ", disabled"})`}
        name={`channel ${channel_id}`}
        checked={draft.channel_ids.includes(channel_id)}
        onChange={(checked) =>
          onChange({
            channel_ids: checked ? [...draft.channel_ids, channel_id] : draft.channel_ids.filter((other) => other !== channel_id),
          })
        }
      />
    ))}
    <details class="period" open={draft.emails !== "" || draft.webhook_url !== ""}>
      <summary>Somewhere else</summary>
      <TextField
        label="Email addresses"
        name="emails"
        value={draft.emails}
        hint="Separated by commas"
        autocomplete="off"
        onInput={(event) => onChange({ emails: event.currentTarget.value })}
      />
      <TextField
        label="Webhook address"
        name="webhook_url"
        type="url"
        value={draft.webhook_url}
        hint="A program of this trigger's own, which gets every firing as a signed request"
        autocomplete="off"
        onInput={(event) => onChange({ webhook_url: event.currentTarget.value })}
      />
    </details>
  </fieldset>
);
