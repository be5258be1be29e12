// What somebody chose or dropped: files with their paths, folders read to the bottom.

import type { Chosen } from "./upload_plan";

export interface ChosenFile extends Chosen {
  readonly file: File;
}

const chosen = (file: File, path: string): ChosenFile => ({ path, size: file.size, file });

export const chosenOf = (files: Iterable<File>): ChosenFile[] =>
  [...files].map((file) => chosen(file, file.webkitRelativePath || file.name));

/** Call it within the event: later the items are gone. */
export async function droppedOf(data: DataTransfer): Promise<ChosenFile[]> {
  const entries = [...data.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry());
  return (await Promise.all(entries.map((entry) => (entry === null ? [] : within(entry))))).flat();
}

async function within(entry: FileSystemEntry): Promise<ChosenFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [chosen(file, path)];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // It gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(within))).flat();
}
