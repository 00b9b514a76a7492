-- The erasure journal. Entries are kept: they are applied again after a restart
-- and after a backup was restored.
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    session TEXT NOT NULL, -- empty: the whole project
    done INTEGER NOT NULL, -- milliseconds since 1970 UTC, 0 until finished
    document TEXT NOT NULL
);

CREATE INDEX erasures_pending ON erasures (done, id);
