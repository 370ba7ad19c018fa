import type { Gap } from '#schemas/api/gaps.ts';
import type { MeasuredItem } from '../assess.ts';
import { attestation } from '../measures/attestation/derive.ts';
import type { FunctionsFacts, ProofFacts } from '../measures/functions/facts.ts';
import { functionEffort } from './effort.ts';
import { emptyGap } from './gap.ts';
import { supposedFunctions } from './suppose.ts';

/** An event that would prove a function of an item: asked of the store when it was seen last. */
export interface MissedEvent {
  readonly item: string;
  readonly function: string;
  readonly classes: readonly string[];
  readonly types: readonly string[];
}

/** The local day on which it was seen last, by `item function`. */
export type LastSeen = ReadonlyMap<string, string>;
export const seenKey = ({ item, function: id }: Pick<MissedEvent, 'item' | 'function'>): string =>
  `${item} ${id}`;

/** Missing functions of an item that is measured: what a claim leaves out is claimed, not exercised. */
export const missingOf = ({ measurement, claims, derivation }: MeasuredItem): Set<string> =>
  new Set(
    claims !== null || derivation.id === attestation.id
      ? []
      : (measurement.functions ?? []).filter(({ state }) => state === 'missing').map(({ id }) => id),
  );

/** The events that are missed in the run. */
export function missedEvents(measured: readonly MeasuredItem[]): MissedEvent[] {
  return measured.flatMap((entry) => {
    const missing = missingOf(entry);
    return entry.item.functions
      .filter(({ id }) => missing.has(id))
      .flatMap(({ id, proofs = [] }) =>
        proofs.flatMap((proof) =>
          proof.kind === 'event'
            ? [{ item: entry.item.id, function: id, classes: proof.classes, types: proof.types }]
            : [],
        ),
      );
  });
}

/** Functions that nothing proves, with what one of them would bring. Pure. */
export function functionGaps(entry: MeasuredItem, lastSeen: LastSeen): Gap[] {
  const names = new Map(entry.item.functions.map(({ id, name }) => [id, name]));
  const missing = missingOf(entry);
  const single = [...missing].flatMap((id): Gap[] => {
    const after = supposedFunctions(entry, new Set([id]));
    if (after === null) return [];
    return [
      {
        ...emptyGap(entry, after),
        kind: 'function',
        function: id,
        functionName: names.get(id) ?? { zh: id, en: id },
        lastSeen: lastSeen.get(seenKey({ item: entry.item.id, function: id })) ?? null,
        effort: functionEffort(isReportable(entry, id)),
      },
    ];
  });
  return [...single, ...together(entry, missing, single)];
}

/** Names that are told of several functions. */
const namesMost = 5;

/** All of them, where that brings more than any one: what is asked whole is not earned by a part. */
function together(entry: MeasuredItem, missing: ReadonlySet<string>, single: readonly Gap[]): Gap[] {
  const after = missing.size < 2 ? null : supposedFunctions(entry, missing);
  if (after === null) return [];
  const gap = emptyGap(entry, after);
  if (single.some(({ gain }) => gain >= gap.gain)) return [];
  const named = entry.item.functions.filter(({ id }) => missing.has(id)).slice(0, namesMost);
  const efforts = [...missing].map((id) => functionEffort(isReportable(entry, id)));
  return [
    {
      ...gap,
      kind: 'functions',
      functionName: {
        zh: named.map(({ name }) => name.zh).join('、'),
        en: named.map(({ name }) => name.en).join(', '),
      },
      count: missing.size,
      effort: efforts.reduce((sum, effort) => sum + effort, 0),
    },
  ];
}

/** Whether anything in service could report the function; true where the facts do not say. */
function isReportable({ facts }: MeasuredItem, id: string): boolean {
  const { functions = [] } = facts as Partial<FunctionsFacts>;
  const proofs = functions.find((entry) => entry.id === id)?.proofs;
  return proofs === undefined || proofs.some(hasReporter);
}

function hasReporter(proof: ProofFacts): boolean {
  switch (proof.kind) {
    case 'live':
      return proof.candidates.length > 0;
    case 'state':
    case 'due':
      return proof.devices.length > 0;
    case 'rule':
      return true;
    case 'publication':
      return proof.displays.length > 0;
    case 'event':
      return proof.suitable > 0;
    default:
      // Alarms, commands and messages are ours to try.
      return true;
  }
}
