/**
 * What this isolate has counted since it last handed its counts to the `Metrics` object, which adds up those of all isolates.
 * No series names a tenant.
 */
const counts = new Map<string, number>();

/** `series` as Prometheus writes it: a name, or `name{label="value"}`. */
export function count(series: string, by = 1): void {
  counts.set(series, (counts.get(series) ?? 0) + by);
}

const SLACK_LATENCY = "event_to_slack_latency_seconds";
const SLACK_LATENCY_BUCKETS_SECONDS = [0.5, 1, 2, 5, 10, 30, 60, 300, 3_600];

/** From the 202 of an event to Slack's answer. */
export function observeSlackLatency(seconds: number): void {
  for (const bound of SLACK_LATENCY_BUCKETS_SECONDS) if (seconds <= bound) count(`${SLACK_LATENCY}_bucket{le="${bound}"}`);
  count(`${SLACK_LATENCY}_bucket{le="+Inf"}`);
  count(`${SLACK_LATENCY}_sum`, seconds);
  count(`${SLACK_LATENCY}_count`);
}

/** Removes and returns the counts. */
export function drainCounts(): Record<string, number> {
  const drained = Object.fromEntries(counts);
  counts.clear();
  return drained;
}

type Kind = "counter" | "gauge" | "histogram";

const SERIES: Record<string, { kind: Kind; help: string }> = {
  events_ingested_total: { kind: "counter", help: "Events accepted with a 202" },
  http_requests_total: { kind: "counter", help: "Requests by status code and method" },
  import_rows_total: { kind: "counter", help: "Rows of imports that were committed" },
  kept_counters_off_total: { kind: "counter", help: "Kept counters that were wrong and have been corrected" },
  d1_errors_total: { kind: "counter", help: "Failures of the database, conflicts not counted" },
  [SLACK_LATENCY]: { kind: "histogram", help: "Seconds from the acceptance of an event to its Slack notification" },
  queue_depth: { kind: "gauge", help: "Messages in the queue of events" },
  queue_oldest_seconds: { kind: "gauge", help: "Age of the oldest message in the queue of events" },
  dead_letters: { kind: "gauge", help: "Messages that no consumer could settle" },
  spilled_objects: { kind: "gauge", help: "Objects of events that wait in R2 for the database, up to 1,000" },
};

const EMPTY_SLACK_LATENCY: [string, number][] = [
  ...SLACK_LATENCY_BUCKETS_SECONDS.map((bound): [string, number] => [`${SLACK_LATENCY}_bucket{le="${bound}"}`, 0]),
  [`${SLACK_LATENCY}_bucket{le="+Inf"}`, 0],
  [`${SLACK_LATENCY}_sum`, 0],
  [`${SLACK_LATENCY}_count`, 0],
];

/** The text format 0.0.4 of Prometheus. Counters that nothing has counted yet are 0; a gauge that could not be read is left out. */
export function prometheusText(counters: Record<string, number>, gauges: Record<string, number | null>): string {
  const values = new Map<string, number>(EMPTY_SLACK_LATENCY);
  for (const [series, value] of Object.entries(counters)) values.set(series, value);
  for (const [series, value] of Object.entries(gauges)) if (value !== null) values.set(series, value);
  return Object.entries(SERIES)
    .flatMap(([name, { kind, help }]) => {
      const lines = [...values].filter(([series]) => nameOf(series) === name || (kind === "histogram" && series.startsWith(`${name}_`)));
      if (lines.length === 0 && kind === "counter" && name !== "http_requests_total") lines.push([name, 0]);
      return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines.map(([series, value]) => `${series} ${value}`)];
    })
    .join("\n")
    .concat("\n");
}

const nameOf = (series: string): string => series.split("{", 1)[0] ?? series;
