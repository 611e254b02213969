-- Whether a run for an aggregate is open: who asks for the same joins it.
create index snapshot_run_subject on snapshot_run (subject) where ended_at is null and subject is not null;
