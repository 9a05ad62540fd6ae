/** An alias is taken from whoever has it, since no lead may. */
import type { Ctx, Statement } from "../../context";
import type { Alias } from "./aliases/alias";
import { aliasKey } from "./aliases/alias";
import { releaseAlias } from "./aliases/store";
import { changed } from "./change-aliases";
import { leadIsAsLoaded, readLead, selectLeadByAlias, updateLeadRow } from "./store";

export type DroppedAlias = { lead_id: string | null; conflicts: number; statements: Statement<never>[] };

/** What takes the alias away, for a batch that rolls back (CommitConflict) when its lead has changed. One D1 round trip. */
export async function dropAlias(ctx: Ctx, alias: Alias): Promise<DroppedAlias> {
  const { db } = ctx;
  const [[row], conflicts] = await db.batch([
    selectLeadByAlias(db, alias),
    db.sql<{ n: number }>(
      "SELECT count(*) AS n FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3",
      alias.kind,
      alias.value,
    ),
  ]);
  const closed = db.sql<never>("DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3", alias.kind, alias.value);
  if (!row) return { lead_id: null, conflicts: conflicts[0]?.n ?? 0, statements: [closed] };
  const lead = readLead(row);
  const next = changed(ctx, lead, { ...lead, aliases: lead.aliases.filter((own) => aliasKey(own) !== aliasKey(alias)) });
  return {
    lead_id: lead.lead_id,
    conflicts: conflicts[0]?.n ?? 0,
    statements: [leadIsAsLoaded(db, lead), ...releaseAlias(db, lead.lead_id, alias), closed, ...updateLeadRow(ctx, lead, next)],
  };
}
