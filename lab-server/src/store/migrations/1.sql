-- The log. `body` is the event as JSON; `kind` and `user` repeat what is asked for.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    user TEXT,
    actor TEXT NOT NULL,
    body TEXT NOT NULL,
    passing INTEGER NOT NULL
) STRICT;
CREATE INDEX events_by_kind ON events (kind, seq);
CREATE INDEX events_by_user ON events (user, seq) WHERE user IS NOT NULL;
CREATE INDEX events_passing ON events (seq) WHERE passing = 1;

-- The bytes that ceremonies were judged by.
CREATE TABLE inputs (
    seq INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

-- What the sign-ins of a passkey left behind: stays when the log has forgotten them.
CREATE TABLE uses (
    passkey TEXT PRIMARY KEY,
    used TEXT NOT NULL
) STRICT, WITHOUT ROWID;
