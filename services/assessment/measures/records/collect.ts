import { recordKinds } from '#schemas/registers/index.ts';
import { keptRegisters } from '#services/registers/period-store.ts';
import { collectRecords, recordDays } from '../../collect-records.ts';
import { factsHead, remembered, type Collector } from '../../collect.ts';
import { recordsMeasure } from './derive.ts';
import { companyField, fieldsOf, monthsOf, registersOf, ruleOf, textOf, type RecordsFacts } from './facts.ts';

export const recordsCollector: Collector = {
  id: recordsMeasure.id,
  perItem: true,
  async collect(db, request, item): Promise<RecordsFacts> {
    const rule = ruleOf(item);
    const ids = registersOf(rule);
    const months = monthsOf(rule);
    const window = months === undefined ? {} : { months };
    const fields = fieldsOf(rule);
    const read = await collectRecords(db, request, { kinds: ids, fields, ...window });
    const records =
      rule.kind === 'services'
        ? read.filter((record) => textOf(record, 'type').startsWith(`${rule.area}.`))
        : read;
    const days = recordDays(request, months);
    const kept = await remembered(request, `kept ${ids.join()} ${days.toDay}`, () =>
      keptRegisters(db, { kinds: ids, toDay: days.toDay }),
    );
    const field = companyField(rule);
    const named = new Set(field === null ? [] : records.map((record) => textOf(record, field)));
    const companies =
      field === null
        ? []
        : await collectRecords(db, request, { kinds: ['enterprise'], fields: [], ...window });
    return {
      ...factsHead(recordsMeasure, request),
      item: item.id,
      ...days,
      records,
      companies: companies.filter(({ code }) => named.has(code)),
      registers: ids.map((id) => {
        const kind = recordKinds.get(id);
        if (kind === undefined) throw new Error(`${item.id} reads the register ${id}, which does not exist`);
        return { id, name: kind.name, events: kind.time === 'event', kept: kept.has(id) };
      }),
    };
  },
};
