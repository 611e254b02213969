-- The event that last said where a ledger stands, for snapshots to tell it again. Null for one that was last published
-- longer ago than the outbox keeps.
alter table ledger add column event_id uuid, add column counted_at timestamptz;
update ledger l set event_id = o.event_id, counted_at = o.occurred_at
  from outbox o
 where o.aggregate_type = 'learning' and o.aggregate_id = l.id and o.aggregate_seq = l.version and o.snapshot is null;
