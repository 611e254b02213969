-- Ledgers to be opened because a month of a year has begun in an agency. Written in the transaction of that; done in
-- chunks, each of which moves `after` in its own transaction, so that it goes on where it stopped.
create table year_backlog (
  agency_id uuid not null,
  year int not null,
  -- The first day of the month: those whom the agency employs on it.
  checkpoint date not null,
  -- People up to this id are done.
  after uuid,
  -- The trace of what said so.
  traceparent text,
  marked_at timestamptz not null default clock_timestamp(),
  primary key (agency_id, year, checkpoint)
);
create index year_backlog_marked_at on year_backlog (marked_at);
