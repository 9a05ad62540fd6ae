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

export function Levels() {
  const levels = useLoad("levels", (signal) => call("levels.list", {}, { signal }));
  const scores = useLoad("scores", (signal) => call("levels.distribution", {}, { signal }));
  const error = levels.error ?? scores.error;
  const reload = () => {
    levels.reload();
    scores.reload();
  };
  if (levels.data && scores.data)
    return (
      <LevelEditor
        key={levels.data.version}
        saved={levels.data}
        distribution={scores.data}
        onSaved={(saved) => levels.set(() => saved)}
        onDiscard={reload}
      />
    );
  return error ? <ErrorState error={error} onRetry={reload} /> : <Skeleton lines={8} label="Loading levels" />;
}

type EditorProps = { saved: Saved; distribution: Distribution; onSaved: (saved: Saved) => void; onDiscard: () => void };

function LevelEditor({ saved, distribution, onSaved, onDiscard }: EditorProps) {
  const before = byRange(saved.levels);
  const [levels, setLevels] = useState<DraftLevel[]>(before);
  const changed = JSON.stringify(levels) !== JSON.stringify(before);
  const arrange = async (version: string, wanted: DraftLevel[]): Promise<Saved> => {
    const arranged = await call("levels.arrange", { version, levels: wanted });
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
      <Coverage distribution={distribution} />
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

/** Which leads the numbers are of. */
const Coverage = ({ distribution: { leads, complete_from } }: { distribution: Distribution }) => (
  <p class="muted small">
    {complete_from === null
      ? `${counted(leads, "lead")} with events. Those without any have 0 points and are not drawn.`
      : `The ${formatNumber(leads)} leads that may have the highest scores: from ${counted(complete_from, "point")} on every lead is counted, below there are more.`}
  </p>
);

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
