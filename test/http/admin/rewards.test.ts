/** The ledger of rewards: whole minor units, only added to, and a reward is taken back once. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { mintChannelLead, mintScene, ok, type Scene } from "../../support/channels";
import { unitKeyOf } from "../../support/context";
import { beforeCommit, expectReplay, keyed, moveAnswer, newKey, replyOf } from "../../support/retries";
import { bearerClient } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const operator = bearerClient("test-admin-token");
type Reward = { reward_event_id: string; amount: number; currency: string; reverses: string | null };

async function payingScene(currency: string, percent: number) {
  const scene = await mintScene({ currency });
  const path = `/admin/channels/${scene.channel.channel_id}`;
  await operator.post(`${path}/reward-triggers`, { kind: "purchase", amount_type: "percentage", amount: percent });
  const lead = await mintChannelLead(scene);
  const pay = (purchase_amount: number) => ok(scene.call("create_purchase", { lead_id: lead.id, purchase_amount }));
  const rewards = async () => (await (await operator.get(`${path}/reward-events`)).json<{ reward_events: Reward[] }>()).reward_events;
  const reverse = (id: string, options = {}) => operator.post(`${path}/reward-events/${id}/reverse`, undefined, options);
  return { scene, lead, path, pay, rewards, reverse };
}

const minorUnitsOf = async ({ tenant }: Scene): Promise<unknown[]> =>
  (
    await env.DB.prepare("SELECT minor_units FROM reward_events WHERE unit = ?1 ORDER BY reward_event_id")
      .bind(await unitKeyOf(tenant))
      .all()
  ).results.map(({ minor_units }) => minor_units);

let own: Awaited<ReturnType<typeof payingScene>>;
beforeAll(async () => {
  own = await payingScene("EUR", 12.5);
});

const paid = async (): Promise<Reward> => {
  await own.pay(99.99);
  return (await own.rewards())[0] as Reward;
};

describe("a reward", () => {
  it.each([
    ["EUR", 12.5, 99.99, 12.5, 1250],
    ["JPY", 10, 1005, 101, 101],
    ["BHD", 10, 1.2345, 0.123, 123],
  ])("in %s, %d %% of %d, is %d: a whole number of minor units", async (currency, percent, amount, shown, stored) => {
    const { scene, pay, rewards } = await payingScene(currency, percent);
    await pay(amount);
    expect(await rewards()).toMatchObject([{ amount: shown, currency, reverses: null }]);
    expect(await minorUnitsOf(scene)).toEqual([stored]);
  });

  it("that a release without minor units has written is read as an amount", async () => {
    const { scene, pay, rewards, reverse } = await payingScene("USD", 10);
    await pay(25);
    await env.DB.prepare("UPDATE reward_events SET minor_units = NULL WHERE unit = ?1")
      .bind(await unitKeyOf(scene.tenant))
      .run();
    const [reward] = await rewards();
    expect(reward?.amount).toBe(2.5);
    expect((await reverse(reward?.reward_event_id ?? "")).status).toBe(201);
    expect((await rewards()).map(({ amount }) => amount)).toEqual([-2.5, 2.5]);
  });
});

describe("a reversal", () => {
  it("is an entry of the opposite amount; the reward stays, and a second reversal is a 409", async () => {
    const reward = await paid();
    const answer = await own.reverse(reward.reward_event_id.toUpperCase());
    const reversal = await answer.json<Reward>();
    expect([answer.status, reversal]).toMatchObject([201, { amount: -reward.amount, reverses: reward.reward_event_id }]);
    const listed = await own.rewards();
    expect(listed.slice(0, 2)).toEqual([reversal, reward]);
    await readProblem(await own.reverse(reward.reward_event_id), 409);
    await readProblem(await own.reverse(reversal.reward_event_id), 409);
    expect(await own.rewards()).toEqual(listed);
  });

  it("asked for many times at once is made once", async () => {
    const reward = await paid();
    const answers = await Promise.all(Array.from({ length: 8 }, () => own.reverse(reward.reward_event_id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  it("with a key is replayed, also when another isolate was first", async () => {
    const reward = await paid();
    const key = newKey();
    await expectReplay(201, () => own.reverse(reward.reward_event_id, keyed(key)));
    const next = await paid();
    const [taken, twin] = [newKey(), newKey()];
    const other = beforeCommit(async () => {
      expect((await own.reverse(next.reward_event_id, keyed(twin))).status).toBe(201);
      await moveAnswer(twin, taken);
    });
    const second = await replyOf(own.reverse(next.reward_event_id, { ...keyed(taken), bindings: other }));
    expect(second).toMatchObject({ status: 201, replayed: true });
  });

  it("of another channel's reward, or of none, is a 404", async () => {
    const foreign = await payingScene("EUR", 10);
    const reward = await paid();
    await readProblem(await foreign.reverse(reward.reward_event_id), 404);
    await readProblem(await own.reverse(crypto.randomUUID()), 404);
  });
});
