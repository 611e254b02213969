-- For how long the content of a dead letter is kept once it is settled. What was decided about it stays: who, when and why.
create table dead_letter_retention (
  days int not null check (days >= 0)
);
create unique index dead_letter_retention_one on dead_letter_retention ((true));
insert into dead_letter_retention (days) values (90);

-- When its content was removed.
alter table dead_letter add column emptied_at timestamptz;
create index dead_letter_kept on dead_letter (settled_at) where state <> 'WAITING' and emptied_at is null;
