-- What an account that is made may do: a JSON array of pairs, role and database. Null means nothing but to log in.
ALTER TABLE resets ADD COLUMN roles TEXT;
