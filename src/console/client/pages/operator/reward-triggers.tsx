/** What a partner channel pays for. */
import { useState } from "preact/hooks";
import type { OperatorCallInput } from "../../../server/calls";
import { operate } from "../../call";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form, SelectField, TextField } from "../../components/form";
import { Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { formatMoney, formatPercent } from "../../format";
import { typedNumber } from "../../typed-number";
import { ConfirmDialog } from "../settings/parts";
import type { Channel } from "./channels";

type Trigger = Channel["reward_triggers"][number];
type NewTrigger = OperatorCallInput<"rewardTriggers.create">["trigger"];

export const KINDS: Readonly<Record<Trigger["kind"], string>> = {
  new_lead: "A new lead",
  status_change: "A change of status",
  purchase: "A purchase",
};
const AMOUNTS: Readonly<Record<Trigger["amount_type"], string>> = { fixed: "A fixed amount", percentage: "Percent of the purchase" };

type TriggersProps = { channel: Channel; onTriggers: (triggers: Trigger[]) => void };

export function RewardTriggers({ channel, onTriggers }: TriggersProps) {
  const { channel_id, reward_triggers } = channel;
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Trigger | null>(null);
  const create = async (values: Record<string, string>): Promise<void> => {
    const trigger = await operate("rewardTriggers.create", { channel_id, trigger: triggerOf(values) });
    onTriggers([...reward_triggers, trigger]);
    setCreating(false);
    toast("The reward trigger is created: it pays from now on");
  };
  const remove = async ({ id }: Trigger): Promise<void> => {
    await operate("rewardTriggers.delete", { channel_id, trigger_id: id });
    onTriggers(reward_triggers.filter((other) => other.id !== id));
    toast("The reward trigger is deleted; what it paid stays");
  };
  return (
    <section class="card" aria-labelledby="reward-triggers">
      <h2 id="reward-triggers">Reward triggers</h2>
      {reward_triggers.length === 0 && <p>None yet: the channel pays nothing.</p>}
      <ul class="list" aria-label="Reward triggers">
        {reward_triggers.map((trigger) => (
          <TriggerLine
            key={trigger.id}
            channel={channel}
            trigger={trigger}
            onChanged={(to) => onTriggers(reward_triggers.map((other) => (other.id === to.id ? to : other)))}
            onDelete={() => setDeleting(trigger)}
          />
        ))}
      </ul>
      <div class="actions">
        <Button icon="plus" onClick={() => setCreating(true)}>
          New reward trigger
        </Button>
      </div>
      {creating && (
        <Dialog title="New reward trigger" onClose={() => setCreating(false)}>
          <Form submit="Create" onSubmit={create}>
            <Fields channel={channel} />
          </Form>
        </Dialog>
      )}
      {deleting && (
        <ConfirmDialog
          title="Delete this reward trigger?"
          action="Delete it"
          onConfirm={() => remove(deleting)}
          onClose={() => setDeleting(null)}
        >
          The rewards that it paid stay. This cannot be undone: switch it off to stop it for a while.
        </ConfirmDialog>
      )}
    </section>
  );
}

type LineProps = { channel: Channel; trigger: Trigger; onChanged: (trigger: Trigger) => void; onDelete: () => void };

function TriggerLine({ channel: { channel_id, currency, lead_status }, trigger, onChanged, onDelete }: LineProps) {
  const { id, kind, amount_type, amount, status_id, active } = trigger;
  const status = lead_status.find((other) => other.id === status_id)?.status;
  const pays = amount_type === "fixed" ? formatMoney(amount, currency) : `${formatPercent(amount / 100)} of its amount`;
  const name = `${KINDS[kind]}${status ? ` to ${status}` : ""}: ${pays}`;
  const turn = (to: boolean): Promise<void> =>
    operate("rewardTriggers.change", { channel_id, trigger_id: id, change: { active: to } }).then((changed) => {
      onChanged(changed);
      toast(`The reward trigger is switched ${to ? "on" : "off"}`, { undo: () => void turn(!to) });
    }, toastError);
  return (
    <li>
      <div>
        <strong>{name}</strong> {!active && <Pill tone="warning">switched off</Pill>}
      </div>
      <div class="actions">
        <Button aria-label={`${active ? "Switch off" : "Switch on"} ${name}`} onClick={() => void turn(!active)}>
          {active ? "Switch off" : "Switch on"}
        </Button>
        <Button kind="danger" icon="trash" aria-label={`Delete ${name}`} onClick={onDelete}>
          Delete
        </Button>
      </div>
    </li>
  );
}

function Fields({ channel: { currency, lead_status } }: { channel: Channel }) {
  const [kind, setKind] = useState<string>("new_lead");
  const amounts = Object.entries(AMOUNTS).filter(([type]) => kind === "purchase" || type === "fixed");
  return (
    <>
      <SelectField
        label="Pays for"
        name="trigger.kind"
        options={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value)}
      />
      {kind === "status_change" && (
        <SelectField
          label="To the status"
          name="trigger.status_id"
          options={[{ value: "", label: "Any" }, ...lead_status.map(({ id, status }) => ({ value: id, label: status }))]}
        />
      )}
      <SelectField label="Pays" name="trigger.amount_type" options={amounts.map(([value, label]) => ({ value, label }))} />
      <TextField label="Amount" name="trigger.amount" type="number" min={0} step="any" hint={`In ${currency}, or percent`} />
    </>
  );
}

const triggerOf = (values: Record<string, string>): NewTrigger => ({
  kind: values["trigger.kind"] as Trigger["kind"],
  amount_type: values["trigger.amount_type"] as Trigger["amount_type"],
  amount: typedNumber("trigger.amount", values["trigger.amount"] ?? ""),
  ...(values["trigger.status_id"] ? { status_id: values["trigger.status_id"] } : {}),
});
