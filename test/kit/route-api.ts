import { silentLog } from '#infra/log.ts';
import { createMetrics } from '#infra/metrics.ts';
import type { Role } from '#schemas/roles.ts';
import type { Api } from '#services/api/plugin.ts';
import { createApi } from '#services/api/server.ts';

export interface RouteApi extends AsyncDisposable {
  /** Asks as a user of this role, under /api/v1. */
  ask(
    role: Role,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
  ): Promise<{ status: number; body: unknown }>;
}

/** A server with only these routes, where every role is a user who is logged in. */
export async function openRouteApi(routes: (api: Api) => void | Promise<void>): Promise<RouteApi> {
  const server = await createApi({
    http: { host: '127.0.0.1', port: 0, tls: undefined, publicUrl: undefined },
    log: silentLog(),
    authenticator: {
      authenticate: async (token: string) => ({
        principal: { userId: token, actor: token, role: token as Role, scopes: null, sessionId: 's' },
        mustChangePassword: false,
      }),
    },
    readiness: () => ({ database: 'ok', broker: 'ok', dialect: 'plain' }),
    metrics: createMetrics({ process: false }),
    consoleDir: null,
    version: '0',
  });
  await server.register(routes);
  await server.root.ready();
  return {
    async ask(role, method, path, payload) {
      const answer = await server.root.inject({
        method,
        url: `/api/v1${path}`,
        headers: { authorization: `Bearer ${role}` },
        ...(payload === undefined ? {} : { payload }),
      });
      return { status: answer.statusCode, body: answer.body === '' ? null : answer.json<unknown>() };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}
