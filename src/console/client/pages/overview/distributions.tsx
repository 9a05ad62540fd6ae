/** How things are spread: scores, sources of new leads, types of events. */
import { useId } from "preact/hooks";
import { BarPlot, FillBar } from "../../components/plot";
import { formatNumber } from "../../format";
import { hrefOf } from "../../router";
import type { Overview } from ".";
import { FigureCard } from "./trends";

export const Scores = ({ scores: { bins, leads, complete_from } }: Overview) => (
  <FigureCard
    title="Scores now"
    figure={formatNumber(leads)}
    to="/leads?sort=-score"
    link="Highest first"
    note={
      complete_from === null
        ? "Leads with an event, by their score"
        : `The ${formatNumber(leads)} leads that may score highest: below ${formatNumber(complete_from)} there are more`
    }
  >
    {bins.length > 0 ? (
      <BarPlot
        title="Leads by score"
        points={bins.map(({ from, to, leads: value }) => ({ label: `${formatNumber(from)} to ${formatNumber(to)}`, value }))}
      />
    ) : (
      <p>No lead has an event yet: scores begin with the first one.</p>
    )}
  </FigureCard>
);

export const Sources = ({ leads: { sources, newest } }: Overview) => (
  <Shares
    title="Sources of new leads"
    note={
      newest.least ? `Of the ${formatNumber(newest.n)} newest leads` : `Of ${formatNumber(newest.n)} new leads, by their field "source"`
    }
    shares={sources.map(({ source, leads }) => ({ name: source, n: leads }))}
    of={newest.n}
    empty="No new lead says where it is from: map a column or a form's field to “source”."
  />
);

export const EventTypes = ({ events: { types, daily } }: Overview) => (
  <Shares
    title="Most frequent events"
    shares={types.map(({ event_type, count }) => ({
      name: event_type,
      n: count,
      to: `/live?${new URLSearchParams({ type: event_type })}`,
    }))}
    of={daily.reduce<number>((sum, n) => sum + (n ?? 0), 0)}
    empty="No event in these days."
  />
);

type SharesProps = {
  title: string;
  note?: string;
  shares: readonly { name: string; n: number; to?: string }[];
  /** what each is a share of */
  of: number;
  empty: string;
};

function Shares({ title, note, shares, of, empty }: SharesProps) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {note && <p class="muted small">{note}</p>}
      {shares.length === 0 && <p>{empty}</p>}
      <ul class="shares">
        {shares.map(({ name, n, to }) => (
          <li key={name}>
            {to ? <a href={hrefOf(to)}>{name}</a> : <span>{name}</span>}
            <span>{formatNumber(n)}</span>
            <FillBar part={n / Math.max(1, of)} label={`Share of ${name}`} />
          </li>
        ))}
      </ul>
    </section>
  );
}
