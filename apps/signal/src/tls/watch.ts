import { realpathSync, watch, type FSWatcher } from "node:fs";
import path from "node:path";

/** Files are written in several steps; what follows within this time belongs to one change. */
const debounceMs = 200;
/** Where changes are not told, such as on network file systems, they are found within this time. */
const pollMs = 30_000;

/** The folders in which something happens when one of the files, or a link on the way to it, is replaced. */
function foldersOf(files: readonly string[]): Set<string> {
  const folders = new Set<string>();
  for (const file of files) {
    folders.add(path.dirname(path.resolve(file)));
    try {
      folders.add(path.dirname(realpathSync(file)));
    } catch {
      // It is away for a moment: the folder that it comes back to is watched.
    }
  }
  return folders;
}

/**
 * Calls back some time after something may have happened to the files. Folders are watched, not files: certbot and
 * Kubernetes turn links, editors write a new file under the old name, and a watch of the old one would see neither.
 * Keeps no process alive.
 */
export class FileWatch implements Disposable {
  readonly #files: readonly string[];
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #poll: NodeJS.Timeout;
  #debounce: NodeJS.Timeout | undefined;

  constructor(files: readonly string[], onChange: () => void) {
    this.#files = files;
    this.#onChange = onChange;
    this.#poll = setInterval(onChange, pollMs).unref();
    this.refresh();
  }

  /** A link may lead to another folder than before. */
  refresh(): void {
    const folders = foldersOf(this.#files);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    clearTimeout(this.#debounce);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#touched();
      });
      // The folder is gone, or the system has no watches left: the poll finds what happens.
      watcher.on("error", () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // The same.
    }
  }

  #touched(): void {
    clearTimeout(this.#debounce);
    this.#debounce = setTimeout(this.#onChange, debounceMs).unref();
  }
}
