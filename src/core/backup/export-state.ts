/** An export as R2 keeps it: its state, and its parts, objects of JSON lines. */
import type { Key } from "../../db/table-slices";
import { AppError } from "../../errors";

/** The rows of one table; `unit`: null in the directory. `shard`: where the unit was when the export began. */
export type ExportStep = { table: string; unit: number | null; shard: number };
export type ExportState = {
  export_id: string;
  organization_id: string;
  status: "running" | "completed";
  created_at: number;
  completed_at: number | null;
  expires_at: number;
  /** when the latest slice was written */
  run_at: number;
  steps: ExportStep[];
  /** the step that is being written, and the key of its last row that is */
  at: number;
  after: Key | null;
  /** rows and objects of each table */
  tables: Record<string, { rows: number; parts: number }>;
};

const STATES = "export-states/";
const EXPORT_ID = /^exp_[0-9a-f]{32}$/;

const stateKey = (organizationId: string, exportId: string): string => `${STATES}${organizationId}/${exportId}.json`;
const partsPrefix = (organizationId: string, exportId: string): string => `exports/${organizationId}/${exportId}/`;
export const partKey = ({ organization_id, export_id }: ExportState, table: string, part: number): string =>
  `${partsPrefix(organization_id, export_id)}${table}/${String(part).padStart(6, "0")}.ndjson`;

export const noSuchExport = (): AppError => new AppError("not_found", "Export not found: it is kept for 7 days");

export async function readState(files: R2Bucket, organizationId: string, exportId: string): Promise<ExportState> {
  // any other text is not an id of ours, so no object has such a name
  const found = EXPORT_ID.test(exportId) ? await files.get(stateKey(organizationId, exportId)) : null;
  if (!found) throw noSuchExport();
  return found.json<ExportState>();
}

export async function writeState(files: R2Bucket, state: ExportState): Promise<void> {
  await files.put(stateKey(state.organization_id, state.export_id), JSON.stringify(state), {
    httpMetadata: { contentType: "application/json" },
  });
}

/** The states of every export that is kept. */
export async function listStates(files: R2Bucket): Promise<ExportState[]> {
  const states: (ExportState | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const page: R2Objects = await files.list({ prefix: STATES, ...(cursor && { cursor }) });
    states.push(...(await Promise.all(page.objects.map(async ({ key }) => (await files.get(key))?.json<ExportState>()))));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor);
  return states.filter((state) => state !== undefined);
}

/** Removes an export, or all of an organization; returns how many objects. */
export async function removeExports(files: R2Bucket, organizationId: string, exportId?: string): Promise<number> {
  const prefixes = exportId
    ? [partsPrefix(organizationId, exportId), stateKey(organizationId, exportId)]
    : [`exports/${organizationId}/`, `${STATES}${organizationId}/`];
  let removed = 0;
  for (const prefix of prefixes) {
    for (;;) {
      const { objects } = await files.list({ prefix });
      if (objects.length === 0) break;
      await files.delete(objects.map(({ key }) => key));
      removed += objects.length;
    }
  }
  return removed;
}
