-- What a person is shown of who read of them stays as the services have said it, for as long as access_log_retention
-- says; that row's own check keeps it from being made shorter than a year. Without the row nothing is ever removed.
create function keep_access_entry() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.accessed_at < clock_timestamp() - make_interval(days => (select days from access_log_retention)) then
      return old;
    end if;
  end if;
  raise insufficient_privilege using
    message = format('%s is append-only: rows are neither changed nor removed before their time', tg_table_name);
end
$$;
create trigger access_entry_rows before update or delete on access_entry
  for each row execute function keep_access_entry();
create trigger access_entry_all before truncate on access_entry for each statement execute function keep_access_entry();
create trigger access_entry_person_rows before update or delete on access_entry_person
  for each row execute function keep_access_entry();
create trigger access_entry_person_all before truncate on access_entry_person
  for each statement execute function keep_access_entry();
