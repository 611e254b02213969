-- An event of the aggregate was left out by a person since its last snapshot: the next snapshot says something new here,
-- even where its number is the same.
alter table applied_sequence add column incomplete boolean not null default false;
