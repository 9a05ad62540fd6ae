/** What narrows and orders the list of leads. All of it is in the address. */
import { call } from "../../call";
import { Button } from "../../components/button";
import { useLoad } from "../../load";
import { setQuery } from "../../router";
import { useTypedQuery } from "../../typed-query";

export const STATUSES = ["new", "contacted", "qualified", "converted", "lost", "follow_up"] as const;
export const SORTS = [
  { value: "-created_at", label: "Newest" },
  { value: "-updated_at", label: "Last changed" },
  { value: "-score", label: "Highest score" },
  { value: "name", label: "Name" },
] as const;
export const wordOf = (status: string): string => status.replace("_", " ");

type FiltersProps = { status: string | undefined; segment: string | undefined; sort: string | undefined };

export function Filters({ status, segment, sort }: FiltersProps) {
  const { text, setText } = useTypedQuery("q");
  return (
    <search class="filters">
      <label>
        <span>Search</span>
        <input
          type="search"
          placeholder="Name, email, phone or domain"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>Status</span>
        <select value={status ?? ""} onChange={(event) => setQuery({ status: event.currentTarget.value })}>
          <option value="">Any</option>
          {STATUSES.map((value) => (
            <option key={value} value={value}>
              {wordOf(value)}
            </option>
          ))}
        </select>
      </label>
      <SegmentFilter segment={segment} />
      <label>
        <span>Order</span>
        <select
          value={segment ? "-created_at" : (sort ?? "-created_at")}
          disabled={segment !== undefined}
          onChange={(event) => setQuery({ sort: event.currentTarget.value })}
        >
          {SORTS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function SegmentFilter({ segment }: Pick<FiltersProps, "segment">) {
  const { data } = useLoad("segments", (signal) => call("segments.ofLeads", {}, { signal }));
  const segments = data?.segments ?? [];
  return (
    <label>
      <span>Segment</span>
      <select value={segment ?? ""} onChange={(event) => setQuery({ segment: event.currentTarget.value })}>
        <option value="">Any</option>
        {segment && !segments.some(({ segment_id }) => segment_id === segment) && <option value={segment}>{segment}</option>}
        {segments.map(({ segment_id, name }) => (
          <option key={segment_id} value={segment_id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Parameters of the address that have no field of their own: links of other pages set them. */
export const Linked = ({ account_id, owner_id }: { account_id?: string; owner_id?: string }) =>
  account_id || owner_id ? (
    <div class="actions">
      {account_id && (
        <Button icon="close" onClick={() => setQuery({ account_id: null })}>
          Leads of one account only
        </Button>
      )}
      {owner_id && (
        <Button icon="close" onClick={() => setQuery({ owner_id: null })}>
          Owned by {owner_id}
        </Button>
      )}
    </div>
  ) : null;
