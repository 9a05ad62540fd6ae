/**
 * The triggers of a move, one for each table and kind of write; they exist only during the move. In the old database they record the keys
 * of rows that change, and refuse writes during the switch and afterwards. In the new one they let only the move itself write, and only to
 * the table that it is copying: the rows that the schema's own triggers would derive are copied, too. They do nothing once the move's side
 * is closed. Pure.
 */
import { UNIT_IS_MOVING } from "../../db/failure";
import { shapeOf } from "../../db/table-slices";
import { UNIT_TABLES } from "../erasure";

export type Side = "from" | "to";
type Moved = { move_id: string; unit: number };

const KINDS = ["insert", "update", "delete"] as const;
type Kind = (typeof KINDS)[number];

export const MOVED_TABLES: readonly string[] = Object.keys(UNIT_TABLES);
export const TRIGGERS_PER_SIDE = MOVED_TABLES.length * KINDS.length;

/** Statements that create what is missing. */
export const createTriggers = (move: Moved, side: Side): string[] =>
  MOVED_TABLES.flatMap((table) => KINDS.map((kind) => (side === "from" ? captureSql(move, table, kind) : gateSql(move, table, kind))));

const nameOf = ({ move_id }: Moved, side: Side, table: string, kind: Kind): string => `"${move_id}_${side}_${table}_${kind}"`;
const sideIs = ({ move_id }: Moved, side: Side, condition: string): string =>
  `FROM move_sides WHERE move_id = '${move_id}' AND side = '${side}' AND ${condition}`;
const ofUnit = ({ unit }: Moved, kind: Kind): string => {
  const rows = kind === "update" ? ["OLD", "NEW"] : [kind === "insert" ? "NEW" : "OLD"];
  return `(${rows.map((row) => `${row}.unit = ${unit}`).join(" OR ")})`;
};
const keySql = (table: string, row: "OLD" | "NEW"): string =>
  `json_array(${shapeOf(table)
    .key.map((column) => `${row}."${column}"`)
    .join(", ")})`;

function captureSql(move: Moved, table: string, kind: Kind): string {
  const log = (key: string, condition = "true") =>
    `INSERT INTO move_changes (move_id, name, key) SELECT '${move.move_id}', '${table}', ${key} ${sideIs(move, "from", "state = 'capturing'")} AND ${condition};`;
  const [before, now] = [keySql(table, "OLD"), keySql(table, "NEW")];
  const logs = { insert: log(now), delete: log(before), update: `${log(before)} ${log(now, `${now} <> ${before}`)}` };
  return `CREATE TRIGGER IF NOT EXISTS ${nameOf(move, "from", table, kind)} AFTER ${kind.toUpperCase()} ON ${table}
    WHEN ${ofUnit(move, kind)} AND EXISTS (SELECT 1 ${sideIs(move, "from", "state <> 'closed'")})
    BEGIN
      SELECT RAISE(ABORT, '${UNIT_IS_MOVING}') ${sideIs(move, "from", "state = 'fenced' AND open = ''")};
      ${logs[kind]}
    END`;
}

function gateSql(move: Moved, table: string, kind: Kind): string {
  return `CREATE TRIGGER IF NOT EXISTS ${nameOf(move, "to", table, kind)} BEFORE ${kind.toUpperCase()} ON ${table}
    WHEN ${ofUnit(move, kind)} AND EXISTS (SELECT 1 ${sideIs(move, "to", `state = 'arriving' AND open <> '${table}'`)})
    BEGIN
      SELECT RAISE(ABORT, '${UNIT_IS_MOVING}') ${sideIs(move, "to", "open = ''")};
      SELECT RAISE(IGNORE);
    END`;
}
