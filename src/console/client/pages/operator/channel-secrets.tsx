/** The signing secrets of a channel's new webhooks, one after the other: each is shown once. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { SecretDialog } from "../../components/secret-dialog";

export type Secrets = OperatorCallOutput<"channels.create">["secrets"];

const WEBHOOKS: Readonly<Record<string, string>> = {
  webhook_new_lead: "Webhook of new leads",
  webhook_status_update: "Webhook of status changes",
};

export function ChannelSecrets({ secrets, onClose }: { secrets: Secrets; onClose: () => void }) {
  const [at, setAt] = useState(0);
  const shown = secrets[at];
  if (!shown) return null;
  const { webhook, secret } = shown;
  return (
    <SecretDialog
      key={webhook}
      title={WEBHOOKS[webhook] ?? webhook}
      label="Signing secret"
      secret={secret}
      onClose={() => (at + 1 < secrets.length ? setAt(at + 1) : onClose())}
    >
      <p class="muted">
        The receiver verifies the header <code>webhook-signature</code> with it (Standard Webhooks).
      </p>
    </SecretDialog>
  );
}
