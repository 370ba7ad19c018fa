import { createRequire } from 'node:module';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Packet } from 'mqtt-packet';
import { inTime } from './events.ts';

const mqttPacket = createRequire(import.meta.url)('mqtt-packet') as typeof import('mqtt-packet');

export interface ScriptedConnection {
  readonly received: Packet[];
  /** Message ids of the PUBACKs that have come, in order. */
  acks(): number[];
  publish(topic: string, payload: string, messageId?: number): void;
  send(packet: Packet): void;
  cut(): void;
}

/** An MQTT 5 broker that accepts everything and otherwise sends only what the test says. */
export interface ScriptedBroker extends AsyncDisposable {
  readonly url: string;
  readonly connections: ScriptedConnection[];
  /** Resolves when `condition` holds; checked after every packet. */
  until(condition: () => boolean): Promise<void>;
}

export async function startScriptedBroker(): Promise<ScriptedBroker> {
  const connections: ScriptedConnection[] = [];
  const sockets = new Set<Socket>();
  let waiting: { condition: () => boolean; resolve: () => void }[] = [];
  const check = () => {
    const met = waiting.filter(({ condition }) => condition());
    waiting = waiting.filter((one) => !met.includes(one));
    for (const { resolve } of met) resolve();
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const connection = serve(socket, connections.length > 0, check);
    connections.push(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    until: (condition) =>
      inTime(
        new Promise((resolve) => {
          waiting.push({ condition, resolve });
          check();
        }),
        () =>
          `${String(condition)}; packets received ${connections.map(({ received }) => received.length).join(' + ')}`,
      ),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(socket: Socket, sessionPresent: boolean, check: () => void): ScriptedConnection {
  const received: Packet[] = [];
  const send = (packet: Packet) => socket.write(mqttPacket.generate(packet, { protocolVersion: 5 }));
  const parser = mqttPacket.parser({ protocolVersion: 5 });
  parser.on('packet', (packet: Packet) => {
    received.push(packet);
    if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent });
    if (packet.cmd === 'pingreq') send({ cmd: 'pingresp' });
    if (packet.cmd === 'subscribe') {
      send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
    }
    if (packet.cmd === 'publish' && packet.qos === 1) {
      send({ cmd: 'puback', messageId: packet.messageId ?? 0, reasonCode: 0 });
    }
    check();
  });
  socket.on('data', (data) => parser.parse(data));
  return {
    received,
    send,
    acks: () => received.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId ?? 0] : [])),
    publish(topic, payload, messageId) {
      const id = messageId === undefined ? {} : { messageId };
      const qos = messageId === undefined ? 0 : 1;
      send({ cmd: 'publish', topic, payload, qos, dup: false, retain: false, ...id });
    },
    cut: () => socket.destroy(),
  };
}
