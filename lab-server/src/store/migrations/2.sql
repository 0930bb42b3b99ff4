-- The state after an event as JSON, so that a start reads only the events that came later. Whoever cannot read it
-- reads the whole log.
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Ceremonies that wait for an answer across a restart.
CREATE TABLE waiting (
    id INTEGER PRIMARY KEY,
    challenge BLOB NOT NULL UNIQUE,
    expires INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
