import { scoredRubrics } from '#schemas/rubrics/index.ts';
import { assess } from '#services/assessment/assess.ts';
import { storeEvidence } from '#services/assessment/evidence.ts';
import { preparePack } from '#services/assessment/pack/pack.ts';
import { assessedPeriod, assessmentDeps, insertAssessedPark, sealAll } from './assessed-park.ts';
import { fakeClock } from './clock.ts';
import { packBytes } from './pack.ts';
import { createTestDatabase } from './postgres.ts';
import { createTestSigner } from './signer.ts';

/** The whole Chengdu evidence of the assessed park as one pack, under a key of its own: every measure is in it. */
export async function makeAssessedPack(): Promise<Buffer> {
  const { [chengdu]: pack } = await makeAssessedPacks([chengdu]);
  if (pack === undefined) throw new Error('no pack');
  return pack;
}

const chengdu = 'chengdu-2021';

/** The same of several rubrics, by their ids. */
export async function makeAssessedPacks(ids: readonly string[]): Promise<Record<string, Buffer>> {
  await using database = await createTestDatabase();
  const [db, clock] = [database.pool, fakeClock()];
  await insertAssessedPark(db);
  const deps = assessmentDeps({ db, clock, signer: await createTestSigner() });
  const period = { fromMs: Date.parse(assessedPeriod.from), toMs: Date.parse(assessedPeriod.to) };
  const packs: Record<string, Buffer> = {};
  for (const id of ids) {
    const rubric = scoredRubrics.get(id);
    if (rubric === undefined) throw new Error(`no rubric ${id}`);
    const run = await assess(db, { rubric, ...period, asOfMs: clock.nowMs(), timeZone: 'Asia/Shanghai' });
    await storeEvidence(db, run, { parkId: 'demo', program: '0.0.0-test', actor: 'eva' });
    await sealAll(db, clock);
    packs[id] = await packBytes(await preparePack(deps, { rubricId: id, period: null, patienceMs: 0 }));
  }
  return packs;
}
