/**
 * What the chunks before have planned, found again where a row names a lead or an alias that they touch: a file may have more leads than a
 * Worker's memory has room for. A run keeps its own chunks as text, and leaves an index for the runs after it, which read the objects.
 */
import { type AliasOwners, aliasKey } from "../../leads";
import type { RowInput } from "../import-row";
import { gainedAlias, type Overlay } from "./overlay";
import { indexKey, type PlannedObject, readObject, readRows } from "./plan-objects";
import type { PlannedRow, RowResult } from "./planned-row";
import type { PlanProgress } from "./progress";
import { accountHash, aliasHash, findSorted, leadHash, readSortedIndex, type SortedIndex, TouchedIndex } from "./touched-index";

const OBJECTS_AT_ONCE = 4;
/** Objects whose rows are kept while the leads in them are looked for. */
const RECENT_MAX = 8;

/** `chunks`: those of earlier runs, by number. */
type Earlier = { files: R2Bucket; prefix: string; chunks: readonly PlannedObject[]; indexes: readonly SortedIndex[] };

/** Null when an object of the plan is gone. */
export async function openEarlierChunks(
  files: R2Bucket,
  prefix: string,
  { chunks, runs = [] }: PlanProgress,
): Promise<EarlierChunks | null> {
  const indexes: SortedIndex[] = [];
  for (const { run } of runs) {
    const object = await files.get(indexKey(prefix, run));
    if (!object) return null;
    indexes.push(readSortedIndex(new Uint8Array(await object.arrayBuffer())));
  }
  const earlier = new EarlierChunks({ files, prefix, chunks: [...chunks], indexes });
  // chunks of runs that left no index, as runs did before there were any
  for (let no = runs.at(-1)?.to ?? 0; no < chunks.length; no++) if (!(await earlier.index(no))) return null;
  return earlier;
}

export class EarlierChunks {
  /** objects that were read */
  reads = 0;
  readonly #earlier: Earlier;
  /** of this run's chunks */
  readonly #own = new TouchedIndex();
  readonly #texts = new Map<number, string>();
  readonly #rows = new Map<number, PlannedRow[]>();

  constructor(earlier: Earlier) {
    this.#earlier = earlier;
  }

  /** Takes over a chunk of this run; `text` is its object's. */
  add(no: number, { rows, accounts }: { rows: readonly RowResult[]; accounts: readonly string[] }, text: string): void {
    this.#own.add(no, rows, accounts);
    this.#texts.set(no, text);
  }

  /** Whether a chunk before creates this account; by its hash alone. */
  createsAccount(accountId: string): boolean {
    return this.#chunksOf([accountId], accountHash).length > 0;
  }

  /** Takes over a chunk that is in no index. */
  async index(no: number): Promise<boolean> {
    const rows = await this.#read(no);
    if (rows) this.#own.add(no, rows);
    return rows !== null;
  }

  /** Of this run's chunks. */
  indexBytes(): Uint8Array {
    return this.#own.bytes();
  }

  /** Brings the leads that these rows name into the overlay as the chunks before leave them. Returns false when an object of the plan is gone. */
  async bring(overlay: Overlay, inputs: readonly RowInput[], stored: AliasOwners): Promise<boolean> {
    const { aliases, leads } = unknownTo(overlay, inputs, stored);
    const recent = new Map<number, PlannedRow[]>();
    const isWhole = await this.#each(this.#chunksOf(aliases, aliasHash), recent, (_, rows) => {
      for (const row of rows) if (row.lead_id !== null && !overlay.has(row.lead_id) && gainsAny(row, aliases)) leads.add(row.lead_id);
    });
    const found: [no: number, rows: PlannedRow[]][] = [];
    const isDone = await this.#each(this.#chunksOf(leads, leadHash), recent, (no, rows) => {
      found.push([no, rows.filter(({ lead_id }) => lead_id !== null && leads.has(lead_id))]);
    });
    overlay.apply(found.sort(([a], [b]) => a - b).flatMap(([, rows]) => rows));
    return isWhole && isDone;
  }

  #chunksOf(texts: Iterable<string>, hashOf: (text: string) => number): number[] {
    const numbers = new Set<number>();
    for (const text of texts) {
      const hash = hashOf(text);
      this.#own.find(hash, numbers);
      for (const index of this.#earlier.indexes) findSorted(index, hash, numbers);
    }
    return [...numbers];
  }

  /** Reads chunks, a few of them only once. */
  async #each(
    numbers: readonly number[],
    recent: Map<number, PlannedRow[]>,
    visit: (no: number, rows: PlannedRow[]) => void,
  ): Promise<boolean> {
    for (let from = 0; from < numbers.length; from += OBJECTS_AT_ONCE) {
      const some = numbers.slice(from, from + OBJECTS_AT_ONCE);
      const read = await Promise.all(some.map((no) => recent.get(no) ?? this.#ownRows(no) ?? this.#read(no)));
      for (const [at, rows] of read.entries()) {
        const no = some[at] as number;
        if (!rows) return false;
        if (recent.size < RECENT_MAX) recent.set(no, rows);
        visit(no, rows);
      }
    }
    return true;
  }

  /** Parsed once it is wanted: the rows of most chunks never are. */
  #ownRows(no: number): PlannedRow[] | undefined {
    const text = this.#texts.get(no);
    if (text !== undefined) {
      this.#rows.set(no, readRows(text));
      this.#texts.delete(no);
    }
    return this.#rows.get(no);
  }

  async #read(no: number): Promise<PlannedRow[] | null> {
    this.reads += 1;
    const { files, prefix, chunks } = this.#earlier;
    const chunk = chunks[no];
    return chunk ? ((await readObject(files, prefix, no, chunk))?.rows ?? null) : null;
  }
}

/** What rows name that the overlay does not have: aliases without a stored owner, and stored leads. */
function unknownTo(overlay: Overlay, inputs: readonly RowInput[], stored: AliasOwners): { aliases: Set<string>; leads: Set<string> } {
  const aliases = new Set<string>();
  const leads = new Set<string>();
  for (const { primary, aliases: others } of inputs) {
    for (const alias of [primary, ...others]) {
      const key = aliasKey(alias);
      const owner = stored.get(key);
      if (owner === undefined && !overlay.hasOwner(key)) aliases.add(key);
      if (owner !== undefined && !overlay.has(owner)) leads.add(owner);
    }
  }
  return { aliases, leads };
}

const gainsAny = ({ changes }: RowResult, aliases: ReadonlySet<string>): boolean =>
  changes.some((change) => aliases.has(gainedAlias(change) ?? ""));
