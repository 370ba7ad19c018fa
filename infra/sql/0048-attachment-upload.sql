-- Files that nobody names go some days after they were last uploaded; the first upload is kept for what it tells.
alter table attachment add column last_uploaded_at timestamptz;
update attachment set last_uploaded_at = uploaded_at;
alter table attachment alter column last_uploaded_at set not null;
create index attachment_last_upload on attachment (last_uploaded_at);
create index claim_document on claim using gin (documents jsonb_path_ops);
