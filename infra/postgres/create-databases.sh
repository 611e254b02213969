#!/bin/sh
# Run once by the database's own image, on an empty volume: a role and a database for each service.
set -eu
for service in personnel performance competency feedback; do
  name="merit_$service"
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    -v name="$name" -v password="$MERIT_DATABASE_PASSWORD" <<'SQL'
create role :"name" login password :'password';
-- A stopped process must not hold locks, and no statement outlives the request that asked for it.
alter role :"name" set idle_in_transaction_session_timeout = '5s';
alter role :"name" set statement_timeout = '8s';
alter role :"name" set lock_timeout = '2s';
create database :"name" owner :"name" encoding 'UTF8' template template0;
SQL
done
