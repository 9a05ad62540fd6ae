/** A secret that is shown once. */
import type { ComponentChildren } from "preact";
import { Button } from "./button";
import { CopyButton } from "./copy";
import { Dialog } from "./dialog";

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
