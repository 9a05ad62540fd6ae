/** The leads by their scores of today, over the levels; where a level begins can be dragged, or moved with the arrow keys. */
import type { TargetedKeyboardEvent, TargetedPointerEvent } from "preact";
import { useRef } from "preact/hooks";
import { counted, formatNumber } from "../../format";
import { binsOf, type Distribution, type DraftLevel, type Drawn, leadsBetween, rangeOfStart } from "./levels-draft";

const [WIDTH, HEIGHT] = [600, 180];

type HistogramProps = {
  distribution: Distribution;
  levels: readonly DraftLevel[];
  /** left out: nothing can be moved */
  onMove?: (at: number, to: number) => void;
};

export function Histogram({ distribution, levels, onMove }: HistogramProps) {
  const frame = useRef<HTMLDivElement>(null);
  // while a boundary is dragged the axis must not move under it
  const held = useRef<Drawn | null>(null);
  const starts = levels.map(({ min_score }) => min_score);
  const drawn = held.current ?? binsOf(distribution, starts);
  const share = (score: number): number => Math.min(1, Math.max(0, (score - drawn.from) / (drawn.to - drawn.from)));
  const scoreAt = (clientX: number): number => {
    const box = frame.current?.getBoundingClientRect();
    return box ? drawn.from + ((clientX - box.left) / box.width) * (drawn.to - drawn.from) : drawn.from;
  };
  return (
    <figure class="plot-frame">
      <figcaption>Leads by their score today</figcaption>
      <div class={onMove ? "histogram movable" : "histogram"} ref={frame}>
        <Bars drawn={drawn} levels={levels} distribution={distribution} share={share} />
        {onMove &&
          levels.map((level, at) => (
            <Handle
              key={level.level_id ?? `new ${at}`}
              level={level}
              left={share(level.min_score)}
              range={rangeOfStart(levels, at)}
              onMove={(to) => onMove(at, to)}
              onDrag={(clientX) => onMove(at, scoreAt(clientX))}
              onHold={(holds) => {
                held.current = holds ? drawn : null;
                if (!holds) onMove(at, level.min_score);
              }}
            />
          ))}
      </div>
      <div class="plot-labels" aria-hidden="true">
        <span>{formatNumber(drawn.from)}</span>
        <span>highest {counted(Math.max(0, ...drawn.bins.map(({ leads }) => leads)), "lead")}</span>
        <span>{formatNumber(drawn.bins.at(-1)?.from ?? drawn.to)} and more</span>
      </div>
    </figure>
  );
}

type BarsProps = { drawn: Drawn; levels: readonly DraftLevel[]; distribution: Distribution; share: (score: number) => number };

function Bars({ drawn: { bins }, levels, distribution, share }: BarsProps) {
  const most = Math.max(1, ...bins.map(({ leads }) => leads));
  const step = WIDTH / bins.length;
  const said = levels.map(
    ({ name, min_score, max_score }) => `${name}: ${counted(leadsBetween(distribution, min_score, max_score), "lead")}`,
  );
  return (
    <svg
      class="plot"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Leads by score. ${said.join(", ")}`}
    >
      {levels.map(({ level_id, min_score, max_score, color }, at) => {
        const [left, right] = [share(min_score) * WIDTH, max_score === null ? WIDTH : share(max_score + 1) * WIDTH];
        const width = Math.max(0, right - left);
        return (
          <g key={level_id ?? `new ${at}`}>
            <rect x={left} y="0" width={width} height={HEIGHT} fill={color} fill-opacity="0.14" />
            <rect x={left} y={HEIGHT - 6} width={width} height="6" fill={color} />
          </g>
        );
      })}
      {bins.map(({ from, to, leads }, at) => {
        const height = leads === 0 ? 0 : Math.max(2, (leads / most) * (HEIGHT - 12));
        return (
          <rect key={from} class="bar" x={at * step + step * 0.1} y={HEIGHT - 6 - height} width={step * 0.8} height={height}>
            <title>{`${formatNumber(from)} to ${formatNumber(to)}: ${counted(leads, "lead")}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

type HandleProps = {
  level: DraftLevel;
  left: number;
  range: { least: number; most: number };
  onMove: (to: number) => void;
  onDrag: (clientX: number) => void;
  onHold: (holds: boolean) => void;
};

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

function Handle({ level: { name, min_score }, left, range: { least, most }, onMove, onDrag, onHold }: HandleProps) {
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onMove(min_score + step);
  };
  const grab = (event: TargetedPointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    onHold(true);
  };
  return (
    <div
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label={`${name || "New level"} begins at`}
      aria-valuenow={min_score}
      aria-valuemin={least}
      aria-valuemax={most}
      aria-orientation="horizontal"
      style={{ left: `${left * 100}%` }}
      onKeyDown={onKeyDown}
      onPointerDown={grab}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && onDrag(event.clientX)}
      onPointerUp={() => onHold(false)}
      onPointerCancel={() => onHold(false)}
    >
      <span class="handle-value" aria-hidden="true">
        {formatNumber(min_score)}
      </span>
    </div>
  );
}
