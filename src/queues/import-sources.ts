/** Polls standing imports. A message names the source; its row says whether it is due. */
import { pollSource } from "../core/imports";
import { logWork, openSystem } from "../open-context";
import type { SourceMessage } from "./messages";

export async function consumeImportSource(env: Env, message: Message): Promise<void> {
  const { unit, source } = message.body as SourceMessage;
  const outcome = await pollSource(await openSystem(env, unit, message.id), source);
  logWork(env, "import source polled", { unit, source_id: source, outcome });
}
