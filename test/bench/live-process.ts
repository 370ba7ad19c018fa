import { io } from 'socket.io-client';
import type { ReadingsFrame, SubscribeAnswer } from '#schemas/api/live.ts';
import type { LiveCommand, LiveFigures } from './live-clients.ts';
import { Histogram } from './load/histogram.ts';

/** Browsers, all of them in one process of their own: they subscribe and take note of when each value came. */
const latency = new Histogram();
let frames = 0;

function open({ url, token, points }: Extract<LiveCommand, { kind: 'open' }>): Promise<unknown> {
  return Promise.all(
    points.map(async (ofClient) => {
      const socket = io(`${url}/live`, { auth: { token }, transports: ['websocket'], forceNew: true });
      socket.on('readings', (frame: ReadingsFrame) => {
        frames++;
        const nowMs = Date.now();
        for (const timeMs of frame.t) latency.add(nowMs - timeMs);
      });
      const answer = (await socket.emitWithAck('subscribe', { points: ofClient })) as SubscribeAnswer;
      if (!answer.ok) throw new Error(answer.detail);
    }),
  );
}

process.on('message', (command: LiveCommand) => {
  void (async () => {
    if (command.kind === 'open') await open(command);
    const figures: LiveFigures = { frames, latencyMs: latency.percentiles() };
    if (command.kind !== 'figures') latency.clear();
    process.send?.(figures);
  })();
});
process.on('disconnect', () => process.exit());
