/** A button that opens a small panel above the page: the browser's own popover, closed by Escape or a click elsewhere. */
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

type MenuProps = { label: string; icon?: IconName; children: ComponentChildren; align?: "start" | "end" };

/** Its content is rendered while it is open. */
export function Menu({ label, icon = "down", children, align = "end" }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const place = (): void => {
    const at = button.current?.getBoundingClientRect();
    if (!at || !panel.current) return;
    panel.current.style.top = `${at.bottom + 4}px`;
    panel.current.style.left = align === "start" ? `${at.left}px` : "auto";
    panel.current.style.right = align === "end" ? `${Math.max(8, document.documentElement.clientWidth - at.right)}px` : "auto";
  };
  return (
    <>
      <button ref={button} type="button" class="button plain" popovertarget={id} aria-expanded={open} aria-label={label}>
        <Icon name={icon} />
        <span>{label}</span>
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        class="menu"
        onBeforeToggle={place}
        onToggle={(event) => setOpen((event as unknown as ToggleEvent).newState === "open")}
      >
        {open && children}
      </div>
    </>
  );
}
