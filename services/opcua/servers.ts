import { createPrivateKey, X509Certificate } from 'node:crypto';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { OpcuaServerWrite } from '#schemas/api/opcua.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import { opcuaLimits, type OpcuaNode, type OpcuaSecrets, type SavedOpcuaServer } from '#schemas/opcua.ts';
import { fieldsOf, knownSecrets, mergeSecrets, sealSecrets } from './secrets.ts';
import {
  deleteServer,
  findServer,
  listServers,
  lockServers,
  mappedPoints,
  notifyServers,
  putNodes,
  putServer,
  removeNodes,
  touchServer,
  type ServerRow,
} from './store.ts';

export interface OpcuaWriting {
  readonly db: Database;
  readonly box: SecretBox;
  readonly actor: string;
  readonly address: string;
}

/** Adds a server, or changes one. @throws ParkError already-exists, not-found, conflict (too many), invalid-request */
export function writeServer(
  writing: OpcuaWriting,
  { settings, secrets }: OpcuaServerWrite,
  isNew: boolean,
): Promise<void> {
  const { db, box, actor, address } = writing;
  const { id } = settings;
  return transaction(db, async (client) => {
    await lockServers(client);
    const before = await findServer(client, id);
    if (isNew) await refuseMore(client, id, before);
    else if (before === undefined) throw noServer(id);
    const merged = mergeSecrets(knownSecrets(box, id, before?.secret ?? null), secrets);
    refuse(loginFaults(settings, merged));
    await putServer(client, settings, sealSecrets(box, id, merged));
    await notifyServers(client);
    const written = Object.keys(secrets);
    await appendAudit(client, {
      actor,
      action: `opcua-server.${isNew ? 'create' : 'update'}`,
      object: id,
      ...(before === undefined ? {} : { before: before.definition }),
      after: { ...settings, ...(written.length === 0 ? {} : { secrets: written }) },
      address,
    });
  });
}

async function refuseMore(client: DatabaseClient, id: string, before: ServerRow | undefined): Promise<void> {
  if (before !== undefined) throw new ParkError('already-exists', `There is an OPC UA server ${id} already.`);
  if ((await listServers(client)).length < opcuaLimits.servers) return;
  throw new ParkError('conflict', `There are ${opcuaLimits.servers} OPC UA servers; delete one first.`);
}

/** @throws ParkError not-found */
export function removeServer({ db, actor, address }: OpcuaWriting, id: string): Promise<void> {
  return transaction(db, async (client) => {
    await lockServers(client);
    const before = await findServer(client, id);
    if (before === undefined) throw noServer(id);
    await deleteServer(client, id);
    await notifyServers(client);
    const { definition, nodeCount } = before;
    const entry = { actor, action: 'opcua-server.delete', object: id, address };
    await appendAudit(client, { ...entry, before: { ...definition, nodeCount } });
  });
}

/** Maps nodes to points; a point that is mapped already is mapped anew. @throws ParkError not-found, conflict (too many) */
export function mapNodes(
  { db, actor, address }: OpcuaWriting,
  serverId: string,
  nodes: readonly OpcuaNode[],
): Promise<void> {
  refuse(doubleFaults(nodes));
  return transaction(db, async (client) => {
    await lockServers(client);
    if ((await findServer(client, serverId)) === undefined) throw noServer(serverId);
    const before = await mappedPoints(client, serverId, nodes);
    await putNodes(client, serverId, nodes);
    const nodeCount = (await findServer(client, serverId))?.nodeCount ?? 0;
    if (nodeCount > opcuaLimits.nodes) {
      throw new ParkError(
        'conflict',
        `${serverId} would have ${nodeCount} nodes; ${opcuaLimits.nodes} is the most.`,
      );
    }
    await touchServer(client, serverId);
    await notifyServers(client);
    const entry = { actor, action: 'opcua-node.map', object: serverId, address };
    await appendAudit(client, { ...entry, before, after: nodes });
  });
}

/** @throws ParkError not-found */
export function unmapNodes(
  { db, actor, address }: OpcuaWriting,
  serverId: string,
  points: readonly { readonly deviceId: string; readonly metric: string }[],
): Promise<void> {
  return transaction(db, async (client) => {
    await lockServers(client);
    const before = await mappedPoints(client, serverId, points);
    if ((await removeNodes(client, serverId, points)) === 0)
      throw new ParkError('not-found', `None of these points is mapped to a node of ${serverId}.`);
    await touchServer(client, serverId);
    await notifyServers(client);
    const entry = { actor, action: 'opcua-node.unmap', object: serverId, address };
    await appendAudit(client, { ...entry, before });
  });
}

export function noServer(id: string): ParkError {
  return new ParkError('not-found', `No OPC UA server ${id} is kept here.`);
}

function refuse(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ParkError('invalid-request', detail, errors);
}

function doubleFaults(nodes: readonly OpcuaNode[]): FieldError[] {
  const seen = new Set<string>();
  return nodes.flatMap(({ deviceId, metric }, index) => {
    const key = `${deviceId}.${metric}`;
    if (seen.has(key)) return [{ path: `/nodes/${index}`, message: `${key} is there twice` }];
    seen.add(key);
    return [];
  });
}

/** Whether a login is whole: a name with a password, or a certificate with its key, or nothing. Pure. */
export function loginFaults(
  { username }: Pick<SavedOpcuaServer, 'username'>,
  secrets: OpcuaSecrets,
): FieldError[] {
  const has = new Set(fieldsOf(secrets));
  const at = (field: string, message: string): FieldError[] => [{ path: `/secrets/${field}`, message }];
  if (username !== undefined) {
    if (!has.has('password')) return at('password', 'goes with the user name');
    if (has.has('userCertificate'))
      return at('userCertificate', 'logs in with a password or a certificate, not both');
    return [];
  }
  if (has.has('password')) return [{ path: '/settings/username', message: 'goes with the password' }];
  if (!has.has('userCertificate') && !has.has('userKey')) return [];
  if (!has.has('userCertificate') || !has.has('userKey'))
    return at(has.has('userKey') ? 'userCertificate' : 'userKey', 'certificate and key go together');
  return isPair(secrets) ? [] : at('userKey', 'is no PEM key of this PEM certificate');
}

function isPair({ userCertificate = '', userKey = '' }: OpcuaSecrets): boolean {
  try {
    return new X509Certificate(userCertificate).checkPrivateKey(createPrivateKey(userKey));
  } catch {
    return false;
  }
}
