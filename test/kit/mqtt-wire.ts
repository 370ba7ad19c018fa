import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { createRequire } from 'node:module';
import type { IConnackPacket, Packet } from 'mqtt-packet';
import { inTime } from './events.ts';

const mqttPacket = createRequire(import.meta.url)('mqtt-packet') as typeof import('mqtt-packet');

/** A client that does exactly what it is told: the packets in, the packets out, and no rule of its own. */
export interface WireClient extends Disposable {
  readonly socket: Socket;
  readonly received: Packet[];
  send(packet: Packet): void;
  /** Message ids of the PUBACKs that have come, in order. */
  acks(): number[];
  /** Resolves when `condition` holds; checked after every packet. Rejects when the connection ends before. */
  until(condition: () => boolean): Promise<void>;
}

export interface WireOptions {
  readonly port: number;
  readonly clientId?: string;
  readonly keepalive?: number;
  readonly version?: 4 | 5;
  readonly username?: string;
  readonly password?: string;
  readonly will?: { readonly topic: string; readonly payload: string; readonly retain?: boolean };
}

/** Connects, sends CONNECT and waits for the answer, whatever it says. */
export async function connectWire(options: WireOptions): Promise<WireClient & { connack: IConnackPacket }> {
  const { port, version = 4, clientId = `wire-${Math.random()}`, keepalive = 0 } = options;
  const socket = connectTcp({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  const parser = mqttPacket.parser({ protocolVersion: version });
  const received: Packet[] = [];
  let ended = false;
  let waiting: { condition: () => boolean; resolve: () => void; reject: (error: Error) => void }[] = [];
  const check = () => {
    const met = waiting.filter(({ condition }) => condition());
    waiting = waiting.filter((one) => !met.includes(one));
    for (const { resolve } of met) resolve();
    if (ended) for (const { reject } of waiting.splice(0)) reject(new Error('connection ended'));
  };
  parser.on('packet', (packet: Packet) => {
    received.push(packet);
    check();
  });
  socket.on('data', (data) => parser.parse(data));
  socket.on('error', () => undefined);
  socket.on('close', () => {
    ended = true;
    check();
  });
  const until = (condition: () => boolean) =>
    inTime(
      new Promise<void>((resolve, reject) => {
        waiting.push({ condition, resolve, reject });
        check();
      }),
      () => `${String(condition)}; packets received: ${received.map(({ cmd }) => cmd).join(' ')}`,
    );
  const send = (packet: Packet) => socket.write(mqttPacket.generate(packet, { protocolVersion: version }));
  send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: version,
    clean: true,
    clientId,
    keepalive,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: Buffer.from(options.password) }),
    ...(options.will === undefined
      ? {}
      : {
          will: {
            topic: options.will.topic,
            payload: Buffer.from(options.will.payload),
            qos: 1,
            retain: options.will.retain ?? false,
          },
        }),
  });
  await until(() => received.length > 0);
  const connack = received[0] as IConnackPacket;
  return {
    socket,
    received,
    connack,
    send,
    until,
    acks: () => received.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId ?? 0] : [])),
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** A PUBLISH; QoS 1 with a message id, else QoS 0. */
export function publishOf(topic: string, payload: string | Buffer, messageId?: number): Packet {
  const qos = messageId === undefined ? 0 : 1;
  return {
    cmd: 'publish',
    topic,
    payload,
    qos,
    dup: false,
    retain: false,
    ...(messageId === undefined ? {} : { messageId }),
  };
}
