import { Gauge } from 'prom-client';
import { registerTogether, type Metrics } from '#infra/metrics.ts';
import type { Gateway } from '#schemas/gateway.ts';
import type { Spool } from './spool.ts';

/** Figures of a box in the field: its spool, and each of its gateways. */
export function registerBoxMetrics(
  metrics: Metrics,
  { spool, gateways }: { readonly spool: Spool; readonly gateways: () => readonly Gateway[] },
): void {
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `parkwatch_${name}`, help, labelNames, registers: [] });
  const used = gauge('spool_used_bytes', 'Bytes that wait in the spool');
  const limit = gauge('spool_limit_bytes', 'What the spool may take of the disk');
  const corrupt = gauge('spool_corrupt', 'Stretches of damaged bytes that were skipped since the start');
  const refused = gauge('spool_refused_packets', 'Packets since the start that had nothing to send on');
  const rejected = gauge('spool_rejected_values', 'Values since the start that were rejected here', [
    'reason',
  ]);
  const connected = gauge('gateway_connected', 'Whether a gateway has its other side', [
    'source',
    'protocol',
  ]);
  const taken = gauge('gateway_packets', 'Packets of a gateway since the start that are on the disk', [
    'source',
  ]);
  const waiting = gauge('gateway_packets_waiting', 'Packets of a gateway that are not on the disk yet', [
    'source',
  ]);
  registerTogether(metrics, [used, limit, corrupt, refused, rejected, connected, taken, waiting], () => {
    const status = spool.status();
    used.set(status.usedBytes);
    limit.set(status.limitBytes);
    corrupt.set(status.corrupt);
    refused.set(status.refused);
    for (const [reason, count] of status.rejected) rejected.set({ reason }, count);
    for (const gateway of gateways()) {
      const told = gateway.status();
      const { source, protocol } = told;
      connected.set({ source, protocol }, told.connected ? 1 : 0);
      taken.set({ source }, told.packetsAcknowledged);
      waiting.set({ source }, told.packetsWaiting);
    }
    return Promise.resolve();
  });
}
