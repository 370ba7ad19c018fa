-- The quarters of an hour of kept days stand in a table of their own: most questions are asked in days and months, and
-- rows of days are read by the hundred thousand. Days are derived: they are computed again.
truncate consumption_head, consumption_day, consumption_month, consumption_due;
alter table consumption_day drop column quarter_values, drop column quarter_covered_us, drop column quarter_bits;
create table consumption_quarter (
  point_id int not null,
  day date not null,
  -- In order of the day's 92 to 100 quarters.
  value float8[] not null,
  -- Null where every quarter is covered wholly.
  covered_us int[],
  -- Null where no quarter has any.
  bits int[],
  primary key (point_id, day)
);
