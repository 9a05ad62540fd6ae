/** A delivery: what was sent, what came back at each attempt, and sending it again. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { Dialog } from "../../components/dialog";
import { Moment, Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatExactly, formatNumber } from "../../format";
import { useLive } from "../../load-live";
import { mayWrite } from "../../session";
import { DELIVERY_TONES, Json } from "./parts";

type Delivery = CallOutput<"deliveries.get">;
type Attempt = Delivery["attempts"][number];

export function DeliveryDialog({ deliveryId, onClose }: { deliveryId: string; onClose: () => void }) {
  const { data, error, stale, reload } = useLive(deliveryId, (signal) => call("deliveries.get", { delivery_id: deliveryId }, { signal }));
  return (
    <Dialog title="Delivery" onClose={onClose} wide>
      {error && !data && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={4} label="Loading the delivery" />}
      {data && <DeliveryView delivery={data} stale={stale} onReplayed={reload} />}
    </Dialog>
  );
}

function DeliveryView({ delivery, stale, onReplayed }: { delivery: Delivery; stale: boolean; onReplayed: () => void }) {
  const { delivery_id, event_type, status, created_at, next_attempt_at, payload, attempts } = delivery;
  const [busy, setBusy] = useState(false);
  const replay = async (): Promise<void> => {
    setBusy(true);
    try {
      await call("deliveries.replay", { delivery_id });
      toast("Queued: it is sent again now");
      onReplayed();
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  return (
    <>
      <p role="status">
        <strong>{event_type}</strong> <Pill tone={DELIVERY_TONES[status]}>{status}</Pill> {stale && <Pill tone="warning">out of date</Pill>}{" "}
        {next_attempt_at !== null && (
          <>
            next attempt <Moment at={next_attempt_at} />
          </>
        )}
      </p>
      <p class="id">
        <code>{delivery_id}</code> <CopyButton text={delivery_id} label="the delivery's id" />
      </p>
      <p class="muted small">Created {formatExactly(created_at)}</p>
      <h3>Request</h3>
      <Json text={payload} label="Request" />
      <h3>Attempts</h3>
      {attempts.length === 0 ? (
        <p class="muted">Not sent yet.</p>
      ) : (
        <ol class="attempts">
          {attempts.map((attempt) => (
            <AttemptView key={attempt.attempt_no} attempt={attempt} />
          ))}
        </ol>
      )}
      {mayWrite() && (
        <div class="actions">
          <Button kind="primary" icon="play" busy={busy} onClick={() => void replay()}>
            {status === "pending" ? "Send now" : "Replay"}
          </Button>
        </div>
      )}
    </>
  );
}

const AttemptView = ({ attempt: { attempt_no, at, status_code, error, duration_ms, response } }: { attempt: Attempt }) => (
  <li>
    <p>
      <strong>Attempt {formatNumber(attempt_no)}</strong>{" "}
      <Pill tone={error ? "bad" : "good"}>{status_code === null ? "no response" : `status ${status_code}`}</Pill> <Moment at={at} />
      {duration_ms !== null && `, ${formatNumber(duration_ms)} ms`}
    </p>
    {error && <p>{error}</p>}
    {response ? (
      <Json text={response} label={`Response to attempt ${attempt_no}`} />
    ) : (
      <p class="muted small">{mayWrite() ? "The response was empty." : "Viewers do not see responses."}</p>
    )}
  </li>
);
