-- Reports of alarms are sent like messages, to whom and when a setting says.
alter table notify_setting drop constraint notify_setting_kind_check;
alter table notify_setting add constraint notify_setting_kind_check
  check (kind in ('channel', 'team', 'roster', 'route', 'report'));
