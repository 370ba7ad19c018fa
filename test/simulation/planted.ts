import type { MqttClient } from 'mqtt';
import type { deferAcknowledgements } from '#gateways/mqtt/deferred-ack.ts';
import type { JudgeState } from '#services/alarms/judge.ts';
import type { Queryable } from '#infra/postgres.ts';
import type { ReadingSink } from '#schemas/reading.ts';
import type { SpoolFile, SpoolFiles } from '#services/spool/files.ts';
import type { SpoolPublisher } from '#services/spool/shipper.ts';
import type { Interceptor } from './fake-database.ts';
import { affected, type Result } from './fake-store.ts';

/** A bug, put between parts of ours that have none: one of them is wrapped or replaced. */
export interface Plant {
  /** Between the gateway and the writer. */
  readonly sink?: (sink: ReadingSink) => ReadingSink;
  readonly deferAcknowledgements?: typeof deferAcknowledgements;
  /** What the acknowledgements see of mqtt.js. */
  readonly mqttClient?: (client: MqttClient) => MqttClient;
  /** Between the writer and the database. */
  readonly statement?: Interceptor;
  /** Between a gateway and the spool, the spool and its disk, the spool and the broker. */
  readonly spool?: (sink: ReadingSink) => ReadingSink;
  readonly files?: (files: SpoolFiles) => SpoolFiles;
  readonly publisher?: (publisher: SpoolPublisher) => SpoolPublisher;
  /** What a new leader of the alarms reads of the old one's states. */
  readonly alarmState?: (state: JudgeState) => JudgeState;
  /** What a leader asks before its transaction ends. */
  readonly fence?: (client: Queryable) => Promise<void>;
}

/** A bug by its name; a new one for every world, since some remember what they have seen. */
export interface PlantedBug {
  readonly name: string;
  readonly world: 'ingest' | 'alarms';
  readonly plant: () => Plant;
}

/** What the simulation must be able to find. */
export const plantedBugs: readonly PlantedBug[] = [
  { name: 'acknowledge before commit', world: 'ingest', plant: () => ({ sink: answeredAtOnce }) },
  {
    name: 'old acknowledgement after reconnect',
    world: 'ingest',
    plant: () => ({ mqttClient: blindToConnections }),
  },
  {
    name: 'newest arrival wins on redelivery',
    world: 'ingest',
    plant: () => ({ statement: instead('read-superseded', () => Promise.resolve(affected(0))) }),
  },
  {
    name: 'rejected packet never acknowledged',
    world: 'ingest',
    plant: () => ({
      sink: (sink) => ({
        write: (packet) => (packet.content.kind === 'refused' ? never() : sink.write(packet)),
      }),
    }),
  },
  { name: 'spool segment deleted before fsync', world: 'ingest', plant: deletedBeforeFsync },
  {
    name: 'spool segment deleted before acknowledgement',
    world: 'ingest',
    plant: () => ({ publisher: answeredWhenSent }),
  },
  { name: 'spool answers before fsync', world: 'ingest', plant: () => ({ files: neverSynced }) },
  { name: 'spool answers before its write', world: 'ingest', plant: () => ({ spool: answeredAtOnce }) },
  {
    name: 'commit reply lost and batch dropped',
    world: 'ingest',
    plant: () => ({ statement: instead('commit', (run) => run().catch(() => affected(0))) }),
  },
  {
    name: 'commit reply lost and batch counted again',
    world: 'ingest',
    plant: () => ({ statement: instead('claim-flush', (run) => run().then(() => affected(1))) }),
  },
  {
    name: 'ledger counted before commit',
    world: 'ingest',
    plant: () => ({ statement: aside('add-to-ledger') }),
  },
  {
    name: 'dirty bucket in another transaction',
    world: 'ingest',
    plant: () => ({ statement: aside('insert-dirty-buckets') }),
  },
  {
    name: 'sequence numbers in another transaction',
    world: 'ingest',
    plant: () => ({ statement: aside('hear-sequences') }),
  },
  {
    name: 'sequence numbers taken in another transaction',
    world: 'ingest',
    plant: () => ({ statement: aside('take-heard') }),
  },
  {
    name: 'sequence numbers merged by two at once',
    world: 'ingest',
    plant: () => ({ statement: instead('hold-sequences', heldByAll) }),
  },
  {
    name: 'out-of-order acknowledgement',
    world: 'ingest',
    plant: () => ({ deferAcknowledgements: acknowledgedWhenDone }),
  },
  {
    name: 'timer lost on takeover',
    world: 'alarms',
    plant: () => ({ alarmState: (state) => ({ ...state, dueMs: null }) }),
  },
  { name: 'leader without a fence', world: 'alarms', plant: () => ({ fence: () => Promise.resolve() }) },
];

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function aside(name: string): Interceptor {
  return (statement, run, database) => (statement.name === name ? database.aside(statement) : run());
}

function instead(
  name: string,
  other: (run: Parameters<Interceptor>[1]) => ReturnType<Interceptor>,
): Interceptor {
  return (statement, run) => (statement.name === name ? other(run) : run());
}

function heldByAll(): Promise<Result> {
  return Promise.resolve({ rows: [{ isHeld: true }], rowCount: 1 });
}

function answeredAtOnce(sink: ReadingSink): ReadingSink {
  return {
    write: (packet) => {
      void sink.write(packet).catch(() => undefined);
      return Promise.resolve();
    },
  };
}

/** One queue for all connections, and every one of them alive. */
function blindToConnections(client: MqttClient): MqttClient {
  const stream = { destroyed: false };
  return new Proxy(client, {
    get(target, property) {
      if (property === 'stream') return stream;
      return property === 'connected' ? true : (Reflect.get(target, property, target) as unknown);
    },
    set: (target, property, value) => Reflect.set(target, property, value, target),
  });
}

/** As deferAcknowledgements, without its queue: whoever is done first is acknowledged first. */
function acknowledgedWhenDone(
  client: MqttClient,
  handle: Parameters<typeof deferAcknowledgements>[1],
): ReturnType<typeof deferAcknowledgements> {
  const inside = client as unknown as {
    stream: { destroyed: boolean };
    _sendPacket: (packet: { cmd: string; messageId?: number }, sent?: () => void) => void;
  };
  const send = inside._sendPacket.bind(client);
  inside._sendPacket = (packet, sent) => (packet.cmd === 'puback' ? sent?.() : send(packet, sent));
  client.handleMessage = (packet, next) => {
    const { stream } = inside;
    const acknowledge = () => {
      if (inside.stream === stream && !stream.destroyed)
        send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
    };
    void whenDone(handle(packet), acknowledge);
    next();
  };
  return {
    status: () => ({ packets: 0, bytes: 0, dropped: 0, discarded: 0 }),
    drain: () => Promise.resolve(),
  };
}

async function whenDone(handled: Promise<void>, then: () => void): Promise<void> {
  await handled;
  then();
}

function answeredWhenSent(publisher: SpoolPublisher): SpoolPublisher {
  return {
    window: publisher.window,
    publish: (message) => {
      void publisher.publish(message).catch(() => undefined);
      return Promise.resolve();
    },
  };
}

function neverSynced(files: SpoolFiles): SpoolFiles {
  const unsynced = (file: SpoolFile): SpoolFile => ({ ...file, sync: () => Promise.resolve() });
  return {
    ...files,
    create: async (name) => unsynced(await files.create(name)),
    syncFolder: () => Promise.resolve(),
  };
}

/** A segment whose synced records are all acknowledged goes, though others are being added to it. */
function deletedBeforeFsync(): Plant {
  let underWay = 0;
  let acknowledged = 0;
  return {
    publisher: (publisher) => ({
      window: publisher.window,
      async publish(message) {
        underWay++;
        await publisher.publish(message).finally(() => underWay--);
        acknowledged++;
      },
    }),
    files: (files) => ({
      ...files,
      async create(name) {
        const file = await files.create(name);
        acknowledged = 0;
        const sync = async () => {
          if (underWay === 0 && acknowledged > 0) await files.remove(name);
          await file.sync();
        };
        return { ...file, sync };
      },
    }),
  };
}
