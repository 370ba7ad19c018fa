import type { OperatorPosition } from '#schemas/api/alarm-figures.ts';
import type { Queryable } from '#infra/postgres.ts';

/** All SQL of operator positions. */

export async function loadPositions(db: Queryable): Promise<OperatorPosition[]> {
  const { rows } = await db.query<OperatorPosition>(
    `select id, name, name_en as "nameEn", spaces, device_classes as "deviceClasses", people
     from operator_position order by place`,
  );
  return rows;
}

/** Replaces all of them; alarms raised before stay where they were. */
export async function savePositions(
  client: Queryable,
  positions: readonly OperatorPosition[],
): Promise<void> {
  await client.query('delete from operator_position');
  for (const [place, each] of positions.entries()) {
    await client.query(
      `insert into operator_position (id, place, name, name_en, spaces, device_classes, people)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [each.id, place, each.name, each.nameEn, each.spaces, each.deviceClasses, each.people],
    );
  }
}

/** What of positions names something that there is not: spaces, users. */
export async function unknownNames(
  db: Queryable,
  positions: readonly OperatorPosition[],
): Promise<{ readonly spaces: ReadonlySet<string>; readonly people: ReadonlySet<string> }> {
  const { rows } = await db.query<{ spaces: string[]; people: string[] }>(
    `select array(select n from unnest($1::text[]) n
                  where not exists (select from space s where s.id = n and s.valid_to = 'infinity')) as spaces,
            array(select n from unnest($2::text[]) n
                  where not exists (select from park_user u where u.username = n)) as people`,
    [positions.flatMap((each) => each.spaces), positions.flatMap((each) => each.people)],
  );
  return { spaces: new Set(rows[0]?.spaces), people: new Set(rows[0]?.people) };
}

/** Gives alarms that were just raised to the first position that fits; the others stay with `main`. */
export async function assignPositions(client: Queryable, alarmIds: readonly string[]): Promise<void> {
  if (alarmIds.length === 0) return;
  await client.query(
    `with recursive within as (
       select o.id as position, unnest(o.spaces) as space_id from operator_position o
       union
       select w.position, s.id from within w join space s on s.parent_id = w.space_id and s.valid_to = 'infinity'
     )
     update alarm a set position = fit.position
     from (
       select distinct on (a.id) a.id, o.id as position
       from alarm a
       join device d on d.id = a.device_id and d.valid_to = 'infinity'
       join operator_position o
         on (o.spaces = '{}' or (o.id, d.space_id) in (select position, space_id from within))
        and (o.device_classes = '{}' or d.class = any(o.device_classes))
       where a.id = any($1::int8[])
       order by a.id, o.place
     ) fit where a.id = fit.id`,
    [alarmIds],
  );
}
