import { useLayoutEffect, useRef } from "preact/hooks";

type CellProps = {
  row: number;
  column: number;
  text: string | undefined;
  problem: string | undefined;
  editable: boolean;
  current: boolean;
  /** what the editor starts with; null: it is not open */
  editing: string | null;
  onPick: () => void;
  onStart: () => void;
  /** `step`: the key that leads to the next cell */
  onKeep: (text: string, step: "ArrowDown" | "ArrowRight" | "") => void;
  onGiveUp: () => void;
};

export function GridCell({ row, column, text, problem, editable, current, editing, onPick, onStart, onKeep, onGiveUp }: CellProps) {
  return (
    <div
      role="gridcell"
      aria-colindex={column + 2}
      aria-invalid={problem ? true : undefined}
      aria-readonly={!editable}
      aria-selected={current}
      aria-label={problem ? `${text || "empty"}: ${problem}` : undefined}
      title={problem ?? text}
      class={problem ? "wrong" : undefined}
      data-at={`${row},${column}`}
      tabIndex={current ? 0 : -1}
      onClick={() => !current && onPick()}
      onDblClick={onStart}
    >
      {editing === null ? (text ?? "…") : <Editor start={editing} onKeep={onKeep} onGiveUp={onGiveUp} />}
    </div>
  );
}

function Editor({ start, onKeep, onGiveUp }: { start: string } & Pick<CellProps, "onKeep" | "onGiveUp">) {
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  // before the next key, which belongs to it
  useLayoutEffect(() => input.current?.focus(), []);
  const finish = (step: "ArrowDown" | "ArrowRight" | ""): void => {
    if (done.current) return;
    done.current = true;
    onKeep(input.current?.value ?? "", step);
  };
  return (
    <input
      ref={input}
      aria-label="New value"
      defaultValue={start}
      onBlur={() => finish("")}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish("ArrowDown");
        else if (event.key === "Tab") finish("ArrowRight");
        else if (event.key === "Escape") {
          done.current = true;
          onGiveUp();
        } else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
