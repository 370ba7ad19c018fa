/**
 * What the store keeps of several samples with one key (point, time); DESIGN §5. Pure.
 *
 * Same value and quality: a duplicate. Another value or quality: a correction, when its revision is higher, or equal
 * and the journal does not list it as superseded; else a late redelivery, which is a duplicate too. So replaying any
 * prefix of what arrived changes nothing.
 */

/** Value and quality of one sample. */
export interface Stand {
  readonly value: number;
  readonly quality: number;
}

/** A key as it stands in the store. */
export interface Standing extends Stand {
  readonly rev: number;
}

export interface Correction {
  readonly old: Stand;
  readonly new: Stand;
  readonly rev: number;
}

export interface Folded {
  /** What stands afterwards. */
  readonly stands: Standing;
  /** One outcome per sample, in order. */
  readonly outcomes: readonly ('new' | 'duplicate' | 'corrected')[];
  /** For the journal, in order. */
  readonly corrections: readonly Correction[];
}

export function sameStand(a: Stand, b: Stand): boolean {
  return a.value === b.value && a.quality === b.quality;
}

/**
 * Folds samples into a key, in order of arrival.
 * @param existing what stands now; null for a key that is new
 * @param superseded what the journal lists as replaced for this key
 */
export function fold(
  existing: Standing | null,
  superseded: readonly Stand[],
  samples: readonly Standing[],
): Folded {
  const outcomes: Folded['outcomes'][number][] = [];
  const corrections: Correction[] = [];
  const replaced = [...superseded];
  let stands = existing;
  for (const sample of samples) {
    if (stands === null) {
      stands = sample;
      outcomes.push('new');
    } else if (sameStand(stands, sample)) {
      if (sample.rev > stands.rev) stands = sample;
      outcomes.push('duplicate');
    } else if (
      sample.rev < stands.rev ||
      (sample.rev === stands.rev && replaced.some((old) => sameStand(old, sample)))
    ) {
      outcomes.push('duplicate');
    } else {
      corrections.push({ old: stands, new: sample, rev: sample.rev });
      replaced.push(stands);
      stands = sample;
      outcomes.push('corrected');
    }
  }
  if (stands === null) throw new Error('A key without samples has nothing to fold');
  return { stands, outcomes, corrections };
}
