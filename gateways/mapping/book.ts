import { stat } from 'node:fs/promises';
import type { Clock } from '#infra/clock.ts';
import { faultLines, readConfigFile } from '#infra/config-file.ts';
import type { Log } from '#infra/log.ts';
import { compileMappings, type MappingSet } from './compile.ts';
import { parseMappings, requireMappings } from './config.ts';

/** The mappings in force. */
export interface MappingBook extends AsyncDisposable {
  current(): MappingSet;
  /** Why a newer text is not in force; null when the newest is. */
  trouble(): string | null;
  /** Called after other mappings came into force. */
  onChange(listener: () => void): Disposable;
}

export interface MappingBookOptions {
  /** PARK_CONFIG_FILE; undefined: no mappings, and none will come. */
  readonly file: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often the file is looked at. A file system's own notices are lost in containers and by editors that rename. */
const lookEveryMs = 2_000;

/**
 * Reads the mappings and follows the file: a change is in force within 2 s, without a restart. A text with faults
 * changes nothing: it is logged, and told by {@link MappingBook.trouble}, until it is mended.
 * @throws ConfigError at the start, with one line per fault
 */
export function openMappingBook({ file, clock, log }: MappingBookOptions): MappingBook {
  const listeners = new Set<() => void>();
  let text = file === undefined ? '' : readConfigFile(file);
  let current = file === undefined ? compileMappings([]) : requireMappings(text, file);
  let trouble: string | null = null;
  let looking = Promise.resolve();

  const reload = (path: string) => {
    const newest = readConfigFile(path);
    if (newest === text) return;
    text = newest;
    const read = parseMappings(newest);
    if (!read.ok) {
      trouble = faultLines(read.faults, path);
      log.error(`mapping: the changed file has faults and is not in force: ${trouble}`);
      return;
    }
    trouble = null;
    current = read.value;
    log.info(`mapping: ${current.mappings.length} mappings are in force`);
    for (const listener of listeners) listener();
  };
  let seen = '';
  const look = async (path: string) => {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const mark = `${mtimeMs} ${size} ${ino}`;
      if (mark === seen) return;
      reload(path);
      seen = mark;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (trouble !== reason) log.warn(`mapping: ${reason}`);
      trouble = reason;
      // Looked at again when it is back, even if it is the same.
      seen = '';
      text = '';
    }
  };
  const watch =
    file === undefined
      ? null
      : clock.every(lookEveryMs, () => {
          looking = looking.then(() => look(file));
        });
  return {
    current: () => current,
    trouble: () => trouble,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      watch?.[Symbol.dispose]();
      await looking;
    },
  };
}
