/** Views that the org unit keeps by name: what the list is narrowed to, and its order. */
import { call } from "../../call";
import { IconButton } from "../../components/button";
import { Form, TextField } from "../../components/form";
import { Menu } from "../../components/menu";
import { ErrorState, Skeleton } from "../../components/states";
import { toast, toastError } from "../../components/toast";
import { useLoad } from "../../load";
import { setQuery } from "../../router";
import { mayWrite } from "../../session";

/** Every parameter of the list, removed. */
export const NOTHING = { q: null, status: null, segment: null, account_id: null, owner_id: null, sort: null };

type Criteria = Readonly<Record<string, string>>;

export const SavedViews = ({ criteria }: { criteria: Criteria }) => (
  <Menu label="Views" icon="filter">
    <Views criteria={criteria} />
  </Menu>
);

function Views({ criteria }: { criteria: Criteria }) {
  const { data, error, reload, set } = useLoad("views", (signal) => call("views.list", {}, { signal }));
  const save = async ({ name = "" }: Record<string, string>): Promise<void> => {
    const saved = await call("views.save", { name, criteria });
    set(({ views }) => ({ views: [...views, saved] }));
    toast(`The view ${saved.name} is saved for everybody in this org unit`);
  };
  const remove = async (view_id: string): Promise<void> => {
    await call("views.delete", { view_id });
    set(({ views }) => ({ views: views.filter((other) => other.view_id !== view_id) }));
  };
  return (
    <div class="choices">
      {error && <ErrorState error={error} onRetry={reload} />}
      {!data && !error && <Skeleton lines={2} label="Loading the views" />}
      {data?.views.length === 0 && <p class="muted">No views are saved yet.</p>}
      <ul>
        {data?.views.map(({ view_id, name, query, whole }) => (
          <li key={view_id} class="view">
            <button
              type="button"
              class="menu-item"
              disabled={!whole}
              onClick={() => setQuery({ ...NOTHING, ...query }, { replace: false })}
            >
              {name}
              {!whole && " (has criteria that only the API takes)"}
            </button>
            {mayWrite() && (
              <IconButton icon="trash" label={`Delete the view ${name}`} onClick={() => void remove(view_id).catch(toastError)} />
            )}
          </li>
        ))}
      </ul>
      {mayWrite() && Object.keys(criteria).length > 0 && (
        <Form submit="Save view" onSubmit={save}>
          <TextField label="Name of this view" name="name" autocomplete="off" />
        </Form>
      )}
    </div>
  );
}
