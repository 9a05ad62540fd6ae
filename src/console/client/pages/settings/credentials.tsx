/** Service accounts: created with a secret that is shown once, and revoked. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Dialog } from "../../components/dialog";
import { Form, TextField } from "../../components/form";
import { Moment } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";

type Created = CallOutput<"credentials.create">;
type Credential = CallOutput<"credentials.list">[number];

export function Credentials() {
  const { data, error, reload, set } = useLoad("credentials", (signal) => call("credentials.list", {}, { signal }));
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<Created | null>(null);
  const [revoking, setRevoking] = useState<Credential | null>(null);
  const create = async (values: Record<string, string>): Promise<void> => {
    const made = await call("credentials.create", { name: values.name ?? "" });
    set((before) => [made.credential, ...before]);
    setCreating(false);
    setCreated(made);
  };
  const revoke = async ({ credential_id, name }: Credential): Promise<void> => {
    try {
      await call("credentials.revoke", { credential_id });
      set((before) => before.filter((other) => other.credential_id !== credential_id));
      toast(`${name} is revoked: it stops working within 30 seconds`);
    } catch (thrown) {
      toastError(thrown);
    }
    setRevoking(null);
  };
  return (
    <section class="card" aria-labelledby="credentials">
      <h2 id="credentials">Service accounts</h2>
      <p class="muted">Programs use the API of this org unit with a client id and secret, and may do everything in it.</p>
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={2} label="Loading service accounts" />}
      {data?.length === 0 && <p>There is none yet.</p>}
      <ul class="list" aria-label="Service accounts">
        {data?.map((credential) => (
          <li key={credential.credential_id}>
            <div>
              <strong>{credential.name}</strong>
              <p class="muted small">
                <code>{credential.client_id}</code>, created <Moment at={credential.created_at} />
              </p>
            </div>
            {mayWrite("admin") && (
              <Button aria-label={`Revoke ${credential.name}`} onClick={() => setRevoking(credential)}>
                Revoke
              </Button>
            )}
          </li>
        ))}
      </ul>
      {mayWrite("admin") && (
        <div class="actions">
          <Button icon="plus" onClick={() => setCreating(true)}>
            New service account
          </Button>
        </div>
      )}
      {creating && (
        <Dialog title="New service account" onClose={() => setCreating(false)}>
          <Form submit="Create" onSubmit={create}>
            <TextField label="Name" name="name" hint="Which program uses it, such as Zapier" autocomplete="off" />
          </Form>
        </Dialog>
      )}
      {created && <SecretDialog created={created} onClose={() => setCreated(null)} />}
      {revoking && (
        <Dialog title={`Revoke ${revoking.name}?`} onClose={() => setRevoking(null)}>
          <p>Programs that use it can no longer sign in. This cannot be undone.</p>
          <div class="actions">
            <Button kind="danger" onClick={() => void revoke(revoking)}>
              Revoke it
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

/** A click beside it does not close it: the secret cannot be shown again. */
const SecretDialog = ({ created: { credential, client_secret }, onClose }: { created: Created; onClose: () => void }) => (
  <Dialog title={`Secret of ${credential.name}`}>
    <p>Copy it now: it cannot be shown again.</p>
    <dl>
      <dt>Client id</dt>
      <dd class="id">
        <code>{credential.client_id}</code> <CopyButton text={credential.client_id ?? ""} label="the client id" />
      </dd>
      <dt>Client secret</dt>
      <dd class="id">
        <code>{client_secret}</code> <CopyButton text={client_secret} label="the client secret" />
      </dd>
    </dl>
    <div class="actions">
      <Button kind="primary" onClick={onClose}>
        I have copied it
      </Button>
    </div>
  </Dialog>
);
