/**
 * Identifiers: typed by prefix, time-sortable (UUIDv7, RFC 9562), unguessable in their last 52 bits.
 * Bits of a UUID: 48 milliseconds, 4 version, 12 counter, 2 variant, 10 shard number of the unit's database, 52 random.
 */
import { sha256Hex } from "./hash";

export type IdPrefix =
  | "acct"
  | "aud"
  | "bplan"
  | "bulk"
  | "cred"
  | "era"
  | "exp"
  | "flt"
  | "grant"
  | "idp"
  | "inb"
  | "job"
  | "lvl"
  | "mov"
  | "mrg"
  | "nch"
  | "org"
  | "pat"
  | "pay"
  | "plan"
  | "pmap"
  | "prs"
  | "prule"
  | "preview"
  | "req"
  | "rs"
  | "rule"
  | "sec"
  | "seg"
  | "seq"
  | "sgt"
  | "sess"
  | "src"
  | "srg"
  | "trg"
  | "vel"
  | "wat"
  | "wkey"
  | "upl"
  | "ws";

const COUNTER_MAX = 2 ** 12 - 1;

let lastMs = 0;
let counter = 0;

/** A UUIDv7 as 32 lower-case hex digits. Ids minted by one isolate sort in the order of minting. */
export function newUuid(nowMs: number, shard = 0): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (counter < COUNTER_MAX) {
    counter += 1;
  } else {
    lastMs += 1;
    counter = 0;
  }
  const time = lastMs.toString(16).padStart(12, "0");
  return `${time}7${counter.toString(16).padStart(3, "0")}${(0x800 | shard).toString(16)}${random52()}`;
}

/**
 * The UUIDv7 that `seed` gives to number `at`: always the same, unguessable without the seed. Its time is `nowMs`, a millisecond later
 * for every 4,096 numbers.
 */
export function derivedUuid(seed: string, at: number, nowMs: number, shard: number): string {
  const time = (nowMs + Math.floor(at / (COUNTER_MAX + 1))).toString(16).padStart(12, "0");
  const count = (at % (COUNTER_MAX + 1)).toString(16).padStart(3, "0");
  return `${time}7${count}${(0x800 | shard).toString(16)}${sha256Hex(`${seed} ${at}`).slice(0, 13)}`;
}

/** `org_0193…`: a prefix and a UUIDv7. */
export const newId = (prefix: IdPrefix, nowMs: number): string => `${prefix}_${newUuid(nowMs)}`;

/** 32 hex digits as a UUID is written: `0193f3a2-c7b0-7aa1-8000-c0ffee123456`. */
export const dashed = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;

/** `count` random bytes as lower-case hex: for secrets and object keys. */
export function randomHex(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

// An import mints thousands of ids: one system call fetches randomness for 512 of them.
const pool = new Uint32Array(1024);
let poolNext = pool.length;

function random52(): string {
  if (poolNext === pool.length) {
    crypto.getRandomValues(pool);
    poolNext = 0;
  }
  const high = (pool[poolNext++] ?? 0) & 0xfffff;
  const low = pool[poolNext++] ?? 0;
  return high.toString(16).padStart(5, "0") + low.toString(16).padStart(8, "0");
}
