/** The console starts here: who is signed in, then the page of the address. */
import { render } from "preact";
import { App } from "./app";
import { send } from "./call";
import { enter } from "./pages/sign-in";
import { go } from "./router";
import { leftConsole, sessionState } from "./session";

const root = document.getElementById("console");
if (root) render(<App />, root);
void start();

/** `/console/open#<code>` is the link that npm start prints: it signs in, once. */
async function start(): Promise<void> {
  const code = location.pathname === "/console/open" ? location.hash.slice(1) : "";
  if (code) {
    history.replaceState(null, "", "/console/open");
    const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }) };
    await send("/console/api/open", init).catch(() => null);
  }
  if (location.pathname === "/console/open") go("/", { replace: true });
  // a 401 shows the page of signing in by itself
  await enter().catch(() => sessionState.peek() === "unknown" && leftConsole());
}
