/** The fields of a channel, which depend on its type. */
import { useState } from "preact/hooks";
import type { CallInput } from "../../../server/calls";
import { CheckField, SelectField, TextField } from "../../components/form";
import type { Channel } from "./channels";

type NewChannel = Required<CallInput<"channels.create">>;
type Type = Channel["type"];
type Event = Channel["events"][number];

const TYPES: readonly { value: Type; label: string }[] = [
  { value: "slack", label: "Slack" },
  { value: "teams", label: "Microsoft Teams" },
  { value: "email", label: "Email" },
  { value: "webhook", label: "Webhook, signed" },
];

const FIELDS: Record<Type, readonly { key: string; label: string; hint?: string }[]> = {
  slack: [
    { key: "webhook_url", label: "Incoming webhook's URL", hint: "In Slack: Apps, Incoming Webhooks, Add to Slack" },
    { key: "channel_name", label: "Channel's name", hint: "For people only: the URL decides where messages go" },
  ],
  teams: [
    { key: "webhook_url", label: "Workflow's URL", hint: "In Teams: Workflows, Post to a channel when a webhook request is received" },
    { key: "channel_name", label: "Channel's name", hint: "For people only: the URL decides where messages go" },
  ],
  email: [
    { key: "recipients", label: "Recipients", hint: "Email addresses, separated by commas" },
    { key: "subject_prefix", label: "Beginning of the subject" },
  ],
  webhook: [
    { key: "url", label: "URL", hint: "Each delivery is a POST of JSON" },
    { key: "auth_header", label: "Authorization header", hint: "Sent as it is; left empty, none is sent" },
  ],
};

const EVENTS: Record<Event, string> = {
  "lead.created": "A lead is created",
  "lead.changed": "A lead is changed",
  "lead.merged": "Leads are merged",
  "lead.unmerged": "A merge is undone",
  "lead.deleted": "A lead is deleted",
  "lead.erased": "A lead is erased",
  "import.completed": "An import is completed",
  "import.failed": "An import fails",
  "import.stopped": "A standing import stops",
};

/** Where it sends, in short. */
export function targetOf({ type, config }: Channel): string {
  if (type === "email") return config.recipients ?? "";
  const url = config.url ?? config.webhook_url ?? "";
  return config.channel_name ? `${config.channel_name}, ${hostOf(url)}` : hostOf(url);
}

const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

export function NewChannelFields() {
  const [type, setType] = useState<Type>("slack");
  return (
    <>
      <SelectField label="Type" name="type" options={TYPES} value={type} onChange={(event) => setType(event.currentTarget.value as Type)} />
      <ChannelFields key={type} type={type} />
    </>
  );
}

export const ChannelFields = ({ type, channel }: { type: Type; channel?: Channel }) => (
  <>
    <TextField label="Name" name="name" defaultValue={channel?.name ?? ""} autocomplete="off" />
    {FIELDS[type].map(({ key, label, hint }) => (
      <TextField
        key={key}
        label={label}
        name={`config.${key}`}
        hint={hint}
        defaultValue={channel?.config[key] ?? ""}
        autocomplete="off"
        spellcheck={false}
      />
    ))}
    <fieldset class="choices">
      <legend>Beside triggers, report each time</legend>
      {Object.entries(EVENTS).map(([event, label]) => (
        <CheckField key={event} label={label} name={`event ${event}`} checked={channel?.events.includes(event as Event) ?? false} />
      ))}
    </fieldset>
  </>
);

/** What the form says; `before`: what of a config the form does not show stays. */
export function newChannelOf({ name = "", type = "", ...values }: Record<string, string>, before: Record<string, string> = {}): NewChannel {
  const shown = FIELDS[type as Type].map(({ key }) => key);
  const kept = Object.entries(before).filter(([key]) => !shown.includes(key));
  const filled = shown.flatMap((key): [string, string][] => {
    const value = values[`config.${key}`]?.trim() ?? "";
    return value === "" ? [] : [[key, value]];
  });
  const events = (Object.keys(EVENTS) as Event[]).filter((event) => values[`event ${event}`] !== undefined);
  return { name, type: type as Type, config: Object.fromEntries([...kept, ...filled]), events };
}
