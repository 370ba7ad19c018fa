import type { Clock } from '#infra/clock.ts';
import type { Database } from '#infra/postgres.ts';
import type { Source } from '#schemas/api/ingest.ts';
import type { GatewayStatus } from '#schemas/gateway.ts';
import { emptyTally } from './ledger.ts';
import { describeSource } from './sources.ts';
import { readGatewayStates } from './store-gateways.ts';
import { readLedger } from './store-lists.ts';
import { readSequences } from './store-sequences.ts';
import type { WriterStatus } from './writer.ts';

export interface SourcesDeps {
  readonly db: Database;
  readonly clock: Clock;
  /** The gateways of this process. */
  readonly gateways: () => readonly GatewayStatus[];
  /** Null where this process has no writer. */
  readonly writer: { status(): WriterStatus } | null;
}

/** Every source with its ledger, as it stands now. */
export async function readSources({ db, clock, writer, gateways }: SourcesDeps): Promise<Source[]> {
  const ledger = await readLedger(db);
  const sequences = await readSequences(db, clock.nowMs());
  const states = Map.groupBy(await readGatewayStates(db), ({ source }) => source);
  const pending = writer?.status().pending;
  const own = new Map(gateways().map((gateway) => [gateway.source, gateway]));
  const names = new Set([...own.keys(), ...ledger.bySource.keys(), ...(pending?.keys() ?? [])]);
  return [...names].toSorted().map((source) =>
    describeSource({
      source,
      gateway: own.get(source) ?? null,
      states: states.get(source) ?? [],
      stored: ledger.of(source),
      pending: pending?.get(source) ?? emptyTally(),
      sequence: sequences.get(source) ?? { devices: 0, gaps: 0, repeats: 0 },
    }),
  );
}
