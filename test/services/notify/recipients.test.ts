import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  channelBodySchema,
  preferencesSchema,
  rosterBodySchema,
  stepSchema,
  teamBodySchema,
  type NoticeTarget,
} from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import type { Book, Person } from '#services/notify/book.ts';
import { resolveStep } from '#services/notify/recipients.ts';

const clock = wallClock('Asia/Shanghai');
const nowMs = Date.parse('2026-01-05T23:00:00+08:00');
const night = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '07:00' }];

function person(
  username: string,
  rest: Partial<Omit<Person, 'preferences'>> & { preferences?: object } = {},
): Person {
  const base = {
    userId: username,
    username,
    displayName: username,
    isAdmin: false,
    mayHandle: true,
    isActive: true,
    browsers: [],
  };
  return {
    ...base,
    ...rest,
    preferences: preferencesSchema.parse(rest.preferences ?? { email: `${username}@x.cn` }),
  };
}
const channel = (id: string, config: object, rest: object = {}) =>
  channelBodySchema.parse({ id, name: id, config, ...rest });
const email = { kind: 'email', host: 'mail.x.cn', port: 465, security: 'tls', from: 'park@x.cn' };

function bookOf(parts: {
  people: Person[];
  shifts?: object[];
  team?: string[];
  channels?: ReturnType<typeof channel>[];
}): Book {
  const channels = parts.channels ?? [
    channel('console', { kind: 'console' }),
    channel('mail', email),
    channel('robot', { kind: 'wecom' }),
  ];
  const roster = rosterBodySchema.parse({ id: 'night', name: 'Night', shifts: parts.shifts ?? [] });
  return {
    channels: new Map(channels.map((each) => [each.id, each])),
    teams: new Map([['fire', teamBodySchema.parse({ id: 'fire', name: 'Fire', people: parts.team ?? [] })]]),
    rosters: new Map([['night', roster]]),
    routes: [],
    reports: [],
    people: new Map(parts.people.map((each) => [each.username, each])),
    clock,
    calendar: new Map(),
  };
}

const ask = (book: Book, step: object, rest: object = {}) =>
  resolveStep(book, {
    step: stepSchema.parse({ afterMinutes: 0, ...step }),
    route: { breaksQuiet: false },
    severity: 'high',
    team: '',
    nowMs,
    ...rest,
  });
const told = (resolved: ReturnType<typeof resolveStep>) =>
  resolved.recipients.map(({ username, channelId }) => `${username ?? '-'} ${channelId}`);
const roster: NoticeTarget = { kind: 'roster', id: 'night' };
const admin = person('admin', { isAdmin: true });

describe('resolveStep()', () => {
  test('reaches people by every personal way they have and want, groups by the channel named', () => {
    const picky = person('li', { preferences: { email: 'li@x.cn', ways: { email: ['critical'] } } });
    const book = bookOf({ people: [person('wang'), picky] });
    const targets = ['wang', 'li'].map((id) => ({ kind: 'person', id }));
    expect(told(ask(book, { targets }))).toEqual(['wang console', 'wang mail', 'li console']);
    expect(told(ask(book, { targets, channels: ['mail', 'robot'] }))).toEqual(['wang mail', '- robot']);
    expect(told(ask(book, { targets, channels: ['robot'] }))).toEqual([
      'wang console',
      'wang mail',
      'li console',
      '- robot',
    ]);
  });

  test('holds back in quiet hours; not what is critical, not who is on call, not where the route says so', () => {
    const quiet = person('wang', { preferences: { quiet: night } });
    const shifts = [{ name: 'S', people: ['wang'], every: 'day', startDay: '2026-01-01', handover: '08:00' }];
    const book = bookOf({ people: [quiet], shifts });
    const due = (resolved: ReturnType<typeof resolveStep>) =>
      resolved.recipients.map(({ dueMs }) => dueMs - nowMs);
    const step = { targets: [{ kind: 'person', id: 'wang' }] };
    expect(due(ask(book, step))).toEqual([8 * 3_600_000]);
    expect(due(ask(book, step, { severity: 'critical' }))).toEqual([0]);
    expect(due(ask(book, step, { route: { breaksQuiet: true } }))).toEqual([0]);
    expect(due(ask(book, { targets: [roster] }))).toEqual([0]);
  });

  test('names the hole and tells all administrators where nobody can be reached', () => {
    const gone = person('wang', { isActive: false });
    const book = bookOf({
      people: [admin, gone],
      shifts: [{ name: 'S', people: ['wang'], every: 'day', startDay: '2026-01-01', handover: '08:00' }],
    });
    const resolved = ask(book, { targets: [roster] });
    expect(resolved.holes).toEqual([{ object: 'person-wang', reason: 'is disabled' }]);
    expect([resolved.isFallback, told(resolved)]).toEqual([true, ['admin console', 'admin mail']]);
    expect(ask(book, { targets: [{ kind: 'rule-team' }] }, { team: 'fire' }).holes).toEqual([
      { object: 'team-fire', reason: 'has nobody' },
    ]);
    expect(ask(book, { targets: [{ kind: 'rule-team' }] }).holes).toEqual([
      { object: 'rule-team', reason: 'the rule names no team' },
    ]);
  });

  test('a hole beside somebody who is reached is named, and the administrators are left alone', () => {
    const book = bookOf({ people: [admin, person('wang')] });
    const resolved = ask(book, { targets: [roster, { kind: 'person', id: 'wang' }] });
    expect([resolved.isFallback, told(resolved)]).toEqual([false, ['wang console', 'wang mail']]);
    expect(resolved.holes).toEqual([{ object: 'roster-night', reason: 'nobody is on call' }]);
  });

  test('people who are named and cannot be reached bring the administrators beside a group', () => {
    const book = bookOf({ people: [admin] });
    const resolved = ask(book, { targets: [roster], channels: ['robot'] });
    expect(told(resolved)).toEqual(['- robot', 'admin console', 'admin mail']);
  });

  test('always reaches somebody while there is an administrator and a console, each once by each way', () => {
    const names = ['wang', 'li', 'zhao'];
    const target = fc.oneof(
      fc.constantFrom(...names, 'nobody').map((id) => ({ kind: 'person', id }) as const),
      fc.constantFrom('fire', 'gone').map((id) => ({ kind: 'team', id }) as const),
      fc.constantFrom('night', 'gone').map((id) => ({ kind: 'roster', id }) as const),
      fc.constant({ kind: 'rule-team' } as const),
    );
    const anyPerson = fc.record({
      isActive: fc.boolean(),
      email: fc.boolean(),
      ways: fc.subarray(['critical', 'high']),
    });
    fc.assert(
      fc.property(
        fc.array(target, { minLength: 1, maxLength: 4 }),
        fc.subarray(['console', 'mail', 'gone', 'off']),
        fc.tuple(anyPerson, anyPerson, anyPerson),
        fc.subarray(names),
        (targets, channels, people, team) => {
          const made = people.map(({ isActive, email: hasEmail, ways }, i) =>
            person(names[i] ?? '', {
              isActive,
              preferences: {
                email: hasEmail ? 'a@x.cn' : null,
                ways: { console: ways, email: ways, http: ways },
              },
            }),
          );
          const all = [
            channel('console', { kind: 'console' }),
            channel('mail', email),
            channel('off', email, { enabled: false }),
          ];
          const book = bookOf({ people: [admin, ...made], team, channels: all });
          const resolved = ask(book, { targets, channels });
          expect(resolved.recipients.length).toBeGreaterThan(0);
          expect(new Set(told(resolved)).size).toBe(resolved.recipients.length);
          for (const { username } of resolved.recipients)
            expect(book.people.get(username ?? '')?.isActive).toBe(true);
          if (resolved.isFallback) expect(told(resolved)).toContain('admin console');
        },
      ),
    );
  });
});
