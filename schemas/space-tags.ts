import type { Bilingual } from './device-class.ts';

/**
 * What a park declares its spaces to be. Rubrics ask for shares "of key locations" or "of crowded areas" and leave it to
 * the park which places those are: only places that are declared are counted, with their names beside the figure.
 */
export const spaceTags = [
  'key-location',
  'display-location',
  'crowded-area',
  'key-building',
  'main-road',
  'boundary',
  'lobby',
  'parking',
  'kitchen',
  'lpwan-pilot',
] as const;
export type SpaceTag = (typeof spaceTags)[number];

export const spaceTagNames: Readonly<Record<SpaceTag, Bilingual>> = {
  'key-location': { zh: '视频监控关键位置', en: 'key location for video' },
  'display-location': { zh: '信息发布关键位置', en: 'key location for displays' },
  'crowded-area': { zh: '人流密集区域', en: 'crowded area' },
  'key-building': { zh: '重点建筑', en: 'key building' },
  'main-road': { zh: '主要道路', en: 'main road' },
  boundary: { zh: '园区边界', en: 'park boundary' },
  lobby: { zh: '大厅', en: 'lobby' },
  parking: { zh: '停车场', en: 'car park' },
  kitchen: { zh: '后厨', en: 'kitchen' },
  'lpwan-pilot': { zh: '低功耗广域网试点', en: 'LPWAN pilot' },
};
