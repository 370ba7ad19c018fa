import { followChannel } from '#infra/channel.ts';
import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { openSecrets } from './secrets.ts';
import { listServers, loadNodes, opcuaChannel, type ServerRow } from './store.ts';

/** The saved servers with their nodes and secrets, followed while they change. */
export interface SavedServers extends AsyncDisposable {
  servers(): readonly OpcuaServer[];
  onChange(listener: () => void): Disposable;
}

/** Loads the servers and follows what any process saves. */
export async function startSavedServers(deps: {
  readonly db: Database;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<SavedServers> {
  const { db, box, log } = deps;
  const listeners = new Set<() => void>();
  let servers: readonly OpcuaServer[] = [];
  const reload = coalesce(async () => {
    const rows = await listServers(db);
    const nodes = rows.length === 0 ? new Map<string, never[]>() : await loadNodes(db);
    servers = rows.map((row) => ({
      ...row.definition,
      nodes: nodes.get(row.definition.id) ?? [],
      secrets: secretsOf(row),
    }));
    for (const listener of listeners) listener();
  });
  const secretsOf = ({ definition, secret }: ServerRow) => {
    try {
      return openSecrets(box, definition.id, secret);
    } catch (error) {
      // Its gateway tells that it cannot log in; the others go on.
      log.error({ err: error, server: definition.id }, 'the secrets of an OPC UA server cannot be read');
      return undefined;
    }
  };
  const onNotice = () => {
    reload().catch((error: unknown) =>
      log.error({ err: error }, 'the saved OPC UA servers could not be read'),
    );
  };
  const listening = await followChannel({ ...deps, channel: opcuaChannel, onNotice });
  await reload().catch(async (error: unknown) => {
    await listening[Symbol.asyncDispose]();
    throw error;
  });
  return {
    servers: () => servers,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      await listening[Symbol.asyncDispose]();
      await reload.settled();
    },
  };
}
