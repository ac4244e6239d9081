-- oldest program: 7
-- An older program appends rows without a chain, which would be told as added by somebody else.
-- Audit rows are chained: each is hashed together with the hash of the one before it. Who appends to a chain holds it under a lease.
CREATE TABLE audit_chains (
    id          uuid        PRIMARY KEY,
    number      bigint      NOT NULL,
    hash        bytea       NOT NULL,
    seal        bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    holder      uuid        NOT NULL,
    lease_until timestamptz NOT NULL,
    closed_at   timestamptz
) WITH (fillfactor = 50);

CREATE TRIGGER audit_chains_are_kept BEFORE DELETE OR TRUNCATE ON audit_chains FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_is_kept();

ALTER TABLE audit ADD COLUMN chain_id uuid;
ALTER TABLE audit ADD COLUMN chain_number bigint;
ALTER TABLE audit ADD COLUMN hash bytea;
ALTER TABLE audit ADD CONSTRAINT audit_is_chained CHECK ((chain_id IS NULL) = (hash IS NULL) AND (chain_number IS NULL) = (hash IS NULL));

CREATE UNIQUE INDEX audit_by_chain ON audit (chain_id, chain_number) WHERE chain_id IS NOT NULL;
