/** What happened lately and how it is now: each number leads to the view it is about. The address says over how many days. */
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button, LinkButton } from "../../components/button";
import { Page } from "../../components/page";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { formatTime } from "../../format";
import { useLoad } from "../../load";
import { hrefOf, query } from "../../router";
import { mayWrite } from "../../session";
import { shownUnit } from "../../unit";
import { EventTypes, Scores, Sources } from "./distributions";
import { Quotas } from "./quotas";
import { Events, Firings, Imports, Leads } from "./trends";
import { Waiting } from "./waiting";

export type Overview = CallOutput<"overview.read">;

const RANGES = [7, 30, 90] as const;
const DAYS_DEFAULT = 30;
const CARDS = 8;

export const OverviewPage = () => <UnitOverview key={shownUnit.value} />;

/** Of one org unit: the numbers of another one are never shown, not even for a moment. */
function UnitOverview() {
  const days = RANGES.find((range) => String(range) === query.value.get("days")) ?? DAYS_DEFAULT;
  const { data, error, loading, reload } = useLoad(String(days), (signal) => call("overview.read", { days }, { signal }));
  return (
    <Page title="Overview" actions={<Freshness at={data?.at} loading={loading} onReload={reload} />}>
      <nav class="views" aria-label="Days">
        {RANGES.map((range) => (
          <a
            key={range}
            href={hrefOf(range === DAYS_DEFAULT ? "/overview" : `/overview?days=${range}`)}
            aria-current={range === days ? "page" : undefined}
          >
            {range} days
          </a>
        ))}
      </nav>
      {error && <ErrorState error={error} onRetry={reload} />}
      {data ? isEmpty(data) ? <NothingYet /> : <Cards overview={data} /> : !error && <Skeletons />}
    </Page>
  );
}

const isEmpty = ({ leads, events, imports }: Overview): boolean => leads.total === 0 && imports.jobs.n === 0 && events.types.length === 0;

const Cards = ({ overview }: { overview: Overview }) => (
  <div class="overview">
    <Leads {...overview} />
    <Events {...overview} />
    <Imports {...overview} />
    <Firings {...overview} />
    <Scores {...overview} />
    <Sources {...overview} />
    <EventTypes {...overview} />
    <Waiting {...overview} />
    <Quotas quotas={overview.quotas} />
  </div>
);

const Skeletons = () => (
  <div class="overview">
    {Array.from({ length: CARDS }, (_, at) => (
      <div key={at} class="card">
        <Skeleton lines={5} label="Loading the overview" />
      </div>
    ))}
  </div>
);

type FreshnessProps = { at: number | undefined; loading: boolean; onReload: () => void };

const Freshness = ({ at, loading, onReload }: FreshnessProps) => (
  <>
    <span class="muted small" role="status">
      {loading ? "Loading…" : at !== undefined && `As of ${formatTime(at)}`}
    </span>
    <Button busy={loading} onClick={onReload}>
      Load again
    </Button>
  </>
);

const NothingYet = () => (
  <EmptyState
    icon="overview"
    title="Nothing has happened here yet"
    action={
      <>
        {mayWrite() && (
          <LinkButton to="/import" kind="primary" icon="import">
            Import leads
          </LinkButton>
        )}
        {mayWrite() && <LinkButton to="/settings/sources">Connect a form</LinkButton>}
        <LinkButton to="/live">Watch events arrive</LinkButton>
      </>
    }
  >
    This page shows leads, events, imports and what fired, day by day, as soon as there are any.
  </EmptyState>
);
