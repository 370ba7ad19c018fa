import type { Clock } from '#infra/clock.ts';
import { faultLines, readConfigFile } from '#infra/config-file.ts';
import { followConfigFile, type FileNews } from '#infra/followed-file.ts';
import type { Log } from '#infra/log.ts';
import { compileMappings, type MappingSet } from './compile.ts';
import { parseMappings, requireMappings } from './config.ts';
import type { Mapping } from '#schemas/mapping.ts';

/** The mappings in force. */
export interface MappingBook extends AsyncDisposable {
  current(): MappingSet;
  /** Those of the file alone. */
  ofFile(): readonly Mapping[];
  /** Why a newer text is not in force; null when the newest is. */
  trouble(): string | null;
  /** Called after other mappings came into force. */
  onChange(listener: () => void): Disposable;
}

/** Mappings that are kept elsewhere, as text. */
export interface SavedText {
  value(): string;
  onChange(listener: () => void): Disposable;
}

export interface MappingBookOptions {
  /** PARK_CONFIG_FILE; undefined: none of a file. */
  readonly file: string | undefined;
  /** What people saved through the API, in force beside the file; absent where there is no database. */
  readonly saved?: SavedText | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads the mappings and follows the file: a change is in force within 2 s, without a restart. A text with faults
 * changes nothing: it is logged, and told by {@link MappingBook.trouble}, until it is mended.
 * @throws ConfigError at the start, with one line per fault
 */
export function openMappingBook({ file, saved, clock, log }: MappingBookOptions): MappingBook {
  const listeners = new Set<() => void>();
  const text = file === undefined ? '' : readConfigFile(file);
  let fromFile = file === undefined ? [] : requireMappings(text, file).mappings;
  let fromSaved: readonly Mapping[] = [];
  let current = compileMappings([]);
  let trouble: string | null = null;
  let savedTrouble: string | null = null;

  const combine = () => {
    const taken = new Set(fromFile.map(({ id }) => id));
    // They were checked when they were saved; the file may have changed since, and has the word.
    const doubles = fromSaved.filter(({ id }) => taken.has(id)).map(({ id }) => id);
    savedTrouble =
      doubles.length === 0 ? null : `${doubles.join(', ')} stand in the file as well, and count there`;
    current = compileMappings([...fromFile, ...fromSaved.filter(({ id }) => !taken.has(id))]);
    log.info(`mapping: ${current.mappings.length} mappings are in force`);
    for (const listener of listeners) listener();
  };
  const readSaved = () => {
    const read = parseMappings(saved?.value() ?? '');
    if (read.ok) fromSaved = read.value.mappings;
    else log.error(`mapping: the saved mappings have faults: ${faultLines(read.faults, 'saved')}`);
  };
  readSaved();
  combine();
  const following = saved?.onChange(() => {
    readSaved();
    combine();
  });
  const reload = (path: string, news: FileNews) => {
    if (!news.ok) {
      trouble = news.reason;
      log.warn(`mapping: ${trouble}`);
      return;
    }
    const read = parseMappings(news.text);
    if (!read.ok) {
      trouble = faultLines(read.faults, path);
      log.error(`mapping: the changed file has faults and is not in force: ${trouble}`);
      return;
    }
    trouble = null;
    fromFile = read.value.mappings;
    combine();
  };
  const watch =
    file === undefined ? null : followConfigFile({ file, text, clock, onNews: (news) => reload(file, news) });
  return {
    current: () => current,
    ofFile: () => fromFile,
    trouble: () => trouble ?? savedTrouble,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      following?.[Symbol.dispose]();
      await watch?.[Symbol.asyncDispose]();
    },
  };
}
