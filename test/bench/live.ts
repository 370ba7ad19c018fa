import { runBench, seconds } from './bench.ts';
import { drain } from './hold.ts';
import { openLiveClients } from './live-clients.ts';
import { openLoad } from './load/load.ts';
import { startBenchPark } from './park.ts';

/** `npm run bench:live`: how soon a packet is acknowledged and a screen shows it, at 20,000 readings/s. */
const readingsPerS = 20_000;
const values = 10;

await runBench(
  'live',
  (forS) => forS + 30,
  async (report, { seconds: forS, smoke }) => {
    const devices = smoke ? 20 : 1_000;
    const clients = smoke ? 2 : 20;
    await using park = await startBenchPark({ devices, rules: smoke ? 10 : 1_000 });
    await using live = await openLiveClients(park, { clients, devices });
    const [port, name] = [park.mqttPort, 'bench-live'];
    await using load = await openLoad({
      kind: 'open',
      port,
      parkId: 'demo',
      name,
      devices,
      values,
      connections: Math.min(100, devices),
      window: 500,
    });
    await load.tell({ kind: 'run', packetsPerS: (smoke ? 200 : readingsPerS) / values });
    await seconds(smoke ? 1 : 5);
    await load.tell({ kind: 'figures-and-clear' });
    await live.ask({ kind: 'clear' });
    await seconds(forS);
    const { latencyMs } = await load.tell({ kind: 'figures' });
    const shown = await live.ask({ kind: 'figures' });
    await drain(load);
    const told = ({ p50, p95, most }: { p50: number; p95: number; most: number }) =>
      `p50 ${p50}, p95 ${p95}, most ${most}`;
    report.add('publish -> PUBACK at 20,000 readings/s, p99', latencyMs.p99, {
      unit: 'ms',
      atMost: 50,
      detail: `${told(latencyMs)}; ${latencyMs.count} packets`,
    });
    report.add(`publish -> socket, ${clients} clients, p99`, shown.latencyMs.p99, {
      unit: 'ms',
      atMost: 250,
      detail: `${told(shown.latencyMs)}; ${shown.latencyMs.count} values`,
    });
    report.add('memory of the process, the most', park.memory()?.mostMib ?? null, {
      unit: 'MiB',
      atMost: 512,
    });
  },
);
