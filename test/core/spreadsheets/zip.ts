import { crc32, deflateRawSync } from "node:zlib";

/** How an entry is written; `claims` are lies for its directory record. */
export type ZipFile = {
  name: string;
  content: string | Uint8Array;
  stored?: boolean;
  descriptor?: boolean;
  zip64?: boolean;
  encrypted?: boolean;
  claims?: { size?: number; compressed?: number; method?: number };
};

const UINT32_MAX = 0xffffffff;

/** A ZIP archive, with the sizes in data descriptors or Zip64 fields where the file says so. */
export function zipOf(files: readonly ZipFile[], options: { comment?: string; zip64_end?: boolean; before?: Uint8Array } = {}): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const file of files) {
    const content = typeof file.content === "string" ? new TextEncoder().encode(file.content) : file.content;
    const data = file.stored ? content : new Uint8Array(deflateRawSync(content));
    const fields = fieldsOf(file, content, data);
    const name = new TextEncoder().encode(file.name);
    const local_sizes = file.descriptor ? [0, 0, 0] : [fields.crc, fields.compressed, fields.size];
    const local = words(
      [0x04034b50, 4],
      [20, 2],
      [fields.flags, 2],
      [fields.method, 2],
      [0, 4],
      ...sized(local_sizes),
      [name.length, 2],
      [0, 2],
    );
    const descriptor = file.descriptor ? words([0x08074b50, 4], [fields.crc, 4], [data.length, 4], [content.length, 4]) : new Uint8Array();
    parts.push(local, name, data, descriptor);
    directory.push(directoryRecord(file, fields, name, offset));
    offset += local.length + name.length + data.length + descriptor.length;
  }
  const listed = joined(directory);
  const end64 = options.zip64_end ? zip64End(files.length, listed.length, offset) : new Uint8Array();
  const comment = new TextEncoder().encode(options.comment ?? "");
  const ending: [number, number][] = options.zip64_end
    ? [
        [0xffff, 2],
        [0xffff, 2],
        [UINT32_MAX, 4],
        [UINT32_MAX, 4],
      ]
    : [
        [files.length, 2],
        [files.length, 2],
        [listed.length, 4],
        [offset, 4],
      ];
  const end = words([0x06054b50, 4], [0, 4], ...ending, [comment.length, 2]);
  return joined([options.before ?? new Uint8Array(), ...parts, listed, end64, end, comment]);
}

type Fields = { flags: number; method: number; crc: number; compressed: number; size: number };

function fieldsOf(file: ZipFile, content: Uint8Array, data: Uint8Array): Fields {
  return {
    flags: (file.descriptor ? 8 : 0) | (file.encrypted ? 1 : 0),
    method: file.claims?.method ?? (file.stored ? 0 : 8),
    crc: crc32(content),
    compressed: file.claims?.compressed ?? data.length,
    size: file.claims?.size ?? content.length,
  };
}

function directoryRecord(file: ZipFile, fields: Fields, name: Uint8Array, offset: number): Uint8Array {
  const shown = file.zip64 ? [fields.crc, UINT32_MAX, UINT32_MAX] : [fields.crc, fields.compressed, fields.size];
  const extra = file.zip64 ? words([1, 2], [24, 2], [fields.size, 8], [fields.compressed, 8], [offset, 8]) : new Uint8Array();
  const head = words([0x02014b50, 4], [20, 2], [20, 2], [fields.flags, 2], [fields.method, 2], [0, 4], ...sized(shown));
  const tail = words([name.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], [file.zip64 ? UINT32_MAX : offset, 4]);
  return joined([head, tail, name, extra]);
}

function zip64End(count: number, size: number, offset: number): Uint8Array {
  const record = words([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [size, 8], [offset, 8]);
  return joined([record, words([0x07064b50, 4], [0, 4], [offset + size, 8], [1, 4])]);
}

function sized(numbers: readonly number[]): [number, number][] {
  return numbers.map((number) => [number, 4]);
}

/** Little-endian numbers of 2, 4 or 8 bytes. */
function words(...fields: [number, number][]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [number, width] of fields) {
    if (width === 2) view.setUint16(at, number, true);
    else if (width === 4) view.setUint32(at, number, true);
    else view.setBigUint64(at, BigInt(number), true);
    at += width;
  }
  return bytes;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
