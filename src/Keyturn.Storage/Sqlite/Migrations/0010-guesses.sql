-- How many wrong passwords were given lately, for what and by whom.
CREATE TABLE guesses (
    key      TEXT    PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX guesses_by_time ON guesses (last_at);
