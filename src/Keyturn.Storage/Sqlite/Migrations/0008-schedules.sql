-- Accounts that are rotated every so many days. An account without a row is rotated by hand only.
CREATE TABLE schedules (
    account_id      BLOB    PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    every_days      INTEGER NOT NULL CHECK (every_days > 0),
    due_at          INTEGER NOT NULL,
    -- Nobody tries before: until then it is not due, or in a worker's hands, or an attempt has failed.
    next_attempt_at INTEGER NOT NULL,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    failed_at       INTEGER,
    error           TEXT,
    detail          TEXT,
    -- The reset that failed; null where it was refused before there was one. No foreign key: resets are taken away after a while.
    reset_id        BLOB,
    CHECK (next_attempt_at >= due_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedules_by_attempt ON schedules (next_attempt_at);
CREATE INDEX schedules_failing ON schedules (account_id) WHERE failed_attempts > 0;
