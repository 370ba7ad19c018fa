import { z } from 'zod';
import { deviceClasses } from './device-classes/index.ts';
import { fieldCommandNameSchema } from './field-command.ts';
import { idSchema, metricSchema } from './ids.ts';
import { convert } from './units.ts';
import type { UnitName } from './units.ts';

/**
 * OPC UA servers that a gateway reads, as configured (`opcua:` in PARK_CONFIG_FILE, or kept in the database). Namespaces
 * are named by URI: an index may change whenever the server starts.
 */

/** `nsu=urn:maker:line;s=Lift1.Floor`, or `i=2258` for a node of the standard namespace. */
const nodeIdPattern = /^(nsu=[^;]+;)?[isgb]=.+$/;

/**
 * The canonical unit of a metric, whatever class has it.
 * @returns null when no class has it with a unit, or classes differ
 */
export function metricUnit(metric: string): UnitName | null {
  return unitOfMetric.get(metric) ?? null;
}

/** Asked for every value that comes in another unit. Null: classes differ. */
const unitOfMetric: ReadonlyMap<string, UnitName | null> = new Map(
  [
    ...Map.groupBy(
      [...deviceClasses.values()].flatMap(({ metrics }) => Object.entries(metrics)),
      ([metric]) => metric,
    ),
  ].map(([metric, given]) => {
    const units = new Set(given.flatMap(([, { unit }]) => unit ?? []));
    const [unit] = units;
    return [metric, unit !== undefined && units.size === 1 ? unit : null] as const;
  }),
);

function converts({ metric, unit }: { metric: string; unit?: string | undefined }): boolean {
  const target = metricUnit(metric);
  return unit === undefined || (target !== null && convert(0, unit, target) !== null);
}

export const opcuaLimits = {
  /** Monitored items of one server. */
  nodes: 10_000,
  queueSize: 10_000,
  /** Servers kept in the database. */
  servers: 100,
  alarmSources: 2_000,
  methods: 500,
  /** How far back a server's history is asked at most. */
  historyMs: 7 * 86_400_000,
  /** The server's queues bridge at least so long an absence of ours. */
  absenceMs: 60_000,
} as const;

/** The shortest interval at which a server is asked to look; of nodes that report each change it sizes the queue. */
const fastestMs = 50;
/** 0: each change, as the server hears of it; else how often it looks, ms. */
const samplingSchema = z.union([z.literal(0), z.number().min(fastestMs).max(3_600_000)]);
const queueSizeSchema = z.int().min(2).max(opcuaLimits.queueSize);

/** A node as a person names it: by namespace URI, never by index. */
export const opcuaNodeIdSchema = z
  .string()
  .max(512)
  .regex(nodeIdPattern, 'a node is written nsu=<namespace URI>;s=<name> (or i=, g=, b=), never by index');

export const opcuaNodeSchema = z
  .strictObject({
    nodeId: opcuaNodeIdSchema,
    deviceId: idSchema,
    metric: metricSchema,
    /** The unit that the server sends; converted to the canonical one. Absent: canonical already. */
    unit: z.string().max(20).optional(),
    /** Multiplies the raw number, before the unit is converted. */
    scale: z.number().optional(),
    /** State names of the device class by the server's own code, e.g. {"0": closed, "2": open}. */
    states: z.record(z.string().regex(/^-?\d+$/, 'a state code is a whole number'), metricSchema).optional(),
    /** A change of the raw number up to this is not reported by the server. */
    deadband: z.number().positive().optional(),
    /** Absent: the server's. */
    samplingIntervalMs: samplingSchema.optional(),
    /** Values that the server keeps while we are away. Absent: as for the server. */
    queueSize: queueSizeSchema.optional(),
  })
  .refine(converts, { path: ['unit'], message: "does not convert to the metric's unit" });
export type OpcuaNode = z.infer<typeof opcuaNodeSchema>;

export const opcuaSecurityModes = ['SignAndEncrypt', 'Sign', 'None'] as const;
export const opcuaSecurityPolicies = [
  'Basic256Sha256',
  'Aes128_Sha256_RsaOaep',
  'Aes256_Sha256_RsaPss',
] as const;

/** Conditions (Part 9) whose events become alarms that devices report. */
const alarmsSchema = z.strictObject({
  /** Whose events are heard; the Server object hears all. */
  notifier: opcuaNodeIdSchema.default('i=2253'),
  /** Sources of conditions and the devices that they belong to. */
  sources: z
    .array(z.strictObject({ nodeId: opcuaNodeIdSchema, deviceId: idSchema }))
    .max(opcuaLimits.alarmSources)
    .default([]),
  /** The device of every other source. Absent: conditions of other sources are counted and left out. */
  otherDeviceId: idSchema.optional(),
});
export type OpcuaAlarms = z.infer<typeof alarmsSchema>;

export const opcuaArgumentTypes = [
  'Boolean',
  'Int16',
  'UInt16',
  'Int32',
  'UInt32',
  'Float',
  'Double',
  'String',
] as const;

/** What people may tell a device to do: a method of the server, with fixed arguments. */
const methodSchema = z.strictObject({
  deviceId: idSchema,
  /** What people choose, e.g. `reset_fault`. */
  command: fieldCommandNameSchema,
  objectId: opcuaNodeIdSchema,
  methodId: opcuaNodeIdSchema,
  arguments: z
    .array(
      z.strictObject({
        dataType: z.enum(opcuaArgumentTypes),
        value: z.union([z.number(), z.boolean(), z.string().max(500)]),
      }),
    )
    .max(20)
    .default([])
    .superRefine((given, context) =>
      given.forEach(({ dataType, value }, index) => {
        const wanted = dataType === 'String' ? 'string' : dataType === 'Boolean' ? 'boolean' : 'number';
        if (typeof value !== wanted)
          context.addIssue({ code: 'custom', path: [index, 'value'], message: `is a ${wanted}` });
      }),
    ),
});
export type OpcuaMethod = z.infer<typeof methodSchema>;

const endpointSchema = z
  .string()
  .max(512)
  .regex(/^opc\.tcp:\/\/[^\s@]+$/, 'is opc.tcp://host:port[/path], without credentials');

/** What a server is, besides its login and its nodes. */
const serverShape = {
  /** The gateway's source is `opcua-{id}`. */
  id: idSchema,
  endpoint: endpointSchema,
  /** `None` has to be asked for; it sends everything in clear. */
  securityMode: z.enum(opcuaSecurityModes).default('SignAndEncrypt'),
  securityPolicy: z.enum(opcuaSecurityPolicies).default('Basic256Sha256'),
  username: z.string().min(1).max(200).optional(),
  samplingIntervalMs: samplingSchema.default(1_000),
  publishingIntervalMs: z.number().min(50).max(3_600_000).default(1_000),
  /**
   * What makes a server report: another value or status; or (`timestamp`) also the same one measured again, so that
   * a value that does not change is heard of at its expected interval.
   */
  trigger: z.enum(['value', 'timestamp']).default('value'),
  /** Per node, at the server. Absent: enough for {@link opcuaLimits.absenceMs}. */
  queueSize: queueSizeSchema.optional(),
  /** Absent: the server's conditions are not heard. */
  alarms: alarmsSchema.optional(),
  methods: z.array(methodSchema).max(opcuaLimits.methods).default([]),
};

function refuseDoubleMethods(
  { methods }: { readonly methods: readonly OpcuaMethod[] },
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  methods.forEach(({ deviceId, command }, index) => {
    const key = `${deviceId} ${command}`;
    if (seen.has(key))
      context.addIssue({ code: 'custom', path: ['methods', index], message: `${key} is there twice` });
    seen.add(key);
  });
}

export const opcuaServerSchema = z
  .strictObject({
    ...serverShape,
    passwordFile: z.string().min(1).optional(),
    /** PEM; logs in with a certificate instead of a password. */
    userCertificateFile: z.string().min(1).optional(),
    userKeyFile: z.string().min(1).optional(),
    nodes: z.array(opcuaNodeSchema).max(opcuaLimits.nodes).default([]),
  })
  .superRefine((server, context) => {
    const { username, passwordFile, userCertificateFile, userKeyFile, nodes } = server;
    if ((username === undefined) !== (passwordFile === undefined)) {
      context.addIssue('username and passwordFile go together');
    }
    if ((userCertificateFile === undefined) !== (userKeyFile === undefined)) {
      context.addIssue('userCertificateFile and userKeyFile go together');
    }
    if (username !== undefined && userCertificateFile !== undefined) {
      context.addIssue('logs in with a password or with a certificate, not with both');
    }
    refuseDoubleMethods(server, context);
    const seen = new Set<string>();
    nodes.forEach(({ deviceId, metric }, index) => {
      const key = `${deviceId}.${metric}`;
      if (seen.has(key))
        context.addIssue({ code: 'custom', path: ['nodes', index], message: `${key} is read twice` });
      seen.add(key);
    });
  });
/** A server of a configuration file. */
export type OpcuaServerConfig = z.infer<typeof opcuaServerSchema>;

/** A server that is kept in the database; its nodes and the secrets of its login are kept beside it. */
export const savedOpcuaServerSchema = z.strictObject(serverShape).superRefine(refuseDoubleMethods);
export type SavedOpcuaServer = z.infer<typeof savedOpcuaServerSchema>;

/** What logs in at a saved server: a password, or a certificate with its key (PEM). */
export const opcuaSecretsSchema = z.strictObject({
  password: z.string().min(1).max(500).optional(),
  userCertificate: z.string().min(1).max(20_000).optional(),
  userKey: z.string().min(1).max(20_000).optional(),
});
export type OpcuaSecrets = z.infer<typeof opcuaSecretsSchema>;

/** A server as a gateway reads it, wherever it is configured. */
export interface OpcuaServer extends OpcuaServerConfig {
  readonly secrets?: OpcuaSecrets | undefined;
}

/** Values that the server keeps of a node while we are away. */
export function queueSizeOf(
  server: Pick<OpcuaServerConfig, 'queueSize' | 'samplingIntervalMs'>,
  node?: Pick<OpcuaNode, 'queueSize' | 'samplingIntervalMs'>,
): number {
  const samplingIntervalMs = node?.samplingIntervalMs ?? server.samplingIntervalMs;
  const enough = Math.ceil(opcuaLimits.absenceMs / Math.max(fastestMs, samplingIntervalMs)) + 1;
  const wanted = node?.queueSize ?? server.queueSize;
  return wanted ?? Math.min(opcuaLimits.queueSize, Math.max(2, enough));
}
