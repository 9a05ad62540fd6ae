/** Notification channels: created, changed, tested, switched off and on. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form } from "../../components/form";
import { Pill } from "../../components/pill";
import { SecretDialog, type ShownSecret } from "../../components/secret-dialog";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import { mayWrite } from "../../session";
import { ChannelFields, NewChannelFields, newChannelOf, targetOf } from "./channel-fields";
import { ChannelTools } from "./channel-tools";
import { Section } from "./parts";

export type Channel = CallOutput<"channels.list">[number];

export function Channels() {
  const loaded = useLoad("channels", (signal) => call("channels.list", {}, { signal }));
  const [creating, setCreating] = useState(false);
  const [changing, setChanging] = useState<Channel | null>(null);
  const [secret, setSecret] = useState<ShownSecret | null>(null);
  const put = (channel: Channel): void =>
    loaded.set((channels) => channels.map((other) => (other.channel_id === channel.channel_id ? channel : other)));
  const create = async (values: Record<string, string>): Promise<void> => {
    const { channel, signing_secret, secret_lost } = await call("channels.create", newChannelOf(values));
    loaded.set((channels) => [...channels, channel]);
    setCreating(false);
    if (signing_secret !== null || secret_lost) setSecret(secretOf(channel, signing_secret));
    else toast(`${channel.name} is created: test it to see whether messages arrive`);
  };
  return (
    <Section
      title="Notification channels"
      about={
        <>
          Where triggers and finished imports are reported. What was sent is under <a href={hrefOf("/live?show=deliveries")}>Deliveries</a>.
        </>
      }
      loaded={loaded}
      actions={
        mayWrite() && (
          <Button icon="plus" onClick={() => setCreating(true)}>
            New channel
          </Button>
        )
      }
    >
      {(channels) => (
        <>
          {channels.length === 0 && <p>No channel yet: create one for Slack, Teams, email, or a webhook of your own.</p>}
          <ul class="list" aria-label="Notification channels">
            {channels.map((channel) => (
              <ChannelLine key={channel.channel_id} channel={channel} onChange={() => setChanging(channel)} />
            ))}
          </ul>
          {creating && (
            <Dialog title="New channel" onClose={() => setCreating(false)}>
              <Form submit="Create" onSubmit={create}>
                <NewChannelFields />
              </Form>
            </Dialog>
          )}
          {changing && (
            <ChangeDialog
              channel={changing}
              onChanged={put}
              onDeleted={() => loaded.set((before) => before.filter(({ channel_id }) => channel_id !== changing.channel_id))}
              onSecret={(signing_secret, previous_secret_until) => {
                put({ ...changing, previous_secret_until });
                setSecret(secretOf(changing, signing_secret, true));
              }}
              onClose={() => setChanging(null)}
            />
          )}
          {secret && <SecretDialog {...secret} onClose={() => setSecret(null)} />}
        </>
      )}
    </Section>
  );
}

const secretOf = ({ name }: Channel, signing_secret: string | null, rotated = false): ShownSecret => ({
  title: `Signing secret of ${name}`,
  label: "Signing secret",
  secret: signing_secret,
  children: (
    <p class="muted">
      The receiver verifies the header <code>webhook-signature</code> with it (Standard Webhooks).
      {rotated && " For 24 hours deliveries carry a signature of the former secret, too: change it at the receiver by then."}
    </p>
  ),
});

function ChannelLine({ channel, onChange }: { channel: Channel; onChange: () => void }) {
  const { channel_id, name, type, active, disabled_reason } = channel;
  const test = (): Promise<void> =>
    call("channels.test", { channel_id }).then(() => toast(`A test is on its way to ${name}: see Live, Deliveries`), toastError);
  return (
    <li>
      <div>
        <strong>{name}</strong> <Pill>{type}</Pill> {!active && <Pill tone="warning">switched off</Pill>}
        <p class="muted small">{targetOf(channel)}</p>
        {disabled_reason && <p class="muted small">{disabled_reason}</p>}
      </div>
      {mayWrite() && (
        <div class="actions">
          {active && (
            <Button icon="play" aria-label={`Test ${name}`} onClick={() => void test()}>
              Test
            </Button>
          )}
          <Button aria-label={`Change ${name}`} onClick={onChange}>
            Change
          </Button>
        </div>
      )}
    </li>
  );
}

type ChangeProps = {
  channel: Channel;
  onChanged: (channel: Channel) => void;
  onDeleted: () => void;
  onSecret: (secret: string | null, previousUntil: number) => void;
  onClose: () => void;
};

function ChangeDialog({ channel, onChanged, onDeleted, onSecret, onClose }: ChangeProps) {
  const { channel_id, type, config: before } = channel;
  const save = async (values: Record<string, string>): Promise<void> => {
    const { name, config, events } = newChannelOf({ ...values, type }, before);
    onChanged(await call("channels.change", { channel_id, name, config, events }));
    onClose();
    toast(`${name} is saved`);
  };
  return (
    <Dialog title={`Change ${channel.name}`} onClose={onClose}>
      <Form submit="Save" onSubmit={save}>
        <ChannelFields type={type} channel={channel} />
      </Form>
      <ChannelTools channel={channel} onChanged={onChanged} onDeleted={onDeleted} onSecret={onSecret} onClose={onClose} />
    </Dialog>
  );
}
