/** What an environment station watches, as rubrics and the public board name it. */
export const environmentMedia = ['air', 'water-quality', 'noise'] as const;
export type EnvironmentMedium = (typeof environmentMedia)[number];

/** The class whose devices watch them. */
export const environmentClass = 'environment-station';

/** Metrics that tell of a medium itself; weather and the temperature of the water do not. */
export const mediumMetrics: Readonly<Record<EnvironmentMedium, readonly string[]>> = {
  air: ['pm25', 'pm10', 'o3', 'no2', 'so2', 'co'],
  'water-quality': [
    'ph',
    'cod',
    'ammonia_nitrogen',
    'total_phosphorus',
    'turbidity',
    'dissolved_oxygen',
    'conductivity',
  ],
  noise: ['noise_leq'],
};

/** The medium that a metric of an environment station tells of; undefined for weather and the like. */
export function mediumOf(metric: string): EnvironmentMedium | undefined {
  return environmentMedia.find((medium) => mediumMetrics[medium].includes(metric));
}
