-- oldest program: 9
-- An older program knows no policies, and would let everybody do everything.
-- Who was there before policies could do everything, and still can.
ALTER TABLE principals ADD COLUMN is_owner INTEGER NOT NULL DEFAULT 0 CHECK (is_owner IN (0, 1));
UPDATE principals SET is_owner = 1;

CREATE TABLE policies (
    id         BLOB    PRIMARY KEY,
    project_id BLOB    NOT NULL REFERENCES projects (id),
    name       TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE groups (
    id         BLOB    PRIMARY KEY,
    project_id BLOB    NOT NULL REFERENCES projects (id),
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE group_members (
    principal_id BLOB NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    group_id     BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (principal_id, group_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_members_by_group ON group_members (group_id);

CREATE TABLE principal_policies (
    principal_id BLOB NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    policy_id    BLOB NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    PRIMARY KEY (principal_id, policy_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX principal_policies_by_policy ON principal_policies (policy_id);

CREATE TABLE group_policies (
    group_id  BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    policy_id BLOB NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, policy_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX group_policies_by_policy ON group_policies (policy_id);
