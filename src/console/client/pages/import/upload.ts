/** Sends a file as it is: the server reads it. */
import type { CallOutput } from "../../../server/calls";
import { call, send } from "../../call";

export type FilePreview = CallOutput<"imports.edit">;
/** How a file is to be read, where its owner knows better than the guess. */
export type Reading = { delimiter?: string; encoding?: string; sheet?: string; header_row?: number };

/** What one request takes; a larger file goes in parts. */
const WHOLE_BYTES_MAX = 10 * 1024 * 1024;

const queryOf = (values: Readonly<Record<string, string | number | undefined>>): string =>
  new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))).toString();

/** `onSent` is called with the part that has arrived, between 0 and 1. Throws Problem. */
export async function uploadFile(file: File, reading: Reading, onSent: (part: number) => void): Promise<FilePreview> {
  onSent(0);
  if (file.size <= WHOLE_BYTES_MAX) {
    const query = queryOf({ file_name: file.name, ...reading });
    return (await send(`/console/api/files?${query}`, { method: "PUT", body: file })).json() as Promise<FilePreview>;
  }
  const { upload_id, part_size, part_count } = await call("imports.createUpload", { file_name: file.name, size: file.size });
  for (let no = 1; no <= part_count; no++) {
    const body = file.slice((no - 1) * part_size, no * part_size);
    await send(`/console/api/uploads/${upload_id}/${no}`, { method: "PUT", body });
    onSent(no / part_count);
  }
  return (await send(`/console/api/uploads/${upload_id}?${queryOf(reading)}`, { method: "PUT" })).json() as Promise<FilePreview>;
}
