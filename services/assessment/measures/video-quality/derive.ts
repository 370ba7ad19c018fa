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

export interface PictureFacts extends DeviceFacts {
  /** Key of the point with the width. */
  readonly point: string;
  /** What the camera said last before the end of the period; null when it said nothing good. */
  readonly picture: { readonly time: string; readonly widthPx: number; readonly heightPx: number } | null;
}

export interface VideoQualityFacts extends Facts {
  /** Every camera in service at the end of the period. */
  readonly cameras: readonly PictureFacts[];
}

const dayMs = 86_400_000;
/** The least long and short side of a picture, best first; a camera may stand on its side. */
const grades = [
  { id: 'full', longPx: 1_280, shortPx: 720, name: { zh: '高清', en: 'high definition' } },
  { id: 'partial', longPx: 704, shortPx: 480, name: { zh: '标清', en: 'standard definition' } },
  { id: 'none', longPx: 0, shortPx: 0, name: { zh: '低于标清', en: 'below standard definition' } },
] as const;
/** With fewer cameras known than this share the worst picture is not known. */
const knownShare = 0.95;

interface Judged {
  readonly camera: PictureFacts;
  readonly standing: Member['standing'];
  /** Place in `grades`; null when the picture is not known. */
  readonly grade: number | null;
  readonly reason: Bilingual;
}

function judge(facts: VideoQualityFacts, camera: PictureFacts): Judged {
  if (camera.exclusion !== null) {
    const { zh, en } = camera.exclusion;
    const reason = { zh: `人工排除：${zh}`, en: `Left out by a person: ${en}` };
    return { camera, standing: 'excluded', grade: null, reason };
  }
  const { picture } = camera;
  if (picture === null || Date.parse(facts.to) - Date.parse(picture.time) > dayMs) {
    const reason = {
      zh: '评估期末前 24 小时内没有分辨率的良好读数',
      en: 'No good reading of the resolution in the last 24 hours of the period',
    };
    return { camera, standing: 'not-counted', grade: null, reason };
  }
  const { widthPx, heightPx } = picture;
  const grade = grades.findIndex(
    ({ longPx, shortPx }) => Math.max(widthPx, heightPx) >= longPx && Math.min(widthPx, heightPx) >= shortPx,
  );
  const size = `${widthPx}×${heightPx}`;
  const name = grades[grade]?.name;
  const reason = { zh: `${size}，${name?.zh ?? ''}`, en: `${size}, ${name?.en ?? ''}` };
  return { camera, standing: 'counted', grade, reason };
}

function memberOf({ camera, standing, reason }: Judged): Member {
  const { deviceId, name, provenance, point } = camera;
  const judged = { deviceId, name, class: camera.class, provenance, standing, point };
  if (standing === 'excluded') return { ...judged, reason, noted: false };
  return { ...judged, reason: withHeld(reason, camera), noted: (camera.heldS ?? 0) > 0 };
}

function derive(facts: VideoQualityFacts): Measurement {
  const judged = facts.cameras.map((camera) => judge(facts, camera));
  const population = populationOf(judged.map(memberOf));
  const { counted, of } = population;
  const known = judged.flatMap(({ grade }) => grade ?? []);
  const sufficient = of > 0 && counted >= of * knownShare;
  const worst = grades[known.reduce((low, grade) => Math.max(low, grade), 0)];
  const lacking =
    of === 0
      ? { zh: '评估期末没有在用的摄像机', en: 'No camera was in service at the end of the period' }
      : {
          zh: `${of} 台摄像机中只有 ${counted} 台（${percent(counted / of)}）的分辨率可知，需达到 95 %`,
          en: `The resolution of only ${counted} of ${of} cameras (${percent(counted / of)}) is known; 95 % are needed`,
        };
  return {
    value: null,
    unit: 'px',
    ...(sufficient && worst !== undefined ? { grade: worst.id } : {}),
    population,
    completeness: of === 0 ? null : counted / of,
    sources: judged.filter(({ standing }) => standing !== 'excluded').map(({ camera }) => camera.point),
    verdict: sufficient ? 'sufficient' : 'insufficient',
    missing: sufficient ? [] : [lacking],
  };
}

/** The picture of the camera with the lowest resolution, at the end of the period. */
export const videoQuality = defineDerivation<VideoQualityFacts>({
  id: 'video-quality',
  version: 1,
  derive,
  members: (facts) => facts.cameras.map((camera) => memberOf(judge(facts, camera))),
});
