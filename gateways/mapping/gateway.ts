import { lineOf, say } from '#schemas/phrases.ts';
import { join } from 'node:path';
import type { EmbeddedBroker } from '#infra/embedded-broker.ts';
import { toGateway, type MqttGateway, type MqttGatewayOptions } from '../mqtt/gateway.ts';
import { startExternalSide } from '../mqtt/external.ts';
import type { FieldSide } from '../mqtt/field-side.ts';
import { createIntake, type Intake } from '../mqtt/intake.ts';
import { applyMappings } from './apply.ts';
import type { MappingBook } from './book.ts';
import { sessionMemory } from './session-memory.ts';

/** The ledger's key of everything that comes in through mappings. */
export const mappingSource = 'mqtt-mapping';

export interface MappingGatewayOptions extends MqttGatewayOptions {
  readonly book: MappingBook;
  /** Where an external broker's session is remembered, DATA_DIR. */
  readonly dataDir: string;
}

/**
 * Starts taking the topics of the mappings, and those of later mappings as the book changes. An acknowledgement waits
 * until everything that the message said is durable, as for native topics.
 * @throws ConfigError when the certificate authority of an external broker cannot be read
 */
export function startMappingGateway(options: MappingGatewayOptions): Promise<MqttGateway> {
  const { parkId, sink, clock, log, book } = options;
  const intake = createIntake({
    source: mappingSource,
    parkId,
    sink,
    clock,
    log,
    read: (message) => applyMappings(book.current(), message),
  });
  const gateway = toGateway({ source: mappingSource, intake, side: startSide(options, intake), clock });
  return Promise.resolve({
    status() {
      const status = gateway.status();
      const trouble = book.trouble();
      const said = [
        ...(status.said ?? []),
        say('mappings', { count: book.current().mappings.length }),
        ...(trouble === null ? [] : [say('file-not-in-force', { text: trouble })]),
      ];
      return { ...status, said, detail: lineOf(said) };
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  });
}

function startSide(options: MappingGatewayOptions, intake: Intake): FieldSide {
  const { config, parkId, clock, log, broker, instance = 1, book, dataDir, hadSession } = options;
  if (config.url === undefined) {
    if (broker === undefined) throw new Error('without MQTT_URL the gateway needs the embedded broker');
    return attach(broker, intake);
  }
  return startExternalSide({
    config,
    url: config.url,
    parkId,
    clock,
    log,
    intake,
    identity: { name: 'mapping', instance },
    hadSession,
    // The group is the park's own, for a vendor's topic does not name the park. Nothing retained is wanted: how old it
    // would be nobody could say.
    wanted: () => ({ filters: book.current().filters, retained: [] }),
    group: `parkwatch-${parkId}`,
    onFiltersChanged: (listener) => book.onChange(listener),
    memory: sessionMemory(join(dataDir, `mapping-session-${instance}.json`), log),
  });
}

function attach(broker: EmbeddedBroker, intake: Intake): FieldSide {
  const attached = broker.attachMapped(({ topic, bytes, qos, will, clientId, deniedTo }) =>
    intake.receive({ topic, bytes, clientId, deniedTo, unacknowledged: will || qos === 0 }),
  );
  return {
    status: () => ({
      connected: true,
      said: [say('broker-embedded', { url: broker.url })],
      dropped: 0,
      canary: null,
    }),
    [Symbol.asyncDispose]() {
      attached[Symbol.dispose]();
      return intake.drained();
    },
  };
}
