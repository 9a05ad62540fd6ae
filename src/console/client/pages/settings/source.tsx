/** One inbound source: what it was sent last, where each answer goes, and taking a payload again. */
import { useState } from "preact/hooks";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { CheckField, Form, TextField } from "../../components/form";
import { Page } from "../../components/page";
import { Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { go } from "../../router";
import { mayWrite } from "../../session";
import { shownUnit } from "../../unit";
import type { PageProps } from "..";
import { PartLinks } from "./part-links";
import { ConfirmDialog } from "./parts";
import { Payloads } from "./payloads";
import { SENDERS, SecretField, type Source } from "./sources";

export const SourcePage = ({ params: { source = "" } }: PageProps) => <OneSource key={`${source} ${shownUnit.value}`} sourceId={source} />;

function OneSource({ sourceId }: { sourceId: string }) {
  const { data, error, reload, set } = useLoad(sourceId, (signal) => call("sources.get", { source_id: sourceId }, { signal }));
  const put = (source: Source): void => set(() => source);
  return (
    <Page title={data?.name ?? "Inbound source"} actions={<LinkButton to="/settings/sources">All sources</LinkButton>}>
      <PartLinks current="sources" />
      {error && !data && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={6} label="Loading the source" />}
      {data && (
        <>
          <About source={data} onChanged={put} />
          {mayWrite() ? (
            <Payloads source={data} onMapped={put} />
          ) : (
            <p class="muted">Only editors see what was sent: it can hold what a person said of themselves.</p>
          )}
        </>
      )}
    </Page>
  );
}

function About({ source, onChanged }: { source: Source; onChanged: (source: Source) => void }) {
  const { source_id, name, type, active, has_secret } = source;
  const [changing, setChanging] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const turn = async (to: boolean, isUndo = false): Promise<void> => {
    try {
      onChanged(await call("sources.change", { source_id, active: to }));
      if (!isUndo) toast(`${name} is switched ${to ? "on" : "off"}`, { undo: () => void turn(!to, true) });
    } catch (error) {
      toastError(error);
    }
  };
  const remove = async (): Promise<void> => {
    await call("sources.delete", { source_id });
    toast(`${name} is deleted; what it has sent stays`);
    go("/settings/sources", { replace: true });
  };
  return (
    <section class="card" aria-labelledby="about">
      <h2 id="about">
        Sender: {SENDERS[type].label} <Pill tone={active ? "good" : "warning"}>{active ? "takes what is sent" : "switched off"}</Pill>
      </h2>
      <p class="muted">
        {has_secret ? "Signatures are verified." : "No signature is verified: whoever has the address can send."} The address was shown when
        the source was created, and cannot be shown again.
      </p>
      {mayWrite() && (
        <div class="actions">
          <Button onClick={() => setChanging(true)}>Change</Button>
          <Button onClick={() => void turn(!active)}>{active ? "Switch off" : "Switch on"}</Button>
          <Button kind="danger" icon="trash" onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </div>
      )}
      {changing && <ChangeDialog source={source} onChanged={onChanged} onClose={() => setChanging(false)} />}
      {deleting && (
        <ConfirmDialog title={`Delete ${name}?`} action="Delete it" onConfirm={remove} onClose={() => setDeleting(false)}>
          Its address stops working, and the payloads below go. Leads and events stay. This cannot be undone: switch it off to stop it for a
          while.
        </ConfirmDialog>
      )}
    </section>
  );
}

type ChangeProps = { source: Source; onChanged: (source: Source) => void; onClose: () => void };

function ChangeDialog({ source: { source_id, name, type, has_secret }, onChanged, onClose }: ChangeProps) {
  const save = async (values: Record<string, string>): Promise<void> => {
    const { secret = "", no_secret } = values;
    const changed = no_secret !== undefined ? { secret: null } : secret === "" ? {} : { secret };
    onChanged(await call("sources.change", { source_id, name: values.name ?? "", ...changed }));
    onClose();
    toast("The source is saved: other servers follow within 30 seconds");
  };
  return (
    <Dialog title={`Change ${name}`} onClose={onClose}>
      <Form submit="Save" onSubmit={save}>
        <TextField label="Name" name="name" defaultValue={name} autocomplete="off" />
        <SecretField type={type} kept={has_secret} />
        {has_secret && <CheckField label="Verify no signature any more" name="no_secret" checked={false} />}
      </Form>
    </Dialog>
  );
}
