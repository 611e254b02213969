-- A rebuild from the service's own state: how many aggregates there are to take in, how many were read, and the last of them.
alter table rebuild
  add column in_all int,
  add column taken int not null default 0,
  add column aggregate_type text,
  add column aggregate_id uuid;

-- One that was built at once, as of one moment, is not fed by commands: it must not take the place of what is in use.
update rebuild set state = 'FAILED', error = 'It was built by an older version, as of one moment: start another.'
 where state in ('FILLING', 'READY') and topic not in (select topic from consumer_offset);
