import { z } from 'zod';
import { idSchema, metricSchema } from '../ids.ts';
import {
  opcuaNodeIdSchema,
  opcuaNodeSchema,
  opcuaSecretsSchema,
  opcuaSecurityModes,
  savedOpcuaServerSchema,
} from '../opcua.ts';
import { instantSchema, pageOf, pageQuery, saidSchema } from './common.ts';

/** What the API tells and takes of OPC UA servers. */
export const opcuaApiLimits = {
  /** Nodes that are mapped by one request. */
  nodesAtOnce: 1_000,
  /** Nodes of one answer of a server that is browsed. */
  browsed: 100,
  /** How long a server has for an answer to a person, ms. */
  deadlineMs: 10_000,
} as const;

const breakSchema = z.object({ from: instantSchema, to: instantSchema, bridged: z.boolean() });

/** What a gateway tells of one server beside what every gateway tells. */
export const opcuaFiguresSchema = z.object({
  serverId: z.string(),
  /** `file`: PARK_CONFIG_FILE; `saved`: the database; `program`: the simulated park. */
  origin: z.enum(['file', 'saved', 'program']),
  endpoint: z.string(),
  securityMode: z.enum(opcuaSecurityModes),
  nodes: z.number(),
  /** How many the server does not let us monitor, and the first of them with its reasons. */
  refusedNodes: z.number(),
  refusedFirst: z.array(z.string()),
  /** Over the last 10 s. */
  valuesPerSecond: z.number(),
  valuesWaiting: z.number(),
  /** Found no room while the store was away. */
  valuesLost: z.number(),
  /** Values that the server marked with its overflow bit. */
  overflows: z.number(),
  /** Why it is not connected, or the store does not take what comes; null when all is well. */
  trouble: z.string().nullable(),
  /** Absent from what an earlier version wrote. */
  troubleSaid: z.array(saidSchema).default([]),
  /** When the server was heard last, or how far its history was read back; null before the first time. */
  lastSeen: instantSchema.nullable(),
  lastBreak: breakSchema.nullable(),
  lastHistory: z.object({ values: z.number(), nodesWithout: z.number() }).nullable(),
  /** Null where conditions are not heard. */
  conditions: z.object({ active: z.number(), withoutDevice: z.number() }).nullable(),
});
export type OpcuaFigures = z.infer<typeof opcuaFiguresSchema>;

const secretFields = ['password', 'userCertificate', 'userKey'] as const;
export type OpcuaSecretField = (typeof secretFields)[number];

/** A server that is configured here; absent fields of {@link opcuaServerAnswer} are as in the file. */
export const opcuaServerAnswer = z.object({
  id: z.string(),
  /** As in the status; `saved` ones can be changed. */
  origin: z.enum(['file', 'saved', 'program']),
  /** Null for a server that is not kept in the database. */
  settings: savedOpcuaServerSchema.nullable(),
  /** Which secrets it has; never what they are. */
  secretsSet: z.array(z.enum(secretFields)),
  /** Nodes that are mapped here; of others how many their gateway reads. */
  nodeCount: z.number(),
  /** Grows with every change of the server or its nodes; 0 for one that is not kept in the database. */
  version: z.number(),
  connected: z.boolean(),
  /** Null when no gateway has told of it within the last seconds. */
  figures: opcuaFiguresSchema.nullable(),
});
export type OpcuaServerAnswer = z.infer<typeof opcuaServerAnswer>;
export const opcuaServersAnswer = pageOf(opcuaServerAnswer);

/** Null takes a secret away; an absent one stays. */
const secretsWrite = z.strictObject({
  password: opcuaSecretsSchema.shape.password.unwrap().nullable().optional(),
  userCertificate: opcuaSecretsSchema.shape.userCertificate.unwrap().nullable().optional(),
  userKey: opcuaSecretsSchema.shape.userKey.unwrap().nullable().optional(),
});
export type OpcuaSecretsWrite = z.infer<typeof secretsWrite>;

export const opcuaServerWriteBody = z.strictObject({
  settings: savedOpcuaServerSchema,
  secrets: secretsWrite.default({}),
});
export type OpcuaServerWrite = z.output<typeof opcuaServerWriteBody>;

export const opcuaNodesQuery = z.strictObject({
  ...pageQuery,
  /** Part of a device, a metric or a node id. */
  search: z.string().max(200).optional(),
});
export const opcuaNodesAnswer = pageOf(opcuaNodeSchema);
export const opcuaNodesBody = z.strictObject({
  /** Each maps one node to one point; a point that is mapped already is mapped anew. */
  nodes: z.array(opcuaNodeSchema).min(1).max(opcuaApiLimits.nodesAtOnce),
});
export const opcuaNodesRemoveBody = z.strictObject({
  points: z
    .array(z.strictObject({ deviceId: idSchema, metric: metricSchema }))
    .min(1)
    .max(opcuaApiLimits.nodesAtOnce),
});

/** POST /opcua/test: a server that is not saved yet, or one as it would be. */
export const opcuaTestBody = z.strictObject({
  settings: savedOpcuaServerSchema,
  secrets: opcuaSecretsSchema.default({}),
});
export const opcuaCertificateSchema = z.object({
  fingerprint: z.string(),
  subject: z.string(),
  issuer: z.string(),
  validFrom: instantSchema,
  validTo: instantSchema,
  trusted: z.boolean(),
});
export type OpcuaCertificate = z.infer<typeof opcuaCertificateSchema>;
export const opcuaTestAnswer = z.object({
  /** Whether anything answered at the address. */
  reached: z.boolean(),
  /** Whether our settings got us in. */
  loggedIn: z.boolean(),
  /** Why not, in a sentence. */
  trouble: z.string().nullable(),
  troubleSaid: saidSchema.nullable(),
  /** What the server offers. */
  offers: z.array(
    z.object({ securityMode: z.string(), securityPolicy: z.string(), logins: z.array(z.string()) }),
  ),
  /** What it shows, and whether it is trusted. */
  certificate: opcuaCertificateSchema.nullable(),
  product: z.string().nullable(),
  namespaces: z.array(z.string()),
  durationMs: z.number(),
});
export type OpcuaTestAnswer = z.infer<typeof opcuaTestAnswer>;

/** POST /opcua/servers/{id}/browse: the children of a node, by a connection that stands. */
export const opcuaBrowseBody = z.strictObject({
  /** Absent: the Objects folder. */
  nodeId: opcuaNodeIdSchema.default('i=85'),
  /** Of the last answer, for what follows it. */
  cursor: z.string().max(2_000).optional(),
});
export const browsedNodeSchema = z.object({
  nodeId: z.string(),
  name: z.string(),
  nodeClass: z.enum(['object', 'variable', 'method']),
  /** Of a variable; null when the server does not tell. */
  dataType: z.string().nullable(),
  /** As text, at the time of the answer. */
  value: z.string().nullable(),
  status: z.string().nullable(),
  /** Whether it can be mapped: its value is one number, boolean or text. */
  isMappable: z.boolean(),
  /** It describes the node above, and measures nothing. */
  isProperty: z.boolean(),
  /** Of a variable, in the server's own words (EngineeringUnits); null when it tells none. */
  unit: z.string().nullable(),
});
export type BrowsedNode = z.infer<typeof browsedNodeSchema>;
export const opcuaBrowseAnswer = pageOf(browsedNodeSchema);
export type OpcuaBrowseAnswer = z.infer<typeof opcuaBrowseAnswer>;

export const opcuaCertificatesAnswer = z.object({
  /** What administrators of servers have to trust. */
  own: opcuaCertificateSchema.omit({ trusted: true }).extend({ pem: z.string() }),
  /** What servers have shown, those that wait for a decision first. */
  items: z.array(opcuaCertificateSchema),
  nextCursor: z.null(),
});
export type OpcuaCertificatesAnswer = z.infer<typeof opcuaCertificatesAnswer>;
export const opcuaTrustBody = z.strictObject({
  trusted: z.boolean(),
  /** How it was compared; stands in the audit. */
  reason: z.string().trim().min(1).max(500),
});

/**
 * What only a process with OPC UA gateways can do, for whoever answers people. Every answer has a deadline.
 * @throws ParkError `not-found`, `conflict` (not connected, browse again), `unavailable` (no such process answers)
 */
export interface OpcuaDesk {
  test(server: z.output<typeof opcuaTestBody>): Promise<OpcuaTestAnswer>;
  browse(asked: z.output<typeof opcuaBrowseBody> & { readonly serverId: string }): Promise<OpcuaBrowseAnswer>;
  certificates(): Promise<OpcuaCertificatesAnswer>;
  /** @returns null when no server has shown such a certificate */
  setTrust(asked: {
    readonly fingerprint: string;
    readonly trusted: boolean;
  }): Promise<OpcuaCertificate | null>;
  /** Calls the method of a command; `id` is the command's, and is called once. */
  call(asked: OpcuaCall): Promise<OpcuaCallAnswer>;
}

export interface OpcuaCall {
  readonly id: string;
  readonly serverId: string;
  readonly deviceId: string;
  readonly command: string;
}

export interface OpcuaCallAnswer {
  readonly ok: boolean;
  /** The status and the output arguments. */
  readonly detail: string;
}
