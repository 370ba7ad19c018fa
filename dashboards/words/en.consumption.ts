import type { ConsumptionWords } from './zh-CN.ts';

/** The words of consumption, English. */
export const consumptionEn: ConsumptionWords = {
  consumption: {
    title: 'Consumption',
    hint: 'The last {{days}} local days of the park',
    day: 'Day',
    value: 'Consumption',
    coverage: 'Covered',
    flags: 'Remarks',
    none: 'No consumption is known',
    flag: {
      estimated: 'estimated',
      uncertain: 'uncertain',
      replacement: 'meter replaced',
      rollover: 'rolled over',
      reset: 'started from zero',
      outlier: 'bad read left out',
      implausible: 'implausible, to be reviewed',
      accepted: 'accepted',
      'left-out': 'left out by a person',
      incomplete: 'incomplete',
    },
    changes: 'Changed consumption',
    changesHint: 'What was known before and is another now',
    noChanges: 'Nothing has changed',
    interval: 'Interval',
    before: 'Before',
    after: 'Now',
    why: 'Why',
    known: 'Known since',
    cause: {
      late: 'late data',
      later: 'first data after a gap',
      correction: 'corrected data',
      'late-book': 'data beyond the horizon',
      replacement: 'recorded replacement',
      review: 'reviewed by a person',
      facts: 'rated values changed',
    },
  },
};
