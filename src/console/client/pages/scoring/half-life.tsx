/** How points fade: half of them are left after each half-life. Drawn for one event. */
import { counted, formatDecimal } from "../../format";

const [WIDTH, HEIGHT] = [600, 160];
const HALVINGS = 4;
const STEPS = 60;
/** What the curve of points that stay is drawn over. */
const DAYS_WITHOUT = 90;

type HalfLife = { weight: number; days: number | null };

/** What is left of the points of one event after some days. */
const leftAfter = ({ weight, days }: HalfLife, after: number): number => (days === null ? weight : weight * 0.5 ** (after / days));

const spanOf = ({ days }: HalfLife): number => (days === null ? DAYS_WITHOUT : days * HALVINGS);

/** Points that are taken away are drawn downwards from the top. */
function curve(rule: HalfLife): string {
  const span = spanOf(rule);
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const share = rule.weight === 0 ? 0 : leftAfter(rule, (span * step) / STEPS) / rule.weight;
    const height = share * HEIGHT;
    return `${step === 0 ? "M" : "L"}${((step / STEPS) * WIDTH).toFixed(1)} ${(rule.weight < 0 ? height : HEIGHT - height).toFixed(1)}`;
  }).join("");
}

export function HalfLifeCurve(rule: HalfLife) {
  const { weight, days } = rule;
  const base = weight < 0 ? 0 : HEIGHT;
  const line = curve(rule);
  const marks = days === null ? [0, DAYS_WITHOUT] : Array.from({ length: HALVINGS + 1 }, (_, at) => at * days);
  const said = marks.map((after) => `${formatDecimal(leftAfter(rule, after))} ${after === 0 ? "at once" : `after ${inDays(after)}`}`);
  return (
    <figure class="plot-frame">
      <figcaption>What is left of the points of one event</figcaption>
      <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`Points: ${said.join(", ")}`}>
        {marks.map((after) => {
          const x = (after / spanOf(rule)) * WIDTH;
          return <line key={after} class="rule" x1={x} x2={x} y1="0" y2={HEIGHT} />;
        })}
        <line class="rule" x1="0" x2={WIDTH} y1={base} y2={base} />
        <path class="area" d={`${line}L${WIDTH} ${base}L0 ${base}Z`} />
        <path class="line" d={line} />
      </svg>
      <div class="plot-labels half-lives" aria-hidden="true">
        {marks.map((after) => (
          <span key={after}>
            <strong>{formatDecimal(leftAfter(rule, after))}</strong>
            <br />
            {after === 0 ? "at once" : inDays(after)}
          </span>
        ))}
      </div>
    </figure>
  );
}

/** The same, small enough for a line of text, which says it in words. */
export const HalfLifeSpark = (rule: HalfLife) => (
  <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    <path class="line" d={curve(rule)} />
  </svg>
);

export const inDays = (days: number): string =>
  days < 1 ? `${formatDecimal(days * 24)} h` : Number.isInteger(days) ? counted(days, "day") : `${formatDecimal(days)} days`;
