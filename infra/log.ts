import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Names whose values never reach a log, at any of the two depths we log objects in. */
const secretKeys = [
  'password',
  'token',
  'authorization',
  'cookie',
  'secret',
  'databaseUrl',
  'mqttUrl',
  'passwordHash',
];

/** JSON lines on stdout (or stderr); a terminal gets short readable lines instead. */
export function createLog(options: { level: string; pretty: boolean; toStderr?: boolean }): Log {
  const toStderr = options.toStderr === true;
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
    ...(options.pretty
      ? {
          transport: {
            target: 'pino-pretty',
            options: {
              destination: toStderr ? 2 : 1,
              translateTime: 'SYS:HH:MM:ss',
              ignore: 'part',
              messageFormat: '{if part}{part}: {end}{msg}',
            },
          },
        }
      : {}),
  };
  return toStderr && !options.pretty ? pino(settings, pino.destination(2)) : pino(settings);
}

/** The logger of one part of the house, e.g. `mqtt`. */
export function partLog(log: Log, part: string): Log {
  return log.child({ part });
}

/** For tests and commands that speak for themselves. */
export function silentLog(): Log {
  return pino({ level: 'silent' });
}
