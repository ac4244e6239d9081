-- A reset may leave the password before valid for so many seconds; a later one of its own, which makes no new version, discards it.
-- (That is no kind of its own: older programs beside this one could not read it. They know nothing of old passwords, and leave them alone.)
ALTER TABLE resets ADD COLUMN keep_old_for bigint;
ALTER TABLE resets ADD COLUMN discards_old boolean NOT NULL DEFAULT false;
ALTER TABLE resets ADD COLUMN old_kept_until timestamptz;
-- Which version the server lets in beside the current one, and until when.
ALTER TABLE accounts ADD COLUMN old_version bigint;
ALTER TABLE accounts ADD COLUMN old_until timestamptz;
-- From when on a node may discard it: the end of its time, or of the pause after a try.
ALTER TABLE accounts ADD COLUMN discard_after timestamptz;
CREATE INDEX accounts_to_discard ON accounts (discard_after) WHERE discard_after IS NOT NULL;
-- The server's number of the session that proved the password: sessions that were opened before have lower ones.
ALTER TABLE reset_nodes ADD COLUMN proved_by text;
