/** A partner channel: its settings, properties, statuses, reward triggers, and the ledger of its rewards. */
import { useState } from "preact/hooks";
import { operate } from "../../call";
import { Button } from "../../components/button";
import { CopiedFact } from "../../components/copied-fact";
import { Dialog } from "../../components/dialog";
import { Form } from "../../components/form";
import { Page } from "../../components/page";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { hrefOf } from "../../router";
import type { PageProps } from "..";
import { ChannelFields, settingsOf } from "./channel-fields";
import { Properties, Statuses } from "./channel-parts";
import { ChannelSecrets, type Secrets } from "./channel-secrets";
import { type Channel, ChannelState } from "./channels";
import { Ledger } from "./ledger";
import { RewardTriggers } from "./reward-triggers";

export function ChannelPage({ params: { channel: channel_id = "" } }: PageProps) {
  const { data, error, reload, set } = useLoad(channel_id, (signal) => operate("channels.get", { channel_id }, { signal }));
  const [secrets, setSecrets] = useState<Secrets>([]);
  if (!data) {
    return <Page title="Partner channel">{error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={8} />}</Page>;
  }
  const change: Change = async (to) => {
    const saved = await operate("channels.change", { channel_id, change: to });
    set(() => saved.channel);
    setSecrets(saved.secrets);
  };
  return (
    <Page title={data.title} actions={<Actions channel={data} change={change} />}>
      <Facts channel={data} />
      <Properties channel={data} change={change} />
      <Statuses channel={data} change={change} />
      <RewardTriggers channel={data} onTriggers={(reward_triggers) => set((channel) => ({ ...channel, reward_triggers }))} />
      <Ledger channelId={channel_id} />
      {secrets.length > 0 && <ChannelSecrets secrets={secrets} onClose={() => setSecrets([])} />}
    </Page>
  );
}

export type Change = (to: Parameters<typeof operate<"channels.change">>[1]["change"]) => Promise<void>;

function Actions({ channel, change }: { channel: Channel; change: Change }) {
  const [editing, setEditing] = useState(false);
  const { title, archived_at } = channel;
  const turn = (archived: boolean): Promise<void> =>
    change({ archived }).then(
      () =>
        toast(archived ? `${title} is ended: no key reaches it or its leads` : `${title} is open again`, {
          undo: () => void turn(!archived),
        }),
      toastError,
    );
  const save = async (values: Record<string, string>): Promise<void> => {
    await change(settingsOf(values, "change."));
    setEditing(false);
    toast("The channel is saved");
  };
  return (
    <>
      <Button icon="edit" onClick={() => setEditing(true)}>
        Change settings
      </Button>
      <Button onClick={() => void turn(archived_at === null)}>{archived_at === null ? "End" : "Open again"}</Button>
      {editing && (
        <Dialog title={`Change ${title}`} onClose={() => setEditing(false)}>
          <Form submit="Save" onSubmit={save}>
            <ChannelFields channel={channel} prefix="change." />
          </Form>
        </Dialog>
      )}
    </>
  );
}

function Facts({ channel }: { channel: Channel }) {
  const { channel_id, public_id, home, roles, currency, no_auth_api, webhook_new_lead, webhook_status_update, archived_at } = channel;
  const facts = {
    Currency: currency,
    "Creator (company id)": roles.creator,
    "Partner (company id)": roles.partner,
    "Referring (company id)": roles.referring,
    "Receiving (company id)": roles.receiving,
    "Public forms": no_auth_api ? "anybody may create leads" : "off",
    "Webhook of new leads": webhook_new_lead,
    "Webhook of status changes": webhook_status_update,
  };
  return (
    <section class="card" aria-label="Settings">
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>
            <ChannelState archivedAt={archived_at} />
          </dd>
        </div>
        <div>
          <dt>Home</dt>
          <dd>
            {home.name} of <a href={hrefOf(`/operator/organizations/${home.organization_id}`)}>{home.organization_id}</a>
          </dd>
        </div>
        <CopiedFact label="Channel id" value={channel_id} />
        <CopiedFact label="Public id" value={public_id} />
        {Object.entries(facts).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value ?? <span class="muted">none</span>}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
