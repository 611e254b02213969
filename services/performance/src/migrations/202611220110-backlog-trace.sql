-- The trace of what made the work necessary: the scores that it moves say so, too.
alter table score_backlog add column traceparent text;
