import { describe, expect, test } from 'vitest';
import { accept } from '#services/ingest/accept.ts';
import { addTally, emptyTally, enterPacket, isBalanced, waitingValues } from '#services/ingest/ledger.ts';
import { fakeDirectory } from '#test/kit/directory.ts';
import { refusedPacket, telemetry } from '#test/kit/packets.ts';

const directory = fakeDirectory();
directory.add('em-1', 'power', { max: 10 });
directory.ignore('em-1', 'noise');
const nowMs = Date.UTC(2026, 0, 10);

function entered() {
  const tally = emptyTally();
  const metrics = ['power', 'colour', 'noise'].map((metric) => ({ metric, timeMs: nowMs, value: 1 }));
  const packets = [
    telemetry('em-1', [...metrics, { metric: 'power', timeMs: nowMs + 1, value: 11 }]),
    telemetry('nobody', metrics, { unacknowledged: true }),
    refusedPacket(null, nowMs),
    { ...refusedPacket(null, nowMs), unacknowledged: true },
  ];
  for (const packet of packets) {
    enterPacket(tally, packet, accept(packet, { directory, oldestMs: nowMs - 86_400_000 }));
  }
  return tally;
}

describe('enterPacket()', () => {
  test('enterPacket() puts every value in exactly one place', () => {
    const tally = entered();
    expect(tally).toMatchObject({ packetsReceived: 4, packetsRefused: 2, packetsUnacknowledged: 2 });
    expect(tally).toMatchObject({ valuesReceived: 7, valuesUndiscovered: 4 });
    expect(Object.fromEntries(tally.rejected)).toEqual({ implausible: 1, ignored: 1 });
    expect(waitingValues(tally)).toBe(1);
    expect(isBalanced(tally, 1)).toBe(true);
  });
});

describe('isBalanced()', () => {
  test('isBalanced() sees a value that is counted twice or nowhere', () => {
    const tally = entered();
    tally.valuesCommitted = 1;
    expect(isBalanced(tally, 0)).toBe(true);
    tally.valuesDuplicate = 1;
    expect(isBalanced(tally, 0)).toBe(false);
  });
});

describe('addTally()', () => {
  test('addTally() taken away again leaves nothing', () => {
    const tally = emptyTally();
    addTally(tally, entered());
    addTally(tally, entered(), -1);
    expect({ ...tally, rejected: [...tally.rejected.values()], lastAtMs: 0 }).toEqual({
      ...emptyTally(),
      rejected: [0, 0],
    });
  });
});
