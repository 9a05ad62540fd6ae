/** What the parts of the settings share: a card that loads, a question before what cannot be undone, a secret that is shown once. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Dialog } from "../../components/dialog";
import { ErrorState, Skeleton } from "../../components/states";
import { toastError } from "../../components/toast";
import type { Loaded } from "../../load";

type SectionProps<Data> = {
  title: string;
  about?: ComponentChildren;
  loaded: Pick<Loaded<Data>, "data" | "error" | "reload">;
  children: (data: Data) => ComponentChildren;
  /** under the content */
  actions?: ComponentChildren;
};

export function Section<Data>({ title, about, loaded: { data, error, reload }, children, actions }: SectionProps<Data>) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {about && <p class="muted about">{about}</p>}
      {error && <ErrorState error={error} onRetry={reload} />}
      {data !== undefined ? children(data) : !error && <Skeleton label={`Loading ${title}`} />}
      {actions && <div class="actions">{actions}</div>}
    </section>
  );
}

type ConfirmProps = {
  title: string;
  /** what it ends, and that it cannot be undone */
  children: ComponentChildren;
  /** on the button */
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
};

export function ConfirmDialog({ title, children, action, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
    } catch (error) {
      toastError(error);
    }
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{children}</p>
      <div class="actions">
        <Button kind="danger" busy={busy} onClick={() => void confirm()}>
          {action}
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}

export type ShownSecret = {
  title: string;
  /** such as the client id that goes with it */
  facts?: readonly { label: string; value: string }[];
  label: string;
  /** null: the connection broke off before it arrived */
  secret: string | null;
  children?: ComponentChildren;
};

/** A click beside it does not close it: the secret cannot be shown again. */
export const SecretDialog = ({ title, facts = [], label, secret, children, onClose }: ShownSecret & { onClose: () => void }) => (
  <Dialog title={title}>
    {secret === null ? (
      <p>The connection broke off, and what is shown only once did not arrive here. Remove it and create another.</p>
    ) : (
      <>
        <p>Copy it now: it cannot be shown again.</p>
        <dl>
          {[...facts, { label, value: secret }].map((fact) => (
            <div key={fact.label}>
              <dt>{fact.label}</dt>
              <dd class="id">
                <code>{fact.value}</code> <CopyButton text={fact.value} label={`the ${fact.label.toLowerCase()}`} />
              </dd>
            </div>
          ))}
        </dl>
        {children}
      </>
    )}
    <div class="actions">
      <Button kind="primary" onClick={onClose}>
        {secret === null ? "Close" : "I have copied it"}
      </Button>
    </div>
  </Dialog>
);
