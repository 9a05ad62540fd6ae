/** Has the lanes of the units put their spilled events on their timelines: each in an invocation of its own, so that none delays the others. */
import { listSpilledUnits } from "../core/events";
import { logError } from "../log";
import { laneOf, openFiles } from "../open-context";
import { fromAnywhere } from "./from-anywhere";

const LANES_AT_ONCE = 10;
/** What is left then waits for another tick. */
const WAIT_MS = 20_000;

export async function replaySpilledEvents(env: Env): Promise<void> {
  const until = Date.now() + WAIT_MS;
  const units = fromAnywhere(await listSpilledUnits(openFiles(env))).values();
  const work = async () => {
    for (const unit of units) {
      if (Date.now() >= until) return;
      await laneOf(env, unit)
        .replay(unit, until)
        .catch((error: unknown) => logError("spilled events not replayed", error, { unit }));
    }
  };
  await Promise.all(Array.from({ length: LANES_AT_ONCE }, work));
}
