import type { Queryable } from './postgres.ts';

/**
 * The schema as text, from the catalogue (the embedded server has no pg_dump). Partitions and what TimescaleDB keeps
 * for itself are left out, so both dialects give one text apart from the hypertable itself.
 */
export async function dumpSchema(client: Queryable): Promise<string> {
  const { rows } = await client.query<{ text: string }>(schemaQuery);
  return `-- Written by \`npm run schema\` from the catalogue of a migrated database; never edited by hand.\n\n${rows
    .map((row) => row.text)
    .join('\n\n')}\n`;
}

const schemaQuery = `
with relation as (
  select c.oid, c.relname, c.relkind
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
    and not exists (select 1 from pg_depend d where d.objid = c.oid and d.deptype = 'e')
), columns as (
  select a.attrelid as oid, string_agg(
    '  ' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when a.attnotnull then ' not null' else '' end
    || case when a.attidentity = 'a' then ' generated always as identity' else '' end
    || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''), E',\n' order by a.attnum) as text
  from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attnum > 0 and not a.attisdropped group by a.attrelid
), constraints as (
  select conrelid as oid, string_agg('  ' || pg_get_constraintdef(oid), E',\n' order by contype, conname) as text
  from pg_constraint where contype in ('p', 'u', 'f', 'c') group by conrelid
), indexes as (
  select i.indrelid as oid, string_agg(pg_get_indexdef(i.indexrelid) || ';', E'\n' order by i.indexrelid::regclass::text) as text
  from pg_index i
  where not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid) group by i.indrelid
)
select case r.relkind
    when 'v' then 'create view ' || r.relname || ' as' || E'\n' || pg_get_viewdef(r.oid)
    else 'create table ' || r.relname || E' (\n' || c.text || coalesce(E',\n' || k.text, '') || E'\n);'
      || coalesce(E'\n' || i.text, '')
  end as text
from relation r left join columns c using (oid) left join constraints k using (oid) left join indexes i using (oid)
union all
select pg_get_functiondef(p.oid) || ';' from pg_proc p
where p.pronamespace = 'public'::regnamespace and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
order by 1`;
