/** The ledger of a channel's rewards: entries are added and never changed. */
import { useMemo, useState } from "preact/hooks";
import type { OperatorCallOutput } from "../../../server/calls";
import { operate } from "../../call";
import { Button } from "../../components/button";
import type { Column } from "../../components/data-table";
import { PagedTable } from "../../components/paged-table";
import { Moment, Pill } from "../../components/pill";
import { EmptyState } from "../../components/states";
import { toast } from "../../components/toast";
import { formatMoney } from "../../format";
import { usePages } from "../../load-pages";
import { ConfirmDialog } from "../settings/parts";
import { KINDS } from "./reward-triggers";

type Reward = OperatorCallOutput<"rewards.list">["rewards"][number];

export function Ledger({ channelId: channel_id }: { channelId: string }) {
  const [reversing, setReversing] = useState<Reward | null>(null);
  const pages = usePages<Reward>(channel_id, async (before, signal) => {
    const page = await operate("rewards.list", { channel_id, ...(before === null ? {} : { before }) }, { signal });
    return { rows: page.rewards, next: page.next };
  });
  const columns = useMemo(() => columnsOf(pages.rows, setReversing), [pages.rows]);
  const reverse = async ({ reward_event_id }: Reward): Promise<void> => {
    const reversal = await operate("rewards.reverse", { channel_id, reward_event_id });
    pages.change((before) => [reversal, ...before]);
    toast("The reward is taken back");
  };
  return (
    <section class="card" aria-labelledby="ledger">
      <h2 id="ledger">Rewards</h2>
      <PagedTable
        name="rewards"
        caption="Ledger of rewards"
        columns={columns}
        rowKey={({ reward_event_id }) => reward_event_id}
        empty={
          <EmptyState title="No reward yet">A reward appears here when a lead does what one of the reward triggers pays for.</EmptyState>
        }
        pages={pages}
      />
      {reversing && (
        <ConfirmDialog
          title={`Take ${moneyOf(reversing)} back?`}
          action="Take it back"
          onConfirm={() => reverse(reversing)}
          onClose={() => setReversing(null)}
        >
          An entry of the opposite amount is added to the ledger. This cannot be undone.
        </ConfirmDialog>
      )}
    </section>
  );
}

const moneyOf = ({ amount, currency }: Reward): string => formatMoney(amount, currency);

/** A reward was taken back if its reversal is loaded; the reversal is newer, so it is loaded first. */
function columnsOf(rows: readonly Reward[], onReverse: (reward: Reward) => void): Column<Reward>[] {
  const reversed = new Set(rows.map(({ reverses }) => reverses));
  return [
    { id: "kind", title: "For", cell: ({ kind }) => KINDS[kind] },
    { id: "amount", title: "Amount", numeric: true, cell: moneyOf },
    { id: "created", title: "When", cell: ({ created_at }) => <Moment at={created_at} /> },
    { id: "lead", title: "Lead", cell: ({ lead_id }) => <code>{lead_id}</code> },
    {
      id: "state",
      title: "Take back",
      cell: (reward) =>
        reward.reverses !== null ? (
          <Pill>reversal</Pill>
        ) : reversed.has(reward.reward_event_id) ? (
          <Pill tone="warning">taken back</Pill>
        ) : (
          <Button aria-label={`Take ${moneyOf(reward)} back, reward ${reward.reward_event_id}`} onClick={() => onReverse(reward)}>
            Take back
          </Button>
        ),
    },
  ];
}
