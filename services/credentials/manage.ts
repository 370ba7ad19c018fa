import type { Clock } from '#infra/clock.ts';
import { appendAudit } from '#infra/journal.ts';
import { transaction, type Database, type DatabaseClient } from '#infra/postgres.ts';
import type { CredentialSecret, FieldCredential, FieldGrant } from '#schemas/api/field-access.ts';
import { ParkError } from '#schemas/errors.ts';
import { limits } from '#schemas/limits.ts';
import { filterFault } from './permit.ts';
import { newSecret } from './secret.ts';
import {
  countCredentials,
  endCredential,
  findCredential,
  insertCertificate,
  insertPasswords,
  notifyCredentials,
  readGrant,
  readSharedLogin,
  subjectOwner,
  writeGrant,
  writeSharedLogin,
} from './store.ts';

/** Who changes something, and when. */
export interface Managing {
  readonly db: Database;
  readonly clock: Clock;
  readonly actor: string;
  readonly address?: string;
}

function change<T>({ db }: Managing, work: (client: DatabaseClient) => Promise<T>): Promise<T> {
  return transaction(db, async (client) => {
    const result = await work(client);
    await notifyCredentials(client);
    return result;
  });
}

function audit(
  client: DatabaseClient,
  { actor, address }: Managing,
  entry: { action: string; object: string; before?: unknown; after?: unknown },
): Promise<number> {
  return appendAudit(client, { actor, ...(address === undefined ? {} : { address }), ...entry });
}

/**
 * A new password for each of these devices; the secrets are in the answer and nowhere else.
 * @throws ParkError `not-found`; `conflict` when one has too many already
 */
export async function createPasswords(
  managing: Managing,
  deviceIds: readonly string[],
): Promise<CredentialSecret[]> {
  const now = new Date(managing.clock.nowMs());
  const ids = [...new Set(deviceIds)];
  return change(managing, async (client) => {
    await refuseDevices(client, ids, now);
    const made = ids.map((deviceId) => ({ deviceId, secret: newSecret() }));
    const credentials = await insertPasswords(client, made, { now, actor: managing.actor });
    for (const { id, deviceId } of credentials) {
      await audit(client, managing, { action: 'credential.create', object: deviceId, after: { id } });
    }
    return credentials.map((credential, index) => ({
      credential,
      username: credential.deviceId,
      secret: made[index]?.secret.text ?? '',
    }));
  });
}

/**
 * Lets a device in with certificates of this common name.
 * @throws ParkError `not-found`; `already-exists` when the name is another device's
 */
export async function createCertificate(
  managing: Managing,
  asked: { deviceId: string; subject: string },
): Promise<FieldCredential> {
  const now = new Date(managing.clock.nowMs());
  return change(managing, async (client) => {
    await refuseDevices(client, [asked.deviceId], now);
    const owner = await subjectOwner(client, asked.subject, now);
    if (owner !== undefined) {
      throw new ParkError(
        'already-exists',
        `Certificates named ${asked.subject} stand for ${owner} already.`,
      );
    }
    const made = await insertCertificate(client, asked, { now, actor: managing.actor });
    if (made === undefined) throw new Error('the credential was not written');
    const after = { id: made.id, subject: asked.subject };
    await audit(client, managing, { action: 'credential.create', object: asked.deviceId, after });
    return made;
  });
}

async function refuseDevices(client: DatabaseClient, ids: readonly string[], now: Date): Promise<void> {
  // Two requests would otherwise both find room below the limit.
  await client.query(`select pg_advisory_xact_lock(hashtextextended('parkwatch credentials', 0))`);
  const counts = await countCredentials(client, ids, now);
  for (const id of ids) {
    const count = counts.get(id);
    if (count === undefined) throw new ParkError('not-found', `There is no device ${id} that may log in.`);
    if (count >= limits.credentialsPerDevice) {
      throw new ParkError('conflict', `${id} has ${count} credentials; revoke some first.`);
    }
  }
}

/**
 * A successor for a password; the old one ends after the overlap, and sessions that use it with it.
 * @throws ParkError `not-found`; `conflict` for a certificate, which its authority renews
 */
export async function rotateCredential(
  managing: Managing,
  asked: { id: string; overlapS: number },
): Promise<CredentialSecret> {
  const nowMs = managing.clock.nowMs();
  const now = new Date(nowMs);
  return change(managing, async (client) => {
    const found = await findCredential(client, asked.id, now);
    if (found === undefined) throw new ParkError('not-found', `There is no credential ${asked.id}.`);
    const { deviceId, kind } = found;
    if (kind !== 'password') {
      throw new ParkError('conflict', 'A certificate is renewed by its authority, under the same name.');
    }
    const endsAt = new Date(nowMs + asked.overlapS * 1000);
    await endCredential(client, asked.id, endsAt);
    await refuseDevices(client, [deviceId], now);
    const secret = newSecret();
    const [credential] = await insertPasswords(client, [{ deviceId, secret }], {
      now,
      actor: managing.actor,
    });
    if (credential === undefined) throw new Error('the credential was not written');
    const [before, after] = [{ id: asked.id, endsAt: endsAt.toISOString() }, { id: credential.id }];
    await audit(client, managing, { action: 'credential.rotate', object: deviceId, before, after });
    return { credential, username: deviceId, secret: secret.text };
  });
}

/** Ends a credential, and the sessions that use it, now. @throws ParkError `not-found` */
export async function revokeCredential(managing: Managing, id: string): Promise<void> {
  const now = new Date(managing.clock.nowMs());
  await change(managing, async (client) => {
    const found = await findCredential(client, id, now);
    if (found === undefined) throw new ParkError('not-found', `There is no credential ${id}.`);
    await endCredential(client, id, now);
    const before = { id, kind: found.kind, ...(found.subject === null ? {} : { subject: found.subject }) };
    await audit(client, managing, { action: 'credential.revoke', object: found.deviceId, before });
  });
}

/**
 * Changes what the credentials of a device cover; sessions that stand follow.
 * @throws ParkError `not-found`; `invalid-request` for a filter that may not be granted
 */
export async function changeGrant(
  managing: Managing,
  asked: { deviceId: string; patch: { [K in keyof FieldGrant]?: FieldGrant[K] | undefined } },
): Promise<void> {
  const { deviceId, patch } = asked;
  const errors = (patch.topics ?? []).flatMap((filter, index) => {
    const message = filterFault(filter);
    return message === null ? [] : [{ path: `/topics/${index}`, message }];
  });
  if (errors.length > 0) {
    throw new ParkError(
      'invalid-request',
      errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
      errors,
    );
  }
  await change(managing, async (client) => {
    const counts = await countCredentials(client, [deviceId], new Date(managing.clock.nowMs()));
    if (!counts.has(deviceId))
      throw new ParkError('not-found', `There is no device ${deviceId} that may log in.`);
    const before = await readGrant(client, deviceId);
    const given = Object.entries(patch).filter(([, value]) => value !== undefined);
    const after: FieldGrant = { ...before, ...(Object.fromEntries(given) as Partial<FieldGrant>) };
    await writeGrant(client, deviceId, after);
    await audit(client, managing, { action: 'credential.grant', object: deviceId, before, after });
  });
}

/** Turns the shared credential on or off for devices. */
export async function changeSharedLogin(managing: Managing, sharedLogin: boolean): Promise<void> {
  await change(managing, async (client) => {
    const before = { sharedLogin: await readSharedLogin(client) };
    await writeSharedLogin(client, sharedLogin);
    const after = { sharedLogin };
    await audit(client, managing, { action: 'field-policy.update', object: 'field-policy', before, after });
  });
}
