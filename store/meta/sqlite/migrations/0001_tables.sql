-- Projects, users and text sets keep their settings as one JSON document beside
-- the columns that are looked up or must be unique. Times are integer
-- milliseconds since 1970 UTC, 0 for never.
CREATE TABLE projects (
    key TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE, -- the name in lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created INTEGER NOT NULL,
    disabled INTEGER NOT NULL
);

CREATE TABLE logins (
    hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
);

CREATE INDEX logins_user ON logins (user_id);

CREATE TABLE texts (
    project TEXT NOT NULL,
    version TEXT NOT NULL,
    texts TEXT NOT NULL, -- JSON list
    created INTEGER NOT NULL,
    approved INTEGER NOT NULL,
    approved_by TEXT NOT NULL,
    PRIMARY KEY (project, version)
);

CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Append-only; outlives the users and projects it names.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    user_name TEXT NOT NULL,
    action TEXT NOT NULL,
    project TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
