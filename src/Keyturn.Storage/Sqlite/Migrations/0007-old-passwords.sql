-- A reset may leave the password before valid for so many seconds; a later one of its own, which makes no new version, discards it.
-- (That is no kind of its own: the check of a column cannot be changed.)
ALTER TABLE resets ADD COLUMN keep_old_for INTEGER;
ALTER TABLE resets ADD COLUMN discards_old INTEGER NOT NULL DEFAULT 0;
ALTER TABLE resets ADD COLUMN old_kept_until INTEGER;
-- Which version the server lets in beside the current one, and until when.
ALTER TABLE accounts ADD COLUMN old_version INTEGER;
ALTER TABLE accounts ADD COLUMN old_until INTEGER;
-- From when on a server may discard it: the end of its time, or of the pause after a try.
ALTER TABLE accounts ADD COLUMN discard_after INTEGER;
CREATE INDEX accounts_to_discard ON accounts (discard_after) WHERE discard_after IS NOT NULL;
-- The server's number of the session that proved the password: sessions that were opened before have lower ones.
ALTER TABLE reset_nodes ADD COLUMN proved_by TEXT;
