-- How many wrong passwords were given lately, for what and by whom.
CREATE TABLE guesses (
    key      text        COLLATE "C" PRIMARY KEY,
    failures bigint      NOT NULL,
    last_at  timestamptz NOT NULL
);

CREATE INDEX guesses_by_time ON guesses (last_at);
