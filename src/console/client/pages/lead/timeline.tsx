/** What happened to a lead: its events with their details, and the changes of its record with who made them. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Moment, Pill } from "../../components/pill";
import { ErrorState, Skeleton } from "../../components/states";
import { counted, formatExactly } from "../../format";
import { type Pages, usePages } from "../../load-pages";
import { mayWrite } from "../../session";
import { unmerge } from "./merge-form";

type Event = CallOutput<"leads.events">["events"][number];

type ListProps = { leadId: string; version: string };

/** As the changes it is loaded again with each `version` of the lead. */
export function Timeline({ leadId, version }: ListProps) {
  const list = usePages(version, async (cursor, signal) => {
    const page = await call("leads.events", { lead_id: leadId, page: Number(cursor ?? 1) }, { signal });
    return { rows: page.events, next: page.next_page === null ? null : String(page.next_page), total: page.total };
  });
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline{list.total !== null && list.total > 0 && `: ${counted(list.total, "event")}`}</h2>
      <ListState list={list} label="events" empty="No events yet: they appear here as soon as they are received." />
      <ul class="timeline">
        {list.rows.map((event) => (
          <EventView key={event.event_id} event={event} />
        ))}
      </ul>
      <More list={list} />
    </section>
  );
}

const EventView = ({ event: { event_id, event_type, metadata, occurred_at, original_lead_id, suppression_reason } }: { event: Event }) => (
  <li>
    <details>
      <summary>
        <strong>{event_type}</strong> <Moment at={occurred_at} /> {suppression_reason && <Pill tone="warning">not scored</Pill>}
      </summary>
      <dl class="facts">
        <div>
          <dt>Time</dt>
          <dd>{formatExactly(occurred_at)}</dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <code>{event_id}</code>
          </dd>
        </div>
        {suppression_reason && (
          <div>
            <dt>Not scored</dt>
            <dd>{suppression_reason.replaceAll("_", " ")}</dd>
          </div>
        )}
        {original_lead_id && (
          <div>
            <dt>Came with</dt>
            <dd>
              <code>{original_lead_id}</code>, merged into this lead
            </dd>
          </div>
        )}
        {Object.entries(metadata).map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  </li>
);

export function Changes({ leadId, version, onUnmerged }: ListProps & { onUnmerged: () => void }) {
  const list = usePages(version, async (cursor, signal) => {
    const page = await call("leads.history", { lead_id: leadId, ...(cursor === null ? {} : { cursor }) }, { signal });
    return { rows: page.changes, next: page.next_cursor };
  });
  const newest = list.rows.findIndex(({ type }) => type === "merged" || type === "unmerged");
  return (
    <section class="card" aria-labelledby="changes">
      <h2 id="changes">Changes of the last 90 days</h2>
      <ListState list={list} label="changes" empty="None." />
      <ul class="timeline">
        {list.rows.map(({ at, type, keys, source, actor, request_id }, place) => (
          <li key={`${request_id} ${at} ${type} ${keys}`}>
            <strong>{type}</strong> <Moment at={at} /> {keys.map((key) => [<Pill key={key}>{key}</Pill>, " "])}
            <p class="muted small">
              by {actor}, through {source.client ?? source.dialect.replaceAll("_", " ")}
            </p>
            {place === newest && type === "merged" && mayWrite() && (
              <Button icon="undo" onClick={() => void unmerge(leadId, onUnmerged)}>
                Unmerge
              </Button>
            )}
          </li>
        ))}
      </ul>
      <More list={list} />
    </section>
  );
}

function ListState({ list, label, empty }: { list: Pages<unknown>; label: string; empty: string }) {
  if (list.error) return <ErrorState error={list.error} onRetry={list.reload} />;
  if (list.rows.length > 0) return null;
  return list.loading ? <Skeleton lines={3} label={`Loading ${label}`} /> : <p class="muted">{empty}</p>;
}

const More = ({ list }: { list: Pages<unknown> }) =>
  list.more ? (
    <div class="actions">
      <Button busy={list.loading} onClick={list.more}>
        Show more
      </Button>
    </div>
  ) : null;
