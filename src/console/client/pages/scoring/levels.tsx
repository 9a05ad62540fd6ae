/** Levels, drawn on the scores that leads have today: what a boundary would change is seen before it is saved. */
import { useState } from "preact/hooks";
import type { CallOutput } from "../../../server/calls";
import { call } from "../../call";
import { Button } from "../../components/button";
import { Form } from "../../components/form";
import { Pill } from "../../components/pill";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { counted, formatNumber } from "../../format";
import { useLoad } from "../../load";
import { mayWrite } from "../../session";
import { Histogram } from "./histogram";
import { LevelFields } from "./level-fields";
import { addLevel, byRange, type Distribution, type DraftLevel, moveStart, removeLevel } from "./levels-draft";

type Saved = CallOutput<"levels.list">;

type Dimension = "engagement" | "profile";
type Counted = Distribution & {
  /** which leads the numbers are of, in words */
  coverage: string;
};

async function engagementScores(signal: AbortSignal): Promise<Counted> {
  const counts = await call("levels.distribution", {}, { signal });
  const { leads, complete_from } = counts;
  const coverage =
    complete_from === null
      ? `${counted(leads, "lead")} with events. Those without any have 0 points and are not drawn.`
      : `The ${formatNumber(leads)} leads that may have the highest scores: from ${counted(complete_from, "point")} on every lead is counted, below there are more.`;
  return { ...counts, coverage };
}

async function profileScores(signal: AbortSignal): Promise<Counted> {
  const counts = await call("levels.profileDistribution", {}, { signal });
  const coverage = counts.truncated
    ? `The newest ${counted(counts.leads, "lead")}: there are more.`
    : `All ${counted(counts.leads, "lead")}.`;
  return { ...counts, coverage };
}

export const EngagementLevels = () => <Levels dimension="engagement" load={engagementScores} />;
export const ProfileLevels = () => <Levels dimension="profile" load={profileScores} />;

type LevelsProps = { dimension: Dimension; load: (signal: AbortSignal) => Promise<Counted> };

function Levels({ dimension, load }: LevelsProps) {
  const levels = useLoad("levels", (signal) => call("levels.list", { dimension }, { signal }));
  const scores = useLoad("scores", load);
  const error = levels.error ?? scores.error;
  const reload = () => {
    levels.reload();
    scores.reload();
  };
  if (levels.data && scores.data)
    return (
      <LevelEditor
        key={levels.data.version}
        dimension={dimension}
        saved={levels.data}
        distribution={scores.data}
        onSaved={(saved) => levels.set(() => saved)}
        onDiscard={reload}
      />
    );
  return error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={8} label="Loading levels" />;
}

type EditorProps = { dimension: Dimension; saved: Saved; distribution: Counted; onSaved: (saved: Saved) => void; onDiscard: () => void };

function LevelEditor({ dimension, saved, distribution, onSaved, onDiscard }: EditorProps) {
  const before = byRange(saved.levels);
  const [levels, setLevels] = useState<DraftLevel[]>(before);
  const changed = JSON.stringify(levels) !== JSON.stringify(before);
  const arrange = async (version: string, wanted: DraftLevel[]): Promise<Saved> => {
    const arranged = await call("levels.arrange", { dimension, version, levels: wanted });
    onSaved(arranged);
    return arranged;
  };
  const save = async (): Promise<void> => {
    const { version } = await arrange(saved.version, levels);
    const undo = (): void => {
      arrange(version, before).then(() => toast("The levels are as they were"), toastError);
    };
    toast("The levels are saved", { undo });
  };
  const discard = (): void => {
    setLevels(before);
    // somebody else may have changed them since
    onDiscard();
  };
  const fields = (
    <LevelFields levels={levels} distribution={distribution} onChange={setLevels} onRemove={(at) => setLevels(removeLevel(levels, at))} />
  );
  return (
    <section class="card" aria-label="Levels">
      <Histogram
        distribution={distribution}
        levels={levels}
        {...(mayWrite() ? { onMove: (at: number, to: number) => setLevels((now) => moveStart(now, at, to)) } : {})}
      />
      <p class="muted small">{distribution.coverage}</p>
      {levels.length === 0 && <NoLevels onAdd={() => setLevels(addLevel(levels))} />}
      {mayWrite() && (levels.length > 0 || changed) ? (
        <Form
          submit="Save levels"
          onSubmit={save}
          actions={
            <>
              <Button icon="plus" onClick={() => setLevels(addLevel(levels))}>
                Add a level
              </Button>
              {changed && (
                <>
                  <Button kind="quiet" onClick={discard}>
                    Discard
                  </Button>
                  <Pill tone="warning">Not saved yet</Pill>
                </>
              )}
            </>
          }
        >
          {fields}
        </Form>
      ) : (
        <fieldset class="read-only" disabled>
          {fields}
        </fieldset>
      )}
    </section>
  );
}

const NoLevels = ({ onAdd }: { onAdd: () => void }) => (
  <EmptyState
    icon="scoring"
    title="No levels yet"
    action={
      mayWrite() && (
        <Button kind="primary" onClick={onAdd}>
          Add a level
        </Button>
      )
    }
  >
    Levels give names to scores, such as Cold, Warm and Hot: triggers, lists and exports use them.
  </EmptyState>
);
