import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendJournal } from '#infra/journal.ts';
import { rubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { makePack } from '#services/assessment/pack.ts';
import { canonical, sha256 } from '#services/assessment/verifier/canonical.ts';
import type { ChainLink, Head, Pack } from '#services/assessment/verifier/pack-form.ts';
import { reportText } from '#services/assessment/verifier/report.ts';
import { verifyPack } from '#services/assessment/verifier/verify.ts';
import { loadSigner, type Signer } from '#services/sealing/signing.ts';
import {
  assessedPart,
  assessedPeriod,
  assessmentDeps,
  insertAssessedPark,
  sealAll,
} from '#test/kit/assessed-park.ts';
import { fakeClock } from '#test/kit/clock.ts';
import { createTestDatabase, type TestDatabase } from '#test/kit/postgres.ts';

type Mutable<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? Mutable<E>[] : Mutable<T[K]>;
};

const clock = fakeClock();
const stack = new AsyncDisposableStack();
let database: TestDatabase;
let signer: Signer;
/** The pack, and a head as a witness saw it one day before the pack was made. */
let text: string;
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
  const period = {
    fromMs: Date.parse(assessedPeriod.from),
    toMs: Date.parse(assessedPeriod.to),
    timeZone: 'Asia/Shanghai',
  };
  const store = async () => {
    const run = await assess(db, { rubric, ...period, asOfMs: clock.nowMs() });
    await storeEvidence(db, assessedPart(run), { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
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
  text = await makePack(deps, { rubricId: 'chengdu-2021', period: null, patienceMs: 0 });
});
afterAll(() => stack.disposeAsync());

/** An edit by somebody who writes clean files but has no key. */
function edited(edit: (pack: Mutable<Pack>) => void): string {
  const pack = JSON.parse(text) as Mutable<Pack>;
  edit(pack);
  return `${canonical(pack)}\n`;
}

/** An edit by the park itself, which signs again. */
function resigned(edit: (pack: Mutable<Pack>) => void): string {
  return edited((pack) => {
    edit(pack);
    const last = pack.chain.at(-1);
    if (last !== undefined) {
      pack.head = {
        ...signer.signHead({ journal: 'evidence', seq: last.seq, hash: last.hash }, clock.nowMs()),
      };
    }
    const { signature: _old, ...content } = pack;
    pack.signature = signer.signText(canonical(content));
  });
}

/** Numbers and hashes every row again, as a park would that rewrites its history. */
function rechain(pack: Mutable<Pack>): void {
  let prev = '0'.repeat(64);
  for (const [index, link] of pack.chain.entries()) {
    link.seq = index + 1;
    link.prev = prev;
    const body = link.body === undefined ? link.bodySha256 : sha256(link.body);
    link.hash = sha256(
      canonical({ v: 'parkwatch-journal-v1', journal: 'evidence', seq: link.seq, prev, body }),
    );
    prev = link.hash;
  }
}

function withBody(pack: Mutable<Pack>): Mutable<ChainLink> & { body: string } {
  const link = pack.chain.find(({ body }) => body !== undefined);
  if (link?.body === undefined) throw new Error('no body');
  return link as Mutable<ChainLink> & { body: string };
}

const english = (pack: string, options?: { witness?: string }) => reportText(verifyPack(pack, options), 'en');

describe('verifyPack() of an untouched pack', () => {
  test('holds, with a verdict for every item in both languages and the demo mark', () => {
    const verdict = verifyPack(text);
    expect(verdict.findings).toEqual([]);
    expect(verdict.holds).toBe(true);
    // Three items of the second run; the first run and the foreign row are links.
    expect(verdict.pack?.chain.map(({ body }) => body !== undefined)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    const report = english(text);
    expect(report).toContain('✓ #7 operation.property.remote-metering Remote meter reading');
    expect(report).toContain('Computed anew: 1–2 of 3 points (1.5 by convention)');
    expect(report).toContain('DEMO: the data of 1 members are not from the field');
    expect(reportText(verdict, 'zh')).toContain('校验通过：3 条证据');
  });

  test('holds under the key id that the park published, and not under another', () => {
    expect(verifyPack(text, { keyId: signer.keyId }).holds).toBe(true);
    expect(verifyPack(text, { keyId: '0123456789abcdef' }).holds).toBe(false);
  });
});

describe('verifyPack() sees an edit of', () => {
  const sees = (pack: string, sentence: string) => {
    expect(pack).not.toBe(text);
    expect(verifyPack(pack).holds).toBe(false);
    expect(english(pack)).toContain(sentence);
  };

  test('any single byte', () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] ?? 0) ^ flip;
        expect(verifyPack(other.toString('utf8')).holds).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('a byte of a body', () => {
    const pack = edited((own) => {
      const link = withBody(own);
      link.body = link.body.replace('"maximum":2', '"maximum":3');
    });
    sees(pack, 'The hash of row 5 does not fit its content');
  });

  test('a byte of an input', () => {
    const pack = edited((own) => {
      const [hash] = Object.keys(own.inputs).filter((key) => own.inputs[key]?.includes('"cameras"'));
      own.inputs[hash ?? ''] = (own.inputs[hash ?? ''] ?? '').replace('2851200', '2851201');
    });
    sees(pack, 'the input facts is not the one that was sealed');
  });

  test('an input that is taken out, or added', () => {
    sees(
      edited((own) => {
        own.inputs = Object.fromEntries(Object.entries(own.inputs).slice(1));
      }),
      'is not in the pack',
    );
    sees(
      edited((own) => {
        own.inputs['0'.repeat(64)] = 'x';
      }),
      '1 inputs belong to no evidence',
    );
  });

  test('a sequence number', () => {
    sees(
      edited((own) => {
        withBody(own).seq = 9;
      }),
      'Row 5 is numbered 9',
    );
  });

  test('the rows: one removed in the middle, at the end, at the beginning', () => {
    for (const index of [4, 6, 0]) {
      const pack = edited((own) => {
        own.chain.splice(index, 1);
      });
      sees(pack, index === 6 ? 'The signed head is not the last row' : 'a row was removed');
    }
  });

  test('their order', () => {
    const swapped = edited((own) => {
      const [a, b] = own.chain.splice(4, 2);
      if (a !== undefined && b !== undefined) own.chain.splice(4, 0, b, a);
    });
    sees(swapped, 'a row was removed, inserted or moved');
    const renumbered = edited((own) => {
      const [a, b] = own.chain.splice(4, 2);
      if (a === undefined || b === undefined) return;
      [a.seq, b.seq] = [b.seq, a.seq];
      own.chain.splice(4, 0, b, a);
    });
    sees(renumbered, 'does not continue the hash before it');
  });

  test('a signature, of the head and of the pack', () => {
    sees(
      edited((own) => {
        own.head.time = '2025-12-31T00:00:00.000Z';
      }),
      'The signature of the head is wrong',
    );
    sees(
      edited((own) => {
        own.exportedAt = '2025-12-31T00:00:00.000Z';
      }),
      'The signature of the pack is wrong',
    );
    sees(
      edited((own) => {
        own.signature = own.signature.replace(/==$/, '=');
      }),
      'The signature of the pack is wrong',
    );
  });

  test('the key: another one that signs everything again has another key id', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pack = edited((own) => {
      own.publicKey = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const { signature: _old, ...content } = own;
      own.signature = sign(null, Buffer.from(canonical(content)), privateKey).toString('base64');
    });
    sees(pack, 'The key id does not belong to the public key');
  });

  test('the form: white space, a repeated key, an unknown field, another format, no JSON', () => {
    sees(text.replace('{', '{ '), 'not the canonical form');
    sees(text.replace('"park":"demo"', '"park":"x","park":"demo"'), 'not the canonical form');
    sees(text.replace('"park":"demo"', '"note":"","park":"demo"'), 'no evidence pack of the form');
    sees(text.replace('evidence-pack-v1', 'evidence-pack-v2'), 'no evidence pack of the form');
    sees(text.slice(1), 'not JSON');
  });
});

describe('verifyPack() of a pack that the park itself signed again', () => {
  test('sees a score that does not follow from the inputs', () => {
    const pack = resigned((own) => {
      const link = withBody(own);
      link.body = link.body.replace('"points":{"max":2,"min":2}', '"points":{"max":1,"min":1}');
      rechain(own);
    });
    expect(english(pack)).toContain('The score does not follow from the measurement');
  });

  test('sees a measurement, a demo mark and a period that do not', () => {
    for (const [from, to, sentence] of [
      ['"counted":3', '"counted":4', 'The measurement does not follow from the inputs'],
      ['"demo":true', '"demo":false', 'The demo mark does not follow from the inputs'],
      ['"simulated":1', '"simulated":2', 'The provenance does not follow from the inputs'],
      ['"from":"2026-01-02', '"from":"2026-01-01', 'The period is not that of the inputs'],
      ['"maximum":3', '"maximum":30', 'Clause, name or points are not those of the rubric'],
    ] as const) {
      const pack = resigned((own) => {
        const link = own.chain.at(-1);
        if (link?.body === undefined) return;
        expect(link.body).toContain(from);
        link.body = link.body.replace(from, to);
        rechain(own);
      });
      expect(verifyPack(pack).holds).toBe(false);
      expect(english(pack)).toContain(sentence);
    }
  });

  test('notes a rubric that was edited, which only a reader can judge', () => {
    const pack = resigned((own) => {
      const [old = ''] = Object.keys(own.inputs).filter((key) =>
        own.inputs[key]?.includes('"openQuestions"'),
      );
      const rubric = (own.inputs[old] ?? '').replace(
        'Scoring rules for smart parks',
        'Our own rules for parks',
      );
      const hash = sha256(rubric);
      own.inputs = Object.fromEntries([
        ...Object.entries(own.inputs).filter(([key]) => key !== old),
        [hash, rubric] as const,
      ]);
      const difference = Buffer.byteLength(rubric);
      for (const link of own.chain) {
        if (link.body === undefined) continue;
        const body = JSON.parse(link.body) as { inputs: { sha256: string; bytes: number }[] };
        for (const input of body.inputs.filter((one) => one.sha256 === old)) {
          Object.assign(input, { sha256: hash, bytes: difference });
        }
        link.body = canonical(body);
      }
      rechain(own);
    });
    expect(verifyPack(pack).holds).toBe(true);
    expect(english(pack)).toContain('The text of the rubric is not one that this verifier knows');
  });

  test('cannot see a history that was rewritten whole, but a witness does', () => {
    const pack = resigned((own) => {
      // The first run is made to disappear.
      own.chain.splice(0, 3);
      rechain(own);
    });
    expect(verifyPack(pack).holds).toBe(true);
    expect(verifyPack(pack, { witness }).holds).toBe(false);
    expect(english(pack, { witness })).toMatch(/history was rewritten|The witness saw/);
  });
});

describe('verifyPack() with a witness', () => {
  test('says from when on which rows cannot have been changed', () => {
    const verdict = verifyPack(text, { witness });
    expect(verdict.holds).toBe(true);
    expect(english(text, { witness })).toContain(
      'Witness: rows 1 to 4 cannot have been changed unnoticed since 2026-01-05T00:00:00.000Z',
    );
  });

  test('takes the answer of the heads route, and the newest of several heads', () => {
    const { head } = JSON.parse(text) as Pack;
    const answer = { publicKey: 'x', items: [JSON.parse(witness), { ...head, journal: 'audit' }, head] };
    expect(verifyPack(text, { witness: JSON.stringify(answer) }).witness?.confirmed?.seq).toBe(7);
  });

  test('fails on a witness that is forged, of another key, or no witness', () => {
    const head = JSON.parse(witness) as Head;
    for (const wrong of [
      { ...head, hash: '1'.repeat(64) },
      { ...head, keyId: '0123456789abcdef' },
      { ...head, journal: 'audit' },
      {},
    ]) {
      expect(verifyPack(text, { witness: JSON.stringify(wrong) }).holds).toBe(false);
    }
    expect(verifyPack(text, { witness: 'no json' }).holds).toBe(false);
  });

  test('fails when the witness saw rows that the later pack lacks, and only notes a witness newer than the pack', () => {
    const at = (seq: number, timeMs: number) =>
      JSON.stringify(signer.signHead({ journal: 'evidence', seq, hash: '2'.repeat(64) }, timeMs));
    expect(verifyPack(text, { witness: at(8, clock.nowMs() - 1_000) }).holds).toBe(false);
    const newer = verifyPack(text, { witness: at(8, clock.nowMs() + 1_000) });
    expect(newer.holds).toBe(true);
    expect(newer.witness).toMatchObject({ confirmed: null, notes: [expect.anything()] });
  });
});
