import type { Socket as NetSocket } from 'node:net';
import { expect, it } from 'vitest';
import { until } from '#test/kit/events.ts';
import { collect, createLivePark, subscribe, type Client } from './live-park.ts';

/** Three points each: 4,998 points, a frame of about 150 KB. */
const gasMeters = 1_666;
/** Together far more than the socket buffers of the system take. */
const frames = 200;

/** The TCP connection beneath a client. */
function netSocket(client: Client): NetSocket {
  const { transport } = client.io.engine as unknown as { transport: { ws: { _socket: NetSocket } } };
  return transport.ws._socket;
}

it('pump() sends a slow client fewer frames with the newest values, and queues nothing for it', async () => {
  await using park = await createLivePark({ gasMeters });
  const points = Array.from({ length: gasMeters }, (_, i) => park.directory.ofDevice(`gm-${i + 1}`)).flat();
  const keys = points.map((point) => `${point.deviceId}.${point.metric}`);
  const clients = [await park.connect('viewer_quick'), await park.connect('viewer_slow')] as const;
  for (const client of clients) expect((await subscribe(client, { points: keys })).ok).toBe(true);
  const [quick, slow] = clients.map((client) => collect(client, 'readings'));
  netSocket(clients[1]).pause();
  for (let n = 1; n <= frames; n++) {
    park.bus.publish('readings', {
      pointIds: points.map((point) => point.pointId),
      timesMs: points.map(() => n),
      values: points.map(() => n),
      qualities: points.map(() => 0),
    });
    await park.clock.advance(100);
    await until(() => quick?.length === n, `frame ${n} at the quick client`);
  }
  netSocket(clients[1]).resume();
  await until(async () => {
    await park.clock.advance(100);
    return slow?.at(-1)?.v.at(-1) === frames;
  }, 'the newest value at the slow client');
  // What was queued would arrive now, as frames of its own.
  expect(slow?.length).toBeLessThan(frames / 2);
  expect(new Set(slow?.at(-1)?.v)).toEqual(new Set([frames]));
});
