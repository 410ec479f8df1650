// Watches folder trees. Node 20's own recursive watch on Linux loses a file that an editor saved by renaming, so
// there each folder is watched by itself; elsewhere the system watches whole trees.
import { readdirSync, statSync, watch } from "node:fs";
import path from "node:path";

/**
 * @param {readonly string[]} roots existing folders
 * @param {(file: string) => void} changed gets the path of a file or folder that was made, changed or removed
 * @param {NodeJS.Platform} [platform]
 * @returns {() => void} stops watching
 */
export function watchTrees(roots, changed, platform = process.platform) {
  return platform === "linux" ? watchFolders(roots, changed) : watchNatively(roots, changed);
}

/**
 * @param {readonly string[]} roots
 * @param {(file: string) => void} changed
 */
function watchNatively(roots, changed) {
  const watchers = roots.map((root) =>
    watch(root, { recursive: true }, (_event, name) => {
      if (name !== null) changed(path.join(root, name));
    }),
  );
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

/**
 * @param {readonly string[]} roots
 * @param {(file: string) => void} changed
 */
function watchFolders(roots, changed) {
  /** @type {Map<string, { watcher: import("node:fs").FSWatcher, identity: string }>} */
  const watchers = new Map();

  /** @param {string} folder */
  const isWatched = (folder) => {
    try {
      return watchers.get(folder)?.identity === identityOf(folder);
    } catch {
      return true; // Gone: its own watcher tells.
    }
  };

  /** @param {string} folder */
  const drop = (folder) => {
    watchers.get(folder)?.watcher.close();
    watchers.delete(folder);
  };

  /**
   * @param {string} folder
   * @param {boolean} isNew whether the files in it are news
   */
  const add = (folder, isNew) => {
    let watcher;
    let identity;
    try {
      identity = identityOf(folder);
      watcher = watch(folder, (_event, name) => {
        if (name === null) return;
        changed(path.join(folder, name));
        addFoldersIn(folder, true);
      });
    } catch {
      return; // Gone again already.
    }
    watcher.on("error", () => drop(folder));
    watchers.set(folder, { watcher, identity });
    addFoldersIn(folder, isNew);
  };

  /**
   * @param {string} folder
   * @param {boolean} isNew
   */
  const addFoldersIn = (folder, isNew) => {
    const inside = entriesOf(folder);
    if (inside === undefined) {
      drop(folder);
      return;
    }
    for (const entry of inside) {
      const full = path.join(folder, entry.name);
      if (!entry.isDirectory() || isWatched(full)) continue;
      drop(full);
      add(full, isNew);
      // What was written before the watch began would go unnoticed.
      if (isNew) for (const file of entriesOf(full) ?? []) changed(path.join(full, file.name));
    }
  };

  for (const root of roots) add(root, false);
  return () => {
    for (const folder of watchers.keys()) drop(folder);
  };
}

/**
 * Tells a folder from one that was made anew in its place; inode numbers alone are used again at once.
 * @param {string} folder
 */
function identityOf(folder) {
  const { ino, birthtimeMs } = statSync(folder);
  return `${ino} ${birthtimeMs}`;
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}
