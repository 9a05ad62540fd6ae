/** Messages that no consumer could settle. */
export type DeadLetter = { message_id: string; queue: string; body: string; received_at: number };

/** Records a letter once, however often it is delivered. */
export async function insertDeadLetter(d1: D1Database, letter: DeadLetter): Promise<void> {
  await d1
    .prepare("INSERT INTO dead_letters (message_id, queue, body, received_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")
    .bind(letter.message_id, letter.queue, letter.body, letter.received_at)
    .run();
}

export const countDeadLetters = async (d1: D1Database): Promise<number> =>
  Number(await d1.prepare("SELECT count(*) AS n FROM dead_letters").first("n"));
