import type { Statement, UnitDb } from "../../context";
import { MEMBERSHIP_SQL } from "./store";

/** A lead that others are merged into is a member where one of them was: nobody is notified again of the same person. */
export const moveMemberships = (db: UnitDb, target: string, sources: readonly string[]): Statement<never>[] => [
  db.sql(MEMBERSHIP_SQL.move, target, JSON.stringify(sources)),
];
