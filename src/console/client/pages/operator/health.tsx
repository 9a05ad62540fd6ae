/** Whether the service can work, what waits, and messages that no consumer could settle. */
import { useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button } from "../../components/button";
import { LiveList, shownPage } from "../../components/live-list";
import { Page } from "../../components/page";
import { Moment, Pill } from "../../components/pill";
import { toast, toastError } from "../../components/toast";
import { formatDuration, formatNumber } from "../../format";
import { useLive } from "../../load-live";
import { Json } from "../live/parts";

type Health = OperatorCallOutput<"health.get">;
type Letter = OperatorCallOutput<"deadLetters.list">["letters"][number];

export function HealthPage() {
  const page = shownPage();
  const live = useLive(String(page), async (signal) => {
    const [health, letters] = await Promise.all([operate("health.get", {}, { signal }), operate("deadLetters.list", { page }, { signal })]);
    return { health, ...letters };
  });
  return (
    <Page title="Health" lead="Reloads every two seconds while it is in view.">
      <LiveList live={live}>
        {({ health, letters }) => (
          <>
            <Checks health={health} />
            <Figures health={health} />
            <DeadLetters letters={letters} onReplayed={live.reload} />
          </>
        )}
      </LiveList>
    </Page>
  );
}

const CHECKS = { database: "Databases", files: "File storage", backlog: "Queue of events" } as const;

const Checks = ({ health: { ready, checks } }: { health: Health }) => (
  <section class="card" aria-labelledby="checks">
    <h2 id="checks">
      Readiness <Pill tone={ready ? "good" : "bad"}>{ready ? "ready" : "not ready"}</Pill>
    </h2>
    <ul class="list" aria-label="Readiness">
      {Object.entries(CHECKS).map(([name, label]) => {
        const { ok, ms, detail } = checks[name as keyof typeof CHECKS];
        return (
          <li key={name}>
            <strong>{label}</strong>
            <span>
              <Pill tone={ok ? "good" : "bad"}>{ok ? "works" : (detail ?? "failed")}</Pill> {formatNumber(ms)} ms
            </span>
          </li>
        );
      })}
    </ul>
  </section>
);

function Figures({ health: { gauges, counters } }: { health: Health }) {
  const { queue_depth = null, queue_oldest_seconds = null, spilled_objects = null } = gauges;
  return (
    <section class="card" aria-labelledby="figures">
      <h2 id="figures">What waits and what failed</h2>
      <dl class="facts">
        <Figure label="Events in the queue" value={queue_depth === null ? null : formatNumber(queue_depth)} />
        <Figure label="The oldest has waited" value={queue_oldest_seconds === null ? null : formatDuration(queue_oldest_seconds * 1000)} />
        <Figure label="Files of events that wait for a database" value={spilled_objects === null ? null : formatNumber(spilled_objects)} />
        <Figure label="Failures of the database, in all" value={formatNumber(counters.d1_errors_total ?? 0)} />
        <Figure label="Responses with a 5xx, in all" value={formatNumber(serverErrors(counters))} />
        <Figure label="Events accepted, in all" value={formatNumber(counters.events_ingested_total ?? 0)} />
      </dl>
    </section>
  );
}

const serverErrors = (counters: Readonly<Record<string, number>>): number =>
  Object.entries(counters).reduce((sum, [series, count]) => (/^http_requests_total\{.*"5\d\d"/.test(series) ? sum + count : sum), 0);

const Figure = ({ label, value }: { label: string; value: string | null }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value ?? <span class="muted">not known</span>}</dd>
  </div>
);

const DeadLetters = ({ letters, onReplayed }: { letters: readonly Letter[]; onReplayed: () => void }) => (
  <section class="card" aria-labelledby="letters">
    <h2 id="letters">Dead letters</h2>
    <p class="muted">
      Messages that no consumer could settle, such as events of an unknown form or org unit. No import or delivery is lost with them.
    </p>
    {letters.length === 0 ? (
      <p>No message has failed.</p>
    ) : (
      <ul class="feed" aria-label="Dead letters">
        {letters.map((letter) => (
          <LetterView key={letter.id} letter={letter} onReplayed={onReplayed} />
        ))}
      </ul>
    )}
  </section>
);

function LetterView({ letter: { id, queue, received_at, body }, onReplayed }: { letter: Letter; onReplayed: () => void }) {
  const [busy, setBusy] = useState(false);
  const replay = async (): Promise<void> => {
    setBusy(true);
    try {
      const sent = await operate("deadLetters.replay", { id });
      toast(`Sent to the queue of ${sent.queue} again; if it fails again, it comes back here`);
      onReplayed();
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  return (
    <li>
      <details>
        <summary>
          <strong>{queue}</strong>
          <span>{id}</span>
          <Moment at={received_at} />
        </summary>
        <div class="feed-more">
          <Json {...body} label={`Message ${id}`} />
        </div>
      </details>
      <Button icon="play" busy={busy} aria-label={`Replay ${id}`} onClick={() => void replay()}>
        Replay
      </Button>
    </li>
  );
}
