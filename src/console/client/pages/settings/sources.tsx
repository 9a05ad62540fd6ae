/** Inbound sources: addresses that forms and other services send leads to. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, SelectField, TextField } from "../../components/form";
import { Moment, Pill } from "../../components/pill";
import { SecretDialog, type ShownSecret } from "../../components/secret-dialog";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import { Section } from "./parts";

export type Source = CallOutput<"sources.list">[number];

/** Where to put the address, and which secret the sender signs with. */
export const SENDERS: Record<Source["type"], { label: string; where: string; secret: string }> = {
  typeform: { label: "Typeform", where: "In the form: Connect, Webhooks, Add a webhook", secret: "The secret that you set there" },
  tally: { label: "Tally", where: "In the form: Integrations, Webhooks", secret: "The signing secret that you set there" },
  google_ads: {
    label: "Google Ads lead form",
    where: "In the form asset: Export leads, Webhook integration",
    secret: "The key that you set there",
  },
  calendly: { label: "Calendly", where: "As the url of a webhook subscription in its API", secret: "The signing_key of the subscription" },
  hubspot: { label: "HubSpot", where: "In a private app: Webhooks, or in a workflow", secret: "The app's client secret" },
  stripe: {
    label: "Stripe",
    where: "In the dashboard: Developers, Webhooks, Add endpoint",
    secret: "The endpoint's signing secret, whsec_…",
  },
  generic: { label: "Anything else", where: "Wherever it can POST JSON or a form", secret: "A secret of your own" },
};

const TYPES = (Object.keys(SENDERS) as Source["type"][]).map((value) => ({ value, label: SENDERS[value].label }));

export function Sources() {
  const loaded = useLoad("sources", (signal) => call("sources.list", {}, { signal }));
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<ShownSecret | null>(null);
  const create = async ({ name = "", type = "generic", secret = "" }: Record<string, string>): Promise<void> => {
    const { source, path } = await call("sources.create", { name, type: type as Source["type"], secret: secret || null });
    loaded.set((sources) => [...sources, source]);
    setCreating(false);
    setCreated({
      title: `Address of ${source.name}`,
      label: "Address",
      secret: path && location.origin + path,
      children: <p class="muted">{SENDERS[source.type].where}. Whoever has the address can send, so give it to nobody else.</p>,
    });
  };
  return (
    <Section
      title="Inbound sources"
      about="Each has an address that a form or service sends to. What it sends becomes an event on the timeline of its lead."
      loaded={loaded}
      actions={
        mayWrite() && (
          <Button icon="plus" onClick={() => setCreating(true)}>
            New source
          </Button>
        )
      }
    >
      {(sources) => (
        <>
          {sources.length === 0 && <p>No source yet: create one for each form or service that has leads for you.</p>}
          <ul class="list" aria-label="Inbound sources">
            {sources.map(({ source_id, name, type, active, has_secret, updated_at }) => (
              <li key={source_id}>
                <div>
                  <a href={hrefOf(`/settings/sources/${source_id}`)}>{name}</a> <Pill>{SENDERS[type].label}</Pill>{" "}
                  {!active && <Pill tone="warning">switched off</Pill>}
                  <p class="muted small">
                    {has_secret ? "Signatures are verified" : "No signature is verified"}, changed <Moment at={updated_at} />
                  </p>
                </div>
              </li>
            ))}
          </ul>
          {creating && (
            <Dialog title="New source" onClose={() => setCreating(false)}>
              <Form submit="Create" onSubmit={create}>
                <NewSourceFields />
              </Form>
            </Dialog>
          )}
          {created && <SecretDialog {...created} onClose={() => setCreated(null)} />}
        </>
      )}
    </Section>
  );
}

function NewSourceFields() {
  const [type, setType] = useState<Source["type"]>("typeform");
  return (
    <>
      <TextField label="Name" name="name" hint="Such as Contact form" autocomplete="off" />
      <SelectField
        label="Sender"
        name="type"
        options={TYPES}
        value={type}
        onChange={(event) => setType(event.currentTarget.value as Source["type"])}
      />
      <SecretField type={type} />
    </>
  );
}

export const SecretField = ({ type, kept = false }: { type: Source["type"]; kept?: boolean }) => (
  <TextField
    label="Secret"
    name="secret"
    hint={`${SENDERS[type].secret}. ${kept ? "Left empty, the one that is kept stays" : "Left empty, the address alone keeps others out"}`}
    autocomplete="off"
    spellcheck={false}
  />
);
