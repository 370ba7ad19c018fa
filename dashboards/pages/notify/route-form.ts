import type { RouteBody, RouteWrite } from '../../app/notify-api.ts';
import { targetKey, targetOf } from './targets.ts';

/** What a form of a route holds: targets as texts, the repetition and the digest as plain figures. */
export interface RouteValues {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly position: number;
  readonly isLast: boolean;
  readonly match: RouteBody['match'];
  readonly steps: readonly {
    readonly afterMinutes: number;
    readonly targets?: readonly string[];
    readonly channels?: readonly string[];
  }[];
  readonly isRepeated: boolean;
  readonly everyMinutes?: number;
  readonly times?: number;
  /** 0 for none. */
  readonly digestMinutes?: number;
  readonly breaksQuiet: boolean;
  readonly endsWhenCleared: boolean;
  readonly tellCleared: boolean;
  readonly tellAcknowledged: boolean;
}

const noMatch: RouteBody['match'] = {
  severities: [],
  categories: [],
  spaces: [],
  deviceClasses: [],
  rules: [],
  windows: [],
};

const fresh: Partial<RouteValues> = {
  enabled: true,
  position: 100,
  isLast: false,
  match: { ...noMatch, severities: ['critical', 'high'] },
  steps: [
    { afterMinutes: 0, targets: [], channels: [] },
    { afterMinutes: 15, targets: ['admins'], channels: [] },
  ],
  isRepeated: false,
  everyMinutes: 15,
  times: 4,
  digestMinutes: 0,
  breaksQuiet: false,
  endsWhenCleared: true,
  tellCleared: false,
  tellAcknowledged: false,
};

export function routeForm(route: RouteBody | null): Partial<RouteValues> {
  if (route === null) return fresh;
  const { repeat, digestMinutes, steps, ...rest } = route;
  return {
    ...rest,
    steps: steps.map((step) => ({ ...step, targets: step.targets.map(targetKey) })),
    isRepeated: repeat !== null,
    everyMinutes: repeat?.everyMinutes ?? 15,
    times: repeat?.times ?? 4,
    digestMinutes: digestMinutes ?? 0,
  };
}

export function routeWrite(values: RouteValues): RouteWrite & { id: string; name: string } {
  const { isRepeated, everyMinutes = 15, times = 4, digestMinutes = 0, steps, match, ...rest } = values;
  return {
    ...rest,
    match: { ...noMatch, ...match },
    steps: steps.map(({ afterMinutes, targets = [], channels = [] }) => ({
      afterMinutes,
      targets: targets.map(targetOf),
      channels: [...channels],
    })),
    repeat: isRepeated ? { everyMinutes, times } : null,
    digestMinutes: digestMinutes === 0 ? null : digestMinutes,
  };
}
