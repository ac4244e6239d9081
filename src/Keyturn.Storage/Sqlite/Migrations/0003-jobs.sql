-- Jobs know their instance and their resets without keeping them: both may be removed before the job is.
CREATE TABLE jobs (
    id          BLOB    PRIMARY KEY,
    project_id  BLOB    NOT NULL REFERENCES projects (id),
    instance_id BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    failure     TEXT
) STRICT;

CREATE INDEX jobs_by_age ON jobs (created_at);

CREATE TABLE job_resets (
    job_id   BLOB    NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    reset_id BLOB    NOT NULL,
    PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;
