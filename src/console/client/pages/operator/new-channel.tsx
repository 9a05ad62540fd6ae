/** A new partner channel. */
import { useState } from "preact/hooks";
import { operate } from "../../call";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { toast } from "../../components/toast";
import { go } from "../../router";
import { ChannelFields, settingsOf } from "./channel-fields";
import { ChannelSecrets, type Secrets } from "./channel-secrets";

type NewChannelProps = { organizationId: string; unitId: string; onClose: () => void };

export function NewChannel({ organizationId, unitId, onClose }: NewChannelProps) {
  const [created, setCreated] = useState<{ channel_id: string; secrets: Secrets } | null>(null);
  const open = (channel_id: string) => go(`/operator/channels/${channel_id}`);
  if (created) return <ChannelSecrets secrets={created.secrets} onClose={() => open(created.channel_id)} />;
  const create = async (values: Record<string, string>): Promise<void> => {
    const { title, creator, ...settings } = settingsOf(values, "");
    const home = { organization_id: values["home.organization_id"]?.trim() ?? "", unit_id: values["home.unit_id"]?.trim() ?? "" };
    const saved = await operate("channels.create", { ...settings, title, home, creator: creator || home.organization_id });
    const { channel_id } = saved.channel;
    if (saved.secrets.length > 0) setCreated({ channel_id, secrets: saved.secrets });
    else open(channel_id);
    toast(`${title} is created`);
  };
  return (
    <Dialog title="New partner channel" onClose={onClose}>
      <Form submit="Create" onSubmit={create}>
        <TextField
          label="Home: organization id"
          name="home.organization_id"
          defaultValue={organizationId}
          autocomplete="off"
          spellcheck={false}
        />
        <TextField
          label="Home: org unit id"
          name="home.unit_id"
          defaultValue={unitId || "unit_default"}
          hint="The channel shares this unit's leads. It cannot be changed later."
          autocomplete="off"
          spellcheck={false}
        />
        <ChannelFields channel={null} prefix="" />
      </Form>
    </Dialog>
  );
}
