import type { Measurement } from '#schemas/assessment.ts';
import type { Bilingual } from '#schemas/device-class.ts';
import {
  defineDerivation,
  percent,
  populationOf,
  withHeld,
  type DeviceFacts,
  type Facts,
  type Member,
} from '../../measure.ts';

export interface CameraFacts extends DeviceFacts {
  /** Key of the point with the age of the oldest recording. */
  readonly point: string;
  /** The newest good reading before the end of the period; null when there is none. */
  readonly reading: { readonly time: string; readonly ageS: number } | null;
}

export interface VideoRetentionFacts extends Facts {
  /** Every camera in service at the end of the period. */
  readonly cameras: readonly CameraFacts[];
}

const dayS = 86_400;
/** What the rubrics ask for. */
const fullDays = 30;
/** An age that is older than this at the end of the period tells nothing of that end. */
const staleAfterS = dayS;
/** Recording may begin some hours after a camera was put into service, and is deleted in pieces. */
const graceDays = 1;
/** With fewer cameras known than this share the shortest retention is not known. */
const knownShare = 0.95;

interface Judged {
  readonly camera: CameraFacts;
  readonly standing: Member['standing'];
  /** Days of recordings; null when not known. */
  readonly days: number | null;
  /** Days in service without a break, up to the reading. */
  readonly servedDays: number;
  /** In service too shortly to have recordings of the full length, and recordings cover that time. */
  readonly young: boolean;
  readonly reason: Bilingual;
}

function judge(facts: VideoRetentionFacts, camera: CameraFacts): Judged {
  const base = { camera, days: null, servedDays: 0, young: false };
  if (camera.exclusion !== null) {
    const { zh, en } = camera.exclusion;
    return {
      ...base,
      standing: 'excluded',
      reason: { zh: `人工排除：${zh}`, en: `Left out by a person: ${en}` },
    };
  }
  const { reading } = camera;
  if (reading === null) {
    return {
      ...base,
      standing: 'not-counted',
      reason: { zh: '没有最早录像的良好读数', en: 'No good reading of the oldest recording' },
    };
  }
  const staleS = (Date.parse(facts.to) - Date.parse(reading.time)) / 1_000;
  if (staleS > staleAfterS) {
    return {
      ...base,
      standing: 'not-counted',
      reason: {
        zh: `最后读数为 ${reading.time}，距评估期末超过 24 小时`,
        en: `Last reading at ${reading.time}, more than 24 hours before the end of the period`,
      },
    };
  }
  return judgeKnown(camera, reading);
}

function judgeKnown(camera: CameraFacts, reading: { time: string; ageS: number }): Judged {
  const days = reading.ageS / dayS;
  const since = camera.service
    .map(({ from }) => Date.parse(from))
    .reduce((a, b) => Math.max(a, b), -Infinity);
  const servedDays = Math.max(0, (Date.parse(reading.time) - since) / 1_000 / dayS);
  const young = servedDays < fullDays && days < fullDays && days + graceDays >= servedDays;
  const shown = cut(days);
  const served = cut(servedDays);
  const reason = young
    ? {
        zh: `录像 ${shown} 天，已覆盖全部 ${served} 天投用时间，不拉低最小值`,
        en: `${shown} days of recordings cover all of its ${served} days in service; it does not lower the minimum`,
      }
    : { zh: `录像 ${shown} 天`, en: `${shown} days of recordings` };
  return { camera, standing: 'counted', days, servedDays, young, reason };
}

/** Cut to a tenth, not rounded: 29.96 days must not read as 30. */
function cut(days: number): number {
  return Math.floor(days * 10) / 10;
}

function memberOf({ camera, standing, young, reason }: Judged): Member {
  const { deviceId, name, provenance, point } = camera;
  const judged = { deviceId, name, class: camera.class, provenance, standing, point };
  if (standing === 'excluded') return { ...judged, reason, noted: young };
  return { ...judged, reason: withHeld(reason, camera), noted: young || (camera.heldS ?? 0) > 0 };
}

function whatIsMissing(judged: readonly Judged[]): Bilingual[] {
  const population = judged.filter(({ standing }) => standing !== 'excluded');
  const counted = population.filter(({ standing }) => standing === 'counted');
  if (population.length === 0) {
    return [{ zh: '评估期末没有在用的摄像机', en: 'No camera was in service at the end of the period' }];
  }
  if (counted.length < population.length * knownShare) {
    const share = percent(counted.length / population.length);
    return [
      {
        zh: `${population.length} 台摄像机中只有 ${counted.length} 台（${share}）的保存时间可知，需达到 95 %`,
        en: `The retention of only ${counted.length} of ${population.length} cameras (${share}) is known; 95 % are needed`,
      },
    ];
  }
  if (counted.every(({ young }) => young)) {
    return [
      {
        zh: `全部摄像机投用都不足 ${fullDays} 天`,
        en: `Every camera has been in service for less than ${fullDays} days`,
      },
    ];
  }
  return [];
}

function derive(facts: VideoRetentionFacts): Measurement {
  const judged = facts.cameras.map((camera) => judge(facts, camera));
  const population = populationOf(judged.map(memberOf));
  const deciding = judged.flatMap(({ days, young }) => (days === null || young ? [] : [days]));
  const missing = whatIsMissing(judged);
  const sufficient = missing.length === 0;
  return {
    value: sufficient ? deciding.reduce((a, b) => Math.min(a, b), Infinity) : null,
    unit: 'd',
    population,
    completeness: population.of === 0 ? null : population.counted / population.of,
    sources: judged.filter(({ standing }) => standing !== 'excluded').map(({ camera }) => camera.point),
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing,
  };
}

/** Days of recordings kept, the shortest of all cameras, at the end of the period. */
export const videoRetention = defineDerivation<VideoRetentionFacts>({
  id: 'video-retention',
  version: 1,
  derive,
  members: (facts) => facts.cameras.map((camera) => memberOf(judge(facts, camera))),
});
