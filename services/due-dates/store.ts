import type { Queryable } from '#infra/postgres.ts';

export interface DueRow {
  readonly deviceId: string;
  readonly registered: string | null;
  readonly told: string | null;
}

/**
 * What is known of the due dates of every device of a class in service.
 * @param asked.event type of the events that tell the next date; null: none does
 * @param asked.since older events count no longer
 */
export async function readDue(
  db: Queryable,
  asked: {
    readonly class: string;
    readonly attribute: string;
    readonly event: string | null;
    readonly since: Date;
  },
): Promise<DueRow[]> {
  const { rows } = await db.query<DueRow>(
    `with told as (
       select distinct on (device_id) device_id, data ->> 'nextDue' as due
       from event where type = $3 and time >= $4 and data ->> 'nextDue' is not null
       order by device_id, time desc)
     select d.id as "deviceId", d.attributes ->> $2 as registered, told.due as told
     from device d left join told on told.device_id = d.id
     where d.class = $1 and d.valid_to = 'infinity' and d.lifecycle = 'in-service'
       and (d.attributes ->> $2 is not null or told.due is not null)
     order by d.id`,
    [asked.class, asked.attribute, asked.event ?? '', asked.since],
  );
  return rows;
}
