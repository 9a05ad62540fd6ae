import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { hrefOf } from "../router";
import { Icon, type IconName } from "./icon";

type Look = {
  /** one primary button on a page or in a dialog; `danger` for what cannot be undone */
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: IconName;
  children: ComponentChildren;
};

type ButtonProps = Look & { busy?: boolean } & Omit<ButtonHTMLAttributes, "icon">;

/** While it is busy, it stays where it is, keeps the focus and does nothing. */
export function Button({ kind = "plain", icon, busy = false, children, type = "button", onClick, ...rest }: ButtonProps) {
  const click: ButtonProps["onClick"] = function (this: never, event) {
    if (!busy) onClick?.call(this, event);
    else event.preventDefault();
  };
  return (
    <button {...rest} type={type} class={`button ${kind}`} aria-disabled={busy || undefined} aria-busy={busy || undefined} onClick={click}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

/** A button that is an icon alone; `label` is read out and shown as its tooltip. */
export const IconButton = ({ icon, label, ...rest }: { icon: IconName; label: string } & Omit<ButtonHTMLAttributes, "icon" | "label">) => (
  <button {...rest} type="button" class="button quiet icon-only" aria-label={label} title={label}>
    <Icon name={icon} />
  </button>
);

/** A link of the console that looks like a button: `to` is a path below /console. */
export const LinkButton = ({ to, kind = "plain", icon, children }: Look & { to: string }) => (
  <a class={`button ${kind}`} href={hrefOf(to)}>
    {icon && <Icon name={icon} />}
    <span>{children}</span>
  </a>
);
