import { createBus, type Bus } from '#infra/bus.ts';
import type { Clock } from '#infra/clock.ts';
import type { HttpConfig } from '#infra/config.ts';
import { silentLog, type Log } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import type { Database } from '#infra/postgres.ts';
import type { Role } from '#schemas/roles.ts';
import { createApi, type ApiServer } from '#services/api/server.ts';
import { changeOwnPassword, createUser } from '#services/people/accounts.ts';
import { createAuthenticator } from '#services/people/authenticator.ts';
import { login } from '#services/people/login.ts';
import { peopleRoutes } from '#services/people/routes.ts';
import { startPointDirectory, type RunningPointDirectory } from '#services/registry/directory.ts';
import { registryRoutes } from '#services/registry/routes.ts';

export const testHttp: HttpConfig = { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined };

export interface TestApi extends ApiServer {
  readonly bus: Bus;
  readonly directory: RunningPointDirectory;
}

/** The API over a database, with real people and registry; register further routes before the first request. */
export async function openTestApi(deps: {
  db: Database;
  clock: Clock;
  http?: HttpConfig;
  log?: Log;
}): Promise<TestApi> {
  const { db, clock, http = testHttp, log = silentLog() } = deps;
  const bus = createBus((error) => {
    throw error;
  });
  const directory = await startPointDirectory({ db, bus, log: silentLog() });
  const server = await createApi({
    http,
    log,
    authenticator: createAuthenticator({ db, clock }),
    readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
    metrics: createMetrics({ process: false }),
    consoleDir: null,
    version: '0.0.0-test',
  });
  const onChange = () => bus.publish('people', { userId: null });
  await server.register((api) =>
    peopleRoutes(api, { db, clock, http, parkId: 'demo', timeZone: 'Asia/Shanghai', onChange }),
  );
  const none = { active: 0, unacknowledged: 0 };
  const countAlarms = async () => ({ critical: none, high: none, medium: none, low: none });
  await server.register((api) =>
    registryRoutes(api, { db, bus, clock, directory, countAlarms, readingsPerMinute: () => 0 }),
  );
  return {
    ...server,
    bus,
    directory,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

export interface TestPerson {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  /** Of a session. */
  readonly token: string;
  readonly headers: { readonly authorization: string };
}

/** Somebody with a role, a password of their own and a session. */
export async function addPerson(
  deps: { db: Database; clock: Clock },
  role: Role,
  username: string = role,
): Promise<TestPerson> {
  const { user, oneTimePassword } = await createUser(
    { ...deps, actor: 'test' },
    { username, displayName: username, role, expiresAt: null },
  );
  const password = `own password of ${username}`;
  await changeOwnPassword(
    { ...deps, actor: username },
    { userId: user.id, sessionId: null, current: oneTimePassword, next: password },
  );
  const { token } = await login(deps, { username, password, address: '127.0.0.1', userAgent: 'test' });
  return { id: user.id, username, password, token, headers: { authorization: `Bearer ${token}` } };
}
