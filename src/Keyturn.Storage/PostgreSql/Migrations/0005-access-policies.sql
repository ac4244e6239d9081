-- oldest program: 5
-- An older program knows no policies, and would let everybody do everything.
-- Who was there before policies could do everything, and still can.
ALTER TABLE principals ADD COLUMN is_owner boolean NOT NULL DEFAULT false;
UPDATE principals SET is_owner = true;

CREATE TABLE policies (
    id         uuid        PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES projects (id),
    name       text        COLLATE "C" NOT NULL,
    document   text        NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (project_id, name)
);

CREATE TABLE groups (
    id         uuid        PRIMARY KEY,
    project_id uuid        NOT NULL REFERENCES projects (id),
    name       text        COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (project_id, name)
);

CREATE TABLE group_members (
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    group_id     uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (principal_id, group_id)
);

CREATE INDEX group_members_by_group ON group_members (group_id);

CREATE TABLE principal_policies (
    principal_id uuid NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    policy_id    uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    PRIMARY KEY (principal_id, policy_id)
);

CREATE INDEX principal_policies_by_policy ON principal_policies (policy_id);

CREATE TABLE group_policies (
    group_id  uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    policy_id uuid NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, policy_id)
);

CREATE INDEX group_policies_by_policy ON group_policies (policy_id);
