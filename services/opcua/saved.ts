import type { Clock } from '#infra/clock.ts';
import { startFollowed, type Followed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { openSecrets } from './secrets.ts';
import { listServers, loadNodes, opcuaChannel, type ServerRow } from './store.ts';

/** The saved servers with their nodes and secrets, followed while they change. */
export function startSavedServers(deps: {
  readonly db: Database;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Followed<readonly OpcuaServer[]>> {
  const { db, box, log } = deps;
  const secretsOf = ({ definition, secret }: ServerRow) => {
    try {
      return openSecrets(box, definition.id, secret);
    } catch (error) {
      // Its gateway tells that it cannot log in; the others go on.
      log.error({ err: error, server: definition.id }, 'the secrets of an OPC UA server cannot be read');
      return undefined;
    }
  };
  const read = async () => {
    const rows = await listServers(db);
    const nodes = rows.length === 0 ? new Map<string, never[]>() : await loadNodes(db);
    return rows.map((row) => ({
      ...row.definition,
      nodes: nodes.get(row.definition.id) ?? [],
      secrets: secretsOf(row),
    }));
  };
  return startFollowed<readonly OpcuaServer[]>({
    ...deps,
    channel: opcuaChannel,
    what: 'the saved OPC UA servers',
    none: [],
    read,
  });
}
