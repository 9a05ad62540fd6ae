import { toast, toastError } from "../../components/toast";

/** Makes a change, reports it with an undo if there is one, then reloads the page's data. */
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
