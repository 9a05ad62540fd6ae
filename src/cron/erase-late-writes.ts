import { eraseLateWrites as erase } from "../core/erasure";
import { logLine } from "../log";
import { openErasedUnit, openFiles } from "../open-context";

export async function eraseLateWrites(env: Env): Promise<void> {
  const erased = await erase(openFiles(env), (unit) => openErasedUnit(env, unit), Date.now);
  if (erased > 0) logLine({ level: "warn", message: "late writes of deleted org units removed", erased });
}
