/** The command palette: go to any page, find a lead, run what the page offers. Ctrl or Command and K, from anywhere. */
import { signal } from "@preact/signals";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { inOperatorArea } from "../area";
import { call, isAbort } from "../call";
import { places } from "../pages";
import { go } from "../router";
import { Icon, type IconName } from "./icon";

export type Command = { id: string; title: string; hint?: string; icon?: IconName; run: () => void };

const open = signal(false);
const offered = signal<readonly Command[]>([]);
const FOUND_MAX = 8;
const TYPING_MS = 150;

export const openPalette = (): void => {
  open.value = true;
};

/** Offers commands as long as the calling component is rendered. Give the same array every time. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    offered.value = [...offered.peek(), ...commands];
    return () => {
      offered.value = offered.peek().filter((command) => !commands.includes(command));
    };
  }, [commands]);
}

addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  open.value = !open.peek();
});

export const Palette = () => (open.value ? <OpenPalette /> : null);

function OpenPalette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const leads = useLeads(text);
  const found = [...matching(text), ...leads];
  const active = found[Math.min(at, found.length - 1)];
  const close = (): void => {
    open.value = false;
  };
  const run = (command: Command | undefined): void => {
    if (!command) return;
    close();
    command.run();
  };
  // before the next key is pressed: it belongs to the palette
  useLayoutEffect(() => {
    dialog.current?.showModal();
    return () => dialog.current?.close();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter") run(active);
    else if (event.key === "ArrowDown") setAt((at + 1) % Math.max(1, found.length));
    else if (event.key === "ArrowUp") setAt((at + found.length - 1) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="dialog palette" aria-label="Search and commands" onClose={close} closedby="any">
      <div class="dialog-body">
        <input
          type="text"
          role="combobox"
          aria-label={inOperatorArea ? "Search pages and commands" : "Search pages, leads and commands"}
          aria-expanded={found.length > 0}
          aria-controls={list}
          aria-activedescendant={active && `${list}-${active.id}`}
          aria-autocomplete="list"
          autocomplete="off"
          placeholder={inOperatorArea ? "Go to a page…" : "Go to a page, find a lead…"}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id={list} role="listbox" aria-label="Results">
          {found.map((command) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox
            // biome-ignore lint/a11y/useFocusableInteractive: the combobox keeps the focus
            <div
              key={command.id}
              id={`${list}-${command.id}`}
              role="option"
              aria-selected={command === active}
              onClick={() => run(command)}
            >
              {command.icon && <Icon name={command.icon} />}
              <span>{command.title}</span>
              {command.hint && <span class="muted">{command.hint}</span>}
            </div>
          ))}
        </div>
        <p class="muted small" role="status">
          {found.length === 0 ? `Nothing found: try ${inOperatorArea ? "a page" : "a name, an email or a page"}` : ""}
        </p>
      </div>
    </dialog>
  );
}

function matching(text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/);
  const going = places.map(
    ({ path, title, icon }): Command => ({
      id: `go-${path.replaceAll("/", "-")}`,
      title: `Go to ${title}`,
      icon: icon ?? "right",
      run: () => go(path),
    }),
  );
  return [...offered.value, ...going].filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
}

/** Leads whose name, email or domain has the words. */
function useLeads(text: string): Command[] {
  const [leads, setLeads] = useState<Command[]>([]);
  const searched = inOperatorArea ? "" : text.trim();
  useEffect(() => {
    const gone = new AbortController();
    if (searched.length < 2) {
      setLeads([]);
      return;
    }
    const timer = setTimeout(async () => {
      try {
        const page = await call("leads.list", { q: searched, limit: FOUND_MAX }, { signal: gone.signal });
        setLeads(page.leads.map((lead) => commandOf(lead)));
      } catch (error) {
        if (!isAbort(error)) setLeads([]);
      }
    }, TYPING_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [searched]);
  return leads;
}

function commandOf({ lead_id, name, email }: { lead_id: string; name: string | null; email: string | null }): Command {
  const hint = name && email ? { hint: email } : {};
  return { id: lead_id, title: name ?? email ?? lead_id, icon: "leads", run: () => go(`/leads/${lead_id}`), ...hint };
}
