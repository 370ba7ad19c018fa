import type { NoticeTarget } from '#schemas/notify.ts';
import { useWords } from '../../app/i18n.ts';
import { nameIn, usePeopleOptions, usePersonName, useRosters, useTeams } from './lookups.ts';

/** A target as one text, so that one field chooses among all kinds. */
export function targetKey(target: NoticeTarget): string {
  return 'id' in target ? `${target.kind}:${target.id}` : target.kind;
}

export function targetOf(key: string): NoticeTarget {
  const [kind = '', id = ''] = key.split(':', 2);
  if (kind === 'person' || kind === 'team' || kind === 'roster') return { kind, id };
  return kind === 'rule-team' ? { kind } : { kind: 'admins' };
}

/** Who can be named in a step, in groups. */
export function useTargetOptions(): { label: string; options: { value: string; label: string }[] }[] {
  const t = useWords();
  const people = usePeopleOptions();
  const teams = useTeams();
  const rosters = useRosters();
  return [
    {
      label: t('notify.rosters'),
      options: (rosters.data?.items ?? []).map(({ id, name }) => ({
        value: `roster:${id}`,
        label: `${t('notify.roster')} · ${name}`,
      })),
    },
    {
      label: t('notify.teams'),
      options: [
        { value: 'rule-team', label: t('notify.rule-team') },
        ...(teams.data?.items ?? []).map(({ id, name }) => ({
          value: `team:${id}`,
          label: `${t('notify.team')} · ${name}`,
        })),
      ],
    },
    {
      label: t('notify.people'),
      options: [
        { value: 'admins', label: t('notify.admins') },
        ...people.map(({ value, label }) => ({ value: `person:${value}`, label })),
      ],
    },
  ];
}

/** A target in words. */
export function useTargetName(): (target: NoticeTarget) => string {
  const t = useWords();
  const person = usePersonName();
  const teams = useTeams();
  const rosters = useRosters();
  return (target) => {
    if (target.kind === 'person') return person(target.id);
    if (target.kind === 'team') return nameIn(teams.data?.items, target.id);
    if (target.kind === 'roster') return `${t('notify.roster')} ${nameIn(rosters.data?.items, target.id)}`;
    return t(`notify.${target.kind}`);
  };
}
