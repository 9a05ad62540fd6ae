/** Numbers by day: leads, events, imports, firings. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { BarPlot, LinePlot, type Point } from "../../components/plot";
import { counted, formatNumber, formatUtcDay } from "../../format";
import { hrefOf } from "../../router";
import type { Overview } from ".";

type Series = readonly (number | null)[];
type Counted = Overview["rejected"];

/** A lower bound says so. */
export const countedText = ({ n, least }: Counted): string => (least ? `${formatNumber(n)} or more` : formatNumber(n));

const pointsOf = (series: Series, { first }: Overview["days"]): Point[] =>
  series.flatMap((value, at) => (value === null ? [] : [{ label: formatUtcDay(first + at), value }]));

const sumOf = (series: Series): number => series.reduce<number>((sum, value) => sum + (value ?? 0), 0);

type CardProps = {
  title: string;
  figure: string;
  /** where what the number counts is listed */
  to: string;
  link: string;
  note?: ComponentChildren;
  children: ComponentChildren;
};

export function FigureCard({ title, figure, to, link, note, children }: CardProps) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <div class="overview-head">
        <div>
          <h2 id={id}>{title}</h2>
          <p class="figure">{figure}</p>
        </div>
        <a href={hrefOf(to)}>{link}</a>
      </div>
      {note && <p class="muted small">{note}</p>}
      {children}
    </section>
  );
}

/** Bars by day; says from when on they are known. */
function Daily({ title, series, days }: { title: string; series: Series; days: Overview["days"] }) {
  const from = series.findIndex((value) => value !== null);
  return (
    <>
      <BarPlot title={title} points={pointsOf(series, days)} />
      {from > 0 && (
        <p class="muted small">There is more than can be counted at once: days before {formatUtcDay(days.first + from)} are left out.</p>
      )}
    </>
  );
}

export function Leads({ leads: { total, totals, created, newest }, days }: Overview) {
  const sizes = pointsOf(totals, days);
  return (
    <FigureCard
      title="Leads"
      figure={formatNumber(total)}
      to="/leads"
      link="All leads"
      note={`${countedText(newest)} created in these ${days.length} days`}
    >
      <Daily title="New leads by day" series={created} days={days} />
      {sizes.length > 2 && <LinePlot title="Leads at the end of each day" points={sizes} />}
    </FigureCard>
  );
}

export const Events = ({ events: { daily }, days }: Overview) => (
  <FigureCard
    title="Events"
    figure={formatNumber(sumOf(daily))}
    to="/live"
    link="Live events"
    note={`${formatNumber(daily.at(-1) ?? 0)} today, by the time they happened`}
  >
    <Daily title="Events by day" series={daily} days={days} />
  </FigureCard>
);

export const Imports = ({ imports: { rows, jobs, failed_jobs, failed_rows }, days }: Overview) => (
  <FigureCard
    title="Imports"
    figure={countedText(jobs)}
    to="/import"
    link="All imports"
    note={`${counted(sumOf(rows), "row")} created or changed, ${counted(failed_rows, "failed row")} left${failed_jobs > 0 ? `, ${counted(failed_jobs, "failed import")}` : ""}`}
  >
    <Daily title="Rows imported by day" series={rows} days={days} />
  </FigureCard>
);

export const Firings = ({ firings: { daily, total }, days }: Overview) => (
  <FigureCard
    title="Triggers fired"
    figure={countedText(total)}
    to="/triggers?show=firings"
    link="Recent firings"
    note={`${formatNumber(daily.at(-1) ?? 0)} today`}
  >
    <Daily title="Firings by day" series={daily} days={days} />
  </FigureCard>
);
