import { engineers, alarmHandlers, type Role } from '#schemas/roles.ts';
import type { Alarm } from '../../app/api.ts';

/** What can be done with an alarm, with the letter that does it. */
export const acts = [
  { key: 'acknowledge', letter: 'a' },
  { key: 'comment', letter: 'c' },
  { key: 'assign', letter: 'i' },
  { key: 'shelve', letter: 's' },
  { key: 'unshelve', letter: 's' },
  { key: 'confirm', letter: 'f' },
  { key: 'outOfService', letter: 'o' },
  { key: 'returnToService', letter: 'o' },
] as const;
export type Act = (typeof acts)[number]['key'];

type Handled = Pick<
  Alarm,
  'acknowledged' | 'shelved' | 'outOfService' | 'confirmRequired' | 'confirmedAt' | 'active'
>;

/** Whether an act can be done with an alarm as it is, by somebody of this role; pure. */
export function mayAct(act: Act, alarm: Handled, role: Role): boolean {
  if (act === 'outOfService') return engineers.includes(role) && alarm.outOfService === null;
  if (act === 'returnToService') return engineers.includes(role) && alarm.outOfService !== null;
  if (!alarmHandlers.includes(role)) return false;
  if (act === 'acknowledge') return !alarm.acknowledged;
  if (act === 'shelve') return alarm.shelved === null;
  if (act === 'unshelve') return alarm.shelved !== null;
  if (act === 'confirm') return alarm.confirmRequired && alarm.acknowledged && alarm.confirmedAt === null;
  return true;
}

/** The act a letter asks for; undefined where none can be done. */
export function actOf(letter: string, alarm: Handled, role: Role): Act | undefined {
  return acts.find((each) => each.letter === letter && mayAct(each.key, alarm, role))?.key;
}
