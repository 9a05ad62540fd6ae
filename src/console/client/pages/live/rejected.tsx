/** Events that were accepted and could not be put on a timeline: why, and sending them to the queue again. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy";
import { LiveList, shownPage } from "../../components/live-list";
import { Moment, Pill } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { formatExactly, formatNumber } from "../../format";
import { useLive } from "../../load-live";
import { mayWrite } from "../../session";
import { Json } from "./parts";

type RejectedEvent = CallOutput<"rejected.list">["events"][number];

/** A rejection: the same event, rejected again, is another one. */
const rejectionOf = ({ event_id, rejected_at }: RejectedEvent): string => `${event_id} ${rejected_at}`;

export function Rejected() {
  const page = shownPage();
  const live = useLive(`${page}`, (signal) => call("rejected.list", { page }, { signal }));
  const [queued, setQueued] = useState<ReadonlySet<string>>(new Set());
  const replay = async (event: RejectedEvent): Promise<void> => {
    try {
      await call("rejected.replay", { event_ids: [event.event_id] });
      setQueued((before) => new Set(before).add(rejectionOf(event)));
    } catch (error) {
      toastError(error);
    }
    live.reload();
  };
  return (
    <LiveList live={live} tools={mayWrite() && (live.data?.total ?? 0) > 0 && <ReplayAll />}>
      {({ events }) =>
        events.length === 0 ? (
          <EmptyState icon="check" title="No rejected events">
            Every event that was accepted is on a timeline, or on its way to one.
          </EmptyState>
        ) : (
          <ul class="feed" aria-label="Rejected events">
            {events.map((event) => (
              <Rejection key={rejectionOf(event)} event={event} queued={queued.has(rejectionOf(event))} onReplay={() => replay(event)} />
            ))}
          </ul>
        )
      }
    </LiveList>
  );
}

function ReplayAll() {
  const [busy, setBusy] = useState(false);
  const replay = async (): Promise<void> => {
    setBusy(true);
    try {
      const { queued, next_before } = await call("rejected.replay", { before: new Date(Date.now() + 1).toISOString() });
      toast(`${formatNumber(queued)} queued again${next_before === null ? "" : ": older ones are left, replay again after these"}`);
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  return (
    <Button icon="play" busy={busy} onClick={() => void replay()}>
      Replay all
    </Button>
  );
}

type RejectionProps = { event: RejectedEvent; queued: boolean; onReplay: () => Promise<void> };

function Rejection({ event, queued, onReplay }: RejectionProps) {
  const { event_id, event_type, reason, rejected_at, occurred_at, aliases, metadata } = event;
  const [busy, setBusy] = useState(false);
  const replay = (): void => {
    setBusy(true);
    void onReplay().finally(() => setBusy(false));
  };
  return (
    <li>
      <details>
        <summary>
          <strong>{event_type}</strong>
          <span class="reason">{reason}</span>
          <Moment at={rejected_at} />
        </summary>
        <div class="feed-more">
          <p>Happened {formatExactly(occurred_at)}</p>
          {aliases.length > 0 && <p>{aliases.map(({ kind, value }) => `${kind}: ${value}`).join(", ")}</p>}
          <p class="id">
            <code>{event_id}</code> <CopyButton text={event_id} label="the event's id" />
          </p>
          <Json {...metadata} label={`Metadata of ${event_type}`} />
        </div>
      </details>
      {queued ? (
        <Pill tone="info">queued again</Pill>
      ) : (
        mayWrite() && (
          <Button icon="play" busy={busy} onClick={replay} aria-label={`Replay ${event_type} ${event_id}`}>
            Replay
          </Button>
        )
      )}
    </li>
  );
}
