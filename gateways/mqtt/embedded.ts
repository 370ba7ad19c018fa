import type { EmbeddedBroker } from '#infra/embedded-broker.ts';
import { say } from '#schemas/phrases.ts';
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
      const said = [
        say('broker-embedded', { url: broker.url }),
        say('connections', { count: connections }),
        say('packets-held', { count: packets }),
      ];
      if (pausedConnections > 0) said.push(say('connections-wait', { count: pausedConnections }));
      if (oversizePackets > 0) said.push(say('packets-oversize', { count: oversizePackets }));
      if (retainedRefused > 0) said.push(say('retained-refused', { count: retainedRefused }));
      return { connected: true, said, dropped: willsDropped, canary: null };
    },
    [Symbol.asyncDispose]() {
      attached[Symbol.dispose]();
      return intake.drained();
    },
  };
}
