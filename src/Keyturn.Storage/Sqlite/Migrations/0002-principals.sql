-- A table cannot be given a column that is neither null nor has a default. Programs always name both; the default is for the rows that are there.
ALTER TABLE projects ADD COLUMN name TEXT NOT NULL DEFAULT 'default';
ALTER TABLE projects ADD COLUMN region TEXT NOT NULL DEFAULT 'default';
UPDATE projects SET name = 'default-' || lower(hex(id)) WHERE id <> (SELECT id FROM projects ORDER BY created_at, id LIMIT 1);
CREATE UNIQUE INDEX projects_by_name ON projects (name);

ALTER TABLE principals ADD COLUMN email TEXT;
-- Nobody tells apart two addresses that differ in case.
CREATE UNIQUE INDEX principals_by_email ON principals (email COLLATE NOCASE) WHERE email IS NOT NULL;

CREATE TABLE credentials (
    id           BLOB    PRIMARY KEY,
    principal_id BLOB    NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    kind         TEXT    NOT NULL CHECK (kind IN ('Token', 'AccessKey', 'EmailKey', 'Password', 'Session')),
    label        TEXT    NOT NULL,
    public_id    TEXT,
    hash         BLOB,
    data_key_id  INTEGER REFERENCES data_keys (id),
    box          BLOB,
    -- A JSON array of names.
    scopes       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    CHECK ((kind = 'AccessKey') = (hash IS NULL)),
    CHECK ((kind = 'AccessKey') = (box IS NOT NULL)),
    CHECK ((box IS NULL) = (data_key_id IS NULL)),
    CHECK (kind <> 'AccessKey' OR public_id IS NOT NULL)
) STRICT;

-- Equal passwords have different hashes: they are found by their principal.
CREATE UNIQUE INDEX credentials_by_hash ON credentials (kind, hash) WHERE kind <> 'Password';
CREATE UNIQUE INDEX credentials_by_access_key ON credentials (public_id) WHERE kind = 'AccessKey';
CREATE UNIQUE INDEX credentials_password ON credentials (principal_id) WHERE kind = 'Password';
CREATE INDEX credentials_by_principal ON credentials (principal_id, created_at);
CREATE INDEX credentials_sessions ON credentials (principal_id, expires_at) WHERE kind = 'Session';

INSERT INTO credentials (id, principal_id, kind, label, hash, scopes, created_at)
SELECT randomblob(16), principal_id, 'Token', '', hash, '["*"]', created_at FROM tokens;

DROP TABLE tokens;
