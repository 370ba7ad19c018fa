import type { Queryable } from '#infra/postgres.ts';
import type { FoundMeasure } from '#schemas/rubric-proof.ts';
import type { RubricItem } from '#schemas/rubric.ts';
import { collectOnce, factsHead, type CollectRequest, type Collector } from '../../collect.ts';
import type { Facts } from '../../measure.ts';
import { environmentMonitoringCollector } from '../environment-monitoring/collect.ts';
import { functionsCollector } from '../functions/collect.ts';
import type { FunctionsFacts } from '../functions/facts.ts';
import { recordsCollector } from '../records/collect.ts';
import { registryCollector } from '../registry/collect.ts';
import { remoteMeteringCollector } from '../remote-metering/collect.ts';
import { spaceCoverageCollector } from '../space-coverage/collect.ts';
import { videoQualityCollector } from '../video-quality/collect.ts';
import { videoRetentionCollector } from '../video-retention/collect.ts';
import { parts } from './derive.ts';
import { givenOf, isFoundProof, questionOf, type FoundQuestion, type PartsFacts } from './facts.ts';

const collectors: Readonly<Record<FoundMeasure, Collector>> = {
  'remote-metering': remoteMeteringCollector,
  'video-retention': videoRetentionCollector,
  'video-quality': videoQualityCollector,
  'environment-monitoring': environmentMonitoringCollector,
  'space-coverage': spaceCoverageCollector,
  registry: registryCollector,
  records: recordsCollector,
};

export const partsCollector: Collector = {
  id: parts.id,
  perItem: true,
  async collect(db, request, item): Promise<PartsFacts> {
    const functionFacts = (await functionsCollector.collect(db, request, item)) as FunctionsFacts;
    const inputs = new Inputs(db, request);
    const found: PartsFacts['found'][number][] = [];
    for (const { part, proof } of foundProofs(item)) {
      const given = givenOf(item, proof);
      found.push({
        part,
        input: await inputs.placeOf(questionOf(item, proof)),
        given: given === null ? null : await inputs.placeOf(given),
      });
    }
    return { ...functionFacts, ...factsHead(parts, request), item: item.id, inputs: inputs.facts, found };
  },
};

const foundProofs = ({ functions }: RubricItem) =>
  functions.flatMap(({ id, proofs = [] }) =>
    proofs.filter(isFoundProof).map((proof) => ({ part: id, proof })),
  );

/** Facts of other measures, each question asked once. */
class Inputs {
  readonly facts: Facts[] = [];
  readonly #places = new Map<string, number>();
  readonly #db: Queryable;
  readonly #request: CollectRequest;

  constructor(db: Queryable, request: CollectRequest) {
    this.#db = db;
    this.#request = request;
  }

  async placeOf({ measure, item }: FoundQuestion): Promise<number> {
    const { coverage, registry, records } = item;
    const key = JSON.stringify([measure, coverage ?? registry ?? records ?? null]);
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.facts.length;
    this.facts.push(await collectOnce(this.#db, this.#request, { collector: collectors[measure], item }));
    this.#places.set(key, place);
    return place;
  }
}
