/** Which page is shown: that of the address, or that of signing in. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ROOT, START } from "./area";
import { LinkButton } from "./components/button";
import { Frame } from "./components/frame";
import { Page } from "./components/page";
import { Palette } from "./components/palette";
import { EmptyState, ErrorState, Skeleton } from "./components/states";
import { Toasts } from "./components/toast";
import { type PageEntry, type PageProps, pages } from "./pages";
import { SignInDialog, SignInPage } from "./pages/sign-in";
import { followLinks, go, matchPath, path } from "./router";
import { sessionState } from "./session";

export function App() {
  const state = sessionState.value;
  useEffect(() => {
    addEventListener("click", followLinks);
    return () => removeEventListener("click", followLinks);
  }, []);
  if (state === "signed-out") return <SignInPage />;
  return (
    <>
      {/* the page loads while the session is looked up: most often there is one */}
      <Frame>
        <CurrentPage />
      </Frame>
      {state !== "unknown" && <Palette />}
      <SignInDialog />
      <Toasts />
    </>
  );
}

const PageSkeleton = () => (
  <div class="page">
    <Skeleton lines={8} label="Loading the page" />
  </div>
);

type Match = { entry: PageEntry; params: Record<string, string> };

function findPage(at: string): Match | null {
  for (const entry of pages) {
    const params = matchPath(entry.path, at);
    if (params) return { entry, params };
  }
  return null;
}

function CurrentPage() {
  useEffect(() => {
    if (path.value === ROOT) go(START, { replace: true });
  }, [path.value]);
  const match = findPage(path.value === ROOT ? START : path.value);
  if (!match) {
    return (
      <Page title="There is no such page">
        <EmptyState title="Nothing is at this address" action={<LinkButton to={ROOT}>Go to the start</LinkButton>}>
          It may be mistyped, or from another version.
        </EmptyState>
      </Page>
    );
  }
  return <LazyPage key={match.entry.path} {...match} />;
}

const loaded = new Map<string, ComponentType<PageProps>>();

function LazyPage({ entry, params }: Match) {
  const [, setLoads] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const Shown = loaded.get(entry.path);
  const load = (): void => {
    setError(null);
    entry.load().then(
      (page) => {
        loaded.set(entry.path, page);
        setLoads((loads) => loads + 1);
      },
      () => setError(new Error("The page could not be loaded: the console may have been updated. Load it again.")),
    );
  };
  useEffect(() => {
    if (!Shown) load();
  }, [entry.path]);
  if (error) {
    return (
      <Page title={entry.title}>
        <ErrorState error={error} onRetry={() => location.reload()} />
      </Page>
    );
  }
  return Shown ? <Shown params={params} /> : <PageSkeleton />;
}
