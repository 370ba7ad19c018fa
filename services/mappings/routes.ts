import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import {
  mappingsAnswer,
  readyMadeAnswer,
  receivedAnswer,
  savedMappingSchema,
  saveMappingBody,
  tryMappingAnswer,
  tryMappingBody,
  type MappingDesk,
  type MappingsAnswer,
} from '#schemas/api/mappings.ts';
import { ParkError } from '#schemas/errors.ts';
import { maskPersonalText } from '#schemas/personal.ts';
import { engineers } from '#schemas/roles.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { insertVersion, listVersions, lockVersions, readNewest, readVersion } from './store.ts';

export interface MappingDeps {
  readonly db: Database;
  readonly desk: MappingDesk;
  readonly clock: Clock;
  /** The newest messages on topics of vendors; null where the broker is not ours. */
  readonly received: (() => readonly { topic: string; atMs: number; bytes: Uint8Array }[]) | null;
}

/** A mapping, a topic and a payload, each with room for what JSON adds to text. */
const tryBodyBytes = 2 * 1024 * 1024;
const listedVersions = 100;
const tags = ['mappings'];

/** Mappings are tried here, saved and put in force. */
export function mappingRoutes(api: Api, deps: MappingDeps): void {
  const { desk, clock } = deps;
  api.post(
    '/mappings/try',
    {
      config: { access: engineers },
      bodyLimit: tryBodyBytes,
      schema: {
        summary: 'What a message would become by a mapping; nothing is stored',
        tags,
        body: tryMappingBody,
        response: { 200: tryMappingAnswer },
      },
    },
    ({ body }) => Promise.resolve(desk.tryMapping(body, clock.nowMs())),
  );
  api.get(
    '/mappings/ready-made',
    {
      config: { access: engineers },
      schema: {
        summary: 'Mappings that come with the program, to begin with',
        tags,
        response: { 200: readyMadeAnswer },
      },
    },
    () => Promise.resolve(desk.readyMade()),
  );
  api.get(
    '/mappings/received',
    {
      config: { access: engineers },
      schema: {
        summary: "What vendors' devices sent last on topics of their own, to try a mapping on",
        tags,
        response: { 200: receivedAnswer },
      },
    },
    () => Promise.resolve({ items: deps.received?.().map(toReceived) ?? null }),
  );
  savedRoutes(api, deps);
}

function toReceived({ topic, atMs, bytes }: { topic: string; atMs: number; bytes: Uint8Array }) {
  const payload = maskPersonalText(new TextDecoder().decode(bytes));
  return { topic, at: new Date(atMs).toISOString(), payload };
}

function savedRoutes(api: Api, deps: MappingDeps): void {
  api.get(
    '/mappings',
    {
      config: { access: engineers },
      schema: {
        summary: 'The saved mappings in force, and their versions',
        tags,
        response: { 200: mappingsAnswer },
      },
    },
    () => answer(deps),
  );
  api.get(
    '/mappings/versions/:version',
    {
      config: { access: engineers },
      schema: {
        summary: 'A version with its text',
        tags,
        params: z.object({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
        response: { 200: savedMappingSchema },
      },
    },
    async ({ params: { version } }) => {
      const found = await readVersion(deps.db, version);
      if (found === undefined) throw new ParkError('not-found', `There is no version ${version}.`);
      return found;
    },
  );
  api.post(
    '/mappings',
    {
      config: { access: engineers },
      bodyLimit: tryBodyBytes,
      schema: {
        summary:
          'Save mappings and put them in force; refused when they have faults, or when somebody was first',
        tags,
        body: saveMappingBody,
        response: { 201: mappingsAnswer },
      },
    },
    async (request, reply) => {
      const { mapping, note, base } = request.body;
      refuseFaults(deps.desk, mapping);
      const { actor } = principalOf(request);
      await transaction(deps.db, async (client) => {
        const newest = await lockVersions(client);
        if (newest !== base) {
          throw new ParkError('conflict', `Version ${newest} was saved meanwhile; load it and change that.`);
        }
        const version = newest + 1;
        await insertVersion(client, { version, mapping, note, now: new Date(deps.clock.nowMs()), actor });
        const entry = { actor, action: 'mapping.save', object: `version ${version}`, address: request.ip };
        await appendAudit(client, { ...entry, after: { version, note, mapping } });
      });
      return reply.code(201).send(await answer(deps));
    },
  );
}

/** @throws ParkError `invalid-request` with the line and column of every fault */
function refuseFaults(desk: MappingDesk, mapping: string): void {
  const faults = desk.check(mapping);
  if (faults.length === 0) return;
  const errors = faults.map(({ path, ...fault }) => ({ ...fault, path: `/mapping/${path}` }));
  const [first] = faults;
  const detail = `line ${first?.line}: ${first?.path} ${first?.message}`;
  throw new ParkError('invalid-request', detail, errors);
}

async function answer({ db, desk }: MappingDeps): Promise<MappingsAnswer> {
  return {
    current: (await readNewest(db)) ?? null,
    versions: await listVersions(db, listedVersions),
    fileMappings: desk.fileMappings(),
  };
}
