/** Columns mapped with `unless_edited_by`: what they fill, as patches and sources of leads name it. Pure. */
import { type AliasKind, isOneOf } from "../../vocabulary";
import { SOURCE_KEYS } from "../leads";
import type { FieldColumn, ResolvedMapping } from "./mapping";
import { CONSENT_PREFIX, consentKey, keyOf, TARGETS, type Target } from "./targets/targets";

/** `keys`: of a row's patch and fills; `aliases`: the kind of those that the column attaches. */
export type GuardedColumn = { column: number; keys: readonly string[]; aliases?: AliasKind };

const OWNER_KEYS = [keyOf("owner_id"), keyOf("owner_name")];
const KEYS_OF_TARGET: Readonly<Record<(typeof TARGETS)[number], readonly string[]>> = {
  status: [keyOf("status")],
  owner_id: OWNER_KEYS,
  owner_name: OWNER_KEYS,
  account_domain: [keyOf("account_id")],
  account_name: [],
  tags: ["tags"],
};
/** The keys of a row's patch that a target writes. */
const keysOfTarget = (target: Target): readonly string[] =>
  isOneOf(TARGETS, target) ? KEYS_OF_TARGET[target] : [consentKey(target.slice(CONSENT_PREFIX.length))];

const isGuarded = ({ unless_edited }: Pick<FieldColumn, "unless_edited">): boolean => unless_edited === true;

/** Null when no column is guarded. */
export function guardedColumns({ fields, targets, aliases }: ResolvedMapping): readonly GuardedColumn[] | null {
  const guarded = [
    ...fields.filter(isGuarded).map(({ column, field }) => ({ column, keys: [field] })),
    ...targets.filter(isGuarded).map(({ column, target }) => ({ column, keys: keysOfTarget(target) })),
    ...aliases.filter(isGuarded).map(({ column, kind }) => ({ column, keys: [], aliases: kind })),
  ];
  return guarded.length === 0 ? null : guarded;
}

const SOURCE_OF: ReadonlyMap<string, string> = new Map([
  [keyOf("account_id"), SOURCE_KEYS.account_id],
  [keyOf("owner_name"), SOURCE_KEYS.owner_id],
]);

/** The name under which a lead's sources have a key of a patch. */
export const sourceOfKey = (key: string): string => SOURCE_OF.get(key) ?? key;
