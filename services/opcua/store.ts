import type { Queryable } from '#infra/postgres.ts';
import type { OpcuaNode, OpcuaServerConfig, SavedOpcuaServer } from '#schemas/opcua.ts';

/** Every process with OPC UA gateways listens here; a writer notifies in the transaction of its change. */
export const opcuaChannel = 'parkwatch_opcua';

export interface ServerRow {
  readonly definition: SavedOpcuaServer;
  readonly secret: Buffer | null;
  readonly version: number;
  readonly nodeCount: number;
}

const columns = `definition, secret, version,
  (select count(*)::int from opcua_node n where n.server_id = s.id) as "nodeCount"`;

/** By id; there are at most `opcuaLimits.servers`. */
export async function listServers(db: Queryable): Promise<ServerRow[]> {
  const { rows } = await db.query<ServerRow>(`select ${columns} from opcua_server s order by id`);
  return rows;
}

export async function findServer(db: Queryable, id: string): Promise<ServerRow | undefined> {
  const { rows } = await db.query<ServerRow>(`select ${columns} from opcua_server s where id = $1`, [id]);
  return rows[0];
}

/** Writers take turns, so that limits hold. */
export async function lockServers(client: Queryable): Promise<void> {
  await client.query('lock table opcua_server in share row exclusive mode');
}

/** Undefined leaves the secret as it is. */
export async function putServer(
  client: Queryable,
  definition: SavedOpcuaServer,
  secret: Buffer | null,
): Promise<void> {
  await client.query(
    `insert into opcua_server (id, definition, secret) values ($1, $2, $3)
     on conflict (id) do update set definition = excluded.definition, secret = excluded.secret,
       version = opcua_server.version + 1`,
    [definition.id, definition, secret],
  );
}

export async function deleteServer(client: Queryable, id: string): Promise<void> {
  await client.query('delete from opcua_server where id = $1', [id]);
}

/** The nodes changed: whoever reads the server reads it anew. */
export async function touchServer(client: Queryable, id: string): Promise<void> {
  await client.query('update opcua_server set version = version + 1 where id = $1', [id]);
}

/** Ends the transaction's changes: gateways hear of them when it commits. */
export async function notifyServers(client: Queryable): Promise<void> {
  await client.query('select pg_notify($1, $2)', [opcuaChannel, '']);
}

/** @param after `deviceId.metric`, empty for the first page */
export async function listNodes(
  db: Queryable,
  page: {
    readonly serverId: string;
    readonly search: string;
    readonly after: string;
    readonly limit: number;
  },
): Promise<OpcuaNode[]> {
  const { rows } = await db.query<{ definition: OpcuaNode }>(
    `select definition from opcua_node
     where server_id = $1 and (device_id || '.' || metric) collate "C" > $2
       and ($3 = '' or strpos(lower(device_id || '.' || metric || ' ' || (definition ->> 'nodeId')), lower($3)) > 0)
     order by (device_id || '.' || metric) collate "C" limit $4`,
    [page.serverId, page.after, page.search, page.limit],
  );
  return rows.map(({ definition }) => definition);
}

/** All nodes of all servers, for the process that reads them. */
export async function loadNodes(db: Queryable): Promise<Map<string, OpcuaNode[]>> {
  const { rows } = await db.query<{ serverId: string; definition: OpcuaNode }>(
    `select server_id as "serverId", definition from opcua_node order by server_id, device_id, metric`,
  );
  const nodes = new Map<string, OpcuaNode[]>();
  for (const { serverId, definition } of rows) {
    const of = nodes.get(serverId);
    if (of === undefined) nodes.set(serverId, [definition]);
    else of.push(definition);
  }
  return nodes;
}

/** Those among these points that are mapped already. */
export async function mappedPoints(
  client: Queryable,
  serverId: string,
  points: readonly { readonly deviceId: string; readonly metric: string }[],
): Promise<OpcuaNode[]> {
  const { rows } = await client.query<{ definition: OpcuaNode }>(
    `select n.definition from opcua_node n
     join unnest($2::text[], $3::text[]) as p (device_id, metric) using (device_id, metric)
     where n.server_id = $1`,
    [serverId, points.map(({ deviceId }) => deviceId), points.map(({ metric }) => metric)],
  );
  return rows.map(({ definition }) => definition);
}

export async function putNodes(
  client: Queryable,
  serverId: string,
  nodes: readonly OpcuaNode[],
): Promise<void> {
  await client.query(
    `insert into opcua_node (server_id, device_id, metric, definition)
     select $1, n.definition ->> 'deviceId', n.definition ->> 'metric', n.definition
     from unnest($2::jsonb[]) as n (definition)
     on conflict (server_id, device_id, metric) do update set definition = excluded.definition`,
    [serverId, nodes.map((node) => JSON.stringify(node))],
  );
}

export async function removeNodes(
  client: Queryable,
  serverId: string,
  points: readonly { readonly deviceId: string; readonly metric: string }[],
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from opcua_node n using unnest($2::text[], $3::text[]) as p (device_id, metric)
     where n.server_id = $1 and n.device_id = p.device_id and n.metric = p.metric`,
    [serverId, points.map(({ deviceId }) => deviceId), points.map(({ metric }) => metric)],
  );
  return rowCount ?? 0;
}

/** Notes what devices can be told by methods of these servers, and by no others. */
export async function putMethods(
  client: Queryable,
  servers: readonly Pick<OpcuaServerConfig, 'id' | 'methods'>[],
): Promise<void> {
  const rows = servers.flatMap(({ id, methods }) => methods.map((method) => ({ id, ...method })));
  await client.query('delete from opcua_method');
  await client.query(
    `insert into opcua_method (device_id, command, server_id)
     select * from unnest($1::text[], $2::text[], $3::text[]) on conflict do nothing`,
    [rows.map(({ deviceId }) => deviceId), rows.map(({ command }) => command), rows.map(({ id }) => id)],
  );
}

/** Takes a command for calling its method. @returns false when it was taken before, or is over */
export async function claimCommand(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update field_command set called_at = now() where id = $1 and called_at is null and state = 'sent'`,
    [id],
  );
  return rowCount === 1;
}
