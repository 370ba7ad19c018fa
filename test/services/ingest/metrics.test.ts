import { expect, test } from 'vitest';
import { createMetrics } from '#infra/metrics.ts';
import type { Source } from '#schemas/api/ingest.ts';
import { gatewayProtocols } from '#schemas/gateway.ts';
import { registerSourceMetrics } from '#services/ingest/metrics.ts';

/** A figure of each source, whatever it speaks. */
const ofEverySource = [
  'gateway_connected',
  'gateway_packets_per_second',
  'gateway_last_error_timestamp_seconds',
  'gateway_last_packet_timestamp_seconds',
  'ledger_packets',
  'ledger_values',
  'ledger_balanced',
  'rejected_values',
  'sequence_gaps',
];
const ofBrokers = ['canary_holes', 'canary_lag_seconds', 'broker_sessions_lost'];

function source(protocol: string): Source {
  return {
    source: `${protocol}-1`,
    protocol,
    connected: true,
    detail: '',
    said: [],
    lastAt: '2026-03-01T00:00:00.000Z',
    packetsPerS: 2.5,
    lastError: { at: '2026-03-01T00:00:00.000Z', text: 'away', said: [] },
    packets: { received: 9, refused: 1, usable: 8, acknowledged: 7, waiting: 1, unacknowledged: 0 },
    values: {
      received: 20,
      accepted: 17,
      rejected: { implausible: 2, 'bad-time': 1 },
      undiscovered: 0,
      committed: 17,
      corrected: 0,
      duplicate: 0,
      waiting: 0,
      untimed: 0,
    },
    events: { committed: 0, duplicate: 0 },
    sequence: { devices: 1, gaps: 3, repeats: 0 },
    canary: { lagMs: 12, holes: 0, sessionsLost: 0, lostAt: null },
    balanced: true,
  };
}

test.each(gatewayProtocols)(
  'registerSourceMetrics() tells every figure of a source of %s',
  async (protocol) => {
    const metrics = createMetrics({ process: false });
    registerSourceMetrics(metrics, () => Promise.resolve([source(protocol)]));
    const text = await metrics.metrics();
    for (const name of [...ofEverySource, ...ofBrokers])
      expect(text).toMatch(new RegExp(`^parkwatch_${name}\\{source="${protocol}-1".*\\} [\\d.]+$`, 'm'));
    expect(text).toContain(`parkwatch_rejected_values{source="${protocol}-1",reason="implausible"} 2`);
    expect(text).toContain(`parkwatch_ledger_packets{source="${protocol}-1",figure="acknowledged"} 7`);
    // Nothing that is registered is left without a line: a figure that nobody sets is none.
    const named = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !new RegExp(`^${name}\\{`, 'm').test(text))).toEqual([]);
    expect(named.toSorted()).toEqual(
      [...ofEverySource, ...ofBrokers].map((name) => `parkwatch_${name}`).toSorted(),
    );
  },
);
