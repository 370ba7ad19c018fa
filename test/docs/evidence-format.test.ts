import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Measurement, Score, Total } from '#schemas/assessment.ts';
import { recordRuleSchema } from '#schemas/rubric-records.ts';
import type { Rubric, RubricItem } from '#schemas/rubric.ts';
import type { EvidenceBody } from '#services/assessment/evidence-body.ts';
import { derivations } from '#services/assessment/measures/derivations.ts';
import { parts } from '#services/assessment/measures/parts/derive.ts';
import { score, total } from '#services/assessment/score.ts';
import { canonical } from '#services/assessment/verifier/canonical.ts';
import { checkSignatures, isSignedHead } from '#services/assessment/verifier/chain-check.ts';
import { csvLine } from '#services/assessment/verifier/csv.ts';
import { factTables } from '#services/assessment/verifier/fact-tables.ts';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import { readManifest, type Head } from '#services/assessment/verifier/pack-form.ts';
import { bytesSource, textOf } from '#services/assessment/verifier/platform.ts';
import { isAsWritten, openArchive, readEntry } from '#services/assessment/verifier/zip-read.ts';
import { rootOf } from '#services/rollup/days.ts';
import { linkHash } from '#services/sealing/chain.ts';
import { makeAssessedPack } from '#test/kit/assessed-pack.ts';
import { hasPython, verifyIndependently } from '#test/kit/independent-verifier.ts';
import {
  chainIn,
  rechain,
  repack,
  setChain,
  setText,
  sign,
  textIn,
  unpack,
  type PackFiles,
} from '#test/kit/pack.ts';
import { createTestSigner } from '#test/kit/signer.ts';
import { readText, root } from '#test/kit/tree.ts';

interface Vectors {
  readonly canonical: { value: unknown; text: string }[];
  readonly links: { seq: number; prev: string; bodyText: string; body: string; hash: string }[];
  readonly key: { pem: string; keyId: string };
  readonly head: { content: string; signed: Head };
  readonly manifest: { text: string; signature: string };
  readonly day: {
    readings: { timeUs: number; value: number; quality: number }[];
    lines: string;
    digest: string;
    points: { key: string; digest: string }[];
    root: string;
  };
  /** The item is absent where the measure is the same whatever item it serves. */
  readonly derive: {
    title: string;
    item?: RubricItem;
    facts: { measure: string };
    measurement: Measurement;
  }[];
  readonly parts: { title: string; item: RubricItem; facts: unknown; measurement: Measurement }[];
  readonly scores: {
    title: string;
    item: RubricItem;
    measurement: Measurement;
    score: Pick<Score, 'points' | 'conventionPoints' | 'band'>;
  }[];
  readonly total: {
    rubricPoints: number;
    items: { id: string; points: number }[];
    scores: Score[];
    total: Total;
  };
  readonly archive: { base64: string; comment: string; files: Record<string, string> };
  readonly tables: { facts: object; files: Record<string, string> }[];
  readonly csv: { cells: (string | number | null)[]; line: string }[];
}

const anyItem = { id: '', bands: [], functions: [] } as unknown as RubricItem;
const recordRuleKinds = recordRuleSchema.options.map(({ shape }) => shape.kind.value);

const vectors = JSON.parse(readText('docs/evidence-vectors.json')) as Vectors;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('docs/evidence-vectors.json is what the code does', () => {
  test('canonical text, and the links of a journal', () => {
    for (const { value, text } of vectors.canonical) expect(canonical(value)).toBe(text);
    for (const { seq, prev, bodyText, body, hash } of vectors.links) {
      expect(sha256(bodyText)).toBe(body);
      expect(linkHash({ journal: 'evidence', seq, prev, body: bodyText })).toBe(hash);
    }
  });

  test('head and manifest with their signatures', () => {
    const { signature: _own, ...content } = vectors.head.signed;
    expect(canonical(content)).toBe(vectors.head.content);
    expect(isSignedHead(vectors.head.signed, vectors.key.pem, nodePlatform)).toBe(true);
    const { text, signature } = vectors.manifest;
    const manifest = readManifest(text);
    if ('zh' in manifest) throw new Error(manifest.en);
    expect(manifest.keyId).toBe(vectors.key.keyId);
    const signed = { manifestText: text, signatureText: `${signature}\n` };
    expect(checkSignatures(manifest, signed, nodePlatform)).toEqual([]);
    expect(checkSignatures(manifest, { ...signed, manifestText: `${text} ` }, nodePlatform)).toHaveLength(1);
  });

  test('the digest of a point and the root of a day', () => {
    const { readings, lines, digest, points } = vectors.day;
    const written = readings.map(
      ({ timeUs, value, quality }) => `${timeUs} ${canonical(value)} ${quality}\n`,
    );
    expect(written.join('')).toBe(lines);
    expect(sha256(lines)).toBe(digest);
    expect(rootOf(points.map(({ key, digest: hash }) => ({ key, sha256: hash })))).toBe(vectors.day.root);
  });

  test.each(vectors.derive)('a measurement out of facts: $title', ({ item, facts, measurement }) => {
    const derivation = derivations.get(facts.measure);
    expect(derivation?.derive(facts, item ?? anyItem)).toEqual(measurement);
  });

  test('a measurement of every measure and of every rule of registers', () => {
    const told = new Set(vectors.derive.map(({ facts }) => facts.measure));
    // The registry alone measures no item: it stands in the parts of others.
    expect([...told, 'parts', 'registry'].toSorted()).toEqual([...derivations.keys()].toSorted());
    const rules = vectors.derive.flatMap(({ item }) => item?.records?.kind ?? []);
    expect(new Set(rules)).toEqual(new Set(recordRuleKinds));
  });

  test.each(vectors.parts)('the parts of an item: $title', ({ item, facts, measurement }) => {
    expect(parts.derive(facts, item)).toEqual(measurement);
  });

  test.each(vectors.scores)('the score of $title', ({ item, measurement, score: expected }) => {
    const whole = {
      ...measurement,
      missing: [],
      sources: [],
      functions: measurement.functions?.map((state) => ({ ...state, reason: { zh: '', en: '' } })),
    };
    const texts = { condition: { zh: '', en: '' } };
    const worded = {
      ...item,
      bands: item.bands.map((band) => ({ ...band, ...texts })),
      perUnit: item.perUnit.map((part) => ({ ...part, ...texts })),
    };
    const { points, conventionPoints, band } = score(worded, whole);
    expect({ points, conventionPoints, band }).toEqual(expected);
  });

  test('a total', () => {
    const { rubricPoints, items, scores } = vectors.total;
    expect(total(scores, { points: rubricPoints, items } as unknown as Rubric)).toEqual(vectors.total.total);
  });

  test('the tables of an input', () => {
    for (const { facts, files } of vectors.tables) {
      expect(Object.fromEntries(factTables(facts).map(({ name, text }) => [name, text]))).toEqual(files);
    }
  });

  test('an archive and a line of a table', async () => {
    const { base64, comment, files } = vectors.archive;
    const bytes = Buffer.from(base64, 'base64');
    const archive = await openArchive(bytesSource(bytes), nodePlatform);
    if ('en' in archive) throw new Error(archive.en);
    expect(await isAsWritten(archive)).toBe(true);
    expect(bytes.subarray(-64).toString()).toBe(comment);
    for (const entry of archive.entries.values()) {
      expect(textOf((await readEntry(archive, entry)) ?? Buffer.alloc(0))).toBe(files[entry.path]);
    }
    for (const { cells, line } of vectors.csv) expect(csvLine(cells)).toBe(line);
  });
});

describe.skipIf(!hasPython)('a verifier written from the document alone', () => {
  let folder: string;
  let pack: Buffer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parkwatch-python-'));
    pack = await makeAssessedPack();
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function verdict(bytes: Uint8Array): Promise<string> {
    const file = join(folder, 'pack.zip');
    await writeFile(file, bytes);
    const { code, out } = await verifyIndependently(file);
    expect(code).toBe(out.endsWith('\nHOLDS\n') ? 0 : 1);
    return out;
  }

  async function edited(edit: (files: PackFiles) => void): Promise<string> {
    const files = unpack(pack);
    edit(files);
    return verdict(await repack(files));
  }

  test('gives every result of the vectors', async () => {
    expect(await verifyIndependently('--vectors', join(root, 'docs/evidence-vectors.json'))).toEqual({
      code: 0,
      out: 'HOLDS\n',
    });
  });

  test('finds an untouched pack whole', async () => {
    expect(await verdict(pack)).toMatch(/"maximum": 500[^]*\nHOLDS\n$/);
  });

  test('finds a changed byte, a row left out, two rows in another order, and an archive cut off', async () => {
    const record = [...unpack(pack).keys()].find((path) => path.startsWith('records/')) ?? '';
    const changed = await edited((files) =>
      setText(files, record, textIn(files, record).replace('"maximum":', '"maximum": ')),
    );
    expect(changed).toContain(`FAILED ${record} was changed`);
    expect(changed).toContain('is not the body that row 1 seals');
    expect(await edited((files) => setChain(files, chainIn(files).toSpliced(1, 1)))).toContain(
      'FAILED row 2 is numbered 3',
    );
    expect(await edited((files) => void files.delete(record))).toContain(`FAILED ${record} is missing`);
    const swapped = await edited((files) => {
      const [a, b, ...rest] = chainIn(files);
      if (a !== undefined && b !== undefined) setChain(files, [b, a, ...rest]);
    });
    expect(swapped).toContain('FAILED row 1 is numbered 2');
    expect(await verdict(pack.subarray(0, -100))).toContain('DOES NOT HOLD');
  });

  test('finds a figure that does not follow from the facts, of each measure, though the park signed it', async () => {
    const signer = await createTestSigner();
    const records = [...unpack(pack).keys()].filter((path) => path.startsWith('records/'));
    const byMeasure = new Map<string, string>();
    for (const path of records) {
      const body = JSON.parse(textIn(unpack(pack), path)) as EvidenceBody;
      byMeasure.set(body.versions.measure, path);
    }
    expect([...byMeasure.keys()].toSorted()).toEqual(
      [...derivations.keys()].filter((id) => id !== 'registry' && id !== 'parts').toSorted(),
    );
    const out = await edited((files) => {
      for (const path of byMeasure.values()) {
        const body = JSON.parse(textIn(files, path)) as EvidenceBody;
        const { population } = body.measurement;
        const measurement = { ...body.measurement, population: { ...population, of: population.of + 1 } };
        setText(files, path, canonical({ ...body, measurement }));
        const seq = Number(path.slice('records/'.length, -'.json'.length));
        const digest = sha256(textIn(files, path));
        setChain(
          files,
          chainIn(files).map((link) => (link.seq === seq ? { ...link, body: digest } : link)),
        );
      }
      rechain(files);
      sign(files, { signer, timeMs: 0 });
    });
    for (const path of byMeasure.values()) {
      const seq = Number(path.slice('records/'.length, -'.json'.length));
      expect(out).toContain(`FAILED row ${seq}: the measurement does not follow from the facts: population`);
    }
    expect(out).not.toContain('was changed');
    expect(out).not.toContain('signature');
  });
});
