-- When the publisher was asked last for what this letter needs; absent where that was as it was set aside, or never.
alter table dead_letter add column asked_at timestamptz;
