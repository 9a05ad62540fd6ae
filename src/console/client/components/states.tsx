/** What a view shows instead of its data: nothing yet, nothing at all, or that it failed. Each says what to do next. */
import type { ComponentChildren } from "preact";
import { Problem } from "../call";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

type EmptyProps = { icon?: IconName; title: string; children?: ComponentChildren; action?: ComponentChildren };

/** `children`: why there is nothing; `action`: the button or link that changes it. */
export const EmptyState = ({ icon = "info", title, children, action }: EmptyProps) => (
  <div class="state">
    <Icon name={icon} />
    <h2>{title}</h2>
    {children && <p>{children}</p>}
    {action && <div class="actions">{action}</div>}
  </div>
);

export function ErrorState({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const missing = error instanceof Problem && error.status === 404;
  return (
    <div class="state error" role="alert">
      <Icon name="warning" />
      <h2>{missing ? "This does not exist" : "This could not be loaded"}</h2>
      <p>{error.message}</p>
      {onRetry && !missing && (
        <div class="actions">
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  );
}

/** Grey lines in the size of what is coming, so that nothing moves when it comes. */
export const Skeleton = ({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) => (
  <div class="skeleton" role="status" aria-label={label}>
    {Array.from({ length: lines }, (_, at) => (
      <div key={at} class="bone" />
    ))}
  </div>
);
