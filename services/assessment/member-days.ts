import { dayRanges, servedDays, type LiveMarks } from './live.ts';
import type { DayFacts, Facts, ServiceSpan } from './measure.ts';

/** One local day of a member of a population: pure, out of the facts that the verdict was derived from. */
export interface MemberDay {
  readonly day: string;
  /** `out` is out of service or elsewhere; `blind` a day on which nothing of the park was received at all. */
  readonly state: 'good' | 'missing' | 'out' | 'blind';
}

interface Marked {
  readonly service: readonly ServiceSpan[];
  readonly since: string | null;
  readonly marks: string;
}

/** The parts of facts that tell of days, whatever the measure. */
interface DayShaped extends Facts {
  readonly days?: readonly DayFacts[];
  readonly meters?: readonly { deviceId: string; service: readonly ServiceSpan[]; received: string }[];
  readonly devices?: readonly { deviceId: string; service: readonly ServiceSpan[] }[];
  readonly live?: readonly LiveMarks[];
  readonly spaces?: readonly { spaceId: string; deviceIds: readonly string[] }[];
  readonly functions?: readonly {
    readonly proofs: readonly { readonly candidates?: readonly LiveMarks[] }[];
  }[];
  /** What other measures look at. */
  readonly inputs?: readonly Facts[];
}

/** Devices whose days decide on a member: the device itself, or those in a declared place. */
export function devicesOf(facts: Facts, member: string): readonly string[] {
  const spaces = [facts, ...((facts as DayShaped).inputs ?? [])].flatMap(
    (each) => (each as DayShaped).spaces ?? [],
  );
  return spaces.find(({ spaceId }) => spaceId === member)?.deviceIds ?? [member];
}

/** The days of a device as its measure counted them; null where the measure does not count days. */
export function daysOf(facts: Facts, deviceId: string): MemberDay[] | null {
  for (const each of [facts, ...((facts as DayShaped).inputs ?? [])]) {
    const days = ownDays(each, deviceId);
    if (days !== null) return days;
  }
  return null;
}

function ownDays(facts: Facts, deviceId: string): MemberDay[] | null {
  const { days } = facts as DayShaped;
  const marked = markedOf(facts, deviceId);
  if (days === undefined || marked === null || marked.marks.length !== days.length) return null;
  const served = servedDays(marked.service, marked.since, dayRanges(days));
  return days.map(({ day, watched }, index) => ({
    day,
    state:
      served[index] !== true ? 'out' : marked.marks[index] === '1' ? 'good' : watched ? 'missing' : 'blind',
  }));
}

function markedOf(facts: DayShaped, deviceId: string): Marked | null {
  const meter = facts.meters?.find((each) => each.deviceId === deviceId);
  if (meter !== undefined) return { service: meter.service, since: null, marks: meter.received };
  const device = facts.devices?.find((each) => each.deviceId === deviceId);
  const candidates = [
    ...(facts.live ?? []),
    ...(facts.functions ?? []).flatMap(({ proofs }) => proofs.flatMap((proof) => proof.candidates ?? [])),
  ];
  const live = candidates.find((each) => each.deviceId === deviceId);
  if (device === undefined || live === undefined) return null;
  return { service: device.service, since: live.since, marks: live.marks };
}
