-- Texts sort by their bytes, as they do in SQLite; enums are their members' names.

-- The store's clock: leases are by it, whatever the nodes' own clocks say.
CREATE FUNCTION keyturn_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE data_keys (
    id            bigint      PRIMARY KEY,
    master_key_id text        NOT NULL,
    wrapped       bytea       NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE store (
    single             integer     PRIMARY KEY CHECK (single = 1),
    id                 uuid        NOT NULL,
    created_at         timestamptz NOT NULL,
    active_key_id      bigint      NOT NULL REFERENCES data_keys (id),
    digest_data_key_id bigint      NOT NULL REFERENCES data_keys (id),
    digest_key         bytea       NOT NULL
);

CREATE TABLE projects (
    id         uuid        PRIMARY KEY,
    created_at timestamptz NOT NULL,
    name       text        COLLATE "C" NOT NULL UNIQUE,
    region     text        COLLATE "C" NOT NULL
);

CREATE TABLE principals (
    id         uuid        PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES projects (id),
    name       text        COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    email      text        COLLATE "C",
    UNIQUE (project_id, name)
);

CREATE UNIQUE INDEX principals_by_email ON principals (lower(email));

CREATE TABLE credentials (
    id           uuid        PRIMARY KEY,
    principal_id uuid        NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    kind         text        NOT NULL CHECK (kind IN ('Token', 'AccessKey', 'EmailKey', 'Password', 'Session')),
    label        text        NOT NULL,
    public_id    text        COLLATE "C",
    hash         bytea,
    data_key_id  bigint      REFERENCES data_keys (id),
    box          bytea,
    -- A JSON array of names.
    scopes       text        NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    CHECK ((kind = 'AccessKey') = (hash IS NULL)),
    CHECK ((kind = 'AccessKey') = (box IS NOT NULL)),
    CHECK ((box IS NULL) = (data_key_id IS NULL)),
    CHECK (kind <> 'AccessKey' OR public_id IS NOT NULL)
);

-- Equal passwords have different hashes: they are found by their principal.
CREATE UNIQUE INDEX credentials_by_hash ON credentials (kind, hash) WHERE kind <> 'Password';
CREATE UNIQUE INDEX credentials_by_access_key ON credentials (public_id) WHERE kind = 'AccessKey';
CREATE UNIQUE INDEX credentials_password ON credentials (principal_id) WHERE kind = 'Password';
CREATE INDEX credentials_by_principal ON credentials (principal_id, created_at);
CREATE INDEX credentials_sessions ON credentials (principal_id, expires_at) WHERE kind = 'Session';

CREATE TABLE instances (
    id                 uuid        PRIMARY KEY,
    project_id         uuid        NOT NULL REFERENCES projects (id),
    name               text        COLLATE "C" NOT NULL,
    engine             text        NOT NULL,
    server_identity    text        COLLATE "C" NOT NULL,
    is_clone           boolean     NOT NULL,
    revision           bigint      NOT NULL,
    created_at         timestamptz NOT NULL,
    settings           text        NOT NULL,
    client_key         bytea,
    client_data_key_id bigint      REFERENCES data_keys (id),
    UNIQUE (project_id, name),
    CHECK ((client_key IS NULL) = (client_data_key_id IS NULL))
);

-- A server is registered once a store; a restored copy carries the identity of the original.
CREATE UNIQUE INDEX instances_by_server ON instances (server_identity) WHERE NOT is_clone;

CREATE TABLE accounts (
    id            uuid        PRIMARY KEY,
    instance_id   uuid        NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    "user"        text        COLLATE "C" NOT NULL,
    host          text        COLLATE "C",
    auth_database text        COLLATE "C",
    proof         text        NOT NULL CHECK (proof IN ('Login', 'Readback', 'None')),
    created_at    timestamptz NOT NULL,
    drifted_at    timestamptz
);

-- NULL (all rows of the user) is a name of its own, which no text is equal to: texts are written here with a mark before them.
CREATE UNIQUE INDEX accounts_by_name ON accounts (instance_id, "user", coalesce('=' || lower(host), ''), coalesce('=' || auth_database, ''));

CREATE TABLE secrets (
    account_id  uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     bigint      NOT NULL CHECK (version > 0),
    state       text        NOT NULL CHECK (state IN ('Pending', 'Current', 'Previous', 'Failed')),
    data_key_id bigint      NOT NULL REFERENCES data_keys (id),
    box         bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    reset_id    uuid,
    PRIMARY KEY (account_id, version)
);

-- At most one current and one pending version an account.
CREATE UNIQUE INDEX secrets_in_use ON secrets (account_id, state) WHERE state IN ('Pending', 'Current');

CREATE TABLE resets (
    number          bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id              uuid        NOT NULL UNIQUE,
    instance_id     uuid        NOT NULL,
    account_id      uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind            text        NOT NULL CHECK (kind IN ('Reset', 'Create')),
    state           text        NOT NULL CHECK (state IN ('Prepared', 'Undecided', 'Done', 'Failed', 'Parked')),
    version         bigint      NOT NULL,
    auth_plugin     text,
    proof           text        NOT NULL CHECK (proof IN ('Login', 'Readback', 'None')),
    principal_id    uuid        NOT NULL,
    operation       text        COLLATE "C" NOT NULL,
    idempotency_key text        COLLATE "C",
    request_digest  bytea       NOT NULL,
    prepared_at     timestamptz NOT NULL,
    settle_by       timestamptz NOT NULL,
    ended_at        timestamptz,
    fence           bigint      NOT NULL,
    lease_until     timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts        bigint      NOT NULL DEFAULT 0,
    cause_error     text,
    cause_detail    text,
    -- Until when a repeat of the request gets this outcome, although it has ended.
    repeat_until    timestamptz,
    -- When a parked reset was replaced by another, or settled by adopting or promoting a password.
    superseded_at   timestamptz,
    -- What an account that is made may do: a JSON array of pairs, role and database. Null means nothing but to log in.
    roles           text,
    CHECK ((ended_at IS NULL) = (state IN ('Prepared', 'Undecided')))
);

CREATE INDEX resets_by_instance ON resets (instance_id, number);
CREATE INDEX resets_by_account ON resets (account_id, number);
CREATE UNIQUE INDEX resets_open ON resets (account_id) WHERE state IN ('Prepared', 'Undecided');
CREATE UNIQUE INDEX resets_parked ON resets (account_id) WHERE state = 'Parked' AND superseded_at IS NULL;
CREATE UNIQUE INDEX resets_by_key ON resets (principal_id, operation, account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX resets_to_repeat ON resets (account_id, repeat_until) WHERE repeat_until IS NOT NULL;

CREATE TABLE reset_nodes (
    reset         bigint  NOT NULL REFERENCES resets (number) ON DELETE CASCADE,
    position      bigint  NOT NULL,
    host          text    NOT NULL,
    port          bigint  NOT NULL,
    role          text    NOT NULL,
    session_id    text    NOT NULL,
    session_start text    NOT NULL,
    step          text    NOT NULL,
    proof         text,
    error         text,
    detail        text,
    not_persisted boolean NOT NULL,
    PRIMARY KEY (reset, position)
);

CREATE TABLE reset_events (
    reset    bigint      NOT NULL REFERENCES resets (number) ON DELETE CASCADE,
    position bigint      NOT NULL,
    time     timestamptz NOT NULL,
    phase    text        NOT NULL,
    node     text,
    text     text        NOT NULL,
    PRIMARY KEY (reset, position)
);

CREATE TABLE jobs (
    id          uuid        PRIMARY KEY,
    project_id  uuid        NOT NULL REFERENCES projects (id),
    instance_id uuid        NOT NULL,
    name        text        NOT NULL,
    created_at  timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    failure     text
);

CREATE INDEX jobs_by_age ON jobs (created_at);

CREATE TABLE job_resets (
    job_id   uuid   NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    reset_id uuid   NOT NULL,
    PRIMARY KEY (job_id, position)
);

CREATE TABLE audit (
    sequence       bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    time           timestamptz NOT NULL,
    project_id     uuid        NOT NULL,
    principal_id   uuid        NOT NULL,
    principal_name text        NOT NULL,
    source         text        NOT NULL,
    request_id     text        NOT NULL,
    action         text        NOT NULL,
    outcome        text        NOT NULL,
    instance_id    uuid,
    account        text,
    reset_id       uuid,
    detail         text
);

CREATE INDEX audit_by_project ON audit (project_id, sequence);

CREATE FUNCTION keyturn_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;

CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_is_kept();
