/** What a channel pays for, and what it has paid: a ledger that is only added to. */
import { z } from "zod";
import {
  amountOfMinorUnits,
  changeRewardTrigger,
  createRewardTrigger,
  deleteRewardTrigger,
  listRewards,
  NewRewardTrigger,
  type RewardEntry,
  type RewardTrigger,
  RewardTriggerChange,
  requireChannelAtHome,
  reverseReward,
} from "../../../../core/channels";
import { publicLeadId } from "../../../../core/leads";
import { type OperatorCall, operatorCall } from "../call";
import { recordChannelChange } from "./channels";

const REWARDS_PER_PAGE = 100;
const channel_id = z.string();
const Trigger = z.strictObject({ channel_id, trigger_id: z.string() });
const Reversal = z.strictObject({ channel_id, reward_event_id: z.string() });

const reverse: OperatorCall<typeof Reversal, ReturnType<typeof rewardView>> = {
  ...operatorCall(Reversal, async (ctx, { channel_id, reward_event_id }, { atHome, rememberingAtHome }) => {
    const reversal = await reverseReward(atHome(), channel_id.toLowerCase(), reward_event_id, rememberingAtHome(rewardView));
    await recordChannelChange(ctx, channel_id);
    return rewardView(reversal);
  }),
  commits: "home",
};

export const rewardCalls = {
  "rewards.list": operatorCall(z.strictObject({ channel_id, before: z.guid().optional() }), async (ctx, given, request) => {
    const { channel, home } = await requireChannelAtHome(ctx, given.channel_id);
    const rewards = await listRewards(request.home(home), channel, REWARDS_PER_PAGE + 1, given.before ?? null);
    const page = rewards.slice(0, REWARDS_PER_PAGE).map(rewardView);
    return { rewards: page, next: rewards.length > REWARDS_PER_PAGE ? (page.at(-1)?.reward_event_id ?? null) : null };
  }),
  "rewards.reverse": reverse,
  "rewardTriggers.create": operatorCall(
    z.strictObject({ channel_id, trigger: NewRewardTrigger }),
    async (ctx, given, { rememberingInDirectory }) => {
      const { channel } = await requireChannelAtHome(ctx, given.channel_id);
      const remember = rememberingInDirectory((created: RewardTrigger) => created);
      const trigger = await createRewardTrigger(ctx, channel, given.trigger, remember);
      await recordChannelChange(ctx, channel.channel_id);
      return trigger;
    },
  ),
  "rewardTriggers.change": operatorCall(Trigger.extend({ change: RewardTriggerChange }), async (ctx, { trigger_id, change, ...of }) => {
    const { channel } = await requireChannelAtHome(ctx, of.channel_id);
    const trigger = await changeRewardTrigger(ctx, channel, trigger_id, change);
    await recordChannelChange(ctx, channel.channel_id);
    return trigger;
  }),
  "rewardTriggers.delete": operatorCall(Trigger, async (ctx, { trigger_id, ...of }) => {
    const { channel } = await requireChannelAtHome(ctx, of.channel_id);
    await deleteRewardTrigger(ctx, channel, trigger_id);
    await recordChannelChange(ctx, channel.channel_id);
    return {};
  }),
};

const rewardView = ({ minor_units, lead_id, ...reward }: RewardEntry) => ({
  ...reward,
  amount: amountOfMinorUnits(minor_units, reward.currency),
  lead_id: publicLeadId(lead_id),
});
