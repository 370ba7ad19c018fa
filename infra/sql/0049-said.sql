-- What a sentence says, as its code and parameters, so that the console says it in the language of who reads.
alter table rejection add column said jsonb;
alter table gateway_state add column said jsonb not null default '[]';
alter table gateway_state add column last_error_said jsonb not null default '[]';
