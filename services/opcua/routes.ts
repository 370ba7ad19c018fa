import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import {
  opcuaBrowseAnswer,
  opcuaBrowseBody,
  opcuaCertificateSchema,
  opcuaCertificatesAnswer,
  opcuaNodesAnswer,
  opcuaNodesBody,
  opcuaNodesQuery,
  opcuaNodesRemoveBody,
  opcuaServerAnswer,
  opcuaServersAnswer,
  opcuaServerWriteBody,
  opcuaTestAnswer,
  opcuaTestBody,
  opcuaTrustBody,
  type OpcuaDesk,
  type OpcuaServerAnswer,
} from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { engineers } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { readServers } from './read-servers.ts';
import { knownSecrets } from './secrets.ts';
import {
  loginFaults,
  mapNodes,
  noServer,
  removeServer,
  unmapNodes,
  writeServer,
  type OpcuaWriting,
} from './servers.ts';
import { findServer, listNodes } from './store.ts';

export interface OpcuaDeps {
  readonly db: Database;
  readonly box: SecretBox;
  /** A process with OPC UA gateways, wherever it runs. */
  readonly desk: OpcuaDesk;
}

const params = z.strictObject({ id: idSchema });
const tags = ['opc ua'];
/** A server is asked by people, not by a loop. */
const askLimit = { max: 120, timeWindow: 60_000 } as const;
/** A thousand nodes with all of their fields. */
const nodesBodyBytes = 2 * 1024 * 1024;

/** OPC UA servers: configured, tried, browsed, mapped and trusted. */
export function opcuaRoutes(api: Api, deps: OpcuaDeps): void {
  serverRoutes(api, deps);
  changeRoutes(api, deps);
  nodeRoutes(api, deps);
  askRoutes(api, deps);
  certificateRoutes(api, deps);
}

function writing({ db, box }: OpcuaDeps, request: FastifyRequest): OpcuaWriting {
  return { db, box, actor: principalOf(request).actor, address: request.ip };
}

async function answerFor(deps: OpcuaDeps, id: string): Promise<OpcuaServerAnswer> {
  const found = (await readServers(deps)).find((server) => server.id === id);
  if (found === undefined) throw new ParkError('not-found', `There is no OPC UA server ${id}.`);
  return found;
}

function serverRoutes(api: Api, deps: OpcuaDeps): void {
  api.get(
    '/opcua/servers',
    {
      config: { access: engineers },
      schema: {
        summary: 'OPC UA servers, of the file and kept here, and how they do; never their secrets',
        tags,
        response: { 200: opcuaServersAnswer },
      },
    },
    async () => ({ items: await readServers(deps), nextCursor: null }),
  );
  api.get(
    '/opcua/servers/:id',
    {
      config: { access: engineers },
      schema: { summary: 'One OPC UA server', tags, params, response: { 200: opcuaServerAnswer } },
    },
    ({ params: { id } }) => answerFor(deps, id),
  );
}

function changeRoutes(api: Api, deps: OpcuaDeps): void {
  api.post(
    '/opcua/servers',
    {
      config: { access: engineers },
      schema: {
        summary: 'Add an OPC UA server; it is read at once',
        tags,
        body: opcuaServerWriteBody,
        response: { 201: opcuaServerAnswer },
      },
    },
    async (request, reply) => {
      await writeServer(writing(deps, request), request.body, true);
      return reply.code(201).send(await answerFor(deps, request.body.settings.id));
    },
  );
  api.put(
    '/opcua/servers/:id',
    {
      config: { access: engineers },
      schema: {
        summary: 'Change an OPC UA server; secrets that are not given stay',
        tags,
        params,
        body: opcuaServerWriteBody,
        response: { 200: opcuaServerAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      if (request.body.settings.id !== id) {
        const message = `is ${id}, as in the address`;
        throw new ParkError('invalid-request', `/settings/id ${message}`, [
          { path: '/settings/id', message },
        ]);
      }
      await writeServer(writing(deps, request), request.body, false);
      return answerFor(deps, id);
    },
  );
  api.delete(
    '/opcua/servers/:id',
    {
      config: { access: engineers },
      schema: { summary: 'Read an OPC UA server no more; readings stay', tags, params },
    },
    async (request, reply) => {
      await removeServer(writing(deps, request), request.params.id);
      return reply.code(204).send();
    },
  );
}

function nodeRoutes(api: Api, deps: OpcuaDeps): void {
  api.get(
    '/opcua/servers/:id/nodes',
    {
      config: { access: engineers },
      schema: {
        summary: 'Which nodes are which points, by point',
        tags,
        params,
        querystring: opcuaNodesQuery,
        response: { 200: opcuaNodesAnswer },
      },
    },
    async ({ params: { id }, query: { limit, cursor, search = '' } }) => {
      if ((await findServer(deps.db, id)) === undefined) throw noServer(id);
      const page = { serverId: id, search, after: fromCursor(cursor), limit: limit + 1 };
      return toPage(await listNodes(deps.db, page), limit, ({ deviceId, metric }) => `${deviceId}.${metric}`);
    },
  );
  api.post(
    '/opcua/servers/:id/nodes',
    {
      config: { access: engineers },
      bodyLimit: nodesBodyBytes,
      schema: {
        summary: 'Map nodes to points; a point that is mapped already is mapped anew',
        tags,
        params,
        body: opcuaNodesBody,
        response: { 200: opcuaServerAnswer },
      },
    },
    async (request) => {
      await mapNodes(writing(deps, request), request.params.id, request.body.nodes);
      return answerFor(deps, request.params.id);
    },
  );
  api.post(
    '/opcua/servers/:id/nodes/remove',
    {
      config: { access: engineers },
      schema: {
        summary: 'Read these points from the server no more',
        tags,
        params,
        body: opcuaNodesRemoveBody,
        response: { 200: opcuaServerAnswer },
      },
    },
    async (request) => {
      await unmapNodes(writing(deps, request), request.params.id, request.body.points);
      return answerFor(deps, request.params.id);
    },
  );
}

function askRoutes(api: Api, deps: OpcuaDeps): void {
  api.post(
    '/opcua/test',
    {
      config: { access: engineers, rateLimit: askLimit },
      schema: {
        summary: 'Try to connect to a server as it would be configured; nothing is saved or read',
        tags,
        body: opcuaTestBody,
        response: { 200: opcuaTestAnswer },
      },
    },
    async ({ body: { settings, secrets } }) => {
      const saved = await findServer(deps.db, settings.id);
      // Kept secrets are only told to the server that they were given for.
      const isSame = saved?.definition.endpoint === settings.endpoint;
      const known = isSame ? knownSecrets(deps.box, settings.id, saved.secret) : {};
      const all = { ...known, ...secrets };
      const [fault] = loginFaults(settings, all);
      if (fault !== undefined)
        throw new ParkError('invalid-request', `${fault.path}: ${fault.message}`, [fault]);
      return deps.desk.test({ settings, secrets: all });
    },
  );
  api.post(
    '/opcua/servers/:id/browse',
    {
      config: { access: engineers, rateLimit: askLimit },
      schema: {
        summary: 'The children of a node of a connected server, a page at a time',
        tags,
        params,
        body: opcuaBrowseBody,
        response: { 200: opcuaBrowseAnswer },
      },
    },
    ({ params: { id }, body }) => deps.desk.browse({ ...body, serverId: id }),
  );
}

function certificateRoutes(api: Api, deps: OpcuaDeps): void {
  api.get(
    '/opcua/certificates',
    {
      config: { access: engineers },
      schema: {
        summary: 'Our own certificate, and what servers have shown: trusted or not',
        tags,
        response: { 200: opcuaCertificatesAnswer },
      },
    },
    () => deps.desk.certificates(),
  );
  api.post(
    '/opcua/certificates/:fingerprint/trust',
    {
      config: { access: engineers, sessionOnly: true },
      schema: {
        summary: 'Trust the certificate of a server, or no longer',
        tags,
        params: z.strictObject({
          fingerprint: z.string().regex(/^[0-9A-Fa-f:]{64,95}$/, 'is a SHA-256 fingerprint'),
        }),
        body: opcuaTrustBody,
        response: { 200: opcuaCertificateSchema },
      },
    },
    async (request) => {
      const { fingerprint } = request.params;
      const { trusted, reason } = request.body;
      const { actor } = principalOf(request);
      // Nothing is trusted that could not be written down.
      return transaction(deps.db, async (client) => {
        const done = await deps.desk.setTrust({ fingerprint, trusted });
        if (done === null)
          throw new ParkError('not-found', `No server has shown a certificate ${fingerprint}.`);
        await appendAudit(client, {
          actor,
          action: `opcua-certificate.${trusted ? 'trust' : 'distrust'}`,
          object: done.fingerprint,
          reason,
          after: { subject: done.subject },
          address: request.ip,
        });
        return done;
      });
    },
  );
}
