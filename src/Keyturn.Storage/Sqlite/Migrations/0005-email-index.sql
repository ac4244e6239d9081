-- By the same expression on every database that can hold a store.
DROP INDEX principals_by_email;
CREATE UNIQUE INDEX principals_by_email ON principals (lower(email));
