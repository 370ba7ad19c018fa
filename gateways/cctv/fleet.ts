import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#infra/clock.ts';
import { readConfigFile } from '#infra/config-file.ts';
import { followConfigFile, type FileNews } from '#infra/followed-file.ts';
import type { Log } from '#infra/log.ts';
import type { NameLeases } from '#infra/name-leases.ts';
import type { CameraProbe, CctvConfig } from '#schemas/cctv.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { resolveCctvConfig } from './config.ts';
import { startCctvGateway, type CctvGateway } from './gateway.ts';

/** Groups that people saved through the API, with their secrets. */
export interface SavedGroups {
  value(): readonly CctvConfig[];
  onChange(listener: () => void): Disposable;
}

export interface CctvFleetOptions {
  /** PARK_CONFIG_FILE; undefined: none of a file. */
  readonly file: string | undefined;
  /** Absent where there is no database. */
  readonly saved?: SavedGroups | undefined;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeZone: string;
  /** Of several processes one asks a group; absent: there is no other. */
  readonly leases?: NameLeases | undefined;
}

/** A gateway for each configured group, as the configuration stands now. */
export interface CctvFleet extends AsyncDisposable {
  gateways(): readonly Gateway[];
  /** The last round of every camera. */
  cameras(): Iterable<CameraProbe>;
  /** Ids of the groups that stand in the file: they have the word over saved ones. */
  ofFile(): readonly string[];
  /** Why a newer file is not in force; null when the newest is. */
  trouble(): string | null;
  /** Resolves when the configuration as it stands is in force. */
  settled(): Promise<void>;
  /** One more group, which nobody configured: the simulated park's. */
  add(group: CctvConfig): void;
}

interface Running {
  readonly group: CctvConfig;
  readonly gateway: CctvGateway;
}

/**
 * Starts asking every configured camera and follows the configuration: a group that changed is started anew, the others
 * go on. A file with faults changes nothing: it is logged, and told by {@link CctvFleet.trouble}, until it is mended.
 * @throws ConfigError at the start, with one line per fault
 */
export function startCctvFleet(options: CctvFleetOptions): CctvFleet {
  const { file, saved, clock, log, leases } = options;
  const text = file === undefined ? '' : readConfigFile(file);
  let fromFile = file === undefined ? [] : resolveCctvConfig(text, file);
  const added: CctvConfig[] = [];
  const running = new Map<string, Running>();
  let trouble: string | null = null;
  let stopped = false;
  let changing = Promise.resolve();

  const wanted = (): Map<string, CctvConfig> => {
    const groups = [...added, ...(saved?.value() ?? []), ...fromFile];
    return new Map(stopped ? [] : groups.map((group) => [group.id, group]));
  };
  const ours = () => new Map([...wanted()].filter(([id]) => leases?.holds(id) !== false));
  const change = async (): Promise<void> => {
    if (!stopped) await leases?.want([...wanted().keys()]);
    const groups = ours();
    const gone = [...running].filter(([id, { group }]) => !isDeepStrictEqual(groups.get(id), group));
    for (const [id] of gone) running.delete(id);
    // A device is asked by one at a time: the old gateway has ended before the new one begins.
    await Promise.all(gone.map(([, { gateway }]) => gateway[Symbol.asyncDispose]()));
    for (const [id, group] of ours()) {
      if (running.has(id)) continue;
      running.set(id, { group, gateway: startCctvGateway({ ...options, group }) });
      log.info(`cctv: ${id} is asked every ${group.intervalS} s`);
    }
    // Handed on only now that nobody is asked any more.
    if (stopped) await leases?.want([]);
  };
  const reconcile = () => {
    changing = changing
      .then(change)
      .catch((error: unknown) => log.error({ err: error }, 'cctv: a change is not in force'));
  };
  const reload = (path: string, news: FileNews) => {
    try {
      if (!news.ok) throw new Error(news.reason);
      fromFile = resolveCctvConfig(news.text, path);
      trouble = null;
      reconcile();
    } catch (error) {
      trouble = (error as Error).message;
      log.error(`cctv: the changed file is not in force: ${trouble}`);
    }
  };
  const watch =
    file === undefined ? null : followConfigFile({ file, text, clock, onNews: (news) => reload(file, news) });
  const following = saved?.onChange(reconcile);
  const followingLeases = leases?.onChange(reconcile);
  reconcile();
  return {
    gateways: () => [...running.values()].map(({ gateway }) => gateway),
    *cameras() {
      for (const { gateway } of running.values()) yield* gateway.cameras.values();
    },
    ofFile: () => fromFile.map(({ id }) => id),
    trouble: () => trouble,
    settled: () => changing,
    add(group) {
      added.push(group);
      reconcile();
    },
    async [Symbol.asyncDispose]() {
      following?.[Symbol.dispose]();
      followingLeases?.[Symbol.dispose]();
      await watch?.[Symbol.asyncDispose]();
      stopped = true;
      reconcile();
      await changing;
    },
  };
}
