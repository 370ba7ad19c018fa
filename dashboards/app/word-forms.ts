import type { i18n } from 'i18next';

/** The ending of an English noun after a number, or after its text: one device, two devices, 0.1 packets. */
export const ending = (count: unknown): string => (String(count) === '1' ? '' : 's');

/** Texts may then end a noun by a number of theirs: `{{count}} device{{count, s}}`. Chinese has no such forms. */
export function addWordForms({ services }: i18n): void {
  services.formatter?.add('s', ending);
}
