/** The frame of every page: navigation, org unit, account. At the side where there is room, at the bottom on a phone. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { inOperatorArea, ROOT } from "../area";
import { call, operate, Problem } from "../call";
import { openConflicts, useConflictCount } from "../conflict-count";
import { formatNumber } from "../format";
import { pages } from "../pages";
import { hrefOf, path } from "../router";
import { leftConsole, session } from "../session";
import { showUnit } from "../unit";
import { IconButton } from "./button";
import { Icon } from "./icon";
import { Menu } from "./menu";
import { openPalette } from "./palette";
import { toastError } from "./toast";

export const Frame = ({ children }: { children: ComponentChildren }) => (
  <div class="frame">
    <a class="skip" href="#main">
      Skip to the content
    </a>
    <header class="side">
      <a class="brand" href={hrefOf(ROOT)}>
        Leadedge
      </a>
      <div class="side-tools">
        <UnitSwitcher />
        <IconButton icon="search" label="Search and commands (Ctrl K)" onClick={openPalette} />
      </div>
      <Navigation />
      <div class="side-foot">
        <Account />
      </div>
    </header>
    <main id="main" tabIndex={-1}>
      {children}
    </main>
  </div>
);

function Navigation() {
  const nav = useRef<HTMLElement>(null);
  const at = path.value;
  // on a phone it is a row that is wider than the screen
  useLayoutEffect(() => {
    const link = nav.current?.querySelector<HTMLElement>("a[aria-current]");
    if (nav.current && link) nav.current.scrollLeft = link.offsetLeft + link.offsetWidth / 2 - nav.current.clientWidth / 2;
  }, [at]);
  return (
    <nav ref={nav} aria-label="Console">
      <ul>
        {pages
          .filter(({ icon }) => icon !== undefined)
          .map(({ path: to, title, icon }) => (
            <li key={to}>
              <a href={hrefOf(to)} aria-current={isWithin(to) ? "page" : undefined}>
                {icon && <Icon name={icon} />}
                <span>{title}</span>
                {to === "/conflicts" && <ConflictCount />}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

function ConflictCount() {
  useConflictCount();
  const count = openConflicts.value;
  if (!count || count.open === 0) return null;
  return (
    <span class="pill warning nav-count">
      {formatNumber(count.open)}
      {count.at_least && "+"}
      <span class="visually-hidden"> to decide</span>
    </span>
  );
}

const isWithin = (to: string): boolean => path.value === to || path.value.startsWith(`${to}/`);

function UnitSwitcher() {
  const units = session.value?.units ?? [];
  const current = session.value?.unit;
  if (!current) return <span class="unit" />;
  return (
    <label class="unit">
      <span class="visually-hidden">Org unit</span>
      <select
        value={current.unit_id}
        disabled={units.length < 2}
        onChange={(event) => {
          const unit = units.find(({ unit_id }) => unit_id === event.currentTarget.value);
          if (!unit || !session.value) return;
          session.value = { ...session.value, unit };
          showUnit(unit.unit_id);
        }}
      >
        {units.map(({ unit_id, name }) => (
          <option key={unit_id} value={unit_id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const Account = () => (
  <Menu label="Account" icon="settings" align="start">
    <p class="muted small">
      Signed in as <code>{inOperatorArea ? "operator" : session.value?.actor_id}</code>
      <br />
      {inOperatorArea ? "With the token of /admin" : `Role: ${session.value?.role}`}
    </p>
    <button type="button" class="menu-item" onClick={() => void signOut()}>
      Sign out
    </button>
  </Menu>
);

/** Signed out is signed out, even if the session had ended before. */
export async function signOut(): Promise<void> {
  try {
    await (inOperatorArea ? operate("session.signOut", {}) : call("session.signOut", {}));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toastError(error);
    return;
  }
  leftConsole();
}
