import type { Interface } from "node:readline";

/**
 * Node's line editor appends text that arrives in one piece, such as a paste, at the end of the line wherever the
 * cursor is, and then does not know the cursor's row. It does so while its `isCompletionEnabled` is false, which it
 * sets for all but the last character of a piece.
 */
export function mendPasting(editor: Interface): void {
  let enabled = true;
  Object.defineProperty(editor, "isCompletionEnabled", {
    configurable: true,
    get: () => enabled || editor.cursor < editor.line.length,
    set: (value: boolean) => {
      if (value && !enabled) Reflect.set(editor, "prevRows", editor.getCursorPos().rows);
      enabled = value;
    },
  });
}
