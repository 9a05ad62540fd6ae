/** Which chunks of a plan touch a lead or an alias. By 32-bit hashes: a chunk that only seems to do so is read in vain. */
import { hash32 } from "../../../hash";
import { gainedAlias, touches } from "./overlay";
import type { RowResult } from "./planned-row";

const CHUNKS_MAX = 65_535;
const FIRST_SLOTS = 1 << 16;
/** Bytes of an entry as it is kept: a hash, and the number of a chunk. */
const HASH_BYTES = 4;
const CHUNK_BYTES = 2;

export const leadHash = (leadId: string): number => hash32(`lead:${leadId}`);
export const aliasHash = (aliasKey: string): number => hash32(aliasKey);
export const accountHash = (accountId: string): number => hash32(`account:${accountId}`);

/** A hash table by open addressing: at 100 bytes of text a row, objects would weigh several times as much. */
export class TouchedIndex {
  #hashes = new Uint32Array(FIRST_SLOTS);
  /** the chunk's number and one; 0: an empty slot */
  #chunks = new Uint16Array(FIRST_SLOTS);
  #entries = 0;

  /** Adds the chunks that a hash stands for. */
  find(hash: number, found: Set<number>): void {
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#chunks[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#hashes[slot] === hash) found.add((this.#chunks[slot] as number) - 1);
  }

  /** `accounts`: ids of those that the chunk creates. */
  add(no: number, rows: readonly RowResult[], accounts: readonly string[] = []): void {
    for (const account of accounts) this.#put(accountHash(account), no);
    for (const row of rows) {
      if (row.lead_id === null || !touches(row)) continue;
      this.#put(leadHash(row.lead_id), no);
      for (const change of row.changes) {
        const alias = gainedAlias(change);
        if (alias !== null) this.#put(aliasHash(alias), no);
      }
    }
  }

  #put(hash: number, no: number): void {
    if (no >= CHUNKS_MAX) throw new Error(`a plan of more than ${CHUNKS_MAX} chunks`);
    if (this.#entries * 2 >= this.#hashes.length) this.#grow();
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    for (; this.#chunks[slot] !== 0; slot = (slot + 1) & mask) if (this.#hashes[slot] === hash && this.#chunks[slot] === no + 1) return;
    this.#hashes[slot] = hash;
    this.#chunks[slot] = no + 1;
    this.#entries += 1;
  }

  #grow(): void {
    const [hashes, chunks] = [this.#hashes, this.#chunks];
    this.#hashes = new Uint32Array(hashes.length * 2);
    this.#chunks = new Uint16Array(chunks.length * 2);
    this.#entries = 0;
    for (const [slot, chunk] of chunks.entries()) if (chunk !== 0) this.#put(hashes[slot] as number, chunk - 1);
  }

  /** As `readSortedIndex` takes them. */
  bytes(): Uint8Array {
    const entries = new Float64Array(this.#entries);
    let count = 0;
    for (const [slot, chunk] of this.#chunks.entries())
      if (chunk !== 0) entries[count++] = (this.#hashes[slot] as number) * CHUNKS_MAX + chunk - 1;
    entries.sort();
    const bytes = new Uint8Array(count * (HASH_BYTES + CHUNK_BYTES));
    const { hashes, chunks } = readSortedIndex(bytes);
    for (const [at, entry] of entries.entries()) {
      hashes[at] = Math.floor(entry / CHUNKS_MAX);
      chunks[at] = entry % CHUNKS_MAX;
    }
    return bytes;
  }
}

/** The entries of a run that has ended, sorted by hash: a third of their table. */
export type SortedIndex = { hashes: Uint32Array; chunks: Uint16Array };

export function readSortedIndex({ buffer, byteLength }: Uint8Array): SortedIndex {
  const entries = byteLength / (HASH_BYTES + CHUNK_BYTES);
  return { hashes: new Uint32Array(buffer, 0, entries), chunks: new Uint16Array(buffer, entries * HASH_BYTES, entries) };
}

/** Adds the chunks that a hash stands for. */
export function findSorted({ hashes, chunks }: SortedIndex, hash: number, found: Set<number>): void {
  let [from, to] = [0, hashes.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((hashes[middle] as number) < hash) from = middle + 1;
    else to = middle;
  }
  for (; hashes[from] === hash; from++) found.add(chunks[from] as number);
}
