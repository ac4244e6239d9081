-- Since when it is not known whether the server accepts what is held: since the account was restored from a backup.
ALTER TABLE accounts ADD COLUMN unverified_since INTEGER;
-- From when on a server may find out by itself. Null: not at all, or not any more.
ALTER TABLE accounts ADD COLUMN probe_after INTEGER;
CREATE INDEX accounts_unverified ON accounts (instance_id) WHERE unverified_since IS NOT NULL;
CREATE INDEX accounts_to_probe ON accounts (probe_after) WHERE probe_after IS NOT NULL;
