/** What waits, and what failed. */
import type { ComponentChildren } from "preact";
import { Pill, type Tone } from "../../components/pill";
import { formatAgo, formatDuration, formatNumber } from "../../format";
import { hrefOf } from "../../router";
import type { Overview } from ".";
import { countedText } from "./trends";

/** Longer than events usually take. */
const LATE_SECONDS = 60;

export function Waiting({ queue_seconds, deliveries, rejected, imports, days, at }: Overview) {
  const { waiting, oldest_at, failed, delivered, least } = deliveries;
  return (
    <section class="card" aria-labelledby="waiting">
      <h2 id="waiting">Waiting and failed</h2>
      <p class="muted small">Failures of these {formatNumber(days.length)} days; deliveries are kept for 30</p>
      <ul class="shares">
        <Line label="Events waiting to be processed" to="/live" tone={(queue_seconds ?? 0) > LATE_SECONDS ? "warning" : "good"}>
          {queue_seconds === null ? "not known" : queue_seconds === 0 ? "none" : `oldest ${formatDuration(queue_seconds * 1_000)}`}
        </Line>
        <Line label="Events rejected" to="/live?show=rejected" tone={rejected.n > 0 ? "bad" : "good"}>
          {countedText(rejected)}
        </Line>
        <Line label="Deliveries waiting" to="/live?show=deliveries&status=pending" tone={waiting.n > 0 ? "info" : "good"}>
          {countedText(waiting)}
          {oldest_at !== null && `, oldest ${formatAgo(oldest_at, at)}`}
        </Line>
        <Line label="Deliveries failed" to="/live?show=deliveries&status=failed" tone={failed > 0 ? "bad" : "good"}>
          {countedText({ n: failed, least })} of {formatNumber(failed + delivered)}
        </Line>
        <Line label="Imports failed" to="/import" tone={imports.failed_jobs > 0 ? "bad" : "good"}>
          {formatNumber(imports.failed_jobs)}
        </Line>
        <Line label="Rows of imports that failed" to="/import" tone={imports.failed_rows > 0 ? "warning" : "good"}>
          {formatNumber(imports.failed_rows)}
        </Line>
      </ul>
    </section>
  );
}

const Line = ({ label, to, tone, children }: { label: string; to: string; tone: Tone; children: ComponentChildren }) => (
  <li>
    <a href={hrefOf(to)}>{label}</a>
    <Pill tone={tone}>{children}</Pill>
  </li>
);
