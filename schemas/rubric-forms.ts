import type { Bilingual } from './device-class.ts';
import { partsBasis } from './rubric-basis.ts';
import type { LevelItem, LevelRubric } from './rubric-levels.ts';
import type { RequirementRubric, Requirement } from './rubric-requirements.ts';
import { unitWord } from './rubric-units.ts';
import type { Band, Needs, RequiredFunction, Rubric, RubricItem, Threshold } from './rubric.ts';

/**
 * Rubrics of other forms, written as the one that is scored, so that measures, claims, evidence, packs and the verifier serve
 * every form alike. What such an item earns is the level it reaches, or 1 for a requirement that is met; `rubric.form`
 * says how the items come together (services/assessment/score.ts).
 */
export const attestationMeasure = 'attestation';
/** The measure of items that are made of parts, each proved by itself. */
export const partsMeasure = 'parts';

/** Bands of a requirement and of a veto, by id. */
export const requirementBands = { met: 'met', notMet: 'not-met', notApplicable: 'not-applicable' } as const;
export const vetoBands = { clear: 'clear', occurred: 'occurred' } as const;
export const vetoSection = 'veto';

const exactly = (points: number) => ({ min: points, max: points });
const band = (id: string, points: number, condition: Bilingual): Band => {
  return { id, points: exactly(points), condition, ranges: [] };
};

/** What every item has whose band is named, by a measure or by a person. */
const decided = {
  kind: 'judged' as const,
  perUnit: [] as RubricItem['perUnit'],
  functionsLimitBand: false,
  graded: true,
  functionsOpen: false,
};

/** A rubric of levels: the park reaches the lowest of its rows. */
export function fromLevels(source: LevelRubric): Rubric {
  const { id, edition, title, guideline, convention, openQuestions, items } = source;
  const highest = Math.max(...items.flatMap(({ levels }) => levels.map(({ level }) => level)));
  const name = { zh: '各行', en: 'Rows' };
  return {
    id,
    edition,
    title,
    guideline,
    form: 'levels',
    points: highest,
    conventions: { linear: convention, functions: convention, assessor: convention },
    openQuestions,
    sections: [{ id: 'rows', name, points: highest, indicators: [{ id: 'rows', name, points: highest }] }],
    items: items.map((item) => levelItem(item, { highest, convention })),
  };
}

function levelItem(
  item: LevelItem,
  { highest, convention }: { highest: number; convention: Bilingual },
): RubricItem {
  const { id, row, name, evidenceSource, secondarySources, automation, levels } = item;
  const measure = item.measure ?? attestationMeasure;
  const functions = new Map(
    levels.flatMap((level) => levelParts(item, level).map((part) => [part.id, part])),
  );
  const bands = levels
    .map((level) => ({
      ...band(`level-${level.level}`, level.level, levelCondition(level)),
      ...(measure === partsMeasure ? { needs: levelNeeds(item, level) } : {}),
    }))
    .toReversed();
  return {
    ...decided,
    measure,
    id,
    row,
    section: 'rows',
    indicator: 'rows',
    clause: String(row),
    obligation: 'should',
    name,
    points: highest,
    evidenceSource,
    secondarySources,
    automation,
    convention: item.convention ?? convention,
    bands: [...bands, band('none', 0, { zh: '未达到一级', en: 'Not even the first level' })],
    // The level itself is what is decided; a park may have parts that its level does not ask for.
    functions: [...functions.values()].map((entry) => ({ ...entry, role: 'optional' as const })),
    openQuestions: [],
    basis: measure === attestationMeasure ? 'attested' : partsBasis([...functions.values()]),
  };
}

type Level = LevelItem['levels'][number];
type LevelRule = Level['rules'][number];

/** Thresholds in this unit are a number of the level's own parts. */
const countedUnit = 'functions';

/** The parts of a level: its functions, and one part for each of its figures and its rating. */
function levelParts(item: LevelItem, level: Level): RequiredFunction[] {
  const rated = level.rating === undefined ? [] : [ratingPart(item, level.rating)];
  const functions = level.functions.map((entry) => {
    const proofs = item.proofs?.[entry.id];
    return { ...entry, ...(proofs === undefined ? {} : { proofs }) };
  });
  return [...rated, ...figureParts(item, level), ...functions];
}

function ratingPart({ ratingProofs }: LevelItem, rating: string): RequiredFunction {
  const proofs = ratingProofs?.[rating];
  return {
    id: `rating-${rating.toLowerCase()}`,
    name: { zh: `评价 ${rating} 及以上`, en: `rated ${rating} or better` },
    role: 'required',
    ...(proofs === undefined ? {} : { proofs }),
  };
}

/** What different kinds of park are asked for are alternatives; of one rule all thresholds hold, or any. */
function figureParts(item: LevelItem, { level, rules }: Level): RequiredFunction[] {
  const own = rules.map((rule) => ({
    ...rule,
    thresholds: rule.thresholds.filter(({ unit }) => unit !== countedUnit),
  }));
  const groups = own.flatMap((rule) =>
    rule.match === 'any' || rule.parkKind !== undefined
      ? [rule]
      : rule.thresholds.map((threshold) => ({ ...rule, thresholds: [threshold] })),
  );
  const byKind = groups.filter(({ parkKind }) => parkKind !== undefined);
  const alternatives = [
    ...(byKind.length === 0 ? [] : [byKind]),
    ...groups
      .filter(({ parkKind, thresholds }) => parkKind === undefined && thresholds.length > 0)
      .map((rule) => [rule]),
  ];
  return alternatives.map((rulesOfPart, index) =>
    figurePart(item, rulesOfPart, `level-${level}-figure-${index + 1}`),
  );
}

function figurePart(item: LevelItem, rules: readonly LevelRule[], id: string): RequiredFunction {
  const proofs = rules.flatMap(({ parkKind, thresholds }) =>
    thresholds.flatMap(({ unit, min, max }) => {
      const figure = item.figures?.find((each) => each.unit === unit && each.parkKind === parkKind);
      if (figure === undefined) return [];
      const bounds = { ...(min === null ? {} : { least: min }), ...(max === null ? {} : { most: max }) };
      return [{ ...figure.proof, ...bounds }];
    }),
  );
  const texts = rules.map(ruleText);
  return {
    id,
    name: { zh: texts.map(({ zh }) => zh).join('；'), en: texts.map(({ en }) => en).join('; ') },
    role: 'required',
    ...(proofs.length === 0 ? {} : { proofs }),
  };
}

function levelNeeds(item: LevelItem, level: Level): Needs {
  const parts = levelParts(item, level);
  const idsOf = (isOptional: boolean) =>
    parts.filter(({ role }) => (role === 'optional') === isOptional).map(({ id }) => id);
  const least = level.rules
    .flatMap(({ thresholds }) => thresholds)
    .find(({ unit }) => unit === countedUnit)?.min;
  return {
    all: idsOf(false),
    ...(least === undefined || least === null ? {} : { least, of: idsOf(true) }),
  };
}

/** What a level asks, in one sentence of each language. */
function levelCondition({ level, rating, rules, functions, condition }: Level): Bilingual {
  const parts = [
    ...(rating === undefined ? [] : [{ zh: `评价 ${rating} 及以上`, en: `rated ${rating} or better` }]),
    ...rules.map(ruleText),
    ...(functions.length === 0
      ? []
      : [
          {
            zh: functions.map(({ name }) => name.zh).join('、'),
            en: functions.map(({ name }) => name.en).join(', '),
          },
        ]),
    ...(condition === undefined ? [] : [condition]),
  ];
  return {
    zh: `${level} 级：${parts.map(({ zh }) => zh).join('；')}`,
    en: `Level ${level}: ${parts.map(({ en }) => en).join('; ')}`,
  };
}

function ruleText({ match, thresholds, parkKind }: LevelRule): Bilingual {
  const own = thresholds.map(thresholdText);
  const kind =
    parkKind === undefined
      ? { zh: '', en: '' }
      : parkKind === 'manufacturing'
        ? { zh: '制造类：', en: 'manufacturing: ' }
        : { zh: '其他：', en: 'others: ' };
  const join = match === 'all' ? { zh: '且', en: ' and ' } : { zh: '或', en: ' or ' };
  return {
    zh: `${kind.zh}${own.map(({ zh }) => zh).join(join.zh)}`,
    en: `${kind.en}${own.map(({ en }) => en).join(join.en)}`,
  };
}

function thresholdText({ unit, counted, min, max, per }: Threshold): Bilingual {
  const bounds = [min === null ? '' : `≥ ${min}`, max === null ? '' : `≤ ${max}`].filter(
    (text) => text !== '',
  );
  const word = unitWord(unit);
  const figure = bounds.join(', ');
  return {
    zh: `${counted.zh} ${figure} ${word.zh}${per === undefined ? '' : '（每年）'}`,
    en: `${counted.en} ${figure} ${word.en}${per === undefined ? '' : ' a year'}`,
  };
}

/** A rubric of requirements: each is met, not met, or does not apply. */
export function fromRequirements(source: RequirementRubric): Rubric {
  const { id, edition, title, guideline, openQuestions, items } = source;
  const chapters = Map.groupBy(items, chapterOf);
  const none = { zh: '', en: '' };
  return {
    id,
    edition,
    title,
    guideline,
    form: 'requirements',
    points: items.length,
    conventions: { linear: none, functions: none, assessor: none },
    openQuestions,
    sections: [...chapters].map(([chapter, own]) => {
      const name = { zh: `第 ${chapter} 章`, en: `Chapter ${chapter}` };
      const section = `chapter-${chapter}`;
      return {
        id: section,
        name,
        points: own.length,
        indicators: [{ id: section, name, points: own.length }],
      };
    }),
    items: items.map(requirementItem),
  };
}

const chapterOf = ({ clause }: Requirement): string => /^\d+/.exec(clause)?.[0] ?? clause;

function requirementItem(requirement: Requirement): RubricItem {
  const { id, clause, name, obligation, evidenceSource, secondarySources, openQuestions } = requirement;
  const section = `chapter-${chapterOf(requirement)}`;
  const { met, notMet, notApplicable } = requirementBands;
  const measure = requirement.measure ?? attestationMeasure;
  const functions = requirementParts(requirement);
  const best = band(met, 1, { zh: '符合', en: 'Met' });
  return {
    ...decided,
    measure,
    ...(requirement.convention === undefined ? {} : { convention: requirement.convention }),
    id,
    section,
    indicator: section,
    clause,
    // Where the source marks nothing, nothing is held to be binding.
    obligation: obligation === 'unmarked' ? 'may' : obligation,
    name,
    points: 1,
    evidenceSource,
    secondarySources,
    automation: requirement.monitoring === 'no' ? 'hold' : 'propose',
    bands: [
      requirement.anyPart === true ? { ...best, needs: { all: [], least: 1, of: partIds(functions) } } : best,
      band(notMet, 0, { zh: '不符合', en: 'Not met' }),
      band(notApplicable, 0, { zh: '不适用', en: 'Does not apply' }),
    ],
    functions,
    openQuestions,
    basis: measure === attestationMeasure ? 'attested' : partsBasis(functions),
  };
}

const partIds = (functions: readonly RequiredFunction[]) =>
  functions.filter(({ role }) => role === 'required').map(({ id }) => id);

/** What a requirement is made of: the parts that the source lists, or itself; told with a claim where nothing measures it. */
function requirementParts({ measure, name, functions, proofs }: Requirement): RequiredFunction[] {
  if (measure === undefined) return functions.map((entry) => ({ ...entry, role: 'optional' as const }));
  if (proofs === undefined) return functions;
  return [{ id: 'requirement', name, role: 'required', proofs }, ...functions];
}

/**
 * A rubric of points, with its vetoes as items that earn nothing, and with attestation for whatever nothing else tells:
 * most rows of such a rubric are judged by people.
 */
export function attestedPoints(rubric: Rubric): Rubric {
  const { vetoes = [], sections, items } = rubric;
  const name = { zh: '一票否决', en: 'Veto' };
  const withMeasure = items.map(measuredItem);
  if (vetoes.length === 0) return { ...rubric, items: withMeasure };
  return {
    ...rubric,
    sections: [
      ...sections,
      { id: vetoSection, name, points: 0, indicators: [{ id: vetoSection, name, points: 0 }] },
    ],
    items: [...withMeasure, ...vetoes.map(vetoItem)],
  };
}

/** Whatever is told by a measure rests on what its parts rest on, and everything else on what people say. */
function measuredItem(item: RubricItem): RubricItem {
  const measure = item.measure ?? attestationMeasure;
  if (measure === attestationMeasure) return { ...item, measure, basis: 'attested' };
  return { ...item, measure, basis: measure === partsMeasure ? partsBasis(item.functions) : item.basis };
}

type Veto = NonNullable<Rubric['vetoes']>[number];

function vetoItem({ id, row, clause, name, occurrences, openQuestions }: Veto): RubricItem {
  return {
    ...decided,
    measure: attestationMeasure,
    id,
    row,
    section: vetoSection,
    indicator: vetoSection,
    clause,
    obligation: 'must',
    name,
    points: 0,
    evidenceSource: 'document',
    secondarySources: [],
    automation: 'hold',
    bands: [
      band(vetoBands.clear, 0, { zh: '没有发生', en: 'Nothing of it occurred' }),
      band(vetoBands.occurred, 0, { zh: '已发生：申报终止', en: 'Occurred: the application ends' }),
    ],
    functions: occurrences.map((entry) => ({ ...entry, role: 'optional' as const })),
    openQuestions,
    basis: 'attested',
  };
}
