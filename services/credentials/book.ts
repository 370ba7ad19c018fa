import {
  isShared,
  sharedPermit,
  type FieldAccess,
  type FieldLogin,
  type FieldPermit,
} from '#infra/embedded-broker/access.ts';
import type { Clock } from '#infra/clock.ts';
import type { MqttConfig } from '#infra/config.ts';
import { startFollowed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import { noGrant } from '#schemas/api/field-access.ts';
import type { PointDirectory } from '#schemas/registry.ts';
import { createPermit, toLookup, type Lookup } from './permit.ts';
import { hashSecret, secretPrefix } from './secret.ts';
import {
  credentialChannel,
  readCredentials,
  readGrants,
  readSharedLogin,
  touchCredentials,
} from './store.ts';

/** Every credential of the park in memory: a login is one digest and one look-up. */
export interface CredentialBook extends FieldAccess, AsyncDisposable {
  /** Resolves when the credentials as they stand now have been loaded. */
  reload(): Promise<void>;
  /** What a user name may do whom somebody else has authenticated; null when it stands for nobody. */
  permitOf(username: string): FieldPermit | null;
  readonly sharedLogin: boolean;
}

export interface CredentialBookOptions {
  readonly db: Database;
  readonly directory: Pick<PointDirectory, 'onChange'>;
  readonly config: Pick<MqttConfig, 'username' | 'password'>;
  readonly parkId: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Entry {
  readonly id: string;
  readonly owner: string;
  readonly expiresAtMs: number;
}

interface Snapshot {
  /** By digest (hex), and by `cn:` and the common name. */
  readonly byKey: ReadonlyMap<string, Entry>;
  readonly byId: ReadonlyMap<string, Entry>;
  /** The credential of each device that lasts longest. */
  readonly byOwner: ReadonlyMap<string, Entry>;
  readonly grants: ReadonlyMap<string, Lookup>;
  readonly sharedLogin: boolean;
}

const noLookup = toLookup(noGrant);
const certificateKey = (name: string) => `cn:${name}`;
/** How often it is written down who logged in, and how many logins wait for it at most. */
const touchLimits = { everyMs: 30_000, waiting: 20_000 } as const;
/** A timer reaches no further than some days; an earlier look does no harm. */
const longestWaitMs = 3_600_000;

/**
 * Loads the credentials and follows their changes and those of the registry: a revoked one ends within the time of a
 * notification, an expired one at its instant.
 */
export async function startCredentialBook(options: CredentialBookOptions): Promise<CredentialBook> {
  const { db, clock, log } = options;
  const listeners = new Set<() => void>();
  const book = await startFollowed({
    db,
    clock,
    log,
    channel: credentialChannel,
    what: 'the credentials',
    none: emptySnapshot(),
    read: () => load(db, clock),
  });
  let timer: Disposable | null = null;
  const used = new Map<string, { atMs: number; address: string }>();

  const announce = () => {
    for (const listener of listeners) listener();
  };
  const waitForExpiry = () => {
    timer?.[Symbol.dispose]();
    const nowMs = clock.nowMs();
    const due = [...book.value().byId.values()]
      .map(({ expiresAtMs }) => expiresAtMs)
      .filter((at) => at > nowMs);
    const next = due.reduce((least, at) => Math.min(least, at), Infinity);
    if (next === Infinity) return;
    timer = clock.after(Math.min(next - nowMs + 1, longestWaitMs), () => {
      announce();
      waitForExpiry();
    });
  };
  book.onChange(() => {
    announce();
    waitForExpiry();
  });
  waitForExpiry();
  // A device that is retired or taken away has no credentials any more.
  const unfollow = options.directory.onChange(book.notice);
  const touch = async () => {
    const batch = [...used].map(([id, { atMs, address }]) => ({ id, atMs, address }));
    used.clear();
    if (batch.length === 0) return;
    await touchCredentials(db, batch).catch((error: unknown) =>
      log.warn({ err: error }, 'who logged in could not be written down'),
    );
  };
  const touching = clock.every(touchLimits.everyMs, () => void touch());
  const { find, permitFor } = createFinder(options, book.value);

  return {
    logIn(login) {
      const entry = find(login);
      if (entry !== undefined) {
        if (used.size < touchLimits.waiting)
          used.set(entry.id, { atMs: clock.nowMs(), address: login.address });
        return permitFor(entry);
      }
      const shares =
        book.value().sharedLogin &&
        !meansOwn(login, book.value()) &&
        isShared(options.config, login.username, login.password);
      return shares ? sharedPermit(() => book.value().sharedLogin) : null;
    },
    permitOf(username) {
      const entry = book.value().byOwner.get(username) ?? book.value().byKey.get(certificateKey(username));
      const permit = entry === undefined ? null : permitFor(entry);
      return permit?.stands() === true ? permit : null;
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    get sharedLogin() {
      return book.value().sharedLogin;
    },
    reload: book.reload,
    async [Symbol.asyncDispose]() {
      unfollow();
      timer?.[Symbol.dispose]();
      touching[Symbol.dispose]();
      await book[Symbol.asyncDispose]();
      await touch();
    },
  };
}

function createFinder({ parkId, clock }: CredentialBookOptions, current: () => Snapshot) {
  const stands = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined && entry.expiresAtMs > clock.nowMs();
  const find = ({ username, password, certificateName }: FieldLogin): Entry | undefined => {
    const { byKey } = current();
    const certified = certificateName === null ? undefined : byKey.get(certificateKey(certificateName));
    if (stands(certified)) return certified;
    if (username === undefined || password === undefined) return undefined;
    const entry = byKey.get(hashSecret(password).toString('hex'));
    return stands(entry) && entry.owner === username ? entry : undefined;
  };
  const permitFor = ({ id, owner }: Entry): FieldPermit =>
    createPermit({
      owner,
      parkId,
      grant: () => {
        const { byId, grants } = current();
        return stands(byId.get(id)) ? (grants.get(owner) ?? noLookup) : undefined;
      },
    });
  return { find, permitFor };
}

/** Whoever comes with a credential of its own is not let in with the shared one when it has ended. */
function meansOwn({ username, password }: FieldLogin, { byOwner }: Snapshot): boolean {
  const text = password === undefined ? '' : Buffer.from(password).toString('utf8');
  return text.startsWith(secretPrefix) || (username !== undefined && byOwner.has(username));
}

function emptySnapshot(): Snapshot {
  return { byKey: new Map(), byId: new Map(), byOwner: new Map(), grants: new Map(), sharedLogin: false };
}

async function load(db: Database, clock: Clock): Promise<Snapshot> {
  const rows = await readCredentials(db, new Date(clock.nowMs()));
  const grants = await readGrants(db);
  const byKey = new Map<string, Entry>();
  const byId = new Map<string, Entry>();
  const byOwner = new Map<string, Entry>();
  for (const { id, deviceId, secretHash, subject, expiresAt } of rows) {
    const entry = { id, owner: deviceId, expiresAtMs: expiresAt?.getTime() ?? Infinity };
    byId.set(id, entry);
    if (secretHash !== null) byKey.set(secretHash.toString('hex'), entry);
    if (subject !== null) byKey.set(certificateKey(subject), entry);
    if ((byOwner.get(deviceId)?.expiresAtMs ?? -Infinity) < entry.expiresAtMs) byOwner.set(deviceId, entry);
  }
  const lookups = [...grants].map(([deviceId, grant]) => [deviceId, toLookup(grant)] as const);
  return { byKey, byId, byOwner, grants: new Map(lookups), sharedLogin: await readSharedLogin(db) };
}
