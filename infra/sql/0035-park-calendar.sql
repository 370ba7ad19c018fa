-- Rosters follow the park's calendar: who stands on its rest days, instead of days of their own.
insert into calendar_day (day, kind, name)
select distinct (h ->> 'day')::date, 'restday', ''
from notify_setting s cross join lateral jsonb_array_elements(s.definition -> 'holidays') h
where s.kind = 'roster' and jsonb_typeof(s.definition -> 'holidays') = 'array'
on conflict (day) do nothing;
update notify_setting s set definition = s.definition - 'holidays' || jsonb_build_object('holidayPeople', coalesce(
  (select jsonb_agg(distinct p) from jsonb_array_elements(s.definition -> 'holidays') h
   cross join lateral jsonb_array_elements(h -> 'people') p), '[]'))
where s.kind = 'roster' and jsonb_typeof(s.definition -> 'holidays') = 'array';

-- Who sits there.
alter table operator_position add column people text[] not null default '{}';
