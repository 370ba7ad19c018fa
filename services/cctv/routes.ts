import { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import {
  camerasAnswer,
  camerasQuery,
  cctvGroupAnswer,
  cctvGroupBody,
  cctvGroupsAnswer,
  cctvTestAnswer,
  cctvTestBody,
  type CctvDesk,
  type CctvGroup,
} from '#schemas/api/cctv.ts';
import { cctvLimits, cctvSchema } from '#schemas/cctv.ts';
import { joinSecrets, keptSecrets, splitSecrets, type CctvSecrets } from '#schemas/cctv-secrets.ts';
import { ParkError } from '#schemas/errors.ts';
import { parseOptions, toFieldErrors, toPointer } from '#schemas/field-errors.ts';
import { idSchema } from '#schemas/ids.ts';
import { engineers, everyone } from '#schemas/roles.ts';
import { fromCursor, toPage } from '#services/api/cursor.ts';
import { principalOf, type Api } from '#services/api/plugin.ts';
import { openSecrets, sealSecrets } from './secrets.ts';
import {
  deleteGroup,
  forgottenMs,
  listGroups,
  listProbes,
  lockGroups,
  putGroup,
  type GroupRow,
} from './store.ts';

export interface CctvDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly box: SecretBox;
  /** Groups of PARK_CONFIG_FILE, where this process asks them. */
  readonly ofFile: () => readonly string[];
  /** A process that asks cameras, wherever it runs. */
  readonly desk: CctvDesk;
}

const tags = ['cctv'];
/** Asked by people, not by a loop. */
const testLimit = { max: 30, timeWindow: 60_000 } as const;
const params = z.strictObject({ id: idSchema });
/** A group may have thousands of cameras. */
const bodyBytes = 8 * 1024 * 1024;

/** Cameras that are asked for their health: who, and how it went. */
export function cctvRoutes(api: Api, deps: CctvDeps): void {
  api.get(
    '/cctv/cameras',
    {
      config: { access: everyone },
      schema: {
        summary: 'How asking each camera for its health went last',
        tags,
        querystring: camerasQuery,
        response: { 200: camerasAnswer },
      },
    },
    async ({ query }) => {
      const { limit, cursor, group = null, device = null, trouble } = query;
      const rows = await listProbes(deps.db, {
        group,
        device,
        trouble,
        since: new Date(deps.clock.nowMs() - forgottenMs),
        after: fromCursor(cursor),
        limit: limit + 1,
      });
      const page = toPage(rows, limit, ({ deviceId }) => deviceId);
      return {
        ...page,
        items: page.items.map((row) => ({
          ...row,
          askedAt: row.askedAt.toISOString(),
          answeredAt: row.answeredAt?.toISOString() ?? null,
        })),
      };
    },
  );
  api.get(
    '/cctv/groups',
    {
      config: { access: engineers },
      schema: {
        summary: 'Groups of cameras and video platforms that are asked; never their secrets',
        tags,
        response: { 200: cctvGroupsAnswer },
      },
    },
    async () => {
      const saved = (await listGroups(deps.db)).map((row) => toAnswer(deps, row));
      const ofFile = deps.ofFile().map(fileGroup);
      return { items: [...ofFile, ...saved], nextCursor: null };
    },
  );
  writeRoutes(api, deps);
}

function writeRoutes(api: Api, deps: CctvDeps): void {
  api.put(
    '/cctv/groups/:id',
    {
      config: { access: engineers },
      bodyLimit: bodyBytes,
      schema: {
        summary: 'Add or change a group; in force within seconds. Secrets that are not given stay',
        tags,
        params,
        body: cctvGroupBody,
        response: { 200: cctvGroupAnswer },
      },
    },
    async (request) => {
      const { actor } = principalOf(request);
      const { definition, base } = request.body;
      return save(deps, { id: request.params.id, definition, base, actor, address: request.ip });
    },
  );
  api.post(
    '/cctv/groups/:id/test',
    {
      config: { access: engineers, rateLimit: testLimit },
      bodyLimit: bodyBytes,
      schema: {
        summary:
          'Ask the first cameras of a group and its platform once, before it is saved; nothing is stored',
        tags,
        params,
        body: cctvTestBody,
        response: { 200: cctvTestAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      const before = (await listGroups(deps.db)).find((row) => row.id === id);
      const { joined } = completed(deps, { id, definition: request.body.definition, before });
      const { actor } = principalOf(request);
      await appendAudit(deps.db, { actor, action: 'cctv.test', object: id, address: request.ip });
      return deps.desk.test(joined);
    },
  );
  api.delete(
    '/cctv/groups/:id',
    {
      config: { access: engineers },
      schema: { summary: 'Ask the cameras of a saved group no longer', tags, params },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { actor } = principalOf(request);
      await transaction(deps.db, async (client) => {
        await lockGroups(client);
        const before = (await listGroups(client)).find((row) => row.id === id);
        if (before === undefined) throw new ParkError('not-found', `There is no saved group ${id}.`);
        await deleteGroup(client, id);
        const entry = { actor, action: 'cctv.delete', object: id, address: request.ip };
        await appendAudit(client, { ...entry, before: before.definition });
      });
      return reply.code(204).send();
    },
  );
}

interface Saving {
  readonly id: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly base: number;
  readonly actor: string;
  readonly address: string;
}

function save(deps: CctvDeps, asked: Saving): Promise<CctvGroup> {
  const { id, base, actor, address } = asked;
  if (deps.ofFile().includes(id))
    throw new ParkError('conflict', `${id} stands in PARK_CONFIG_FILE; change it there.`);
  return transaction(deps.db, async (client) => {
    await lockGroups(client);
    const groups = await listGroups(client);
    const before = groups.find((row) => row.id === id);
    if ((before?.version ?? 0) !== base)
      throw new ParkError('conflict', `${id} was changed meanwhile; load it and change that.`);
    if (before === undefined && groups.length >= cctvLimits.groups)
      throw new ParkError('conflict', `There are ${groups.length} groups already.`);
    const { given, joined } = completed(deps, { id, definition: asked.definition, before });
    // Only those that still have a place.
    const { secrets } = splitSecrets(joined);
    const row: GroupRow = {
      id,
      definition: given.definition,
      secret: sealSecrets(deps.box, id, secrets),
      version: base + 1,
      changedAt: new Date(deps.clock.nowMs()),
      changedBy: actor,
    };
    await putGroup(client, row);
    await appendAudit(client, {
      actor,
      action: before === undefined ? 'cctv.add' : 'cctv.change',
      object: id,
      address,
      ...(before === undefined ? {} : { before: before.definition }),
      after: { ...given.definition, secrets: Object.keys(given.secrets) },
    });
    return describe(row, secrets);
  });
}

/**
 * A definition with the secrets that were given, and those of before that go to no other address.
 * @throws ParkError `invalid-request`, naming every fault by its path
 */
function completed(
  { box }: CctvDeps,
  asked: Pick<Saving, 'id' | 'definition'> & { readonly before: GroupRow | undefined },
) {
  const { id, definition, before } = asked;
  const given = splitSecrets({ ...definition, id });
  const old = before === undefined ? {} : openSecrets(box, before);
  const kept = before === undefined ? {} : keptSecrets(before.definition, given.definition, old);
  const joined = joinSecrets(given.definition, { ...kept, ...given.secrets });
  refuseFaults(joined);
  return { given, joined };
}

/** @throws ParkError `invalid-request`, naming every fault by its path */
function refuseFaults(definition: Readonly<Record<string, unknown>>): void {
  const parsed = cctvSchema.safeParse(definition, parseOptions);
  const faults = parsed.success ? filesNamed(parsed.data) : toFieldErrors(parsed.error, '/definition');
  const [first] = faults;
  if (first === undefined) return;
  throw new ParkError('invalid-request', `${first.path}: ${first.message}`, faults);
}

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Files of this machine are nothing that the API may name. */
function filesNamed({ passwordFile, platform, cameras }: ReturnType<typeof cctvSchema.parse>): Fault[] {
  const message = 'stands only in PARK_CONFIG_FILE';
  const at = (segments: (string | number)[]): Fault => ({
    path: `/definition${toPointer(segments)}`,
    message,
  });
  return [
    ...(passwordFile === undefined ? [] : [at(['passwordFile'])]),
    ...(platform?.tokenFile === undefined ? [] : [at(['platform', 'tokenFile'])]),
    ...cameras.flatMap((camera, index) =>
      camera.passwordFile === undefined ? [] : [at(['cameras', index, 'passwordFile'])],
    ),
  ];
}

function toAnswer({ box }: CctvDeps, row: GroupRow): CctvGroup {
  let secrets: CctvSecrets = {};
  try {
    secrets = openSecrets(box, row);
  } catch {
    // Written under another key: it has none that we could use.
  }
  return describe(row, secrets);
}

function describe(
  { id, definition, version, changedAt, changedBy }: GroupRow,
  secrets: CctvSecrets,
): CctvGroup {
  return {
    id,
    origin: 'saved',
    definition: { ...definition },
    secretsSet: Object.keys(secrets),
    version,
    changedAt: changedAt.toISOString(),
    changedBy,
  };
}

function fileGroup(id: string): CctvGroup {
  const none = { definition: null, secretsSet: [], version: 0, changedAt: null, changedBy: null };
  return { id, origin: 'file', ...none };
}
