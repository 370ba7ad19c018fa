import { isShared } from '#infra/embedded-broker/access.ts';
import type { MqttConfig } from '#infra/config.ts';
import type { BrokerAnswer } from '#schemas/api/field-access.ts';
import type { CredentialBook } from './book.ts';

export interface HookDeps {
  readonly book: Pick<CredentialBook, 'logIn' | 'permitOf' | 'sharedLogin'>;
  readonly config: Pick<MqttConfig, 'username' | 'password'>;
  readonly parkId: string;
}

const answer = (allowed: boolean, error: string, superuser = false): BrokerAnswer => ({
  result: allowed ? 'allow' : 'deny',
  ok: allowed,
  error: allowed ? '' : error,
  is_superuser: superuser,
});

/**
 * Whether this is our own process at the external broker: it has MQTT_USERNAME, and one of our client ids. With the shared
 * credential turned off nobody else may use that name.
 */
function isOurs({ config, parkId, book }: HookDeps, username: string, clientId: string): boolean {
  if (config.username === undefined || username !== config.username) return false;
  return book.sharedLogin || clientId.startsWith(`parkwatch-${parkId}-`);
}

/** What an external broker is told when a client logs in: the same rules as of the embedded one. */
export function answerLogin(
  deps: HookDeps,
  asked: {
    username: string;
    password: string;
    clientid: string;
    certificate?: string | undefined;
    address: string;
  },
): BrokerAnswer {
  const password = Buffer.from(asked.password);
  const { username, clientid, address } = asked;
  if (isOurs(deps, username, clientid)) {
    const right = isShared(deps.config, username, password);
    return answer(right, 'user name or password is wrong', right);
  }
  const certificateName = asked.certificate ?? null;
  const permit = deps.book.logIn({ clientId: clientid, username, password, certificateName, address });
  // Without MQTT_USERNAME nobody is asked at the embedded broker on loopback; an external one is no such place.
  return answer(permit !== null && permit.owner !== null, 'user name or password is wrong');
}

/** mosquitto: 1 read, 2 write, 3 both, 4 subscribe. */
const accReads = 1;
const accSubscribes = 4;

/** What an external broker is told when a client that it let in publishes or subscribes. */
export function answerPermission(
  deps: HookDeps,
  asked: {
    username: string;
    clientid: string;
    topic: string;
    action?: 'publish' | 'subscribe' | undefined;
    acc?: number | undefined;
    certificate?: string | undefined;
  },
): BrokerAnswer {
  if (isOurs(deps, asked.username, asked.clientid)) return answer(true, '', true);
  const permit = deps.book.permitOf(asked.certificate ?? asked.username);
  if (permit === null) return answer(false, 'no such credential');
  const { topic, action, acc } = asked;
  const reads = action === 'subscribe' || acc === accReads || acc === accSubscribes;
  const writes = action === 'publish' || (acc !== undefined && acc !== accReads && acc !== accSubscribes);
  const both = acc === accReads + 2;
  if (!reads && !writes) return answer(false, 'neither publish nor subscribe was asked');
  const mayRead = !(reads || both) || permit.maySubscribe(topic);
  const mayWrite = !writes || permit.mayPublish(topic);
  return answer(mayRead && mayWrite, `the credential of ${permit.owner} does not cover this topic`);
}
