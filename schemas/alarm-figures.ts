import type { Severity } from './device-class.ts';

/**
 * The figures that alarm systems are held against (EEMUA 191, ISA-18.2, IEC 62682), told and not claimed: per operator
 * position, counted in buckets of ten minutes.
 */

export const bucketMs = 600_000;
/** An operator can handle about so many in a bucket. */
export const manageableRate = 1;
/** More is too much to go on for long. */
export const mostRate = 2;
/** More in ten minutes is a flood. */
export const floodBegins = 10;
/** A flood is over when ten minutes bring fewer. */
export const floodEnds = 5;
/** Active for longer: stale, it tells nothing new. */
export const staleMs = 86_400_000;
/** So many activations of one alarm in the window: it chatters. */
export const chatterCount = 3;
export const chatterWindowMs = 60_000;
/** How priorities are meant to be spread, percent: low and medium, high, critical. */
export const prioritySpread = { low: 80, high: 15, critical: 5 } as const;

/** How long a console may be mute at most, minutes, by the gravest severity that it mutes. */
export const muteMostMinutes: Readonly<Record<Severity, number>> = {
  critical: 5,
  high: 30,
  medium: 60,
  low: 60,
};

/** How long an alarm may be shelved at most, ms: the graver, the sooner somebody must look again. */
export const shelveMostMs: Readonly<Record<Severity, number>> = {
  critical: 3_600_000,
  high: 8 * 3_600_000,
  medium: 86_400_000,
  low: 7 * 86_400_000,
};
