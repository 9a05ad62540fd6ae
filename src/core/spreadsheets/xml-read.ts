import { markedEncoding } from "./text-encoding";
import { type XmlHandler, XmlScanner } from "./xml-scanner";

/** The text of a part. OPC allows UTF-8 and UTF-16; only a mark at the start tells them apart. */
export async function* decodeXml(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  let decoder: TextDecoder | null = null;
  for await (const piece of bytes) {
    decoder ??= new TextDecoder(markedEncoding(piece) ?? "utf-8");
    const text = decoder.decode(piece, { stream: true });
    if (text !== "") yield text;
  }
  const last = decoder?.decode() ?? "";
  if (last !== "") yield last;
}

/** Scans a whole part. */
export async function scanXml(bytes: AsyncIterable<Uint8Array>, handler: XmlHandler): Promise<void> {
  const scanner = new XmlScanner(handler);
  for await (const text of decodeXml(bytes)) scanner.feed(text);
  scanner.finish();
}
