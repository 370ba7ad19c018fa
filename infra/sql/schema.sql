-- Written by `npm run schema` from the catalogue of a migrated database; never edited by hand.

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are never changed or deleted', tg_table_name using errcode = 'restrict_violation';
end $function$
;

create table alarm (
  id bigint not null generated always as identity,
  rule_id text not null,
  rule_version integer not null,
  point_id integer,
  onset timestamp with time zone not null,
  severity text not null,
  value double precision,
  limit_value double precision,
  reason text not null,
  raised_at timestamp with time zone not null,
  cleared_at timestamp with time zone,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  comment text,
  assignee text,
  suppressed_at timestamp with time zone,
  suppressed_reason text,
  suppressed_by text,
  confirm_required boolean not null default false,
  confirmed_at timestamp with time zone,
  confirmed_by text,
  settled boolean not null default ((cleared_at IS NOT NULL) AND ((suppressed_at IS NOT NULL) OR ((acknowledged_at IS NOT NULL) AND ((confirmed_at IS NOT NULL) OR (NOT confirm_required))))),
  "position" text not null default 'main'::text,
  object text not null,
  device_id text not null,
  facts jsonb,
  CHECK ((((acknowledged_at IS NULL) = (acknowledged_by IS NULL)) AND ((acknowledged_at IS NULL) = (comment IS NULL)))),
  CHECK ((cleared_at >= raised_at)),
  CHECK (((suppressed_at IS NULL) = (suppressed_reason IS NULL))),
  CHECK (((suppressed_by IS NULL) OR (suppressed_at IS NOT NULL))),
  CHECK (((confirmed_at IS NULL) = (confirmed_by IS NULL))),
  CHECK ((severity = ANY (ARRAY['critical'::text, 'high'::text, 'medium'::text, 'low'::text]))),
  FOREIGN KEY (rule_id, rule_version) REFERENCES alarm_rule(id, version),
  PRIMARY KEY (id),
  UNIQUE (rule_id, rule_version, object, onset)
);
CREATE INDEX alarm_active ON public.alarm USING btree (rule_id, object) WHERE (cleared_at IS NULL);
CREATE INDEX alarm_device ON public.alarm USING btree (device_id, raised_at);
CREATE INDEX alarm_object ON public.alarm USING btree (rule_id, object, onset);
CREATE INDEX alarm_open ON public.alarm USING btree (raised_at, id) WHERE (NOT settled);
CREATE INDEX alarm_point ON public.alarm USING btree (point_id, raised_at);
CREATE INDEX alarm_raised ON public.alarm USING btree (raised_at, id);
CREATE INDEX alarm_stood ON public.alarm USING btree (cleared_at) WHERE ((cleared_at - raised_at) > '24:00:00'::interval);
CREATE INDEX alarm_suppressed ON public.alarm USING btree (raised_at, id) WHERE (suppressed_at IS NOT NULL);
CREATE INDEX alarm_suppressed_by ON public.alarm USING btree (suppressed_by) WHERE ((cleared_at IS NULL) AND (suppressed_by IS NOT NULL));

create table alarm_acknowledgement (
  id bigint not null generated always as identity,
  alarm_id bigint not null,
  device_id text not null,
  key text not null,
  actor text not null,
  comment text not null,
  at timestamp with time zone not null,
  passed_at timestamp with time zone,
  FOREIGN KEY (alarm_id) REFERENCES alarm(id),
  PRIMARY KEY (id)
);
CREATE INDEX alarm_acknowledgement_waiting ON public.alarm_acknowledgement USING btree (id) WHERE (passed_at IS NULL);

create table alarm_cursor (
  name text not null,
  xid xid8 not null,
  PRIMARY KEY (name)
);

create table alarm_day (
  day date not null,
  "position" text not null,
  announced integer[] not null,
  recorded integer not null,
  buckets integer[] not null,
  acknowledged_after integer[] not null,
  acknowledged_after_s double precision not null,
  cleared_after integer[] not null,
  cleared_after_s double precision not null,
  standing integer not null,
  shelved_s double precision not null,
  suppressed_s double precision not null,
  out_of_service_s double precision not null,
  folded_at timestamp with time zone not null,
  PRIMARY KEY (day, "position")
);

create table alarm_flood (
  id bigint not null generated always as identity,
  "position" text not null,
  began_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  announced integer not null,
  peak integer not null,
  causes jsonb not null,
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX alarm_flood_running ON public.alarm_flood USING btree ("position") WHERE (ended_at IS NULL);

create table alarm_fold (
  one boolean not null default true,
  cursor xid8 not null,
  CHECK (one),
  PRIMARY KEY (one)
);

create table alarm_held (
  id bigint not null generated always as identity,
  kind text not null,
  rule_id text not null,
  since timestamp with time zone not null,
  until timestamp with time zone not null,
  actor text not null,
  reason text not null,
  object text not null,
  CHECK ((kind = ANY (ARRAY['shelved'::text, 'out-of-service'::text, 'suppressed'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX alarm_held_until ON public.alarm_held USING btree (until);

create table alarm_hold (
  rule_id text not null,
  kind text not null,
  alarm_id bigint not null,
  one_shot boolean not null,
  since timestamp with time zone not null,
  until timestamp with time zone,
  actor text not null,
  reason text not null,
  object text not null,
  CHECK (((kind = 'shelved'::text) = (until IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['shelved'::text, 'out-of-service'::text]))),
  FOREIGN KEY (alarm_id) REFERENCES alarm(id),
  PRIMARY KEY (rule_id, object, kind)
);
CREATE INDEX alarm_hold_until ON public.alarm_hold USING btree (until) WHERE (until IS NOT NULL);

create table alarm_not_raised (
  id bigint not null generated always as identity,
  rule_id text not null,
  object text not null,
  kind text not null,
  "time" timestamp with time zone not null,
  value double precision,
  noted_at timestamp with time zone not null default now(),
  CHECK ((kind = ANY (ARRAY['late'::text, 'history'::text]))),
  PRIMARY KEY (id),
  UNIQUE (rule_id, object, kind, "time")
);

create table alarm_rule (
  id text not null,
  version integer not null,
  valid_from timestamp with time zone not null default now(),
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  author text not null,
  reason text not null,
  definition jsonb not null,
  CHECK ((valid_from <= valid_to)),
  PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX alarm_rule_current ON public.alarm_rule USING btree (id) WHERE (valid_to = 'infinity'::timestamp with time zone);

create table alarm_rule_override (
  rule_id text not null,
  device_id text not null,
  version integer not null,
  valid_from timestamp with time zone not null default now(),
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  author text not null,
  reason text not null,
  definition jsonb,
  CHECK ((valid_from <= valid_to)),
  PRIMARY KEY (rule_id, device_id, version)
);
CREATE UNIQUE INDEX alarm_rule_override_current ON public.alarm_rule_override USING btree (rule_id, device_id) WHERE (valid_to = 'infinity'::timestamp with time zone);
CREATE INDEX alarm_rule_override_device ON public.alarm_rule_override USING btree (device_id) WHERE (valid_to = 'infinity'::timestamp with time zone);

create table alarm_source_day (
  day date not null,
  "position" text not null,
  rule_id text not null,
  raised integer not null,
  chattered integer not null,
  object text not null,
  PRIMARY KEY (day, "position", rule_id, object)
);

create table alarm_state (
  rule_id text not null,
  rule_version integer not null,
  handled_to timestamp with time zone,
  state jsonb not null,
  object text not null,
  judged text,
  PRIMARY KEY (rule_id, object)
);

create table alarm_transition (
  id bigint not null generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  alarm_id bigint not null,
  kind text not null,
  key text not null default ''::text,
  "time" timestamp with time zone not null,
  actor text not null,
  reason text not null,
  value double precision,
  active boolean not null,
  acknowledged boolean not null,
  facts jsonb,
  CHECK ((kind = ANY (ARRAY['raised'::text, 'acknowledged'::text, 'commented'::text, 'cleared'::text, 'assigned'::text, 'shelved'::text, 'unshelved'::text, 'out-of-service'::text, 'in-service'::text, 'suppressed'::text, 'unsuppressed'::text, 'confirmed'::text]))),
  FOREIGN KEY (alarm_id) REFERENCES alarm(id),
  PRIMARY KEY (id),
  UNIQUE (alarm_id, kind, key)
);
CREATE INDEX alarm_transition_time ON public.alarm_transition USING btree ("time");
CREATE INDEX alarm_transition_xid ON public.alarm_transition USING btree (xid, id);

create table api_token (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  name text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  FOREIGN KEY (user_id) REFERENCES park_user(id),
  PRIMARY KEY (id),
  UNIQUE (secret_hash)
);
CREATE INDEX api_token_owner ON public.api_token USING btree (user_id);

create table assessment_sign_off (
  id bigint not null,
  rubric_id text not null,
  edition text not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  content jsonb not null,
  signer_id text not null,
  signer text not null,
  signed_at timestamp with time zone not null,
  CHECK ((from_time < to_time)),
  PRIMARY KEY (id)
);
CREATE INDEX assessment_sign_off_rubric ON public.assessment_sign_off USING btree (rubric_id, edition, from_time, to_time, id);

create table assessment_snapshot (
  rubric_id text not null,
  day date not null,
  edition text not null,
  rubric_sha256 text not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  as_of timestamp with time zone not null,
  time_zone text not null,
  determined_min double precision not null,
  determined_max double precision not null,
  undetermined double precision not null,
  maximum double precision not null,
  demo boolean not null,
  journal_id bigint not null,
  CHECK ((rubric_sha256 ~ '^[0-9a-f]{64}$'::text)),
  PRIMARY KEY (rubric_id, day)
);

create table assessment_snapshot_facts (
  sha256 text not null,
  content bytea not null,
  last_day date not null,
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  PRIMARY KEY (sha256)
);
CREATE INDEX assessment_snapshot_facts_day ON public.assessment_snapshot_facts USING btree (last_day);

create table assessment_snapshot_item (
  rubric_id text not null,
  day date not null,
  item text not null,
  score jsonb not null,
  measurement jsonb not null,
  measure text not null,
  measure_version integer not null,
  facts_sha256 text not null,
  kept_sha256 text not null,
  CHECK ((facts_sha256 ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((kept_sha256 ~ '^[0-9a-f]{64}$'::text)),
  FOREIGN KEY (rubric_id, day) REFERENCES assessment_snapshot(rubric_id, day),
  PRIMARY KEY (rubric_id, day, item)
);
CREATE INDEX assessment_snapshot_item_kept ON public.assessment_snapshot_item USING btree (kept_sha256);

create table assessor_decision (
  id bigint not null,
  rubric_id text not null,
  edition text not null,
  item text not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  points double precision,
  range_min double precision not null,
  range_max double precision not null,
  reason text not null,
  author_id text not null,
  author text not null,
  decided_at timestamp with time zone not null,
  CHECK ((from_time < to_time)),
  CHECK (((points >= range_min) AND (points <= range_max))),
  PRIMARY KEY (id)
);
CREATE INDEX assessor_decision_period ON public.assessor_decision USING btree (rubric_id, edition, from_time, to_time, item, id);

create table attachment (
  sha256 text not null,
  media_type text not null,
  bytes bigint not null,
  name text not null,
  uploaded_at timestamp with time zone not null default now(),
  uploaded_by text not null,
  last_uploaded_at timestamp with time zone not null,
  CHECK ((bytes > 0)),
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  PRIMARY KEY (sha256)
);
CREATE INDEX attachment_last_upload ON public.attachment USING btree (last_uploaded_at);

create table board_serving (
  minute timestamp with time zone not null,
  medium text not null,
  servings integer not null,
  newest_time timestamp with time zone not null,
  CHECK ((medium = ANY (ARRAY['air'::text, 'water-quality'::text, 'noise'::text]))),
  PRIMARY KEY (minute, medium)
);

create table bus_key (
  one boolean not null default true,
  key bytea not null,
  CHECK ((length(key) = 32)),
  CHECK (one),
  PRIMARY KEY (one)
);

create table calendar_day (
  day date not null,
  kind text not null,
  name text not null,
  CHECK ((kind = ANY (ARRAY['workday'::text, 'restday'::text]))),
  PRIMARY KEY (day)
);

create table camera_probe (
  device_id text not null,
  group_id text not null,
  asked_at timestamp with time zone not null,
  answers boolean not null,
  answered_at timestamp with time zone,
  troubles text[] not null,
  clock_offset_s double precision,
  reach_s double precision,
  recording boolean,
  manufacturer text,
  model text,
  firmware text,
  recorded_share double precision,
  PRIMARY KEY (device_id)
);

create table cctv_group (
  id text not null,
  definition jsonb not null,
  secret bytea,
  version integer not null default 1,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  PRIMARY KEY (id)
);

create table claim (
  id bigint not null generated always as identity,
  rubric_id text not null,
  item text not null,
  content jsonb not null,
  statement text not null,
  documents jsonb not null default '[]'::jsonb,
  valid_from date not null,
  valid_until date not null,
  sha256 text not null,
  author_id text not null,
  author text not null,
  claimed_at timestamp with time zone not null,
  state text not null default 'pending'::text,
  decider_id text,
  decider text,
  decided_at timestamp with time zone,
  decision_reason text,
  withdrawn_at timestamp with time zone,
  withdrawn_by text,
  withdrawal_reason text,
  provenance text not null default 'field'::text,
  CHECK ((valid_from <= valid_until)),
  CHECK ((decider_id <> author_id)),
  CHECK (((state <> ALL (ARRAY['approved'::text, 'refused'::text])) OR (decider_id IS NOT NULL))),
  CHECK (((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL))),
  CHECK ((provenance = ANY (ARRAY['field'::text, 'simulated'::text, 'replayed'::text, 'manual'::text]))),
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'refused'::text, 'withdrawn'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX claim_document ON public.claim USING gin (documents jsonb_path_ops);
CREATE INDEX claim_item ON public.claim USING btree (rubric_id, item, id);
CREATE UNIQUE INDEX claim_pending ON public.claim USING btree (rubric_id, item) WHERE (state = 'pending'::text);

create table consumption_change (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default now(),
  point_id integer not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  old_value double precision,
  new_value double precision,
  old_coverage double precision not null,
  new_coverage double precision not null,
  old_bits integer not null,
  new_bits integer not null,
  cause text not null,
  CHECK ((cause = ANY (ARRAY['late'::text, 'later'::text, 'correction'::text, 'late-book'::text, 'replacement'::text, 'review'::text, 'facts'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX consumption_change_point ON public.consumption_change USING btree (point_id, id);
CREATE INDEX consumption_change_time ON public.consumption_change USING btree (point_id, to_time);

create table consumption_day (
  point_id integer not null,
  day date not null,
  value double precision,
  covered_us bigint not null,
  bits integer not null,
  depends_from timestamp with time zone not null,
  depends_to timestamp with time zone not null,
  computed_at timestamp with time zone not null default now(),
  PRIMARY KEY (point_id, day)
);
CREATE INDEX consumption_day_depends ON public.consumption_day USING btree (point_id, depends_to);

create table consumption_due (
  id bigint not null generated always as identity,
  point_id integer not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  cause text not null,
  at timestamp with time zone not null default now(),
  CHECK ((cause = ANY (ARRAY['reading'::text, 'late-book'::text, 'replacement'::text, 'review'::text, 'facts'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX consumption_due_point ON public.consumption_due USING btree (point_id);

create table consumption_head (
  point_id integer not null,
  since timestamp with time zone not null,
  first_day date not null,
  next_day date not null,
  facts text not null,
  FOREIGN KEY (point_id) REFERENCES point(point_id),
  PRIMARY KEY (point_id)
);

create table consumption_month (
  point_id integer not null,
  month date not null,
  value double precision,
  covered_us bigint not null,
  bits integer not null,
  depends_from timestamp with time zone not null,
  depends_to timestamp with time zone not null,
  PRIMARY KEY (point_id, month)
);

create table consumption_quarter (
  point_id integer not null,
  day date not null,
  value double precision[] not null,
  covered_us integer[],
  bits integer[],
  PRIMARY KEY (point_id, day)
);

create table day_close (
  day date not null,
  version integer not null,
  root text not null,
  sealed_at timestamp with time zone not null default now(),
  changed_at timestamp with time zone,
  known_until timestamp with time zone not null default now(),
  PRIMARY KEY (day)
);

create table delivery (
  id bigint not null generated always as identity,
  key text not null,
  notice_id bigint,
  alarm_id bigint,
  channel_id text not null,
  username text,
  kind text not null,
  rank smallint not null,
  state text not null default 'waiting'::text,
  digest boolean not null,
  created_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  since timestamp with time zone not null,
  attempts integer not null default 0,
  batch text,
  done_at timestamp with time zone,
  last_error text,
  seen_at timestamp with time zone,
  message jsonb not null,
  flood_id bigint,
  CHECK ((state = ANY (ARRAY['waiting'::text, 'sending'::text, 'delivered'::text, 'dead'::text, 'cancelled'::text]))),
  FOREIGN KEY (alarm_id) REFERENCES alarm(id),
  FOREIGN KEY (flood_id) REFERENCES alarm_flood(id),
  FOREIGN KEY (notice_id) REFERENCES notice(id),
  PRIMARY KEY (id),
  UNIQUE (key)
);
CREATE INDEX delivery_alarm ON public.delivery USING btree (alarm_id);
CREATE INDEX delivery_channel ON public.delivery USING btree (channel_id, id);
CREATE INDEX delivery_dead ON public.delivery USING btree (id) WHERE (state = 'dead'::text);
CREATE INDEX delivery_done ON public.delivery USING btree (done_at) WHERE (done_at IS NOT NULL);
CREATE INDEX delivery_due ON public.delivery USING btree (channel_id, rank, due_at, id) WHERE (state = 'waiting'::text);
CREATE INDEX delivery_flood ON public.delivery USING btree (channel_id, flood_id) WHERE ((state = 'waiting'::text) AND (flood_id IS NOT NULL));
CREATE INDEX delivery_inbox ON public.delivery USING btree (username, id) WHERE ((kind <> 'test'::text) AND (state = 'delivered'::text) AND (seen_at IS NULL));
CREATE INDEX delivery_notice ON public.delivery USING btree (notice_id);
CREATE INDEX delivery_person ON public.delivery USING btree (username, id) WHERE (username IS NOT NULL);
CREATE INDEX delivery_sending ON public.delivery USING btree (id) WHERE (state = 'sending'::text);
CREATE INDEX delivery_state ON public.delivery USING btree (state, id) WHERE (state <> 'delivered'::text);

create table delivery_attempt (
  id bigint not null generated always as identity,
  delivery_id bigint not null,
  channel_id text not null,
  at timestamp with time zone not null,
  duration_ms integer not null,
  outcome text not null,
  code text not null,
  excerpt text not null,
  CHECK ((outcome = ANY (ARRAY['delivered'::text, 'retry'::text, 'limited'::text, 'refused'::text]))),
  FOREIGN KEY (delivery_id) REFERENCES delivery(id) ON DELETE CASCADE,
  PRIMARY KEY (id)
);
CREATE INDEX delivery_attempt_channel ON public.delivery_attempt USING btree (channel_id, at);
CREATE INDEX delivery_attempt_delivery ON public.delivery_attempt USING btree (delivery_id, id);

create table device (
  id text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  class text not null,
  name text not null,
  space_id text,
  lifecycle text not null default 'in-service'::text,
  provenance text not null default 'field'::text,
  attributes jsonb not null default '{}'::jsonb,
  CHECK ((valid_from < valid_to)),
  CHECK ((lifecycle = ANY (ARRAY['planned'::text, 'in-service'::text, 'out-of-service'::text, 'retired'::text]))),
  CHECK ((provenance = ANY (ARRAY['field'::text, 'simulated'::text, 'replayed'::text, 'manual'::text]))),
  PRIMARY KEY (id, valid_from)
);
CREATE INDEX device_class ON public.device USING btree (class, id) WHERE (valid_to = 'infinity'::timestamp with time zone);
CREATE UNIQUE INDEX device_current ON public.device USING btree (id) WHERE (valid_to = 'infinity'::timestamp with time zone);
CREATE INDEX device_space ON public.device USING btree (space_id) WHERE (valid_to = 'infinity'::timestamp with time zone);

create table device_status (
  device_id text not null,
  status text,
  status_at timestamp with time zone,
  source text not null,
  last_seen timestamp with time zone,
  CHECK ((status = ANY (ARRAY['online'::text, 'offline'::text]))),
  PRIMARY KEY (device_id)
);

create table dirty_bucket (
  id bigint not null generated always as identity,
  bucket timestamp with time zone not null,
  point_ids integer[],
  PRIMARY KEY (id)
);
CREATE INDEX dirty_bucket_time ON public.dirty_bucket USING btree (bucket);

create table discovery_packet (
  id bigint not null generated always as identity,
  device_id text not null,
  received_at timestamp with time zone not null,
  source text not null,
  address text not null,
  metrics text[] not null,
  content jsonb not null,
  payload bytea not null,
  size_bytes integer not null,
  value_count integer not null,
  PRIMARY KEY (id)
);
CREATE INDEX discovery_packet_age ON public.discovery_packet USING btree (received_at);
CREATE INDEX discovery_packet_device ON public.discovery_packet USING btree (device_id, id);

create table event (
  event_id bigint not null generated always as identity,
  device_id text not null,
  "time" timestamp with time zone not null,
  untimed boolean not null,
  type text not null,
  event_key text,
  data jsonb not null,
  source text not null,
  received_at timestamp with time zone not null default now(),
  xid xid8 default pg_current_xact_id(),
  PRIMARY KEY (event_id)
);
CREATE INDEX event_device ON public.event USING btree (device_id, "time", event_id);
CREATE INDEX event_time ON public.event USING btree ("time", event_id);
CREATE UNIQUE INDEX event_timed ON public.event USING btree (device_id, "time", type, event_key) WHERE (NOT untimed);
CREATE INDEX event_type ON public.event USING btree (type, "time", event_id);
CREATE UNIQUE INDEX event_untimed ON public.event USING btree (device_id, type, event_key) WHERE (untimed AND (event_key IS NOT NULL));
CREATE INDEX event_xid ON public.event USING btree (xid, event_id) WHERE (xid IS NOT NULL);

create table evidence (
  id bigint not null,
  rubric_id text not null,
  edition text not null,
  item text not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  as_of timestamp with time zone not null,
  demo boolean not null,
  stored_by text not null,
  stored_at timestamp with time zone not null default now(),
  CHECK ((from_time < to_time)),
  PRIMARY KEY (id)
);
CREATE INDEX evidence_item ON public.evidence USING btree (rubric_id, item, id);

create table evidence_file (
  sha256 text not null,
  content text not null,
  bytes integer not null,
  created_at timestamp with time zone not null default now(),
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  PRIMARY KEY (sha256)
);

create table evidence_input (
  evidence_id bigint not null,
  name text not null,
  sha256 text not null,
  FOREIGN KEY (evidence_id) REFERENCES evidence(id),
  FOREIGN KEY (sha256) REFERENCES evidence_file(sha256),
  PRIMARY KEY (evidence_id, name)
);

create table exclusion (
  id bigint not null generated always as identity,
  measure text not null,
  device_id text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  reason_zh text not null,
  reason_en text not null,
  actor text not null,
  created_at timestamp with time zone not null default now(),
  CHECK ((valid_from < valid_to)),
  PRIMARY KEY (id)
);
CREATE INDEX exclusion_device ON public.exclusion USING btree (measure, device_id);

create table field_command (
  id uuid not null,
  device_id text not null,
  command text not null,
  reason text not null,
  actor text not null,
  sent_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  metric text,
  wanted double precision,
  state text not null,
  ended_at timestamp with time zone,
  detail text,
  server_id text,
  called_at timestamp with time zone,
  CHECK ((state = ANY (ARRAY['sent'::text, 'confirmed'::text, 'failed'::text, 'timed-out'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX field_command_device ON public.field_command USING btree (device_id, sent_at);
CREATE UNIQUE INDEX field_command_open ON public.field_command USING btree (device_id) WHERE (state = 'sent'::text);

create table field_credential (
  id uuid not null default gen_random_uuid(),
  device_id text not null,
  kind text not null,
  secret_hash bytea,
  secret_mosquitto text,
  subject text,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone not null default 'infinity'::timestamp with time zone,
  last_used_at timestamp with time zone,
  last_address text,
  CHECK (((kind = 'password'::text) = ((secret_hash IS NOT NULL) AND (secret_mosquitto IS NOT NULL)))),
  CHECK (((kind = 'certificate'::text) = (subject IS NOT NULL))),
  CHECK ((kind = ANY (ARRAY['password'::text, 'certificate'::text]))),
  PRIMARY KEY (id),
  UNIQUE (secret_hash)
);
CREATE INDEX field_credential_device ON public.field_credential USING btree (device_id);
CREATE INDEX field_credential_subject ON public.field_credential USING btree (subject) WHERE (subject IS NOT NULL);

create table field_grant (
  device_id text not null,
  children text[] not null default '{}'::text[],
  prefixes text[] not null default '{}'::text[],
  topics text[] not null default '{}'::text[],
  packets_per_s integer,
  connections integer,
  PRIMARY KEY (device_id)
);

create table field_policy (
  singleton boolean not null default true,
  shared_login boolean not null default true,
  CHECK (singleton),
  PRIMARY KEY (singleton)
);

create table gateway_state (
  source text not null,
  instance integer not null,
  protocol text not null,
  connected boolean not null,
  detail text not null,
  canary_lag_ms double precision,
  canary_holes bigint,
  sessions_lost bigint,
  lost_at timestamp with time zone,
  seen_at timestamp with time zone not null default now(),
  figures jsonb,
  packets_per_s double precision,
  last_error text,
  last_error_at timestamp with time zone,
  said jsonb not null default '[]'::jsonb,
  last_error_said jsonb not null default '[]'::jsonb,
  PRIMARY KEY (source, instance)
);

create table identity_policy (
  singleton boolean not null default true,
  mode text not null,
  keep_days integer not null,
  erased_to timestamp with time zone not null default '-infinity'::timestamp with time zone,
  CHECK (((keep_days >= 1) AND (keep_days <= 3660))),
  CHECK ((mode = ANY (ARRAY['hash'::text, 'mask'::text, 'keep'::text]))),
  CHECK (singleton),
  PRIMARY KEY (singleton)
);

create table invitation (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  token_hash bytea not null,
  email text,
  invited_by text not null,
  invited_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  FOREIGN KEY (user_id) REFERENCES park_user(id),
  PRIMARY KEY (id),
  UNIQUE (token_hash)
);
CREATE INDEX invitation_user ON public.invitation USING btree (user_id);

create table item_question (
  id bigint not null generated always as identity,
  rubric_id text not null,
  item text not null,
  question text not null,
  asker_id text not null,
  asker text not null,
  asked_at timestamp with time zone not null,
  PRIMARY KEY (id)
);
CREATE INDEX item_question_item ON public.item_question USING btree (rubric_id, item, id);

create table item_question_entry (
  id bigint not null generated always as identity,
  question_id bigint not null,
  kind text not null,
  content text not null,
  author text not null,
  said_at timestamp with time zone not null,
  CHECK ((kind = ANY (ARRAY['answer'::text, 'remark'::text, 'close'::text, 'reopen'::text]))),
  FOREIGN KEY (question_id) REFERENCES item_question(id),
  PRIMARY KEY (id)
);
CREATE INDEX item_question_entry_question ON public.item_question_entry USING btree (question_id, id);

create table journal (
  journal text not null,
  id bigint not null generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  at timestamp with time zone not null default clock_timestamp(),
  body text not null,
  seq bigint,
  prev text,
  hash text,
  sealed_at timestamp with time zone,
  CHECK ((((seq IS NULL) = (hash IS NULL)) AND ((seq IS NULL) = (prev IS NULL)))),
  CHECK ((journal = ANY (ARRAY['evidence'::text, 'audit'::text, 'alarms'::text, 'days'::text]))),
  PRIMARY KEY (journal, id)
);
CREATE UNIQUE INDEX journal_seq ON public.journal USING btree (journal, seq) WHERE (seq IS NOT NULL);
CREATE INDEX journal_unsealed ON public.journal USING btree (xid, id) WHERE (seq IS NULL);

create table late_arrival (
  committed_at timestamp with time zone not null default now(),
  point_id integer not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  count integer not null
);
CREATE INDEX late_arrival_at ON public.late_arrival USING btree (committed_at);
CREATE INDEX late_arrival_point ON public.late_arrival USING btree (point_id, from_time);

create table late_day (
  point_id integer not null,
  day date not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  first_at timestamp with time zone not null default now(),
  PRIMARY KEY (point_id, day)
);
CREATE INDEX late_day_day ON public.late_day USING btree (day);
CREATE INDEX late_day_first ON public.late_day USING btree (first_at);

create table late_entry (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default now(),
  source text not null,
  device_id text not null,
  metrics text[] not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone not null,
  value_count integer not null,
  outcome text not null,
  CHECK ((outcome = ANY (ARRAY['stored'::text, 'register'::text, 'refused'::text]))),
  PRIMARY KEY (id)
);
CREATE INDEX late_entry_device ON public.late_entry USING btree (device_id, id);

create table late_sample (
  "time" timestamp with time zone not null,
  value double precision not null,
  point_id integer not null,
  quality smallint not null,
  PRIMARY KEY (point_id, "time")
);

create table lease (
  role text not null,
  holder text not null,
  epoch bigint not null,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (role)
);

create table ledger (
  source text not null,
  lane smallint not null,
  packets_received bigint not null default 0,
  packets_refused bigint not null default 0,
  packets_unacknowledged bigint not null default 0,
  values_received bigint not null default 0,
  values_committed bigint not null default 0,
  values_corrected bigint not null default 0,
  values_duplicate bigint not null default 0,
  values_undiscovered bigint not null default 0,
  values_untimed bigint not null default 0,
  events_committed bigint not null default 0,
  events_duplicate bigint not null default 0,
  last_at timestamp with time zone not null default now(),
  PRIMARY KEY (source, lane)
);

create table ledger_rejected (
  source text not null,
  lane smallint not null,
  reason text not null,
  count bigint not null default 0,
  PRIMARY KEY (source, lane, reason)
);

create table login_attempt (
  key text not null,
  failures integer not null,
  last_at timestamp with time zone not null,
  PRIMARY KEY (key)
);

create table maintenance_window (
  id bigint not null generated always as identity,
  name text not null,
  target jsonb not null,
  schedule jsonb not null,
  reason text not null,
  with_critical boolean not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  ends_at timestamp with time zone not null,
  ended_by text,
  end_reason text,
  CHECK (((ended_by IS NULL) = (end_reason IS NULL))),
  PRIMARY KEY (id)
);
CREATE INDEX maintenance_window_ends ON public.maintenance_window USING btree (ends_at);

create table mapping_version (
  version integer not null,
  mapping text not null,
  note text not null default ''::text,
  saved_at timestamp with time zone not null,
  saved_by text not null,
  CHECK ((version > 0)),
  PRIMARY KEY (version)
);

create table notice (
  id bigint not null generated always as identity,
  alarm_id bigint not null,
  transition_id bigint not null,
  route_id text not null,
  opened_at timestamp with time zone not null,
  step integer not null default 0,
  repeats integer not null default 0,
  next_at timestamp with time zone,
  ended_at timestamp with time zone,
  end_reason text,
  CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  FOREIGN KEY (alarm_id) REFERENCES alarm(id),
  PRIMARY KEY (id),
  UNIQUE (transition_id, route_id)
);
CREATE INDEX notice_alarm ON public.notice USING btree (alarm_id);
CREATE INDEX notice_due ON public.notice USING btree (next_at) WHERE ((ended_at IS NULL) AND (next_at IS NOT NULL));
CREATE INDEX notice_ended ON public.notice USING btree (ended_at) WHERE (ended_at IS NOT NULL);

create table notify_channel_state (
  channel_id text not null,
  failures integer not null,
  open_until timestamp with time zone,
  failing_since timestamp with time zone,
  last_error text not null,
  last_delivered_at timestamp with time zone,
  PRIMARY KEY (channel_id)
);

create table notify_cursor (
  one boolean not null default true,
  cursor xid8 not null,
  last_id bigint not null,
  floor_id bigint not null,
  CHECK (one),
  PRIMARY KEY (one)
);

create table notify_person (
  username text not null,
  preferences jsonb not null,
  FOREIGN KEY (username) REFERENCES park_user(username),
  PRIMARY KEY (username)
);

create table notify_push (
  id bigint not null generated always as identity,
  username text not null,
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  label text not null,
  created_at timestamp with time zone not null,
  FOREIGN KEY (username) REFERENCES park_user(username) ON DELETE CASCADE,
  PRIMARY KEY (id),
  UNIQUE (endpoint)
);
CREATE INDEX notify_push_person ON public.notify_push USING btree (username, id);

create table notify_seen (
  transition_id bigint not null,
  xid xid8 not null,
  PRIMARY KEY (transition_id)
);

create table notify_setting (
  kind text not null,
  id text not null,
  definition jsonb not null,
  secret bytea,
  CHECK (((secret IS NULL) OR (kind = 'channel'::text))),
  CHECK ((kind = ANY (ARRAY['channel'::text, 'team'::text, 'roster'::text, 'route'::text, 'report'::text]))),
  PRIMARY KEY (kind, id)
);

create table opcua_method (
  device_id text not null,
  command text not null,
  server_id text not null,
  PRIMARY KEY (device_id, command)
);

create table opcua_node (
  server_id text not null,
  device_id text not null,
  metric text not null,
  definition jsonb not null,
  FOREIGN KEY (server_id) REFERENCES opcua_server(id) ON DELETE CASCADE,
  PRIMARY KEY (server_id, device_id, metric)
);

create table opcua_server (
  id text not null,
  definition jsonb not null,
  secret bytea,
  version integer not null default 1,
  PRIMARY KEY (id)
);

create table operator_position (
  id text not null,
  place integer not null,
  name text not null,
  name_en text,
  spaces text[] not null default '{}'::text[],
  device_classes text[] not null default '{}'::text[],
  people text[] not null default '{}'::text[],
  PRIMARY KEY (id)
);

create table park (
  one boolean not null default true,
  id text not null,
  time_zone text not null,
  created_at timestamp with time zone not null default now(),
  CHECK (one),
  PRIMARY KEY (one)
);

create table park_record (
  id bigint not null generated always as identity,
  kind text not null,
  code text not null,
  version integer not null,
  valid_from date not null,
  valid_until date not null default 'infinity'::date,
  title text not null,
  fields jsonb not null,
  documents jsonb not null default '[]'::jsonb,
  provenance text not null default 'field'::text,
  sha256 text not null,
  recorded_at timestamp with time zone not null,
  recorded_by text not null,
  reason text,
  superseded_at timestamp with time zone not null default 'infinity'::timestamp with time zone,
  superseded_by text,
  ending text,
  CHECK ((valid_from <= valid_until)),
  CHECK (((ending IS NULL) = (superseded_at = 'infinity'::timestamp with time zone))),
  CHECK ((ending = ANY (ARRAY['corrected'::text, 'changed'::text, 'withdrawn'::text]))),
  CHECK ((provenance = ANY (ARRAY['field'::text, 'simulated'::text, 'replayed'::text, 'manual'::text]))),
  CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  PRIMARY KEY (id)
);
CREATE INDEX park_record_document ON public.park_record USING gin (documents jsonb_path_ops);
CREATE INDEX park_record_history ON public.park_record USING btree (kind, code, id);
CREATE UNIQUE INDEX park_record_known ON public.park_record USING btree (kind, code, valid_from) WHERE (superseded_at = 'infinity'::timestamp with time zone);
CREATE INDEX park_record_until ON public.park_record USING btree (kind, valid_until) WHERE (superseded_at = 'infinity'::timestamp with time zone);

create table park_user (
  id uuid not null default gen_random_uuid(),
  username text not null,
  display_name text not null,
  role text not null,
  password_hash text not null,
  must_change_password boolean not null default false,
  one_time_expires_at timestamp with time zone,
  disabled boolean not null default false,
  expires_at timestamp with time zone,
  created_at timestamp with time zone not null,
  last_login_at timestamp with time zone,
  CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'engineer'::text, 'assessor'::text, 'admin'::text]))),
  PRIMARY KEY (id),
  UNIQUE (username)
);

create table point (
  point_id integer not null generated always as identity,
  device_id text not null,
  metric text not null,
  ignored boolean not null default false,
  definition jsonb,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (point_id),
  UNIQUE (device_id, metric)
);

create table point_day (
  day date not null,
  point_id integer not null,
  expected integer not null,
  received integer not null,
  good integer not null,
  first_time timestamp with time zone not null,
  last_time timestamp with time zone not null,
  longest_gap_s double precision not null,
  sha256 text not null,
  last_good_time timestamp with time zone,
  last_good double precision,
  PRIMARY KEY (point_id, day)
);
CREATE INDEX point_day_day ON public.point_day USING btree (day);

create table raw_keep (
  id bigint not null generated always as identity,
  class text not null,
  days integer,
  author text not null,
  reason text not null,
  at timestamp with time zone not null default now(),
  CHECK ((days > 0)),
  PRIMARY KEY (id)
);
CREATE INDEX raw_keep_class ON public.raw_keep USING btree (class, id);

create table raw_kept (
  one boolean not null default true,
  since timestamp with time zone not null,
  CHECK (one),
  PRIMARY KEY (one)
);

create table raw_kept_point (
  point_id integer not null,
  whole_from timestamp with time zone not null,
  PRIMARY KEY (point_id)
);

create table reading (
  "time" timestamp with time zone not null,
  value double precision not null,
  point_id integer not null,
  quality smallint not null,
  CHECK (((quality >= 0) AND (quality <= 2))),
  PRIMARY KEY (point_id, "time")
);

create table reading_correction (
  id bigint not null generated always as identity,
  point_id integer not null,
  "time" timestamp with time zone not null,
  old_value double precision not null,
  old_quality smallint not null,
  new_value double precision not null,
  new_quality smallint not null,
  new_rev bigint not null,
  corrected_at timestamp with time zone not null default now(),
  PRIMARY KEY (id)
);
CREATE INDEX reading_correction_at ON public.reading_correction USING btree (corrected_at);
CREATE INDEX reading_correction_key ON public.reading_correction USING btree (point_id, "time");

create table reading_kept (
  "time" timestamp with time zone not null,
  value double precision not null,
  point_id integer not null,
  quality smallint not null,
  CHECK (((quality >= 0) AND (quality <= 2))),
  PRIMARY KEY (point_id, "time")
);

create table reading_late (
  "time" timestamp with time zone not null,
  value double precision not null,
  point_id integer not null,
  quality smallint not null,
  CHECK (((quality >= 0) AND (quality <= 2))),
  PRIMARY KEY (point_id, "time")
);

create table reading_rev (
  point_id integer not null,
  "time" timestamp with time zone not null,
  rev bigint not null,
  PRIMARY KEY (point_id, "time")
);

create table record_review (
  id bigint not null generated always as identity,
  kind text not null,
  code text not null,
  reviewed_at timestamp with time zone not null,
  reviewer text not null,
  note text,
  PRIMARY KEY (id)
);
CREATE INDEX record_review_record ON public.record_review USING btree (kind, code, id);

create table register_knot (
  "time" timestamp with time zone not null,
  value double precision not null,
  covered_us bigint not null,
  point_id integer not null,
  quality smallint not null,
  PRIMARY KEY (point_id, "time")
);

create table register_replacement (
  id bigint not null generated always as identity,
  point_id integer not null,
  at timestamp with time zone not null,
  closing double precision not null,
  opening double precision not null,
  author text not null,
  reason text not null,
  valid_from timestamp with time zone not null default now(),
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  FOREIGN KEY (point_id) REFERENCES point(point_id),
  PRIMARY KEY (id)
);
CREATE UNIQUE INDEX register_replacement_current ON public.register_replacement USING btree (point_id, at) WHERE (valid_to = 'infinity'::timestamp with time zone);

create table register_review (
  id bigint not null generated always as identity,
  point_id integer not null,
  from_time timestamp with time zone not null,
  from_value double precision not null,
  from_origin text not null,
  to_time timestamp with time zone not null,
  to_value double precision not null,
  to_origin text not null,
  claimed double precision not null,
  state text not null default 'open'::text,
  left_out timestamp with time zone,
  replacement_id bigint,
  found_at timestamp with time zone not null default now(),
  decided_at timestamp with time zone,
  decided_by text,
  reason text,
  CHECK (((state = 'left-out'::text) = (left_out IS NOT NULL))),
  CHECK (((state = 'replacement'::text) = (replacement_id IS NOT NULL))),
  CHECK (((state = ANY (ARRAY['open'::text, 'superseded'::text])) = (decided_at IS NULL))),
  CHECK ((from_origin = ANY (ARRAY['sample'::text, 'closing'::text, 'opening'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'left-out'::text, 'replacement'::text, 'superseded'::text]))),
  CHECK ((to_origin = ANY (ARRAY['sample'::text, 'closing'::text, 'opening'::text]))),
  FOREIGN KEY (point_id) REFERENCES point(point_id),
  FOREIGN KEY (replacement_id) REFERENCES register_replacement(id),
  PRIMARY KEY (id),
  UNIQUE (point_id, from_time, to_time)
);
CREATE INDEX register_review_state ON public.register_review USING btree (state, id);

create table rejection (
  id bigint not null generated always as identity,
  at timestamp with time zone not null default now(),
  source text not null,
  address text not null,
  device_id text,
  reason text not null,
  detail text not null,
  value_count integer not null,
  metrics text[] not null default '{}'::text[],
  payload bytea not null,
  payload_bytes integer not null,
  said jsonb,
  PRIMARY KEY (id)
);
CREATE INDEX rejection_device ON public.rejection USING btree (device_id, id);
CREATE INDEX rejection_reason ON public.rejection USING btree (reason, id);

create table rollup_15m (
  bucket timestamp with time zone not null,
  point_id integer not null,
  count integer not null,
  good integer not null,
  summed integer not null,
  min double precision,
  max double precision,
  sum double precision,
  sum_cos double precision,
  first double precision,
  last double precision,
  first_us integer,
  last_us integer,
  quality smallint not null,
  PRIMARY KEY (point_id, bucket)
);
CREATE INDEX rollup_15m_bucket ON public.rollup_15m USING btree (bucket);

create table rollup_15m_day (
  day date not null,
  point_id integer not null,
  count integer[] not null,
  good integer[] not null,
  summed integer[] not null,
  min double precision[] not null,
  max double precision[] not null,
  sum double precision[] not null,
  sum_cos double precision[],
  first double precision[] not null,
  last double precision[] not null,
  first_us integer[] not null,
  last_us integer[] not null,
  quality smallint[] not null,
  PRIMARY KEY (point_id, day)
);
CREATE INDEX rollup_15m_day_day ON public.rollup_15m_day USING btree (day);

create table rollup_1d (
  day date not null,
  point_id integer not null,
  count integer not null,
  good integer not null,
  summed integer not null,
  quality smallint not null,
  min double precision,
  max double precision,
  sum double precision,
  sum_cos double precision,
  first double precision,
  last double precision,
  first_time timestamp with time zone,
  last_time timestamp with time zone,
  PRIMARY KEY (point_id, day) INCLUDE (good)
);

create table schema_migration (
  id text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  PRIMARY KEY (id)
);

create table sequence_heard (
  id bigint not null generated always as identity,
  source text not null,
  device_ids text[] not null,
  seqs bigint[] not null,
  times_ms double precision[] not null,
  arrived_ms double precision[] not null,
  CHECK (((cardinality(device_ids) = cardinality(seqs)) AND (cardinality(seqs) = cardinality(times_ms)) AND (cardinality(times_ms) = cardinality(arrived_ms)))),
  PRIMARY KEY (id)
);

create table sequence_state (
  device_id text not null,
  source text not null,
  runs jsonb not null default '[]'::jsonb,
  gaps bigint not null default 0,
  repeats bigint not null default 0,
  restarts bigint not null default 0,
  changed_at timestamp with time zone not null default now(),
  PRIMARY KEY (device_id)
);

create table session (
  id uuid not null default gen_random_uuid(),
  user_id uuid not null,
  token_hash bytea not null,
  created_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  address text not null,
  user_agent text not null,
  FOREIGN KEY (user_id) REFERENCES park_user(id),
  PRIMARY KEY (id),
  UNIQUE (token_hash)
);
CREATE INDEX session_owner ON public.session USING btree (user_id);

create table shift_handover (
  id bigint not null generated always as identity,
  signed_at timestamp with time zone not null,
  signed_by text not null,
  notes jsonb not null,
  state jsonb not null,
  accepted_at timestamp with time zone,
  accepted_by text,
  accept_comment text,
  CHECK ((accepted_by <> signed_by)),
  CHECK ((((accepted_at IS NULL) = (accepted_by IS NULL)) AND ((accepted_at IS NULL) = (accept_comment IS NULL)))),
  PRIMARY KEY (id)
);

create table space (
  id text not null,
  valid_from timestamp with time zone not null,
  valid_to timestamp with time zone not null default 'infinity'::timestamp with time zone,
  parent_id text,
  kind text not null,
  role text,
  name text not null,
  area_m2 double precision,
  tags text[] not null default '{}'::text[],
  CHECK ((valid_from < valid_to)),
  CHECK ((kind = ANY (ARRAY['park'::text, 'building'::text, 'floor'::text, 'zone'::text, 'room'::text, 'outdoor'::text, 'road'::text]))),
  PRIMARY KEY (id, valid_from)
);
CREATE UNIQUE INDEX space_current ON public.space USING btree (id) WHERE (valid_to = 'infinity'::timestamp with time zone);
CREATE INDEX space_parent ON public.space USING btree (parent_id) WHERE (valid_to = 'infinity'::timestamp with time zone);

create table state_span (
  point_id integer not null,
  day date not null,
  from_time timestamp with time zone not null,
  to_time timestamp with time zone,
  value double precision not null,
  last_seen timestamp with time zone not null,
  PRIMARY KEY (point_id, from_time)
);
CREATE INDEX state_span_day ON public.state_span USING btree (day, point_id);

create table writer_flush (
  writer uuid not null,
  lane smallint not null,
  flush bigint not null,
  committed_at timestamp with time zone not null default now(),
  PRIMARY KEY (writer, lane)
);
