/** The databases of a configuration: the first is `DB`, the others, shards, are `DB_1`, `DB_2` … Pure. */

/** A lead's id has ten bits for the number of its database. */
const SHARDS_MAX = 1023;

type Database = { binding: string; name: string };

const numberOf = (binding: string): number => Number(/^DB_([1-9]\d*)$/.exec(binding)?.[1] ?? 0);

/** The shards among the databases, by number. */
export const shardsOf = (databases: readonly Database[]): Database[] =>
  databases.filter(({ binding }) => numberOf(binding) > 0).sort((a, b) => numberOf(a.binding) - numberOf(b.binding));

/** The next shard. The Worker finds shards by counting, so their numbers have no gaps. Throws when there are as many as ids can name. */
export function nextShard(databases: readonly Database[]): Database {
  const first = databases.find(({ binding }) => binding === "DB");
  if (!first) throw new Error("wrangler.toml binds no database as DB");
  const taken = new Set(shardsOf(databases).map(({ binding }) => numberOf(binding)));
  let number = 1;
  while (taken.has(number)) number += 1;
  if (number > SHARDS_MAX) throw new Error(`There are ${SHARDS_MAX} shards already: ids have no room for more`);
  return { binding: `DB_${number}`, name: `${first.name}-${number}` };
}

const LAST_DATABASE = /^\[\[d1_databases\]\]\r?\n(?:(?!\s*\[)[^\n]*\S[^\n]*\n)*(?![\s\S]*^\[\[d1_databases\]\])/m;

/** The text of wrangler.toml with one more database after the last one. Comments and order stay. */
export function withDatabase(config: string, { binding, name }: Database): string {
  const entry = `\n[[d1_databases]]\nbinding = "${binding}"\ndatabase_name = "${name}"\nmigrations_dir = "migrations"\n`;
  if (!LAST_DATABASE.test(config)) throw new Error("wrangler.toml has no [[d1_databases]] that another could follow");
  return config.replace(LAST_DATABASE, (last) => last + entry);
}
