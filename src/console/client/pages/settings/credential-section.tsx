/** Credentials of one kind: created with a secret that is shown once, and revoked. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Form } from "../../components/form";
import { SecretDialog, type ShownSecret } from "../../components/secret-dialog";
import { toast } from "../../components/toast";
import { useLoad } from "../../load";
import { ConfirmDialog, Section } from "./parts";

type Shown = { credential_id: string; name: string };

type CredentialsProps<Credential extends Shown> = {
  title: string;
  about: ComponentChildren;
  /** `service account` */
  noun: string;
  /** without any: what they are for */
  empty: string;
  mayChange: boolean;
  load: (signal: AbortSignal) => Promise<readonly Credential[]>;
  /** under the name */
  details: (credential: Credential) => ComponentChildren;
  fields: ComponentChildren;
  create: (values: Record<string, string>) => Promise<{ credential: Credential; shown: Omit<ShownSecret, "title"> }>;
  revoke: (credentialId: string) => Promise<unknown>;
};

export function CredentialSection<Credential extends Shown>(props: CredentialsProps<Credential>) {
  const { title, about, noun, empty, mayChange, load, details, fields, create, revoke } = props;
  const loaded = useLoad(title, load);
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<ShownSecret | null>(null);
  const [revoking, setRevoking] = useState<Credential | null>(null);
  const submit = async (values: Record<string, string>): Promise<void> => {
    const { credential, shown } = await create(values);
    loaded.set((before) => [credential, ...before]);
    setCreating(false);
    setCreated({ ...shown, title: `Secret of ${credential.name}` });
  };
  const confirmed = async ({ credential_id, name }: Credential): Promise<void> => {
    await revoke(credential_id);
    loaded.set((before) => before.filter((other) => other.credential_id !== credential_id));
    toast(`${name} is revoked: it stops working within 30 seconds`);
  };
  return (
    <Section
      title={title}
      about={about}
      loaded={loaded}
      actions={
        mayChange && (
          <Button icon="plus" onClick={() => setCreating(true)}>
            New {noun}
          </Button>
        )
      }
    >
      {(credentials) => (
        <>
          {credentials.length === 0 && <p>{empty}</p>}
          <ul class="list" aria-label={title}>
            {credentials.map((credential) => (
              <li key={credential.credential_id}>
                <div>
                  <strong>{credential.name}</strong>
                  <div class="muted small">{details(credential)}</div>
                </div>
                {mayChange && (
                  <Button aria-label={`Revoke ${credential.name}`} onClick={() => setRevoking(credential)}>
                    Revoke
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {creating && (
            <Dialog title={`New ${noun}`} onClose={() => setCreating(false)}>
              <Form submit="Create" onSubmit={submit}>
                {fields}
              </Form>
            </Dialog>
          )}
          {created && <SecretDialog {...created} onClose={() => setCreated(null)} />}
          {revoking && (
            <ConfirmDialog
              title={`Revoke ${revoking.name}?`}
              action="Revoke it"
              onConfirm={() => confirmed(revoking)}
              onClose={() => setRevoking(null)}
            >
              Whatever uses it can no longer sign in. This cannot be undone.
            </ConfirmDialog>
          )}
        </>
      )}
    </Section>
  );
}
