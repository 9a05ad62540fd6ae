import { count, desc, eq } from "drizzle-orm";
import type { Directory } from "../../context";
import { deadLetters } from "../../db/schema/imports";

export type DeadLetterRow = typeof deadLetters.$inferSelect;

export const findDeadLetters = (directory: Directory, queue: string | undefined, limit: number, offset: number): Promise<DeadLetterRow[]> =>
  directory
    .select()
    .from(deadLetters)
    .where(queue === undefined ? undefined : eq(deadLetters.queue, queue))
    .orderBy(desc(deadLetters.received_at), desc(deadLetters.message_id))
    .limit(limit)
    .offset(offset);

export async function countDeadLetters(directory: Directory, queue: string | undefined): Promise<number> {
  const [row] = await directory
    .select({ total: count() })
    .from(deadLetters)
    .where(queue === undefined ? undefined : eq(deadLetters.queue, queue));
  return row?.total ?? 0;
}

export async function findDeadLetter(directory: Directory, messageId: string): Promise<DeadLetterRow | null> {
  const [row] = await directory.select().from(deadLetters).where(eq(deadLetters.message_id, messageId));
  return row ?? null;
}

export async function removeDeadLetter(directory: Directory, messageId: string): Promise<void> {
  await directory.delete(deadLetters).where(eq(deadLetters.message_id, messageId));
}
