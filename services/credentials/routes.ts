import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import { pageOf } from '#schemas/api/common.ts';
import {
  certificateCreateBody,
  credentialCreateAnswer,
  credentialCreateBody,
  credentialSchema,
  credentialSecretSchema,
  credentialsQuery,
  fieldAccessAnswer,
  fieldPolicyPatchBody,
  fieldPolicySchema,
  grantPatchBody,
  rotateBody,
} from '#schemas/api/field-access.ts';
import { idSchema } from '#schemas/ids.ts';
import { limits } from '#schemas/limits.ts';
import { admins, engineers } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import type { CredentialBook } from './book.ts';
import {
  changeGrant,
  changeSharedLogin,
  createCertificate,
  createPasswords,
  revokeCredential,
  rotateCredential,
  type Managing,
} from './manage.ts';
import { listCredentials, readGrant, readSharedLogin } from './store.ts';

export interface CredentialDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly book: Pick<CredentialBook, 'reload'>;
  /** Live connections of a device at the embedded broker; null where it is not ours. */
  readonly connectionsOf: ((deviceId: string) => number) | null;
}

const tags = ['field access'];
const credentialParams = z.object({ id: z.uuid() });
const deviceParams = z.object({ id: idSchema });

/** Credentials of devices and gateways, what they cover, and whether the shared one still counts. */
export function credentialRoutes(api: Api, deps: CredentialDeps): void {
  listRoute(api, deps);
  createRoutes(api, deps);
  endRoutes(api, deps);
  grantRoutes(api, deps);
  policyRoutes(api, deps);
}

function managing({ db, clock }: CredentialDeps, request: FastifyRequest): Managing {
  return { db, clock, actor: principalOf(request).actor, address: request.ip };
}

/** After a change: this process knows it before the answer goes out, the others hear of it. */
async function known<T>({ book }: CredentialDeps, done: Promise<T>): Promise<T> {
  const result = await done;
  await book.reload();
  return result;
}

function listRoute(api: Api, deps: CredentialDeps): void {
  api.get(
    '/field-credentials',
    {
      config: { access: engineers },
      schema: {
        summary: 'Credentials of devices that stand, without their secrets',
        tags,
        querystring: credentialsQuery,
        response: { 200: pageOf(credentialSchema) },
      },
    },
    async ({ query }) => {
      const [device = '', id = ''] = fromCursor(query.cursor).split('/', 2);
      const items = await listCredentials(deps.db, {
        deviceId: query.device ?? null,
        after: [device, id],
        now: new Date(deps.clock.nowMs()),
        limit: query.limit + 1,
      });
      return toPage(items, query.limit, (item) => `${item.deviceId}/${item.id}`);
    },
  );
}

function createRoutes(api: Api, deps: CredentialDeps): void {
  api.post(
    '/field-credentials',
    {
      config: { access: engineers },
      schema: {
        summary: 'A new password for each of these devices; the secrets are shown once',
        tags,
        body: credentialCreateBody,
        response: { 201: credentialCreateAnswer },
      },
    },
    async (request, reply) => {
      const made = createPasswords(managing(deps, request), request.body.deviceIds);
      return reply.code(201).send({ items: await known(deps, made) });
    },
  );
  api.post(
    '/field-credentials/certificates',
    {
      config: { access: engineers },
      schema: {
        summary: 'Let a device in with client certificates of this common name',
        tags,
        body: certificateCreateBody,
        response: { 201: credentialSchema },
      },
    },
    async (request, reply) => {
      const made = createCertificate(managing(deps, request), request.body);
      return reply.code(201).send(await known(deps, made));
    },
  );
}

function endRoutes(api: Api, deps: CredentialDeps): void {
  api.post(
    '/field-credentials/:id/rotate',
    {
      config: { access: engineers },
      schema: {
        summary: 'A successor for a password; the old one ends after the overlap',
        tags,
        params: credentialParams,
        body: rotateBody,
        response: { 201: credentialSecretSchema },
      },
    },
    async (request, reply) => {
      const asked = { id: request.params.id, overlapS: request.body.overlapS };
      const made = rotateCredential(managing(deps, request), asked);
      return reply.code(201).send(await known(deps, made));
    },
  );
  api.delete(
    '/field-credentials/:id',
    {
      config: { access: engineers },
      schema: { summary: 'Revoke a credential; its sessions are closed', tags, params: credentialParams },
    },
    async (request, reply) => {
      await known(deps, revokeCredential(managing(deps, request), request.params.id));
      return reply.code(204).send();
    },
  );
}

async function fieldAccess(
  deps: CredentialDeps,
  deviceId: string,
): Promise<z.output<typeof fieldAccessAnswer>> {
  const now = new Date(deps.clock.nowMs());
  const query = { deviceId, after: ['', ''] as const, now, limit: limits.listLimit };
  return {
    grant: await readGrant(deps.db, deviceId),
    credentials: await listCredentials(deps.db, query),
    connections: deps.connectionsOf?.(deviceId) ?? null,
  };
}

function grantRoutes(api: Api, deps: CredentialDeps): void {
  api.get(
    '/devices/:id/field-access',
    {
      config: { access: engineers },
      schema: {
        summary: 'How a device logs in, and what that covers',
        tags,
        params: deviceParams,
        response: { 200: fieldAccessAnswer },
      },
    },
    ({ params }) => fieldAccess(deps, params.id),
  );
  api.patch(
    '/devices/:id/field-access',
    {
      config: { access: engineers },
      schema: {
        summary: 'Change what the credentials of a device cover, as of a gateway that speaks for others',
        tags,
        params: deviceParams,
        body: grantPatchBody,
        response: { 200: fieldAccessAnswer },
      },
    },
    async (request) => {
      const { id: deviceId } = request.params;
      await known(deps, changeGrant(managing(deps, request), { deviceId, patch: request.body }));
      return fieldAccess(deps, deviceId);
    },
  );
}

function policyRoutes(api: Api, deps: CredentialDeps): void {
  const policy = async () => ({ sharedLogin: await readSharedLogin(deps.db) });
  api.get(
    '/field-policy',
    {
      config: { access: engineers },
      schema: { summary: 'Whether the shared credential counts', tags, response: { 200: fieldPolicySchema } },
    },
    policy,
  );
  api.patch(
    '/field-policy',
    {
      config: { access: admins },
      schema: {
        summary: 'Turn the shared credential on or off; when off, its sessions are closed',
        tags,
        body: fieldPolicyPatchBody,
        response: { 200: fieldPolicySchema },
      },
    },
    async (request) => {
      await known(deps, changeSharedLogin(managing(deps, request), request.body.sharedLogin));
      return policy();
    },
  );
}
