import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { StoreUnavailable } from '#schemas/reading.ts';
import type { SpoolFiles } from './files.ts';
import { toNative } from './native.ts';
import { encodeRecord, fitsRecord } from './record.ts';
import { SegmentLog } from './segment-log.ts';
import { Shipper, type SpoolPublisher } from './shipper.ts';

export interface SpoolOptions {
  readonly files: SpoolFiles;
  readonly publisher: SpoolPublisher;
  readonly parkId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What the spool may take of the disk; {@link spoolLimits.bytes} unless given. */
  readonly limitBytes?: number;
}

export const spoolLimits = {
  bytes: 1024 * 1024 * 1024,
  /** Share of it from which on the alarm is raised, and below which it is lifted. */
  fillingShare: 0.8,
  liftedShare: 0.6,
} as const;

/** A segment in use that is shipped is given back after so long without a new one. */
const tidyEveryMs = 10_000;

export interface SpoolStatus {
  /** `filling`: the alarm before the limit; `full`: nothing more is taken. */
  readonly level: 'ok' | 'filling' | 'full';
  readonly usedBytes: number;
  readonly limitBytes: number;
  /** Stretches of damaged bytes that were stepped over. */
  readonly corrupt: number;
  /** Packets that had no native form: refused whole by their gateway. */
  readonly refused: number;
  /** Values that were rejected here, by reason: the park is sent a null for each. */
  readonly rejected: ReadonlyMap<string, number>;
  /** Why the disk or the broker does not take what it gets; null while both do. */
  readonly trouble: string | null;
}

/** The sink of a box without a database (DESIGN §2): durable on its disk first, then on its way to the broker. */
export interface Spool extends ReadingSink, AsyncDisposable {
  status(): SpoolStatus;
}

/**
 * Takes up what an earlier run has left and goes on from there. `write` resolves when the packet is synced to disk; it
 * rejects with StoreUnavailable while the spool is full or the disk takes nothing, and the gateway holds it back.
 */
export async function startSpool(options: SpoolOptions): Promise<Spool> {
  const { files, publisher, parkId, clock, log, limitBytes = spoolLimits.bytes } = options;
  let refused = 0;
  const rejected = new Map<string, number>();
  let level: SpoolStatus['level'] = 'ok';
  let isClosed = false;
  const segments = await SegmentLog.open({ files, log, limitBytes, onDurable: () => shipper.wake() });
  const shipper = new Shipper({ segments, publisher, clock, log });
  shipper.start();
  const look = () => {
    const next = levelOf(segments.usedBytes / limitBytes, level);
    if (next !== level) tellLevel(log, next, { usedBytes: segments.usedBytes, limitBytes });
    level = next;
  };
  const tidy = clock.every(tidyEveryMs, () => {
    segments.sealShipped();
    shipper.wake();
    look();
  });
  look();
  return {
    async write(packet: Packet): Promise<void> {
      if (isClosed) throw new StoreUnavailable('The spool is stopped');
      const records = toNative(packet, parkId).filter(fitsRecord).map(encodeRecord);
      if (records.length === 0) {
        refused++;
        log.warn({ address: packet.address }, 'spool: a packet has nothing that could be sent on');
        return;
      }
      try {
        await segments.append(Buffer.concat(records));
        // Once taken: what is held back is offered again.
        for (const reason of reasonsOf(packet)) rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
      } finally {
        look();
      }
    },
    status: () => ({
      level,
      usedBytes: segments.usedBytes,
      limitBytes,
      corrupt: shipper.corrupt,
      refused,
      rejected,
      trouble: segments.trouble ?? shipper.trouble,
    }),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      tidy[Symbol.dispose]();
      await shipper.stop();
      segments.sealShipped();
      await segments.removeShipped().catch(() => undefined);
      await segments.close();
    },
  };
}

function reasonsOf({ content }: Packet): string[] {
  return content.kind === 'telemetry' || content.kind === 'event'
    ? content.rejected.map(({ reason }) => reason)
    : [];
}

/** Full is what could not take another packet of the largest kind for long; pure, with a little inertia. */
export function levelOf(share: number, before: SpoolStatus['level']): SpoolStatus['level'] {
  if (share >= fullShare) return 'full';
  if (share >= spoolLimits.fillingShare) return 'filling';
  return before === 'ok' || share < spoolLimits.liftedShare ? 'ok' : 'filling';
}
const fullShare = 0.99;

function tellLevel(
  log: Log,
  level: SpoolStatus['level'],
  facts: { usedBytes: number; limitBytes: number },
): void {
  if (level === 'ok') log.info(facts, 'spool: there is room again');
  else if (level === 'filling')
    log.warn(facts, 'spool: filling up; the broker takes less than the field gives');
  else log.error(facts, 'spool: full; gateways hold back and what they cannot hold is lost');
}
