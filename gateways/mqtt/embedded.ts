import type { EmbeddedBroker } from '#infra/embedded-broker.ts';
import type { Intake } from './intake.ts';
import type { FieldSide } from './field-side.ts';

/** The way in when the broker is ours: each publish is handed over before it is acknowledged (DESIGN §3). */
export function startEmbeddedSide(broker: EmbeddedBroker, intake: Intake): FieldSide {
  const attached = broker.attach(({ topic, bytes, qos, will, deniedTo }) =>
    intake.receive({ topic, bytes, deniedTo, unacknowledged: will || qos === 0 }),
  );
  return {
    status() {
      const { connections, packets, pausedConnections, oversizePackets, willsDropped, retainedRefused } =
        broker.status();
      const parts = [
        `embedded broker at ${broker.url}`,
        `${connections} connections`,
        `${packets} packets held`,
      ];
      if (pausedConnections > 0) parts.push(`${pausedConnections} connections wait`);
      if (oversizePackets > 0) parts.push(`${oversizePackets} packets were larger than we read`);
      if (retainedRefused > 0) parts.push(`${retainedRefused} retained messages were not kept`);
      return { connected: true, detail: parts.join(', '), dropped: willsDropped, canary: null };
    },
    [Symbol.asyncDispose]() {
      attached[Symbol.dispose]();
      return intake.drained();
    },
  };
}
