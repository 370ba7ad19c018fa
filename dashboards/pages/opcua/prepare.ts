import { api } from '../../app/api.ts';
import { opcuaApi } from '../../app/opcua-api.ts';
import { gather, type Start } from './gather.ts';
import { guessDevice } from './guess.ts';
import { firstRows, type MetricsOf, type Row, type Target } from './rows.ts';

/** Objects whose names are looked up among the devices: the two above each variable. */
const namesMost = 200;
const levelsAbove = 2;
const foundMost = 20;
const atOnce = 4;

export interface Progress {
  readonly variables: number;
  readonly objects: number;
}

/** Gathers the variables below the chosen nodes and guesses what they are. @throws what the server or the API refuses */
export async function prepareRows(options: {
  readonly serverId: string;
  readonly starts: readonly Start[];
  readonly metricsOf: MetricsOf;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}): Promise<{ readonly rows: readonly Row[]; readonly isCut: boolean }> {
  const { serverId, starts, metricsOf, signal, onProgress } = options;
  const { candidates, isCut } = await gather(starts, {
    browse: (asked) => opcuaApi.browse(serverId, asked),
    onProgress,
    signal,
  });
  const names = new Set(candidates.flatMap(({ path }) => path.slice(-levelsAbove)));
  const devices = await devicesNamed([...names].slice(0, namesMost));
  const deviceOf = (path: readonly string[]) => guessDevice(path.slice(-levelsAbove), devices);
  return { rows: firstRows(candidates, ({ path }) => deviceOf(path), metricsOf), isCut };
}

async function devicesNamed(names: readonly string[]): Promise<(Target & { readonly name: string })[]> {
  const found: (Target & { readonly name: string })[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < names.length; at = next++) {
      const { items } = await api.devices({ q: names[at] ?? '', limit: foundMost });
      found.push(...items.map(({ id, name, class: deviceClass }) => ({ id, name, class: deviceClass })));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}
