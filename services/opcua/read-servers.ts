import type { Queryable } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { OpcuaFigures, OpcuaServerAnswer } from '#schemas/api/opcua.ts';
import { readGatewayStates } from '#services/ingest/store-gateways.ts';
import { fieldsOf, knownSecrets } from './secrets.ts';
import { listServers, type ServerRow } from './store.ts';

interface Told {
  readonly connected: boolean;
  readonly figures: OpcuaFigures;
}

/** Every OPC UA server of the park: those that are kept here, and those that gateways tell of. By id. */
export async function readServers({
  db,
  box,
}: {
  readonly db: Queryable;
  readonly box: SecretBox;
}): Promise<OpcuaServerAnswer[]> {
  const told = new Map<string, Told>();
  for (const { figures, isFresh, connected } of await readGatewayStates(db))
    if (figures !== null && isFresh) told.set(figures.serverId, { connected, figures });
  const saved = new Map((await listServers(db)).map((row) => [row.definition.id, row]));
  return [...new Set([...saved.keys(), ...told.keys()])]
    .toSorted()
    .flatMap((id) => describeServer(box, { id, row: saved.get(id), told: told.get(id) }) ?? []);
}

function describeServer(
  box: SecretBox,
  server: { readonly id: string; readonly row: ServerRow | undefined; readonly told: Told | undefined },
): OpcuaServerAnswer | undefined {
  const { id, row, told } = server;
  const status = { connected: told?.connected ?? false, figures: told?.figures ?? null };
  if (row === undefined) {
    if (told === undefined) return undefined;
    const { origin, nodes } = told.figures;
    // One that was deleted a moment ago is told of for some seconds more.
    if (origin === 'saved') return undefined;
    return { id, origin, settings: null, secretsSet: [], nodeCount: nodes, version: 0, ...status };
  }
  return {
    id,
    // The file has the word over one that is kept here.
    origin: told?.figures.origin ?? 'saved',
    settings: row.definition,
    secretsSet: fieldsOf(knownSecrets(box, id, row.secret)),
    nodeCount: row.nodeCount,
    version: row.version,
    ...status,
  };
}
