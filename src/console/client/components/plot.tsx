/** Small plots: a line over time, bars over ranges. What they show is also said in words, and as a table to whoever cannot see them. */
import { formatCompact, formatNumber } from "../format";

const [WIDTH, HEIGHT] = [600, 160];

export type Point = { label: string; value: number };

type PlotProps = {
  /** what is plotted: the plot's name for screen readers */
  title: string;
  points: readonly Point[];
  /** how a value is written; whole numbers when left out */
  format?: (value: number) => string;
};

/** A line through the points, evenly spaced; the ground under it is tinted. */
export function LinePlot({ title, points, format = formatNumber }: PlotProps) {
  const top = topOf(points);
  const x = (at: number) => (points.length < 2 ? WIDTH / 2 : (at / (points.length - 1)) * WIDTH);
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const line = points.map(({ value }, at) => `${at === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return (
    <PlotFrame title={title} points={points} top={top} format={format}>
      <path class="area" d={`${line}L${x(points.length - 1).toFixed(1)} ${HEIGHT}L${x(0).toFixed(1)} ${HEIGHT}Z`} />
      <path class="line" d={line} />
    </PlotFrame>
  );
}

export function BarPlot({ title, points, format = formatNumber }: PlotProps) {
  const top = topOf(points);
  const step = WIDTH / Math.max(1, points.length);
  return (
    <PlotFrame title={title} points={points} top={top} format={format}>
      {points.map(({ label, value }, at) => {
        const height = (value / top) * HEIGHT;
        return (
          <rect key={label} class="bar" x={at * step + step * 0.1} y={HEIGHT - height} width={step * 0.8} height={height}>
            <title>{`${label}: ${format(value)}`}</title>
          </rect>
        );
      })}
    </PlotFrame>
  );
}

const topOf = (points: readonly Point[]): number => Math.max(1e-9, ...points.map(({ value }) => value));

type FrameProps = Required<PlotProps> & { top: number; children: unknown };

function PlotFrame({ title, points, top, format, children }: FrameProps) {
  const summary = points.length === 0 ? "no data" : `${points.length} values from ${points[0]?.label} to ${points.at(-1)?.label}`;
  return (
    <figure class="plot-frame">
      <figcaption>{title}</figcaption>
      <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${summary}`}>
        <line class="rule" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        <line class="rule" x1="0" x2={WIDTH} y1="0" y2="0" />
        {points.length > 0 && (children as never)}
      </svg>
      <div class="plot-labels" aria-hidden="true">
        <span>{points[0]?.label}</span>
        <span>{points.length > 0 && `highest ${formatCompact(top)}`}</span>
        <span>{points.at(-1)?.label}</span>
      </div>
      <details class="plot-values">
        <summary>Values</summary>
        <table>
          <tbody>
            {points.map(({ label, value }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td class="numeric">{format(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

export type Part = { label: string; value: number; tone: "good" | "info" | "neutral" | "bad" | "warning" };

/** One bar that is divided: what becomes of the rows of a file. */
export function PartsBar({ title, parts }: { title: string; parts: readonly Part[] }) {
  const whole = Math.max(
    1,
    parts.reduce((sum, { value }) => sum + value, 0),
  );
  return (
    <figure class="plot-frame">
      <figcaption>{title}</figcaption>
      <div class="parts" aria-hidden="true">
        {parts
          .filter(({ value }) => value > 0)
          .map(({ label, value, tone }) => (
            <div key={label} class={`part ${tone}`} style={{ flexGrow: value / whole }} />
          ))}
      </div>
      <ul class="parts-key">
        {parts.map(({ label, value, tone }) => (
          <li key={label}>
            <span class={`swatch ${tone}`} aria-hidden="true" /> {label} <strong>{formatNumber(value)}</strong>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** A share between 0 and 1, as a small bar beside its number. */
export const FillBar = ({ part, label }: { part: number; label: string }) => (
  <meter class="fill" min={0} max={1} value={part} aria-label={label}>
    {label}
  </meter>
);
