/** The body of a delivery as JSON: JSON itself, or a form. */
import { isTooDeep } from "../../json-depth";
import type { Json } from "../leads";
import type { Delivery } from "./submission";

const FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data"];
const LONG_INTEGER = /\d{16,}/;

/** Undefined for a body that is neither, and for one that is nested too deeply. */
export async function readBody({ headers, body }: Delivery): Promise<Json | undefined> {
  const type = headers["content-type"] ?? "";
  if (FORM_TYPES.includes(type.split(";")[0]?.trim().toLowerCase() ?? "")) return readForm(type, body);
  try {
    const payload = parseExactly(new TextDecoder().decode(body));
    return isTooDeep(payload) ? undefined : payload;
  } catch {
    return undefined;
  }
}

/** An integer that a double would round becomes a text: ids of ads have 64 bits. */
function parseExactly(text: string): Json {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text);
  const exact = function (this: unknown, _: string, value: unknown, context?: { source?: string }): unknown {
    return typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "") ? context?.source : value;
  };
  return JSON.parse(text, exact);
}

/** Fields by name, those of the same name as a list; of a file its name. */
async function readForm(type: string, body: Uint8Array<ArrayBuffer>): Promise<Json | undefined> {
  try {
    const form = await new Response(body, { headers: { "Content-Type": type } }).formData();
    const fields = new Map<string, Json[]>();
    form.forEach((value, name) => {
      const text = typeof value === "string" ? value : (value as File).name;
      const known = fields.get(name);
      if (known) known.push(text);
      else fields.set(name, [text]);
    });
    return Object.fromEntries([...fields].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values]));
  } catch {
    return undefined;
  }
}
