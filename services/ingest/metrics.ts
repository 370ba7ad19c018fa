import { Gauge } from 'prom-client';
import { registerTogether, type Metrics } from '#infra/metrics.ts';
import type { Source } from '#schemas/api/ingest.ts';

/** Ledger, gaps and canary of every source, read when somebody asks. */
export function registerSourceMetrics(metrics: Metrics, read: () => Promise<readonly Source[]>): void {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `parkwatch_${name}`, help, labelNames, registers: [] });
  const values = gauge('ledger_values', 'Values of a source by what became of them', ['source', 'figure']);
  const packets = gauge('ledger_packets', 'Packets of a source by what became of them', ['source', 'figure']);
  const rejections = gauge('rejected_values', 'Values of a source that were rejected, by reason', [
    'source',
    'reason',
  ]);
  const balanced = gauge('ledger_balanced', 'Whether the equations of the ledger hold', ['source']);
  const gaps = gauge('sequence_gaps', 'Numbers that devices have sent and that never came', ['source']);
  const holes = gauge('canary_holes', 'Canaries that an external broker took and lost', ['source']);
  const sessions = gauge('broker_sessions_lost', 'Sessions of ours that a broker has forgotten', ['source']);
  const lag = gauge('canary_lag_seconds', 'How long the newest canary took, or the oldest is overdue', [
    'source',
  ]);
  const connected = gauge('gateway_connected', 'Whether a gateway has its other side', [
    'source',
    'protocol',
  ]);
  const pace = gauge('gateway_packets_per_second', 'Packets of a gateway over the last 10 s', ['source']);
  const errorAt = gauge(
    'gateway_last_error_timestamp_seconds',
    'When something was wrong with a gateway last',
    ['source'],
  );
  const lastAt = gauge('gateway_last_packet_timestamp_seconds', 'When a gateway received something last', [
    'source',
  ]);
  const told = [connected, pace, errorAt, lastAt];
  const setGateway = (source: Source) => {
    const { protocol, packetsPerS, lastError } = source;
    const label = { source: source.source };
    connected.set({ ...label, protocol }, source.connected ? 1 : 0);
    if (packetsPerS !== null) pace.set(label, packetsPerS);
    if (lastError !== null) errorAt.set(label, Date.parse(lastError.at) / 1_000);
    if (source.lastAt !== null) lastAt.set(label, Date.parse(source.lastAt) / 1_000);
  };
  const all = [...told, values, packets, rejections, balanced, gaps, holes, sessions, lag];
  const set = ({ source, canary, sequence, ...ledger }: Source) => {
    balanced.set({ source }, ledger.balanced ? 1 : 0);
    gaps.set({ source }, sequence.gaps);
    const { rejected, ...figures } = ledger.values;
    for (const [figure, count] of Object.entries(figures)) values.set({ source, figure }, count);
    const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0);
    values.set({ source, figure: 'rejected' }, refused);
    for (const [reason, count] of Object.entries(rejected)) rejections.set({ source, reason }, count);
    for (const [figure, count] of Object.entries(ledger.packets)) packets.set({ source, figure }, count);
    if (canary === null) return;
    holes.set({ source }, canary.holes);
    sessions.set({ source }, canary.sessionsLost);
    if (canary.lagMs !== null) lag.set({ source }, canary.lagMs / 1_000);
  };
  registerTogether(metrics, all, async () => {
    for (const source of await read()) {
      set(source);
      setGateway(source);
    }
  });
}
