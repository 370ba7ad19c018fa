import type { Packet, ReadingSink } from '#schemas/reading.ts';
import { inTime } from './events.ts';

/** A sink whose commits the test decides. */
export interface HeldSink extends ReadingSink {
  /** Every packet offered, in order, offered again included. */
  readonly offered: Packet[];
  /** Packets whose write has resolved. */
  readonly committed: Packet[];
  /** `commit`: resolve at once. `hold`: wait for {@link release}. `fail`: reject, as when the database is away. */
  mode: 'commit' | 'hold' | 'fail';
  /** Commits held packets that `which` picks (default: all), in order of arrival, and commits from now on. */
  release(which?: (packet: Packet, index: number) => boolean): void;
  readonly held: number;
  /** Resolves when `condition` holds; checked after every write. */
  until(condition: () => boolean): Promise<void>;
}

export function createHeldSink(mode: HeldSink['mode'] = 'commit'): HeldSink {
  let held: { packet: Packet; resolve: () => void }[] = [];
  let waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const check = () => {
    const met = waiting.filter(({ condition }) => condition());
    waiting = waiting.filter((one) => !met.includes(one));
    for (const { resolve } of met) resolve();
  };
  const sink: HeldSink = {
    offered: [],
    committed: [],
    mode,
    async write(packet) {
      sink.offered.push(packet);
      check();
      if (sink.mode === 'fail') throw new Error('database is away');
      if (sink.mode === 'hold') {
        const committed = new Promise<void>((resolve) => held.push({ packet, resolve }));
        check();
        await committed;
      }
      sink.committed.push(packet);
      check();
    },
    release(which) {
      if (which === undefined) sink.mode = 'commit';
      const picked = held.filter(({ packet }, index) => which?.(packet, index) ?? true);
      held = held.filter((one) => !picked.includes(one));
      for (const { resolve } of picked) resolve();
    },
    get held() {
      return held.length;
    },
    until: (condition) =>
      inTime(
        new Promise((resolve) => {
          waiting.push({ condition, resolve });
          check();
        }),
        () =>
          `${String(condition)}; offered ${sink.offered.length}, held ${held.length}, committed ${sink.committed.length}`,
      ),
  };
  return sink;
}
