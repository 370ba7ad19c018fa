import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendJournal } from '#infra/journal.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import type { EvidenceBody } from '#services/assessment/evidence-body.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { preparePack } from '#services/assessment/pack/pack.ts';
import { canonical } from '#services/assessment/verifier/canonical.ts';
import { nodePlatform } from '#services/assessment/verifier/node-platform.ts';
import { createBrowserPlatform } from '#services/assessment/verifier/page/browser-platform.ts';
import type { ChainLink, Head } from '#services/assessment/verifier/pack-form.ts';
import { bytesSource, sha256 } from '#services/assessment/verifier/platform.ts';
import { reportText } from '#services/assessment/verifier/report.ts';
import { verifyPack } from '#services/assessment/verifier/verify.ts';
import { loadSigner, type Signer } from '#services/sealing/signing.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark, sealAll } from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import {
  chainIn,
  manifestIn,
  packBytes,
  rechain,
  repack,
  setChain,
  setText,
  sign,
  textIn,
  unpack,
  verdictOf,
  type PackFiles,
} from '#test/kit/pack.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let signer: Signer;
/** The pack, and a head as a witness saw it one day before the pack was made. */
let bytes: Buffer;
let witness: string;

beforeAll(async () => {
  database = stack.use(await createTestDatabase());
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-verify-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const db = database.pool;
  await insertAssessedPark(db);
  signer = await loadSigner(join(folder, 'key.pem'));
  const deps = assessmentDeps({ db, clock, signer });
  const rubric = rubrics.get('chengdu-2021');
  if (rubric === undefined) throw new Error('no rubric');
  // Three items whose park is made here; the others would only be more of the same.
  const items = rubric.items.filter(({ measure }) =>
    ['remote-metering', 'video-retention', 'environment-monitoring'].includes(measure ?? ''),
  );
  const period = {
    fromMs: Date.parse(assessedPeriod.from),
    toMs: Date.parse(assessedPeriod.to),
    timeZone: 'Asia/Shanghai',
  };
  const store = async () => {
    const run = await assess(db, { rubric, ...period, asOfMs: clock.nowMs() });
    const measured = run.measured.filter(({ item }) => items.includes(item));
    const maker = { parkId: 'demo', program: '0.0.0-test', actor: 'eva' };
    await storeEvidence(db, { ...run, measured }, maker);
    await sealAll(db, clock);
  };
  await store();
  // A row of something else between: it is in the chain by its digest alone.
  await appendJournal(db, 'evidence', { other: true });
  await sealAll(db, clock);
  const { rows } = await db.query<{ seq: number; hash: string }>(
    `select seq, hash from journal where journal = 'evidence' order by seq desc limit 1`,
  );
  const seen = rows[0] ?? { seq: 0, hash: '' };
  witness = JSON.stringify(signer.signHead({ journal: 'evidence', ...seen }, clock.nowMs()));
  await clock.advance(86_400_000);
  await store();
  const request = { rubricId: 'chengdu-2021', period: null, patienceMs: 0 };
  bytes = await packBytes(await preparePack(deps, request));
});
afterAll(() => stack.disposeAsync());

/** An edit by somebody who packs the archive anew in its right form, but has no key. */
async function edited(edit: (files: PackFiles) => void): Promise<Buffer> {
  const files = unpack(bytes);
  edit(files);
  return repack(files);
}

/** An edit by the park itself, which lists and signs everything again. */
function resigned(edit: (files: PackFiles) => void): Promise<Buffer> {
  return edited((files) => {
    edit(files);
    sign(files, { signer, timeMs: clock.nowMs() });
  });
}

function replaceIn(files: PackFiles, path: string, [from, to]: readonly [string, string]): void {
  const text = textIn(files, path);
  expect(text).toContain(from);
  setText(files, path, text.replace(from, to));
}

/** A body is edited, its row and all after it are hashed again. */
function rewriteBody(files: PackFiles, seq: number, change: readonly [string, string]): void {
  const path = `records/0000000${seq}.json`;
  replaceIn(files, path, change);
  const body = sha256(nodePlatform, textIn(files, path));
  setChain(
    files,
    chainIn(files).map((link) => (link.seq === seq ? { ...link, body } : link)),
  );
  rechain(files);
}

async function english(pack: Uint8Array, options?: { witness?: string }): Promise<string> {
  return reportText(await verdictOf(pack, options), 'en');
}

async function sees(pack: Buffer, sentence: string): Promise<void> {
  expect(pack.equals(bytes)).toBe(false);
  const verdict = await verdictOf(pack);
  expect(verdict.holds, sentence).toBe(false);
  expect(reportText(verdict, 'en')).toContain(sentence);
}

describe('verifyPack() of an untouched pack', () => {
  test('holds, with a verdict for every item in both languages, the total and the demo mark', async () => {
    const verdict = await verdictOf(bytes);
    expect(verdict.findings).toEqual([]);
    expect(verdict.holds).toBe(true);
    // Three items of the second run; the first run and the foreign row are links.
    expect(verdict.rows).toBe(7);
    expect(verdict.records.map(({ seq }) => seq)).toEqual([5, 6, 7]);
    const report = reportText(verdict, 'en');
    expect(report).toContain('✓ #7 operation.property.remote-metering Remote meter reading');
    expect(report).toContain('Computed anew: 1–2 of 3 points (1.5 by convention)');
    expect(report).toContain('DEMO: the data of 1 members are not from the field');
    expect(report).toMatch(/Computed anew: [\d.]+(–[\d.]+)? of 500 points, 49\d undetermined/);
    expect(reportText(verdict, 'zh')).toContain('校验通过：3 条证据');
  });

  test('says the same in a browser as in Node', async () => {
    const inBrowser = await verifyPack(bytesSource(bytes), createBrowserPlatform(), { witness });
    expect(inBrowser).toEqual(await verdictOf(bytes, { witness }));
    expect(inBrowser.holds).toBe(true);
  });

  test('holds under the key id that the park published, and not under another', async () => {
    expect((await verdictOf(bytes, { keyId: signer.keyId })).holds).toBe(true);
    expect((await verdictOf(bytes, { keyId: '0123456789abcdef' })).holds).toBe(false);
  });

  test('is packed again from its files to the same bytes', async () => {
    expect((await repack(unpack(bytes))).equals(bytes)).toBe(true);
  });
});

describe('verifyPack() sees an edit of', () => {
  test('a byte of a body, and names file and row', async () => {
    const pack = await edited((files) => {
      replaceIn(files, 'records/00000005.json', ['"maximum":2', '"maximum":3']);
    });
    await sees(pack, 'records/00000005.json (row 5) is not the one of the signed manifest');
    await sees(pack, 'The body (records/00000005.json) is not the one that row 5 of the journal seals');
  });

  test('a byte of an input, and names the file and the record that rests on it', async () => {
    const { inputs } = JSON.parse(textIn(unpack(bytes), 'records/00000005.json')) as EvidenceBody;
    const path = `inputs/${inputs.find(({ name }) => name === 'facts')?.sha256}.json`;
    const pack = await edited((files) => replaceIn(files, path, ['2851200', '2851201']));
    await sees(pack, `${path} is not the one of the signed manifest`);
    await sees(pack, '✗ #5');
    await sees(pack, `the input ${path} is not the one that was sealed`);
  });

  test('a table, the printed report, the workbook, a name in the members of a row', async () => {
    for (const path of ['scores.csv', 'report.pdf', 'report.xlsx', 'population/00000007.csv']) {
      const pack = await edited((files) => {
        const content = Buffer.from(files.get(path) ?? []);
        content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
        files.set(path, content);
      });
      await sees(pack, path);
    }
  });

  test('a pack that another program packed anew: what was changed, left out or added is named all the same', async () => {
    const files = unpack(bytes);
    const anew = () => Buffer.from(zipSync(Object.fromEntries(files)));
    await sees(anew(), 'no file has another content: packed anew, or damaged');
    replaceIn(files, 'records/00000005.json', ['"maximum":2', '"maximum":3']);
    files.delete('records/00000006.json');
    setText(files, 'readme.txt', 'x');
    await sees(anew(), 'records/00000005.json (row 5) is not the one of the signed manifest');
    await sees(anew(), 'records/00000006.json (row 6) is missing');
    await sees(anew(), 'readme.txt is not in the manifest: it was added');
    const inBrowser = await verifyPack(bytesSource(anew()), createBrowserPlatform());
    expect(inBrowser).toEqual(await verdictOf(anew()));
    expect(reportText(inBrowser, 'zh')).toContain('records/00000006.json（第 6 行）缺失');
  });

  test('an input that is left out: in words of either language', async () => {
    const { inputs } = JSON.parse(textIn(unpack(bytes), 'records/00000005.json')) as EvidenceBody;
    const path = `inputs/${inputs.find(({ name }) => name === 'facts')?.sha256}.json`;
    const pack = await edited((files) => void files.delete(path));
    await sees(pack, `It cannot be computed anew: the input ${path} is missing or cannot be read`);
    expect(reportText(await verdictOf(pack), 'zh')).toContain(`无法重新计算：输入 ${path} 缺失或无法读取`);
  });

  test('a file that is left out, or added', async () => {
    await sees(
      await edited((files) => void files.delete('records/00000006.json')),
      'records/00000006.json (row 6) is missing',
    );
    const input = [...unpack(bytes).keys()].find((path) => path.startsWith('inputs/')) ?? '';
    await sees(await edited((files) => void files.delete(input)), `${input} is missing`);
    await sees(
      await edited((files) => setText(files, 'readme.txt', 'x')),
      'readme.txt is not in the manifest: it was added',
    );
  });

  test('the rows of the chain: one removed in the middle, at the end, at the beginning', async () => {
    for (const index of [4, 6, 0]) {
      const pack = await edited((files) => setChain(files, chainIn(files).toSpliced(index, 1)));
      await sees(pack, index === 6 ? 'The signed head is not the last row' : 'a row was removed');
      await sees(pack, 'chain.ndjson is not the one of the signed manifest');
    }
  });

  test('their order', async () => {
    const swapped = (renumbered: boolean) =>
      edited((files) => {
        const chain = chainIn(files);
        const [a, b] = [chain[4], chain[5]] as [ChainLink, ChainLink];
        const pair = renumbered
          ? [
              { ...b, seq: 5 },
              { ...a, seq: 6 },
            ]
          : [b, a];
        setChain(files, chain.toSpliced(4, 2, ...pair));
      });
    await sees(await swapped(false), 'Row 5 is numbered 6: a row was removed, inserted or moved');
    await sees(
      await swapped(true),
      'The hash of row 5 does not follow from its content and the row before it',
    );
  });

  test('two records that change places', async () => {
    const pack = await edited((files) => {
      const [a, b] = ['records/00000005.json', 'records/00000006.json'];
      const first = textIn(files, a ?? '');
      setText(files, a ?? '', textIn(files, b ?? ''));
      setText(files, b ?? '', first);
    });
    await sees(pack, 'The body (records/00000005.json) is not the one that row 5 of the journal seals');
  });

  test('a signature, of the head and of the manifest', async () => {
    const set = (change: (files: PackFiles) => void) => edited(change);
    const manifest = (edit: (own: Record<string, unknown>) => void) =>
      set((files) => {
        const own = { ...manifestIn(files) } as Record<string, unknown>;
        edit(own);
        setText(files, 'manifest.json', `${canonical(own)}\n`);
      });
    await sees(
      await manifest(
        (own) => void (own['head'] = { ...(own['head'] as Head), time: '2025-12-31T00:00:00.000Z' }),
      ),
      'The signature of the head is wrong',
    );
    await sees(
      await manifest((own) => void (own['exportedAt'] = '2025-12-31T00:00:00.000Z')),
      'The signature of the manifest is wrong',
    );
    await sees(
      await set((files) => replaceIn(files, 'manifest.sig', ['==\n', '=\n'])),
      'The signature of the manifest is wrong',
    );
    await sees(await manifest((own) => void (own['keyId'] = '0'.repeat(16))), 'The key id does not belong');
  });

  test('the form of the manifest: white space, a repeated key, an unknown field, another format', async () => {
    const changed = (change: readonly [string, string]) =>
      edited((files) => replaceIn(files, 'manifest.json', change));
    await sees(await changed(['{', '{ ']), 'not the canonical form');
    await sees(await changed(['"park":"demo"', '"park":"x","park":"demo"']), 'not the canonical form');
    await sees(await changed(['"park":"demo"', '"note":"","park":"demo"']), 'no manifest of the form');
    await sees(await changed(['evidence-pack-v2', 'evidence-pack-v9']), 'no manifest of the form');
    await sees(await edited((files) => void files.delete('manifest.json')), 'The manifest or its signature');
  });
});

describe('verifyPack() of a pack that the park itself signed again', () => {
  test('sees a score that does not follow from the inputs', async () => {
    const pack = await resigned((files) =>
      rewriteBody(files, 5, ['"points":{"max":2,"min":2}', '"points":{"max":1,"min":1}']),
    );
    expect(await english(pack)).toContain('The score does not follow from the measurement');
  });

  test('sees a decision on points that are exact, or outside the range', async () => {
    const decided = '"decided":{"at":"2026-01-05T00:00:00.000Z","by":"eva","points":1,"reason":"x"},"demo"';
    for (const seq of [5, 6, 7]) {
      const pack = await resigned((files) => rewriteBody(files, seq, ['"demo"', decided]));
      const record = (await verdictOf(pack)).records.find((each) => each.seq === seq);
      const points = record?.score?.points;
      // One point lies in the range of 1 to 2 only: the others leave none, or another.
      const fits = points?.min === 1 && points.max === 2;
      const found = JSON.stringify(record?.findings).includes('What was decided');
      expect(found, record?.body?.item).toBe(!fits);
    }
  });

  test('sees a measurement, a demo mark, a period, points and a measure that do not', async () => {
    for (const [from, to, sentence] of [
      ['"counted":3', '"counted":4', 'The measurement does not follow from the inputs'],
      ['"demo":true', '"demo":false', 'The demo mark does not follow from the inputs'],
      ['"simulated":1', '"simulated":2', 'The provenance does not follow from the inputs'],
      ['"from":"2026-01-02', '"from":"2026-01-01', 'The period is not that of the inputs'],
      ['"maximum":3', '"maximum":30', 'Clause, name or points are not those of the rubric'],
      ['"measureVersion":1', '"measureVersion":9', 'this verifier does not know remote-metering version 9'],
    ] as const) {
      const pack = await resigned((files) => rewriteBody(files, 7, [from, to]));
      expect((await verdictOf(pack)).holds).toBe(false);
      expect(await english(pack)).toContain(sentence);
    }
  });

  test('sees tables that do not follow from what was sealed', async () => {
    const scores = await resigned((files) => replaceIn(files, 'scores.csv', ['measured', 'attested']));
    expect(await english(scores)).toContain('scores.csv does not follow from the records');
    const members = await resigned((files) =>
      replaceIn(files, 'population/00000007.csv', ['not-counted', 'counted']),
    );
    expect(await english(members)).toContain('population/00000007.csv does not follow from the inputs');
  });

  test('sees a table of an input that was edited, left out, or follows from none', async () => {
    const tableIn = (files: PackFiles) =>
      [...files.keys()].find((path) => path.endsWith('/00-facts.csv')) ?? '';
    const follows = /tables\/[0-9a-f]{64}\/00-facts\.csv does not follow from the inputs/;
    const changed = await resigned((files) => replaceIn(files, tableIn(files), ['2026-01', '2025-01']));
    expect(await english(changed)).toMatch(follows);
    const left = await resigned((files) => void files.delete(tableIn(files)));
    expect(await english(left)).toMatch(follows);
    const foreign = await resigned((files) => setText(files, `tables/${'a'.repeat(64)}/00-facts.csv`, 'x'));
    expect(await english(foreign)).toMatch(/tables\/a{64}\/00-facts\.csv belongs to no evidence/);
  });

  test('notes a rubric that was edited, by the hash it should have, which only a reader can judge', async () => {
    const pack = await resigned(rewriteRubric);
    expect((await verdictOf(pack)).holds).toBe(true);
    expect(await english(pack)).toContain('The text of the rubric is not one that this verifier knows');
  });

  test('sees a rubric whose hash is not the sealed one', async () => {
    const pack = await resigned((files) => {
      const path = rubricPath(files);
      replaceIn(files, path, ['Scoring rules for smart parks', 'Our own rules for parks']);
    });
    expect((await verdictOf(pack)).holds).toBe(false);
    expect(await english(pack)).toMatch(
      /the input inputs\/[0-9a-f]{64}\.json is not the one that was sealed/,
    );
  });

  test('cannot see a history that was rewritten whole, but a witness does', async () => {
    const pack = await resigned((files) => {
      // The first run is made to disappear: rows 5, 6, 7 become 2, 3, 4.
      setChain(files, chainIn(files).slice(3));
      rechain(files);
      for (const folder of ['records', 'population']) {
        for (const [from, to] of [
          [5, 2],
          [6, 3],
          [7, 4],
        ] as const) {
          const end = folder === 'records' ? 'json' : 'csv';
          const content = files.get(`${folder}/0000000${from}.${end}`) ?? Buffer.alloc(0);
          files.delete(`${folder}/0000000${from}.${end}`);
          files.set(`${folder}/0000000${to}.${end}`, content);
        }
      }
      setText(
        files,
        'scores.csv',
        textIn(files, 'scores.csv')
          .replace('\r\n5,', '\r\n2,')
          .replace('\r\n6,', '\r\n3,')
          .replace('\r\n7,', '\r\n4,'),
      );
    });
    expect(await english(pack)).toContain('VERIFIED: every byte');
    expect((await verdictOf(pack, { witness })).holds).toBe(false);
    expect(await english(pack, { witness })).toMatch(/history was rewritten|The witness saw/);
  });
});

function rubricPath(files: PackFiles): string {
  const path = [...files.keys()].find(
    (name) => name.startsWith('inputs/') && textIn(files, name).includes('"openQuestions"'),
  );
  if (path === undefined) throw new Error('no rubric');
  return path;
}

/** Another rubric, with every body that names it and the whole chain made to fit. */
function rewriteRubric(files: PackFiles): void {
  const old = rubricPath(files);
  const text = textIn(files, old).replace('Scoring rules for smart parks', 'Our own rules for parks');
  const hash = sha256(nodePlatform, text);
  files.delete(old);
  setText(files, `inputs/${hash}.json`, text);
  let chain = chainIn(files);
  for (const seq of [5, 6, 7]) {
    const path = `records/0000000${seq}.json`;
    const body = JSON.parse(textIn(files, path)) as { inputs: { name: string }[] };
    for (const input of body.inputs.filter(({ name }) => name === 'rubric')) {
      Object.assign(input, { sha256: hash, bytes: Buffer.byteLength(text) });
    }
    setText(files, path, canonical(body));
    chain = chain.map((link) =>
      link.seq === seq ? { ...link, body: sha256(nodePlatform, textIn(files, path)) } : link,
    );
  }
  setChain(files, chain);
  rechain(files);
}

describe('verifyPack() with a witness', () => {
  test('says from when on which rows cannot have been changed', async () => {
    expect((await verdictOf(bytes, { witness })).holds).toBe(true);
    expect(await english(bytes, { witness })).toContain(
      'Witness: rows 1 to 4 cannot have been changed unnoticed since 2026-01-05T00:00:00.000Z',
    );
  });

  test('takes the answer of the heads route, and the newest of several heads', async () => {
    const { head } = manifestIn(unpack(bytes));
    const answer = { publicKey: 'x', items: [JSON.parse(witness), { ...head, journal: 'audit' }, head] };
    const verdict = await verdictOf(bytes, { witness: JSON.stringify(answer) });
    expect(verdict.witness?.confirmed?.seq).toBe(7);
  });

  test('fails on a witness that is forged, of another key, or no witness', async () => {
    const head = JSON.parse(witness) as Head;
    for (const wrong of [
      { ...head, hash: '1'.repeat(64) },
      { ...head, keyId: '0123456789abcdef' },
      { ...head, journal: 'audit' },
      {},
    ]) {
      expect((await verdictOf(bytes, { witness: JSON.stringify(wrong) })).holds).toBe(false);
    }
    expect((await verdictOf(bytes, { witness: 'no json' })).holds).toBe(false);
  });

  test('fails when the witness saw rows that the later pack lacks, and only notes a newer witness', async () => {
    const at = (seq: number, timeMs: number) =>
      JSON.stringify(signer.signHead({ journal: 'evidence', seq, hash: '2'.repeat(64) }, timeMs));
    const earlier = await verdictOf(bytes, { witness: at(8, clock.nowMs() - 1_000) });
    expect(earlier.holds).toBe(false);
    const newer = await verdictOf(bytes, { witness: at(8, clock.nowMs() + 1_000) });
    expect(newer.holds).toBe(true);
    expect(newer.witness).toMatchObject({ confirmed: null, notes: [expect.anything()] });
  });
});
