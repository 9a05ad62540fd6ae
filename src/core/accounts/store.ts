/** SQL of accounts. */
import type { Statement, UnitDb } from "../../context";

export type Account = { account_id: string; name: string; domain: string | null; created_at: number; updated_at: number };

const COLUMNS = "account_id, name, domain, created_at, updated_at";

export const insertAccount = (db: UnitDb, account: Account, metadata: string): Statement<never> =>
  db.sql(
    "INSERT INTO accounts (unit, account_id, name, domain, created_at, updated_at, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    account.account_id,
    account.name,
    account.domain,
    account.created_at,
    account.updated_at,
    metadata,
  );

export const selectAccount = (db: UnitDb, accountId: string): Statement<Account> =>
  db.sql(`SELECT ${COLUMNS} FROM accounts WHERE unit = ?1 AND account_id = ?2`, accountId);

export const selectAccountByDomain = (db: UnitDb, domain: string): Statement<Account> =>
  db.sql(
    `SELECT ${COLUMNS} FROM accounts INDEXED BY accounts_by_domain WHERE unit = ?1 AND domain = ?2 ORDER BY account_id LIMIT 1`,
    domain,
  );

/** The account that a lead is linked to; no row when it is linked to none. */
export const selectAccountOfLead = (db: UnitDb, leadId: string): Statement<Account> =>
  db.sql(
    `SELECT c.account_id, c.name, c.domain, c.created_at, c.updated_at FROM leads l
     CROSS JOIN accounts c ON c.unit = l.unit AND c.account_id = l.account_id WHERE l.unit = ?1 AND l.lead_id = ?2`,
    leadId,
  );

export const selectAccounts = (db: UnitDb, accountIds: readonly string[]): Statement<Account> =>
  db.sql(
    `SELECT c.account_id, c.name, c.domain, c.created_at, c.updated_at FROM json_each(?2) r
     CROSS JOIN accounts c ON c.unit = ?1 AND c.account_id = r.value ORDER BY r.key`,
    JSON.stringify(accountIds),
  );
