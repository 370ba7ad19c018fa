import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { identityModes, type IdentityMode } from '#schemas/api/identity.ts';
import { idPattern } from '#schemas/ids.ts';

/** What a process can be told to run (DESIGN §2); `all` is every one of them. */
export const parkRoles = [
  'broker',
  'gateway-mqtt',
  'gateway-opcua',
  'gateway-cctv',
  'ingest',
  'alarms',
  'assessment',
  'notify',
  'api',
] as const;
export type ParkRole = (typeof parkRoles)[number];

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.enum(['0', '1']).transform((value) => value === '1');
const optionalText = z.string().min(1).optional();

const rolesText = z.string().transform((text, context): ParkRole[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('all')) return [...parkRoles];
  const known = names.filter((name): name is ParkRole => (parkRoles as readonly string[]).includes(name));
  if (known.length !== names.length || known.length === 0) {
    context.addIssue(`is a comma-separated list of ${['all', ...parkRoles].join(', ')}`);
  }
  return known;
});

const timeZone = z
  .string()
  .refine(isQuarterHourZone, 'is an IANA time zone whose offset is a multiple of 15 minutes');

const networkList = z.string().transform((text, context): string[] => {
  const networks = text.split(',').map((network) => network.trim());
  if (!networks.every(isNetwork)) context.addIssue('is a comma-separated list of addresses or networks');
  return networks;
});

/** One line per variable: this is the whole configuration (DESIGN §4). */
const environmentSchema = z.object({
  PARK_ID: z.string().regex(idPattern, 'is 1 to 64 letters, digits, "-" or "_"').default('demo'),
  PARK_TIME_ZONE: timeZone.default('Asia/Shanghai'),
  PARK_ROLES: rolesText.default([...parkRoles]),
  PARK_SIGNING_KEY_FILE: optionalText,
  PARK_CONFIG_FILE: optionalText,
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'starts with postgres://')
    .optional(),
  MQTT_URL: z
    .string()
    .regex(/^(mqtts?|wss?):\/\//, 'starts with mqtt://, mqtts://, ws:// or wss://')
    .optional(),
  MQTT_HOST: z.string().min(1).default('127.0.0.1'),
  MQTT_PORT: port.default(1883),
  MQTT_USERNAME: optionalText,
  MQTT_PASSWORD_FILE: optionalText,
  MQTT_CA: optionalText,
  MQTT_TLS_CERT: optionalText,
  MQTT_TLS_KEY: optionalText,
  MQTT_TLS_PORT: port.default(8883),
  MQTT_TLS_CLIENT_CA: optionalText,
  MQTT_HOOK_SECRET_FILE: optionalText,
  MQTT_SHARED: flag.optional(),
  HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  HTTP_PORT: port.default(8080),
  HTTP_TLS_CERT: optionalText,
  HTTP_TLS_KEY: optionalText,
  PUBLIC_URL: z.url().optional(),
  PROXY_ADDRESSES: networkList.default([]),
  ADMIN_PASSWORD: z.string().min(10, 'has at least 10 characters').optional(),
  SECRET_KEY_FILE: optionalText,
  NOTIFY_NETWORKS: networkList.default([]),
  SIMULATE: flag.optional(),
  SIMULATOR_OPCUA_PORT: port.default(0),
  SPOOL_MIB: z.coerce.number().int().min(1).default(1_024),
  IDENTITY_MODE: z.enum(identityModes).optional(),
  IDENTITY_KEY_FILE: optionalText,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** The names that {@link readConfig} knows; README's table is proved equal to it. */
export const configNames = Object.keys(environmentSchema.shape);

type Environment = z.output<typeof environmentSchema>;

export interface Config {
  readonly parkId: string;
  readonly timeZone: string;
  readonly roles: readonly ParkRole[];
  /** Absolute. */
  readonly dataDir: string;
  /** Gateways that are configured, not discovered (OPC UA servers and their nodes, cameras, mappings of vendors' messages); absolute path of a YAML file. */
  readonly configFile: string | undefined;
  /** Undefined: embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly mqtt: MqttConfig;
  readonly http: HttpConfig;
  readonly adminPassword: string | undefined;
  /** Key of stored secrets; undefined: one in DATA_DIR. */
  readonly secretKeyFile: string | undefined;
  /** Inner networks that notification channels may speak to: addresses or networks. */
  readonly notifyNetworks: readonly string[];
  readonly signingKeyFile: string | undefined;
  readonly simulate: boolean;
  readonly simulatorOpcuaPort: number;
  /** What the spool of a box in the field may take of its disk, MiB. */
  readonly spoolMib: number;
  /** What becomes of the identity of people at such a box, before its spool. */
  readonly boxIdentity: { readonly mode: IdentityMode | undefined; readonly keyFile: string | undefined };
  readonly logLevel: string;
}

export interface MqttConfig {
  /** Undefined: embedded broker on host and port. */
  readonly url: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Where the password was read from, for a child process. */
  readonly passwordFile?: string | undefined;
  readonly caFile: string | undefined;
  /** Several processes divide what an external broker sends (shared subscriptions). */
  readonly shared: boolean;
  readonly tls:
    | {
        readonly certFile: string;
        readonly keyFile: string;
        readonly port: number;
        /** Signs the certificates of devices; undefined: none is asked for. */
        readonly clientCaFile?: string | undefined;
      }
    | undefined;
  /** What an external broker proves itself with when it asks us who may log in; undefined: it may not ask. */
  readonly hookSecret?: string | undefined;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** How people reach us; behind a proxy it says https. */
  readonly publicUrl: string | undefined;
  /** Proxies on other machines that may say for whom they speak: addresses or networks. */
  readonly proxies?: readonly string[];
}

/**
 * The environment for a child process: ours without our settings, some of which are secrets that it has no use for.
 */
export function childEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !configNames.includes(name)));
}

/** The start was told something wrong; the message is one clear sentence for the person who started us. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from an environment.
 * @throws ConfigError naming the variable and what it should be; never its value when that may be secret.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  refuseUnknownNames(Object.keys(environment));
  const given = Object.fromEntries(
    configNames.flatMap((name) => (environment[name] ? [[name, environment[name]] as const] : [])),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`${String(issue?.path[0])} ${sentence(issue?.message ?? 'is wrong')}.`);
  }
  const config = fromEnvironment(parsed.data);
  refuseUnsafe(config);
  return config;
}

function fromEnvironment(env: Environment): Config {
  const mqttTls = pair(['MQTT_TLS_CERT', env.MQTT_TLS_CERT], ['MQTT_TLS_KEY', env.MQTT_TLS_KEY]);
  return {
    parkId: env.PARK_ID,
    timeZone: env.PARK_TIME_ZONE,
    roles: env.PARK_ROLES,
    dataDir: resolve(env.DATA_DIR),
    configFile: env.PARK_CONFIG_FILE === undefined ? undefined : resolve(env.PARK_CONFIG_FILE),
    databaseUrl: env.DATABASE_URL,
    mqtt: {
      url: env.MQTT_URL,
      host: env.MQTT_HOST,
      port: env.MQTT_PORT,
      username: env.MQTT_USERNAME,
      password:
        env.MQTT_PASSWORD_FILE === undefined
          ? undefined
          : readSecret('MQTT_PASSWORD_FILE', env.MQTT_PASSWORD_FILE),
      passwordFile: env.MQTT_PASSWORD_FILE,
      caFile: env.MQTT_CA,
      shared: env.MQTT_SHARED ?? false,
      tls:
        mqttTls === undefined
          ? undefined
          : { ...mqttTls, port: env.MQTT_TLS_PORT, clientCaFile: env.MQTT_TLS_CLIENT_CA },
      hookSecret:
        env.MQTT_HOOK_SECRET_FILE === undefined ? undefined : readHookSecret(env.MQTT_HOOK_SECRET_FILE),
    },
    http: {
      host: env.HTTP_HOST,
      port: env.HTTP_PORT,
      tls: pair(['HTTP_TLS_CERT', env.HTTP_TLS_CERT], ['HTTP_TLS_KEY', env.HTTP_TLS_KEY]),
      publicUrl: env.PUBLIC_URL,
      proxies: env.PROXY_ADDRESSES,
    },
    adminPassword: env.ADMIN_PASSWORD,
    secretKeyFile: env.SECRET_KEY_FILE,
    notifyNetworks: env.NOTIFY_NETWORKS,
    signingKeyFile: env.PARK_SIGNING_KEY_FILE,
    simulate: env.SIMULATE ?? isDemo(env),
    simulatorOpcuaPort: env.SIMULATOR_OPCUA_PORT,
    spoolMib: env.SPOOL_MIB,
    boxIdentity: { mode: env.IDENTITY_MODE, keyFile: env.IDENTITY_KEY_FILE },
    logLevel: env.LOG_LEVEL,
  };
}

/** What needs the park's database. */
const storeRoles: readonly ParkRole[] = ['api', 'ingest', 'alarms', 'assessment', 'notify'];

/** A box in the field: it reads devices and passes on what they say, from a spool on its disk (DESIGN §2). */
export function isFieldBox({
  databaseUrl,
  mqtt,
  roles,
}: Pick<Config, 'databaseUrl' | 'mqtt' | 'roles'>): boolean {
  return (
    databaseUrl === undefined &&
    mqtt.url !== undefined &&
    roles.some((role) => role.startsWith('gateway-')) &&
    !roles.some((role) => storeRoles.includes(role))
  );
}

/** Nothing was configured: somebody tries us out, so there is a simulated park. */
function isDemo(env: Environment): boolean {
  return env.PARK_ID === 'demo' && env.DATABASE_URL === undefined && env.MQTT_URL === undefined;
}

/** Two files that are given together or not at all. */
function pair(cert: readonly [string, string | undefined], key: readonly [string, string | undefined]) {
  const [certName, certFile] = cert;
  const [keyName, keyFile] = key;
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined)
    throw new ConfigError(`${keyName} is set but ${certName} is not; both are needed for TLS.`);
  if (keyFile === undefined)
    throw new ConfigError(`${certName} is set but ${keyName} is not; both are needed for TLS.`);
  return { certFile, keyFile };
}

function readSecret(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError(
      `${name} names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

/** It travels in a header or an address, and it is all that stands between anybody and the rules. */
const hookSecretPattern = /^[\w.~+/=-]{16,}$/;

function readHookSecret(file: string): string {
  const secret = readSecret('MQTT_HOOK_SECRET_FILE', file);
  if (hookSecretPattern.test(secret)) return secret;
  throw new ConfigError(
    'MQTT_HOOK_SECRET_FILE holds no secret of at least 16 letters, digits or . _ ~ + / = -; `openssl rand -hex 32` makes one.',
  );
}

const loopbackHosts = new Set(['127.0.0.1', '::1', 'localhost']);

export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host);
}

function refuseUnsafe(config: Config): void {
  const { mqtt, http, roles, simulate } = config;
  if (simulate && mqtt.url !== undefined && hasPassword(mqtt.url)) {
    // It would stand among the arguments of the simulator, where everybody on the machine reads it.
    throw new ConfigError(
      'MQTT_URL holds a password, which SIMULATE=1 cannot pass on: use MQTT_USERNAME and MQTT_PASSWORD_FILE.',
    );
  }
  const { mode, keyFile } = config.boxIdentity;
  if ((mode ?? keyFile) !== undefined && !isFieldBox(config)) {
    throw new ConfigError(
      'IDENTITY_MODE and IDENTITY_KEY_FILE are for a field box; a park has its policy under System, Privacy.',
    );
  }
  const embedded = mqtt.url === undefined && roles.includes('broker');
  if (embedded && !isLoopback(mqtt.host) && (mqtt.username === undefined || mqtt.password === undefined)) {
    throw new ConfigError(
      `MQTT_HOST is ${mqtt.host}, which others can reach: set MQTT_USERNAME and MQTT_PASSWORD_FILE, or keep 127.0.0.1.`,
    );
  }
  const proxied = http.publicUrl?.startsWith('https://') ?? false;
  if (roles.includes('api') && !isLoopback(http.host) && http.tls === undefined && !proxied) {
    throw new ConfigError(
      `HTTP_HOST is ${http.host}, which others can reach: set HTTP_TLS_CERT and HTTP_TLS_KEY, ` +
        'or PUBLIC_URL=https://… when a proxy in front speaks TLS.',
    );
  }
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== '';
}

/** A misspelt name would silently mean the default, so it stops the start. */
function refuseUnknownNames(names: readonly string[]): void {
  const known = new Set(configNames);
  for (const name of names) {
    if (known.has(name)) continue;
    const near = configNames.find((candidate) => isMisspelling(name, candidate));
    if (near !== undefined) throw new ConfigError(`${name} is not a setting; did you mean ${near}?`);
    if (name.startsWith('PARK_')) throw new ConfigError(`${name} is not a setting of Parkwatch.`);
  }
}

/** Names that other programs commonly set and that stand within two letters of ours. */
const foreignNames = new Set(['HTTP_PROXY', 'HTTPS_PORT', 'HTTP_POST']);

function isMisspelling(name: string, candidate: string): boolean {
  return candidate.length > 5 && !foreignNames.has(name) && editDistance(name, candidate) <= 2;
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** An address, or a network as `10.0.0.0/8`. */
function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return bits > 0 && isPrefix && more.length === 0;
}

function isQuarterHourZone(zone: string): boolean {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    // Winter and summer: a zone may be odd in one of them only.
    return ['2026-01-15', '2026-07-15'].every((day) => {
      const name =
        format.formatToParts(new Date(day)).find((part) => part.type === 'timeZoneName')?.value ?? '';
      const minutes = Number(/:(\d\d)$/.exec(name)?.[1] ?? 0);
      return minutes % 15 === 0;
    });
  } catch {
    return false;
  }
}

function sentence(message: string): string {
  return /^(is|has|starts|names)\b/.test(message) ? message : `is wrong: ${message.toLowerCase()}`;
}
