import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.ts';

/** Query keys by what they hold, so that one live frame renews exactly what it touches. */
export const keys = {
  me: ['me'],
  overview: ['overview'],
  alarms: ['alarms'],
  alarmRules: ['alarm-rules'],
  devices: ['devices'],
  deviceClasses: ['device-classes'],
  spaces: ['spaces'],
  sources: ['sources'],
  rejections: ['rejections'],
  lateBook: ['late-book'],
  discoveries: ['discoveries'],
  users: ['users'],
  sessions: ['sessions'],
  tokens: ['tokens'],
  audit: ['audit'],
  rubrics: ['rubrics'],
  assessment: ['assessment'],
  evidence: ['evidence'],
  registers: ['registers'],
  claims: ['claims'],
  board: ['board'],
  notify: ['notify'],
  inbox: ['inbox'],
  rawRetention: ['raw-retention'],
} as const;

const retries = 2;

/** Only an answer that a second try could change is asked for again. */
function worthRetrying(failures: number, error: unknown): boolean {
  return failures < retries && error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: worthRetrying, staleTime: 5_000, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
