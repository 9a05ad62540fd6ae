/** An inbound source: its shape, and the input that it accepts. */
import { z } from "zod";
import { changesOf, shortText } from "../../schemas";
import { ALIAS_KINDS, INBOUND_TYPES, type InboundType, isOneOf, oneOf } from "../../vocabulary";
import { isAttributeKey } from "../leads";
import { isPointer } from "./json-pointer";

export const SOURCES_MAX = 50;
const NAME_CHARS_MAX = 100;
const SECRET_CHARS_MAX = 500;
const POINTER_CHARS_MAX = 500;
const MAPPED_MAX = 100;
export const ALIAS_PREFIX = "_alias_";
const ALIAS_TARGETS = ALIAS_KINDS.map((kind) => ALIAS_PREFIX + kind);

const isTarget = (target: string): boolean =>
  target.startsWith(ALIAS_PREFIX) ? isOneOf(ALIAS_TARGETS, target) : isAttributeKey(target) && target.trim() === target;

const Mapping = z
  .record(z.string(), z.string("must be a field or _alias_kind"), "must be an object")
  .superRefine((mapping, context) => {
    const complain = (pointer: string, message: string) => context.addIssue({ code: "custom", path: [pointer], message });
    for (const [pointer, target] of Object.entries(mapping)) {
      if (!isPointer(pointer) || pointer.length > POINTER_CHARS_MAX)
        complain(pointer, "is not named by a JSON pointer: /data/fields/0/value");
      else if (!isTarget(target))
        complain(pointer, `must be a field (letters, digits, _ - . and space) or one of: ${ALIAS_TARGETS.join(", ")}`);
    }
    if (Object.keys(mapping).length > MAPPED_MAX) context.addIssue({ code: "custom", message: `at most ${MAPPED_MAX} pointers` });
  })
  .meta({
    description:
      "JSON pointer (RFC 6901) into the payload -> a profile field, or `_alias_email`, `_alias_phone`, `_alias_external_id`, `_alias_cookie`, `_alias_social`. Other answers are placed by their names",
    example: { "/contact/mail": "_alias_email", "/answers/2": "budget" },
  });

const fields = {
  name: shortText(NAME_CHARS_MAX),
  secret: z
    .string()
    .min(1, "must not be empty")
    .max(SECRET_CHARS_MAX, `must be at most ${SECRET_CHARS_MAX} characters`)
    .nullable()
    .meta({ description: "The sender's signing secret; of google_ads its key. null: only the address is secret" }),
  mapping: Mapping,
};

export const NewInboundSource = z.object({
  name: fields.name,
  type: z.enum(INBOUND_TYPES, oneOf(INBOUND_TYPES)),
  secret: fields.secret.default(null),
  mapping: fields.mapping.default({}),
});

export const InboundSourceChange = changesOf({
  ...fields,
  active: z.boolean("must be true or false").meta({ description: "false: what is sent is refused, and kept as a payload" }),
});

export type InboundMapping = z.output<typeof Mapping>;

export type InboundSource = {
  source_id: string;
  name: string;
  type: InboundType;
  secret: string | null;
  mapping: InboundMapping;
  active: boolean;
  created_at: number;
  updated_at: number;
};
