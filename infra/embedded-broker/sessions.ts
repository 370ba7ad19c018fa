import type { AuthenticateError, Client } from 'aedes';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { FieldAccess, FieldLogin, FieldPermit } from './access.ts';
import { createThrottle } from './throttle.ts';

/** A client that logged in. */
export interface BrokerSession {
  readonly permit: FieldPermit;
  /** As the client gave it; inside the broker the user name stands before it. */
  readonly clientId: string;
  /** When the next packet may be acknowledged, monotonic ms; only where the permit has a rate. */
  dueMs: number;
}

/** How often one address may fail with one user name; then it is refused unheard until the minute is over. */
export const attemptLimits = { failures: 20, windowMs: 60_000, keys: 10_000 } as const;

/** Packets that a client may send at once before its rate counts: what a box has kept during a short break. */
const burstSeconds = 10;

export interface Sessions {
  /** Logs a client in, or says by which CONNACK it is refused (MQTT 3.1.1 §3.2.2.3). */
  open(client: Client, login: FieldLogin): AuthenticateError | null;
  of(client: Client | null): BrokerSession | undefined;
  close(client: Client): void;
  /** Live connections of a device's credentials. */
  connectionsOf(owner: string): number;
  /** How long the acknowledgement of one more packet has to wait, ms. */
  delayMs(session: BrokerSession): number;
  readonly counts: { readonly loginsRefused: number; readonly sessionsRevoked: number };
}

/** Knows who stands behind every connection, and ends those whose permit has ended. */
export function createSessions(deps: { access: FieldAccess; clock: Clock; log: Log }): Sessions & Disposable {
  const { access, clock, log } = deps;
  /** Weak: a last will is published after its client is gone. */
  const sessions = new WeakMap<Client, BrokerSession>();
  const live = new Map<string | null, Set<Client>>();
  const throttle = createThrottle(attemptLimits);
  const counts = { loginsRefused: 0, sessionsRevoked: 0 };

  const refuse = (login: FieldLogin, returnCode: 3 | 4 | 5, reason: string) => {
    counts.loginsRefused++;
    const { clientId, username, address } = login;
    log.warn({ clientId, username, address }, `broker: login refused: ${reason}`);
    return Object.assign(new Error(reason), { returnCode }) as AuthenticateError;
  };
  const following = access.onChange(() => {
    for (const clients of live.values()) {
      for (const client of clients) {
        const session = sessions.get(client);
        if (session === undefined || session.permit.stands()) continue;
        counts.sessionsRevoked++;
        log.info({ clientId: session.clientId, owner: session.permit.owner }, 'broker: credential has ended');
        client.close();
      }
    }
  });

  return {
    open(client, login) {
      const key = `${login.address} ${login.username ?? ''}`;
      const nowMs = clock.monotonicMs();
      if (throttle.isBlocked(key, nowMs)) {
        return refuse(login, 3, 'too many failures with this user name from this address');
      }
      const permit = access.logIn(login);
      if (permit === null) {
        throttle.failed(key, nowMs);
        return refuse(login, 4, 'user name or password is wrong');
      }
      const clients = live.get(permit.owner) ?? new Set();
      // One with the same client id is about to be ended by the new one.
      const others = [...(permit.connections === null ? [] : clients)].filter(
        (one) => sessions.get(one)?.clientId !== login.clientId,
      );
      if (permit.connections !== null && others.length >= permit.connections) {
        return refuse(login, 3, `more than ${permit.connections} connections with this credential`);
      }
      live.set(permit.owner, clients.add(client));
      sessions.set(client, { permit, clientId: login.clientId, dueMs: -Infinity });
      return null;
    },
    of: (client) => (client === null ? undefined : sessions.get(client)),
    close(client) {
      const owner = sessions.get(client)?.permit.owner;
      if (owner === undefined) return;
      const clients = live.get(owner);
      clients?.delete(client);
      if (clients?.size === 0) live.delete(owner);
    },
    connectionsOf: (owner) => live.get(owner)?.size ?? 0,
    delayMs(session) {
      const { packetsPerS } = session.permit;
      if (packetsPerS === null) return 0;
      const nowMs = clock.monotonicMs();
      // A bucket that is filled by time: who was silent may send a burst.
      session.dueMs = Math.max(session.dueMs, nowMs - burstSeconds * 1000) + 1000 / packetsPerS;
      return Math.max(0, session.dueMs - nowMs);
    },
    counts,
    [Symbol.dispose]: () => following[Symbol.dispose](),
  };
}
