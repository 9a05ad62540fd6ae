/** Lets the browser save what a session has loaded: a link cannot send the session's header. */
import { send } from "./call";

export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

/** Throws Problem. */
export async function saveFile(path: string, name: string): Promise<void> {
  saveBlob(await (await send(path, { method: "GET" })).blob(), name);
}
