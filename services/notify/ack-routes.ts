import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ParkError } from '#schemas/errors.ts';
import type { NoticeLanguage } from '#schemas/notify.ts';
import { wallClock } from '#schemas/wall-clock.ts';
import { acknowledgeAlarm } from '#services/alarms/service.ts';
import type { Api } from '#services/api/plugin.ts';
import { readAckLink } from './ack-link.ts';
import { ackPage, type AckPage } from './ack-page.ts';
import type { Person } from './book.ts';
import { loadFacts, type KnownAlarm } from './facts-store.ts';
import type { NotifyDeps } from './routes.ts';
import { listPeople } from './setting-store.ts';
import { tellTime } from './words.ts';

const tags = ['notification'];
const params = z.strictObject({ token: z.string().max(100) });
const commentLength = 500;
const formBytes = 8 * 1024;
/** What the journal says of an acknowledgement that came this way. */
const byLink = { 'zh-CN': '通过消息链接', en: 'by link' } as const;

/**
 * Acknowledging from a message. Looking at the page does nothing: mail programs look at every link by themselves. The
 * link is the credential, so no login is asked for; it names one alarm and one person, and ends after a day.
 */
export async function ackRoutes(api: Api, deps: NotifyDeps): Promise<void> {
  await api.register(async (scope: Api) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formBytes },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    const config = { access: 'public', rateLimit: { max: 60, timeWindow: 60_000 } } as const;
    scope.get(
      '/ack/:token',
      { config, schema: { summary: 'The page of an acknowledging link', tags, params } },
      async (request, reply) => {
        const { page, language } = await look(deps, request.params.token, request);
        return send(reply, page, language);
      },
    );
    scope.post(
      '/ack/:token',
      {
        config,
        schema: {
          summary: 'Acknowledge by a link',
          tags,
          params,
          body: z.strictObject({ comment: z.string().max(commentLength).default('') }).nullish(),
        },
      },
      async (request, reply) => {
        const found = await look(deps, request.params.token, request);
        if (found.person === undefined || found.alarm === undefined) {
          return send(reply, found.page, found.language);
        }
        const { person, alarm, language } = found;
        const comment = request.body?.comment.trim() ?? '';
        return send(reply, await acknowledge(deps, { person, alarm, language, comment }), language);
      },
    );
  });
}

function send(reply: FastifyReply, page: AckPage, language: NoticeLanguage): FastifyReply {
  const status = { ask: 200, done: 200, already: 200, expired: 410, forged: 404, 'not-allowed': 410 }[
    page.kind
  ];
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('x-robots-tag', 'noindex')
    .serializer((text: string) => text)
    .send(ackPage(page, language));
}

interface Looked {
  readonly page: AckPage;
  readonly language: NoticeLanguage;
  /** Both only while the link can be used. */
  readonly person?: Person;
  readonly alarm?: KnownAlarm;
}

async function look(deps: NotifyDeps, token: string, request: FastifyRequest): Promise<Looked> {
  const read = readAckLink(token, deps.letterhead.ackKey, deps.clock.nowMs());
  const accepted = /^en\b/i.test(request.headers['accept-language'] ?? '') ? 'en' : 'zh-CN';
  if (read.kind === 'forged') return { page: { kind: 'forged' }, language: accepted };
  const people = await listPeople(deps.db, deps.clock.nowMs());
  const person = people.find(({ userId }) => userId === read.link.userId);
  const language = person?.preferences.language ?? accepted;
  if (read.kind === 'expired') return { page: { kind: 'expired' }, language };
  const alarm = (await loadFacts(deps.db, [read.link.alarmId])).get(read.link.alarmId);
  if (person === undefined || !person.isActive || !person.mayHandle || alarm === undefined) {
    return { page: { kind: 'not-allowed' }, language };
  }
  const { facts, standing } = alarm;
  const title = `${language === 'en' ? facts.rule.en : facts.rule.zh} · ${facts.deviceName}`;
  if (standing.acknowledgedBy !== null) {
    const by = people.find(({ username }) => username === standing.acknowledgedBy)?.displayName;
    return { page: { kind: 'already', title, by: by ?? standing.acknowledgedBy }, language };
  }
  const place = facts.spaces
    .map(({ name }) => name)
    .toReversed()
    .join(' / ');
  const page = {
    kind: 'ask',
    displayName: person.displayName,
    title,
    place,
    raised: tellTime(facts.raisedMs, wallClock(deps.timeZone)),
    severity: facts.severity,
    isActive: standing.clearedMs === null,
  } as const;
  return { page, language, person, alarm };
}

async function acknowledge(
  deps: NotifyDeps,
  by: { person: Person; alarm: KnownAlarm; language: NoticeLanguage; comment: string },
): Promise<AckPage> {
  const { person, alarm, language, comment } = by;
  const { facts } = alarm;
  const title = `${language === 'en' ? facts.rule.en : facts.rule.zh} · ${facts.deviceName}`;
  const told = comment === '' ? byLink[language] : `${comment} (${byLink[language]})`;
  try {
    await acknowledgeAlarm(deps, {
      id: facts.alarmId,
      actor: person.username,
      comment: told,
      onlyFirst: true,
    });
    return { kind: 'done', title, by: person.displayName };
  } catch (error) {
    // Somebody was quicker, between the page and the button.
    if (error instanceof ParkError && error.code === 'conflict') {
      const now = (await loadFacts(deps.db, [facts.alarmId])).get(facts.alarmId);
      return { kind: 'already', title, by: now?.standing.acknowledgedBy ?? '' };
    }
    throw error;
  }
}
