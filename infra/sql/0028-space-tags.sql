-- What the park declares a space to be, for ratios that count only such places (schemas/space-tags.ts).
alter table space add column tags text[] not null default '{}';
