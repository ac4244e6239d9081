-- Ids are 16-byte blobs in the byte order of RFC 9562; times are microseconds since 1970 (UTC); enums are their members' names.

CREATE TABLE data_keys (
    id            INTEGER PRIMARY KEY,
    master_key_id TEXT    NOT NULL,
    wrapped       BLOB    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE store (
    single             INTEGER PRIMARY KEY CHECK (single = 1),
    id                 BLOB    NOT NULL,
    created_at         INTEGER NOT NULL,
    active_key_id      INTEGER NOT NULL REFERENCES data_keys (id),
    digest_data_key_id INTEGER NOT NULL REFERENCES data_keys (id),
    digest_key         BLOB    NOT NULL,
    -- Counts recoveries from a failed commit; see SqliteWriter.
    log_repairs        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE projects (
    id         BLOB    PRIMARY KEY,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE principals (
    id         BLOB    PRIMARY KEY,
    project_id BLOB    NOT NULL REFERENCES projects (id),
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE tokens (
    hash         BLOB    PRIMARY KEY,
    principal_id BLOB    NOT NULL REFERENCES principals (id),
    created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE instances (
    id                 BLOB    PRIMARY KEY,
    project_id         BLOB    NOT NULL REFERENCES projects (id),
    name               TEXT    NOT NULL,
    engine             TEXT    NOT NULL,
    server_identity    TEXT    NOT NULL,
    is_clone           INTEGER NOT NULL,
    revision           INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    settings           TEXT    NOT NULL,
    client_key         BLOB,
    client_data_key_id INTEGER REFERENCES data_keys (id),
    UNIQUE (project_id, name),
    CHECK ((client_key IS NULL) = (client_data_key_id IS NULL))
) STRICT;

-- A server is registered once a store; a restored copy carries the identity of the original.
CREATE UNIQUE INDEX instances_by_server ON instances (server_identity) WHERE is_clone = 0;

CREATE TABLE accounts (
    id            BLOB    PRIMARY KEY,
    instance_id   BLOB    NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    user          TEXT    NOT NULL,
    host          TEXT,
    auth_database TEXT,
    proof         TEXT    NOT NULL CHECK (proof IN ('Login', 'Readback', 'None')),
    created_at    INTEGER NOT NULL,
    drifted_at    INTEGER
) STRICT;

-- NULL (all rows of the user) is a name of its own: zero is equal to no text.
CREATE UNIQUE INDEX accounts_by_name ON accounts (instance_id, user, ifnull(host, 0), ifnull(auth_database, 0));

CREATE TABLE secrets (
    account_id  BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL CHECK (version > 0),
    state       TEXT    NOT NULL CHECK (state IN ('Pending', 'Current', 'Previous', 'Failed')),
    data_key_id INTEGER NOT NULL REFERENCES data_keys (id),
    box         BLOB    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- No foreign key: it would make removing an account search all secrets. The account takes its resets and its secrets with it.
    reset_id    BLOB,
    PRIMARY KEY (account_id, version)
) STRICT, WITHOUT ROWID;

-- At most one current and one pending version an account.
CREATE UNIQUE INDEX secrets_in_use ON secrets (account_id, state) WHERE state IN ('Pending', 'Current');

CREATE TABLE resets (
    number          INTEGER PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE,
    instance_id     BLOB    NOT NULL,
    account_id      BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind            TEXT    NOT NULL CHECK (kind IN ('Reset', 'Create')),
    state           TEXT    NOT NULL CHECK (state IN ('Prepared', 'Undecided', 'Done', 'Failed', 'Parked')),
    version         INTEGER NOT NULL,
    auth_plugin     TEXT,
    proof           TEXT    NOT NULL CHECK (proof IN ('Login', 'Readback', 'None')),
    principal_id    BLOB    NOT NULL,
    operation       TEXT    NOT NULL,
    idempotency_key TEXT,
    request_digest  BLOB    NOT NULL,
    prepared_at     INTEGER NOT NULL,
    settle_by       INTEGER NOT NULL,
    ended_at        INTEGER,
    fence           INTEGER NOT NULL,
    lease_until     INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    cause_error     TEXT,
    cause_detail    TEXT,
    -- Until when a repeat of the request gets this outcome, although it has ended.
    repeat_until    INTEGER,
    -- When a parked reset was replaced by another, or settled by adopting or promoting a password.
    superseded_at   INTEGER,
    CHECK ((ended_at IS NULL) = (state IN ('Prepared', 'Undecided')))
) STRICT;

CREATE INDEX resets_by_instance ON resets (instance_id, number);
CREATE INDEX resets_by_account ON resets (account_id, number);
CREATE UNIQUE INDEX resets_open ON resets (account_id) WHERE state IN ('Prepared', 'Undecided');
CREATE UNIQUE INDEX resets_parked ON resets (account_id) WHERE state = 'Parked' AND superseded_at IS NULL;
CREATE UNIQUE INDEX resets_by_key ON resets (principal_id, operation, account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX resets_to_repeat ON resets (account_id, repeat_until) WHERE repeat_until IS NOT NULL;

CREATE TABLE reset_nodes (
    reset         INTEGER NOT NULL REFERENCES resets (number) ON DELETE CASCADE,
    position      INTEGER NOT NULL,
    host          TEXT    NOT NULL,
    port          INTEGER NOT NULL,
    role          TEXT    NOT NULL,
    session_id    TEXT    NOT NULL,
    session_start TEXT    NOT NULL,
    step          TEXT    NOT NULL,
    proof         TEXT,
    error         TEXT,
    detail        TEXT,
    not_persisted INTEGER NOT NULL,
    PRIMARY KEY (reset, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE reset_events (
    reset    INTEGER NOT NULL REFERENCES resets (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    phase    TEXT    NOT NULL,
    node     TEXT,
    text     TEXT    NOT NULL,
    PRIMARY KEY (reset, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    sequence       INTEGER PRIMARY KEY AUTOINCREMENT,
    time           INTEGER NOT NULL,
    project_id     BLOB    NOT NULL,
    principal_id   BLOB    NOT NULL,
    principal_name TEXT    NOT NULL,
    source         TEXT    NOT NULL,
    request_id     TEXT    NOT NULL,
    action         TEXT    NOT NULL,
    outcome        TEXT    NOT NULL,
    instance_id    BLOB,
    account        TEXT,
    reset_id       BLOB,
    detail         TEXT
) STRICT;

CREATE INDEX audit_by_project ON audit (project_id, sequence);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
