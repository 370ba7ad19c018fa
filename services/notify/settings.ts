import type { z } from 'zod';
import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { channelWriteBody } from '#schemas/api/notify.ts';
import { ParkError, type FieldError } from '#schemas/errors.ts';
import {
  channelSecretsSchema,
  isPersonal,
  secretFields,
  type ChannelBody,
  type ChannelSecrets,
  type NoticeTarget,
  type ReportBody,
  type Roster,
  type RouteBody,
  type SecretField,
  type TeamBody,
} from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { AddressRefused, type AddressGuard } from './address-guard.ts';
import type { Book } from './book.ts';
import { closeCircuit } from './circuit-store.ts';
import { secretOf } from './open-channel.ts';
import {
  countSettings,
  deleteSetting,
  findSetting,
  loadBook,
  lockSettings,
  putSetting,
  readSecret,
  writeSecret,
  type SettingKind,
  type Settings,
} from './setting-store.ts';

/** Settings of one kind that a park may have. */
const settingsMost = 200;

export interface SettingDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly box: SecretBox;
  readonly guard: AddressGuard;
}

/** Whether something is added or changed, and by whom. */
export interface Writing {
  readonly actor: string;
  readonly isNew: boolean;
}

const kindNames: Readonly<Record<SettingKind, string>> = {
  channel: 'notify-channel',
  team: 'notify-team',
  roster: 'notify-roster',
  route: 'notify-route',
  report: 'notify-report',
};

/**
 * Adds or changes a team, a roster, a route or a report.
 * @throws ParkError already-exists, not-found, conflict (too many), invalid-request (it names what is not there)
 */
export function writeSetting<K extends Exclude<SettingKind, 'channel'>>(
  deps: SettingDeps,
  setting: { readonly kind: K; readonly body: Settings[K] },
  writing: Writing,
): Promise<Settings[K]> {
  const { kind, body } = setting;
  return transaction(deps.db, async (client) => {
    const book = await begin(client, deps);
    refuseUnknown(faultsOf(setting as Named, book));
    await write(client, { kind, body, writing, note: {} });
    return body;
  });
}

type Named =
  | { readonly kind: 'team'; readonly body: TeamBody }
  | { readonly kind: 'roster'; readonly body: Roster }
  | { readonly kind: 'route'; readonly body: RouteBody }
  | { readonly kind: 'report'; readonly body: ReportBody };

/** Adds or changes a channel; of the audit only which secrets were written. @throws ParkError as {@link writeSetting} */
export async function writeChannel(
  deps: SettingDeps,
  { secrets, ...body }: z.output<typeof channelWriteBody>,
  writing: Writing,
): Promise<ChannelBody> {
  refuseUnknown(await channelFaults(deps, body, secrets));
  return transaction(deps.db, async (client) => {
    await begin(client, deps);
    const before = await findSetting(client, 'channel', body.id);
    if (before !== undefined && before.config.kind !== body.config.kind) {
      const message = `is ${before.config.kind} for good: routes count on it`;
      throw new ParkError('invalid-request', `/config/kind: ${message}`, [{ path: '/config/kind', message }]);
    }
    const written = Object.keys(secrets).filter((field) => secrets[field as SecretField] !== undefined);
    await write(client, {
      kind: 'channel',
      body,
      writing,
      note: written.length === 0 ? {} : { secrets: written },
    });
    if (written.length > 0) await seal(client, deps.box, { id: body.id, secrets });
    await closeCircuit(client, body.id);
    return body;
  });
}

/** @throws ParkError not-found, in-use */
export function removeSetting(
  deps: SettingDeps,
  { kind, id }: { readonly kind: SettingKind; readonly id: string },
  actor: string,
): Promise<void> {
  return transaction(deps.db, async (client) => {
    const book = await begin(client, deps);
    const before = await findSetting(client, kind, id);
    if (before === undefined) throw new ParkError('not-found', `There is no ${kind} ${id}.`);
    const route = book.routes.find(({ steps }) => steps.some((step) => uses(step, kind, id)));
    if (route !== undefined) throw new ParkError('in-use', `The route ${route.id} uses the ${kind} ${id}.`);
    const report = book.reports.find((each) => uses(each, kind, id));
    if (report !== undefined)
      throw new ParkError('in-use', `The report ${report.id} uses the ${kind} ${id}.`);
    await deleteSetting(client, kind, id);
    await appendAudit(client, { actor, action: `${kindNames[kind]}.delete`, object: id, before });
  });
}

async function begin(client: DatabaseClient, { clock, timeZone }: SettingDeps): Promise<Book> {
  await lockSettings(client);
  return loadBook(client, wallClock(timeZone), clock.nowMs());
}

async function write<K extends SettingKind>(
  client: DatabaseClient,
  row: { kind: K; body: Settings[K]; writing: Writing; note: object },
): Promise<void> {
  const { kind, body, writing, note } = row;
  const before = await findSetting(client, kind, body.id);
  if (writing.isNew && before !== undefined) {
    throw new ParkError('already-exists', `There is a ${kind} ${body.id} already.`);
  }
  if (!writing.isNew && before === undefined)
    throw new ParkError('not-found', `There is no ${kind} ${body.id}.`);
  if (writing.isNew && (await countSettings(client, kind)) >= settingsMost) {
    throw new ParkError('conflict', `There are ${settingsMost} of them; delete some first.`);
  }
  await putSetting(client, kind, body);
  await appendAudit(client, {
    actor: writing.actor,
    action: `${kindNames[kind]}.${writing.isNew ? 'create' : 'update'}`,
    object: body.id,
    ...(before === undefined ? {} : { before }),
    after: { ...body, ...note },
  });
}

/** Which secrets a channel has; never what they are. */
export async function secretsSet(deps: Pick<SettingDeps, 'db' | 'box'>, id: string): Promise<SecretField[]> {
  const sealed = await readSecret(deps.db, id);
  return sealed === undefined ? [] : fieldsOf(opened(deps.box, id, sealed));
}

function fieldsOf(secrets: ChannelSecrets): SecretField[] {
  return (Object.keys(secrets) as SecretField[]).filter((field) => typeof secrets[field] === 'string');
}

/** What cannot be opened any more counts as not there: it has to be written anew. */
function opened(box: SecretBox, id: string, sealed: Buffer): ChannelSecrets {
  try {
    return channelSecretsSchema.parse(JSON.parse(box.open(sealed, secretOf(id))));
  } catch {
    return {};
  }
}

async function seal(
  client: DatabaseClient,
  box: SecretBox,
  { id, secrets }: { id: string; secrets: ChannelSecrets },
): Promise<void> {
  const sealed = await readSecret(client, id);
  const known = sealed === undefined ? {} : opened(box, id, sealed);
  const next = Object.fromEntries(
    Object.entries({ ...known, ...secrets }).filter(([, value]) => typeof value === 'string'),
  );
  const isEmpty = Object.keys(next).length === 0;
  await writeSecret(client, id, isEmpty ? null : box.seal(JSON.stringify(next), secretOf(id)));
}

function refuseUnknown(errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ParkError('invalid-request', detail, errors);
}

function faultsOf(setting: Named, book: Book): FieldError[] {
  const people = (names: readonly string[], path: string) =>
    names.flatMap((name, i) =>
      book.people.has(name) ? [] : [{ path: `${path}/${i}`, message: `there is no user ${name}` }],
    );
  const { kind, body } = setting;
  if (kind === 'team') return people(body.people, '/people');
  if (kind === 'roster') {
    return [
      ...body.shifts.flatMap((shift, i) => people(shift.people, `/shifts/${i}/people`)),
      ...people(body.holidayPeople, '/holidayPeople'),
      ...body.overrides.flatMap((override, i) => people(override.people, `/overrides/${i}/people`)),
    ];
  }
  if (kind === 'report') return whomFaults(body, '', book);
  return body.steps.flatMap((step, i) => whomFaults(step, `/steps/${i}`, book));
}

/** Of whom a step, or a report, names. */
function whomFaults(named: Pick<ReportBody, 'channels' | 'targets'>, path: string, book: Book): FieldError[] {
  return [
    ...named.targets.flatMap((target, j) => targetFaults(target, `${path}/targets/${j}/id`, book)),
    ...named.channels.flatMap((id, j) =>
      book.channels.has(id) ? [] : [{ path: `${path}/channels/${j}`, message: `there is no channel ${id}` }],
    ),
    ...reachFaults(named, `${path}/targets`, book),
  ];
}

function targetFaults(target: NoticeTarget, path: string, book: Book): FieldError[] {
  if (target.kind === 'admins' || target.kind === 'rule-team') return [];
  const known = { person: book.people, team: book.teams, roster: book.rosters }[target.kind];
  return known.has(target.id) ? [] : [{ path, message: `there is no ${target.kind} ${target.id}` }];
}

/** A personal channel without anybody to reach by it says nothing to nobody. */
function reachFaults(
  { targets, channels }: Pick<ReportBody, 'channels' | 'targets'>,
  path: string,
  book: Book,
): FieldError[] {
  const kinds = channels.flatMap((id) => book.channels.get(id)?.config.kind ?? []);
  if (targets.length > 0 || kinds.some((kind) => !isPersonal(kind)) || kinds.length === 0) return [];
  return [{ path, message: 'names somebody to reach by these channels' }];
}

function uses(
  { channels, targets }: Pick<ReportBody, 'channels' | 'targets'>,
  kind: SettingKind,
  id: string,
): boolean {
  return (
    (kind === 'channel' && channels.includes(id)) ||
    targets.some((target) => target.kind === kind && 'id' in target && target.id === id)
  );
}

async function channelFaults(
  { guard }: SettingDeps,
  { config }: ChannelBody,
  secrets: ChannelSecrets,
): Promise<FieldError[]> {
  const foreign = (Object.keys(secrets) as SecretField[]).filter(
    (field) => !secretFields[config.kind].includes(field),
  );
  const faults = foreign.map((field) => ({
    path: `/secrets/${field}`,
    message: `${config.kind} has no ${field}`,
  }));
  const hosts: [string, string][] = [];
  if (config.kind === 'email') hosts.push(['/config/host', config.host]);
  if (config.kind === 'webhook' || config.kind === 'http') hosts.push(['/config/url', hostOf(config.url)]);
  if (typeof secrets.url === 'string') hosts.push(['/secrets/url', hostOf(secrets.url)]);
  for (const [path, host] of hosts) {
    const refusal = await refusalOf(guard, host);
    if (refusal !== undefined) faults.push({ path, message: refusal });
  }
  return faults;
}

function hostOf(url: string): string {
  // Placeholders may stand in path and query, never in the host.
  return URL.canParse(url) ? new URL(url).hostname : '';
}

/** A name that cannot be looked up now may be later: that is for the attempt to say. */
async function refusalOf(guard: AddressGuard, host: string): Promise<string | undefined> {
  if (host === '') return 'is no address';
  try {
    await guard.addressOf(host);
    return undefined;
  } catch (error) {
    return error instanceof AddressRefused ? error.message : undefined;
  }
}
