-- The last month, YYYY-MM, that was looked at while this measurement was in force: one that adds too few people is not
-- measured. Absent where none but its own was.
alter table satisfaction_measurement add column looked_to text;
