import type { MeasuredItem } from '../assess.ts';
import { dayRanges, judgeLive, type DayRange, type LiveMarks, type PlacedDevice } from '../live.ts';
import type { DayFacts, Facts } from '../measure.ts';
import { dayFactsOf } from '../member-days/rows.ts';
import { remoteMetering, type MeterFacts } from '../measures/remote-metering/derive.ts';

/**
 * A year of thousands of devices, derived anew for every group that could be mended, would take seconds. Whether a device
 * counts is known already, so for that question one day says as much as a year: pure.
 */
interface CondensableFacts extends Facts {
  readonly days?: readonly DayFacts[];
  readonly meters?: readonly MeterFacts[];
  readonly devices?: readonly PlacedDevice[];
  readonly live?: readonly LiveMarks[];
  readonly spaces?: readonly object[];
  readonly inputs?: readonly Facts[];
  readonly functions?: readonly {
    readonly proofs: readonly { readonly candidates?: readonly LiveMarks[] }[];
  }[];
}

/**
 * The item with facts of a single day on which each member stands as it does over the whole period, and so earns the same; as
 * it is where days themselves decide: the verdict is open, or may be open once something is mended.
 */
export function condensed(entry: MeasuredItem): MeasuredItem {
  const { measurement, facts } = entry;
  if (measurement.verdict !== 'sufficient' || mayLackDays(facts)) return entry;
  return { ...entry, facts: condensedFacts(facts) };
}

/**
 * Days that nobody watched are too few to matter now. They may be too many for what is judged only then: an empty place that gets
 * its device, or a part of an item on which nothing depended.
 */
function mayLackDays(facts: CondensableFacts): boolean {
  if (facts.spaces === undefined && facts.inputs === undefined) return false;
  return dayFactsOf(facts).some(({ watched }) => !watched);
}

function condensedFacts(given: Facts): Facts {
  const facts: CondensableFacts = given;
  const inputs = facts.inputs === undefined ? {} : { inputs: facts.inputs.map(condensedFacts) };
  const [day] = facts.days ?? [];
  if (day === undefined || facts.days === undefined) return { ...facts, ...inputs };
  const { meters, devices, live, functions } = facts;
  if (meters === undefined && devices === undefined) return { ...facts, ...inputs };
  const service = [{ from: day.from, to: null }];
  const lit = litBy(facts.days, devices ?? []);
  const next: CondensableFacts = {
    ...facts,
    ...inputs,
    days: [{ ...day, watched: true }],
    ...(meters === undefined ? {} : { meters: condensedMeters(given, meters, service) }),
    ...(devices === undefined ? {} : { devices: devices.map((device) => ({ ...device, service })) }),
    ...(live === undefined ? {} : { live: live.map(lit) }),
    ...(functions === undefined
      ? {}
      : {
          functions: functions.map((own) => ({
            ...own,
            proofs: own.proofs.map((proof) =>
              proof.candidates === undefined ? proof : { ...proof, candidates: proof.candidates.map(lit) },
            ),
          })),
        }),
  };
  return next;
}

/** By what remote metering itself says of each: for another part of an item the same meter may count all the same. */
function condensedMeters(
  facts: Facts,
  meters: readonly MeterFacts[],
  service: MeterFacts['service'],
): MeterFacts[] {
  const standing = new Map(remoteMetering.members(facts).map((member) => [member.deviceId, member.standing]));
  return meters.map((meter) => ({
    ...meter,
    service: standing.get(meter.deviceId) === 'excluded' ? [] : service,
    received: standing.get(meter.deviceId) === 'counted' ? '1' : '0',
  }));
}

/** Marks of one day: a device that is left out comes only after it. */
function litBy(
  days: readonly DayFacts[],
  devices: readonly PlacedDevice[],
): <T extends LiveMarks>(live: T) => T {
  const ranges: readonly DayRange[] = dayRanges(days);
  const known = new Map(devices.map((device) => [device.deviceId, device]));
  const after = days[0]?.to ?? null;
  return (live) => {
    const device = known.get(live.deviceId);
    if (device === undefined) return { ...live, marks: '0', since: after };
    const { standing } = judgeLive(device, live, ranges);
    return {
      ...live,
      marks: standing === 'counted' ? '1' : '0',
      since: standing === 'excluded' ? after : null,
    };
  };
}
