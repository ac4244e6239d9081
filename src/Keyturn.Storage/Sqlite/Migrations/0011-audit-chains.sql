-- oldest program: 11
-- An older program appends rows without a chain, which would be told as added by somebody else.
-- Audit rows are chained: each is hashed together with the hash of the one before it. Who appends to a chain holds it under a lease.
CREATE TABLE audit_chains (
    id          BLOB    PRIMARY KEY,
    number      INTEGER NOT NULL,
    hash        BLOB    NOT NULL,
    seal        BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    holder      BLOB    NOT NULL,
    lease_until INTEGER NOT NULL,
    closed_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_chains_are_kept BEFORE DELETE ON audit_chains
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

ALTER TABLE audit ADD COLUMN chain_id BLOB;
ALTER TABLE audit ADD COLUMN chain_number INTEGER;
ALTER TABLE audit ADD COLUMN hash BLOB CONSTRAINT audit_is_chained CHECK ((chain_id IS NULL) = (hash IS NULL) AND (chain_number IS NULL) = (hash IS NULL));

CREATE UNIQUE INDEX audit_by_chain ON audit (chain_id, chain_number) WHERE chain_id IS NOT NULL;
