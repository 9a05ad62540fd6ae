import { toast, toastError } from "../../components/toast";

/** Does something, says so with an undo where there is one, and shows what is stored then. */
export type Act = (done: string, change: () => Promise<unknown>, undo?: () => Promise<unknown>) => void;

export function actThen(reload: () => void): Act {
  const act: Act = (done, change, undo) => {
    const takeBack = undo && { undo: () => act(`Undone: ${done}`, undo) };
    change()
      .then(() => toast(done, takeBack), toastError)
      .finally(reload);
  };
  return act;
}
