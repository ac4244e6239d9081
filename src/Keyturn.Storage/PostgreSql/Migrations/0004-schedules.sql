-- Accounts that are rotated every so many days. An account without a row is rotated by hand only.
CREATE TABLE schedules (
    account_id      uuid        PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    every_days      bigint      NOT NULL CHECK (every_days > 0),
    due_at          timestamptz NOT NULL,
    -- Nobody tries before: until then it is not due, or in a worker's hands, or an attempt has failed.
    next_attempt_at timestamptz NOT NULL,
    failed_attempts bigint      NOT NULL DEFAULT 0,
    failed_at       timestamptz,
    error           text,
    detail          text,
    -- The reset that failed; null where it was refused before there was one. No foreign key: resets are taken away after a while.
    reset_id        uuid,
    CHECK (next_attempt_at >= due_at)
);

CREATE INDEX schedules_by_attempt ON schedules (next_attempt_at);
CREATE INDEX schedules_failing ON schedules (account_id) WHERE failed_attempts > 0;
