import type { Clock } from '#infra/clock.ts';
import { coalesce } from '#infra/coalesce.ts';
import { startFollowed } from '#infra/followed.ts';
import type { Log } from '#infra/log.ts';
import type { Database } from '#infra/postgres.ts';
import type { SecretBox } from '#infra/secret-box.ts';
import type { IdentityPolicy } from '#schemas/api/identity.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import { eraseIdentities } from './erase.ts';
import { protectPacket, type Protection } from './protect.ts';
import { identityChannel, readPolicy } from './store.ts';

/** Stands between the gateways and everything that keeps or shows what they received. */
export interface IdentityGuard extends AsyncDisposable {
  /** The same sink, to which nobody is named whom the policy does not let through. */
  protect(sink: ReadingSink): ReadingSink;
}

export interface IdentityGuardOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly box: SecretBox;
  /** Sources whose readings are numbers and states of ours: there is nobody in them. */
  readonly nameless: ReadonlySet<string>;
}

/** A sink to which nobody is named whom the policy, as it is then, does not let through. */
export function guardSink(
  sink: ReadingSink,
  { nameless, protection }: Pick<IdentityGuardOptions, 'nameless'> & { protection: () => Protection },
): ReadingSink {
  return {
    write(packet) {
      if (packet.content.kind === 'status') return sink.write(packet);
      if (packet.content.kind === 'telemetry' && nameless.has(packet.source)) return sink.write(packet);
      return sink.write(protectPacket(packet, protection()));
    },
  };
}

const eraseEveryMs = 3_600_000;

/** The key that pseudonyms are made with. */
export function identityKey(box: SecretBox): Buffer {
  return box.derive('identity of people');
}

/** Reads the policy, follows its changes, and once an hour erases whom events have named for long enough. */
export async function startIdentityGuard(options: IdentityGuardOptions): Promise<IdentityGuard> {
  const { db, clock, log, nameless } = options;
  const key = identityKey(options.box);
  const policy = await startFollowed<IdentityPolicy>({
    db,
    clock,
    log,
    channel: identityChannel,
    what: 'the identity policy',
    none: { mode: 'hash', keepDays: 1 },
    read: () => readPolicy(db),
  });
  const erase = coalesce(() =>
    eraseIdentities(db, { keepDays: policy.value().keepDays, nowMs: clock.nowMs() }).catch((error: unknown) =>
      log.warn({ err: error }, 'identities could not be erased; tried again within the hour'),
    ),
  );
  void erase();
  const timer = clock.every(eraseEveryMs, () => void erase());
  return {
    protect: (sink) =>
      guardSink(sink, {
        nameless,
        protection: () => ({ policy: policy.value(), key, nowMs: clock.nowMs() }),
      }),
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await policy[Symbol.asyncDispose]();
      await erase.settled();
    },
  };
}
