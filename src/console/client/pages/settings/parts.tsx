/** What the parts of the settings share: a card that loads, a question before what cannot be undone. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Button } from "../../components/button";
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
      {data !== undefined ? children(data) : !error && <Skeleton lines={1} label={`Loading ${title}`} />}
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
