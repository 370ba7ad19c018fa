import type { MqttConfig } from '../config.ts';
import { isSame } from '../secret.ts';

/** What a client says of itself in CONNECT, and what TLS has proved. */
export interface FieldLogin {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Common name of a client certificate that our certificate authority has signed; null without one. */
  readonly certificateName: string | null;
  readonly address: string;
}

/** What a client that logged in may do; asked with every packet, so it must be quick and must not wait. */
export interface FieldPermit {
  /** Id of the device whose credential it is; null for the shared one. */
  readonly owner: string | null;
  /** Connections that the owner may have at a time; null for any number. */
  readonly connections: number | null;
  /** Packets a second that are acknowledged; faster ones wait. Null for as many as come. */
  readonly packetsPerS: number | null;
  readonly mayPublish: (topic: string) => boolean;
  readonly maySubscribe: (filter: string) => boolean;
  /** False once the credential was revoked or has expired: the session is closed. */
  stands(): boolean;
}

/** Who may log in; an implementation answers from memory, so that thousands of reconnects take no time. */
export interface FieldAccess {
  /** Null when user name, password or certificate stand for nobody. */
  logIn(login: FieldLogin): FieldPermit | null;
  /** Called whenever permits may have ended. */
  onChange(listener: () => void): Disposable;
}

/** The permit of the shared credential: everything, as long as `stands` says so. */
export function sharedPermit(stands: () => boolean = () => true): FieldPermit {
  const yes = () => true;
  return { owner: null, connections: null, packetsPerS: null, mayPublish: yes, maySubscribe: yes, stands };
}

/** One credential for all: MQTT_USERNAME and its password, or nobody asked at all where there are none. */
export function sharedAccess(config: Pick<MqttConfig, 'username' | 'password'>): FieldAccess {
  return {
    logIn: ({ username, password }) => (isShared(config, username, password) ? sharedPermit() : null),
    onChange: () => ({ [Symbol.dispose]: () => undefined }),
  };
}

export function isShared(
  config: Pick<MqttConfig, 'username' | 'password'>,
  username: string | undefined,
  password: Uint8Array | undefined,
): boolean {
  if (config.username === undefined && config.password === undefined) return true;
  const nameMatches = isSame(config.username ?? '', username ?? '');
  return isSame(config.password ?? '', password ?? '') && nameMatches;
}
