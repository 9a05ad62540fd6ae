/** The settings of a partner channel as a form. `prefix`: their path in the call's input, so that errors are shown at their fields. */
import { CheckField, TextField } from "../../components/form";
import type { Channel } from "./channels";

const COMPANY = "A company id or an organization id";

export const ChannelFields = ({ channel, prefix }: { channel: Channel | null; prefix: string }) => (
  <>
    <TextField label="Title" name={`${prefix}title`} defaultValue={channel?.title ?? ""} autocomplete="off" />
    <TextField
      label="Creator"
      name={`${prefix}creator`}
      defaultValue={channel?.roles.creator ?? ""}
      hint={channel ? COMPANY : `${COMPANY}; left empty, the home organization`}
      autocomplete="off"
      spellcheck={false}
    />
    {(["partner", "referring", "receiving"] as const).map((role) => (
      <TextField
        key={role}
        label={`${role[0]?.toUpperCase()}${role.slice(1)} company`}
        name={`${prefix}${role}`}
        defaultValue={channel?.roles[role] ?? ""}
        hint={`${COMPANY}; optional`}
        autocomplete="off"
        spellcheck={false}
      />
    ))}
    <TextField label="Currency" name={`${prefix}currency`} defaultValue={channel?.currency ?? "USD"} autocomplete="off" />
    <TextField
      label="Webhook of new leads"
      name={`${prefix}webhook_new_lead`}
      type="url"
      defaultValue={channel?.webhook_new_lead ?? ""}
      hint="Optional. A new one gets a signing secret, which is shown once."
      autocomplete="off"
    />
    <TextField
      label="Webhook of status changes"
      name={`${prefix}webhook_status_update`}
      type="url"
      defaultValue={channel?.webhook_status_update ?? ""}
      autocomplete="off"
    />
    <CheckField
      label="Anybody may create leads through public forms"
      name={`${prefix}no_auth_api`}
      checked={channel?.no_auth_api ?? false}
    />
  </>
);

/** The settings as typed into the form. */
export function settingsOf(values: Record<string, string>, prefix: string) {
  const text = (field: string): string => values[prefix + field]?.trim() ?? "";
  const orNone = (field: string): string | null => text(field) || null;
  return {
    title: text("title"),
    creator: text("creator"),
    partner: orNone("partner"),
    referring: orNone("referring"),
    receiving: orNone("receiving"),
    currency: text("currency"),
    webhook_new_lead: orNone("webhook_new_lead"),
    webhook_status_update: orNone("webhook_status_update"),
    no_auth_api: values[`${prefix}no_auth_api`] !== undefined,
  };
}
