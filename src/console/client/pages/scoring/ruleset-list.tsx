/** Rulesets as they load, the button for another one, and what to do while there are none. */
import type { ComponentChildren } from "preact";
import { Button } from "../../components/button";
import { EmptyState, ErrorState, Skeleton } from "../../components/states";
import type { Loaded } from "../../load";
import { mayWrite } from "../../session";

type ListProps<Ruleset> = {
  loaded: Pick<Loaded<unknown>, "error" | "reload">;
  rulesets: readonly Ruleset[] | undefined;
  /** shown while there are none */
  about: string;
  onCreate: () => void;
  children: (ruleset: Ruleset) => ComponentChildren;
};

export function RulesetList<Ruleset>({ loaded: { error, reload }, rulesets, about, onCreate, children }: ListProps<Ruleset>) {
  return (
    <>
      {mayWrite() && (rulesets?.length ?? 0) > 0 && (
        <div class="actions">
          <Button icon="plus" onClick={onCreate}>
            New ruleset
          </Button>
        </div>
      )}
      {error && <ErrorState error={error} onRetry={reload} />}
      {!rulesets && !error && <Skeleton lines={8} label="Loading rulesets" />}
      {rulesets?.length === 0 && (
        <EmptyState
          icon="scoring"
          title="No rulesets yet"
          action={
            mayWrite() && (
              <Button kind="primary" onClick={onCreate}>
                New ruleset
              </Button>
            )
          }
        >
          {about}
        </EmptyState>
      )}
      {rulesets?.map(children)}
    </>
  );
}
