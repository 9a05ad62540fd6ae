import { counted, formatNumber } from "../../format";

type Move = { level: { level_id: string; name: string } | null; before: number; after: number };

/** The leads that a rule concerns, by their level as it is and as it would be. */
export const LevelMoves = ({ levels }: { levels: readonly Move[] }) => (
  <dl class="facts">
    {levels
      .filter(({ before, after }) => before > 0 || after > 0)
      .map(({ level, before, after }) => (
        <div key={level?.level_id ?? ""}>
          <dt>{level?.name ?? "No level"}</dt>
          <dd>
            {counted(before, "lead")} today, {formatNumber(after)} with this rule
          </dd>
        </div>
      ))}
  </dl>
);
