import { stat } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { readConfigFile } from './config-file.ts';

/** What a look at a file found: another text, or why there is none. */
export type FileNews =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export interface FollowedFileOptions {
  readonly file: string;
  /** As it was read when it began to be followed. */
  readonly text: string;
  readonly clock: Clock;
  /** Told once of each change, and once of each kind of trouble; a text that is back is told again. */
  readonly onNews: (news: FileNews) => void;
}

/** How often the file is looked at. A file system's own notices are lost in containers and by editors that rename. */
const lookEveryMs = 2_000;

/** Follows a configuration file; a change is told within 2 s. */
export function followConfigFile({ file, clock, onNews, ...options }: FollowedFileOptions): AsyncDisposable {
  let text: string | null = options.text;
  let seen = '';
  let trouble: string | null = null;
  let looking = Promise.resolve();
  const look = async () => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      const mark = `${mtimeMs} ${size} ${ino}`;
      if (mark === seen) return;
      const newest = readConfigFile(file);
      seen = mark;
      trouble = null;
      if (newest === text) return;
      text = newest;
      onNews({ ok: true, text: newest });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // Looked at again when it is back, even if it is the same.
      [seen, text] = ['', null];
      if (reason === trouble) return;
      trouble = reason;
      onNews({ ok: false, reason });
    }
  };
  const timer = clock.every(lookEveryMs, () => {
    looking = looking.then(look);
  });
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await looking;
    },
  };
}
