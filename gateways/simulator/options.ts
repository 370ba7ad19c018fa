import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigError } from '#infra/config.ts';
import { idPattern } from '#schemas/ids.ts';
import { defaultSeed } from './park.ts';
import { replayAlignments, type ReplayAlignment, type ReplayOptions } from './replay.ts';

export const help = `Usage: parkwatch simulate [options]

Simulated devices that speak MQTT and OPC UA from outside, like any others.

The default park: about 330 devices of six buildings, deterministic by seed.
  --seed S            another park (${defaultSeed})
  --backfill-days D   what the gateway boxes remember at their first start (7)
  --backfill 365d     the same, up to 366 days; --print-park then has stood as long
  --backfill-every 6h how often they kept it, in h or d, the same for all; it is handed in as fast as it is taken.
                      Left out: each kind of value as often as its box keeps it (15 to 60 min), and 6h for more than
                      30 days. Momentary values (currents, pictures, positions of lifts) are kept by no box
                      On a terminal it tells how far it is; stopped with Ctrl-C it goes on at the next start
  --backfill-only     end when all of it is handed in
  --copies N          the park so many times over: 16 make about 5,000 devices (1)
  --opcua-port P      port of the OPC UA server on 127.0.0.1; 0 is any (0)
  --no-opcua          MQTT only
  --time-zone Z       whose days the curves follow (Asia/Shanghai)
  --state-dir DIR     counters over a restart (./data/simulator)

Plain load, instead of the park:
  --devices N         so many energy meters, load-00001 and on
  --rate R            values per second, all together

Real measurements, instead of the park (a CSV file; its devices are imported with provenance "replayed"):
  --replay FILE       send its rows as devices; --print-park prints the devices
  --replay-plan FILE  which column is what (YAML); else by the columns, of those that come with the program
  --replay-align A    start: the first row is now (default); end: the last is, all are sent at once; none: as measured
  --speed F           with start: so many times faster (1)
  --replay-days D     with end: only so many days (7); what is older than a park keeps raw is refused

Cameras to be asked over ONVIF and RTSP, instead of the park (docs/gateways/cctv.md):
  --cameras N         so many, every fifth with a fault; writes STATE-DIR/cctv.yaml for PARK_CONFIG_FILE

All:
  --park ID           the park's id in the topics (demo)
  --url URL           the broker (mqtt://127.0.0.1:1883)
  --username U        and --password-file FILE, where the broker asks for them
  --credentials FILE  JSON of the gateway boxes' own ones: {"box-a": "secret", …}; the user name is the box's id
  --ca FILE           certificate authority of an mqtts:// broker
  --qos 0|1           (1)
  --duration S        stop after so many seconds
  --print-park        print the devices as an import document and stop
  --stop-with-stdin   stop when standard input ends (for a parent process)
  --log-level L       (info)
  --help

On stdout: one line of JSON when ready ({"ready":true,"opcuaEndpoint","nodes","plant"}), one at the end. Logs go to stderr.
`;

export interface BrokerOptions {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** PEM. */
  readonly ca?: string | undefined;
  /** Passwords of single gateway boxes, by their ids; the others use the shared one. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
  readonly qos: 0 | 1;
}

export interface SimulatorOptions {
  readonly parkId: string;
  readonly broker: BrokerOptions;
  readonly seed: number;
  readonly timeZone: string;
  readonly stateDir: string;
  readonly backfillDays: number;
  /** Undefined: as each group of values is kept by itself, at a bounded rate. */
  readonly backfillEveryMs: number | undefined;
  /** Ends when the boxes have handed in what they remember. */
  readonly backfillOnly: boolean;
  readonly copies: number;
  /** Null: no OPC UA server. */
  readonly opcuaPort: number | null;
  /** Plain load instead of the park. */
  readonly load: { readonly devices: number; readonly rate: number } | null;
  /** A file of measurements instead of the park. */
  readonly replay: Pick<ReplayOptions, 'file' | 'planFile' | 'align' | 'speed' | 'days'> | null;
  /** So many cameras instead of the park. */
  readonly cameras: number | null;
  /** Undefined: until told to stop. */
  readonly durationS: number | undefined;
  readonly printPark: boolean;
  readonly stopWithStdin: boolean;
  readonly logLevel: string;
}

const dayMs = 86_400_000;
const limits = {
  cameras: 5_000,
  devices: 100_000,
  rate: 5_000_000,
  backfillDays: 366,
  copies: 50,
  speed: 1_000_000,
  replayDays: 36_500,
};

/**
 * Reads the command line.
 * @returns null when help was asked for
 * @throws ConfigError with one sentence
 */
export function readOptions(argv: readonly string[]): SimulatorOptions | null {
  const values = parse(argv);
  if (values.help) return null;
  const number = (
    name: keyof typeof values,
    otherwise: number,
    [least, most]: readonly [number, number],
  ): number => {
    const text = values[name];
    const value = text === undefined ? otherwise : Number(text);
    if (Number.isNaN(value) || value < least || value > most) {
      throw new ConfigError(`--${name} is a number from ${least} to ${most}.`);
    }
    return value;
  };
  if (!idPattern.test(values.park)) throw new ConfigError('--park is 1 to 64 letters, digits, "-" or "_".');
  const backfillDays =
    values.backfill === undefined
      ? number('backfill-days', 7, [0, limits.backfillDays])
      : duration('backfill', values.backfill) / dayMs;
  const isLoad = values.devices !== undefined || values.rate !== undefined;
  return {
    parkId: values.park,
    broker: {
      url: brokerUrl(values.url),
      username: values.username,
      password: fileText('password-file', values['password-file'])?.trim(),
      ca: fileText('ca', values.ca),
      credentials: readCredentials(fileText('credentials', values.credentials)),
      qos: number('qos', 1, [0, 1]) === 0 ? 0 : 1,
    },
    seed: Math.trunc(number('seed', defaultSeed, [0, 0xffff_ffff])),
    timeZone: timeZone(values['time-zone']),
    stateDir: values['state-dir'],
    backfillDays,
    backfillEveryMs: backfillEvery(backfillDays, values['backfill-every']),
    backfillOnly: values['backfill-only'],
    copies: Math.trunc(number('copies', 1, [1, limits.copies])),
    opcuaPort: values['no-opcua'] || isLoad ? null : number('opcua-port', 0, [0, 65_535]),
    load: isLoad
      ? {
          devices: number('devices', 100, [1, limits.devices]),
          rate: number('rate', 1_000, [0.1, limits.rate]),
        }
      : null,
    replay:
      values.replay === undefined
        ? null
        : {
            file: values.replay,
            planFile: values['replay-plan'],
            align: alignment(values['replay-align']),
            speed: number('speed', 1, [0.001, limits.speed]),
            days: number('replay-days', 7, [0, limits.replayDays]),
          },
    cameras: values.cameras === undefined ? null : Math.trunc(number('cameras', 1, [1, limits.cameras])),
    durationS: values.duration === undefined ? undefined : number('duration', 0, [0.1, 31_536_000]),
    printPark: values['print-park'],
    stopWithStdin: values['stop-with-stdin'],
    logLevel: values['log-level'],
  };
}

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: false,
      options: {
        seed: text,
        'backfill-days': text,
        backfill: text,
        'backfill-every': text,
        'backfill-only': flag,
        copies: text,
        'opcua-port': text,
        'no-opcua': flag,
        'time-zone': { ...text, default: 'Asia/Shanghai' },
        'state-dir': { ...text, default: './data/simulator' },
        devices: text,
        rate: text,
        cameras: text,
        replay: text,
        'replay-plan': text,
        'replay-align': { ...text, default: 'start' },
        speed: text,
        'replay-days': text,
        park: { ...text, default: 'demo' },
        url: { ...text, default: 'mqtt://127.0.0.1:1883' },
        username: text,
        'password-file': text,
        ca: text,
        credentials: text,
        qos: text,
        duration: text,
        'print-park': flag,
        'stop-with-stdin': flag,
        'log-level': { ...text, default: 'info' },
        help: { ...flag, short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(
      `${(error as Error).message.split('. ')[0]}; parkwatch simulate --help tells the options.`,
    );
  }
}

function alignment(given: string): ReplayAlignment {
  const known = replayAlignments.find((name) => name === given);
  if (known === undefined) throw new ConfigError(`--replay-align is one of ${replayAlignments.join(', ')}.`);
  return known;
}

/** A longer back-fill is thinned out, unless told otherwise: a year of every quarter of an hour would take days. */
const longBackfill = { days: 30, everyMs: dayMs / 4 } as const;

/** How often boxes kept what they hand in; undefined: each kind of value as it is kept. */
function backfillEvery(days: number, given: string | undefined): number | undefined {
  if (given !== undefined) return duration('backfill-every', given);
  return days > longBackfill.days ? longBackfill.everyMs : undefined;
}

/** A length such as 365d or 6h, ms. */
function duration(option: string, given: string): number {
  const [, count, unit] = /^(\d{1,4})([hd])$/.exec(given) ?? [];
  const lengthMs = Number(count) * (unit === 'h' ? dayMs / 24 : dayMs);
  if (count === undefined || lengthMs <= 0 || lengthMs > limits.backfillDays * dayMs) {
    throw new ConfigError(`--${option} is a length such as 6h or 365d, at most ${limits.backfillDays} days.`);
  }
  return lengthMs;
}

function brokerUrl(url: string): string {
  if (!/^(mqtts?|wss?):\/\//.test(url))
    throw new ConfigError('--url starts with mqtt://, mqtts://, ws:// or wss://.');
  if (new URL(url).password !== '') throw new ConfigError('--url carries no password; use --password-file.');
  return url;
}

function fileText(option: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`--${option} names ${file}, which cannot be read (${code}).`);
  }
}

const credentialsSchema = z.record(z.string(), z.string());

function readCredentials(json: string | undefined): Record<string, string> | undefined {
  if (json === undefined) return undefined;
  try {
    return credentialsSchema.parse(JSON.parse(json));
  } catch {
    throw new ConfigError('--credentials names a file that is no JSON object of texts.');
  }
}

function timeZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw new ConfigError(`--time-zone is ${zone}, which is no IANA time zone.`);
  }
}
