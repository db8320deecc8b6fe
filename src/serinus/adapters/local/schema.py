"""
The tables of ``state.db``, as a list of migrations: the number of a row is the schema's version.

A migration that has been released is never edited; a change is a new row. Values are JSON (they can
be read with ``sqlite3``), but for ticks (msgpack: there are many) and for the judge's memory, which
belongs to the judge. ``tick.release`` and ``event.release`` are 0 for the application at rest.
"""

MIGRATIONS: tuple[tuple[str, str], ...] = (
    (
        "Keep status, releases, revisions, intents, events and ticks",
        """
        CREATE TABLE status (
          application TEXT NOT NULL, environment TEXT NOT NULL,
          version INTEGER NOT NULL, body BLOB NOT NULL,
          judge BLOB, judge_release INTEGER,
          PRIMARY KEY (application, environment)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE release (
          application TEXT NOT NULL, environment TEXT NOT NULL, number INTEGER NOT NULL,
          created_at REAL NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (application, environment, number)
        ) STRICT;
        CREATE INDEX release_by_age ON release (created_at);

        CREATE TABLE revision (id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;

        CREATE TABLE intent (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE, application TEXT NOT NULL, environment TEXT NOT NULL,
          at REAL NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX intent_by_key ON intent (application, environment);
        CREATE TABLE answer (intent TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;

        CREATE TABLE event (
          sequence INTEGER PRIMARY KEY AUTOINCREMENT,
          application TEXT NOT NULL, environment TEXT NOT NULL, release INTEGER NOT NULL,
          at REAL NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX event_by_release ON event (application, environment, release, sequence);

        CREATE TABLE tick (
          application TEXT NOT NULL, environment TEXT NOT NULL, release INTEGER NOT NULL,
          first_at REAL NOT NULL, last_at REAL NOT NULL, thin INTEGER NOT NULL, body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX tick_by_release ON tick (application, environment, release, last_at);
        CREATE INDEX tick_by_age ON tick (last_at);

        CREATE TABLE live (
          application TEXT NOT NULL, environment TEXT NOT NULL, body BLOB NOT NULL,
          PRIMARY KEY (application, environment)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE reading (
          application TEXT NOT NULL, environment TEXT NOT NULL, release INTEGER NOT NULL,
          body BLOB NOT NULL,
          PRIMARY KEY (application, environment, release)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE change (
          application TEXT NOT NULL, version TEXT NOT NULL, actor TEXT NOT NULL,
          reason TEXT NOT NULL, at REAL NOT NULL,
          PRIMARY KEY (application, version)
        ) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "Keep the users of A/B tests, and counts for error budgets",
        """
        CREATE TABLE cohort (
          id INTEGER PRIMARY KEY,
          application TEXT NOT NULL, environment TEXT NOT NULL, release INTEGER NOT NULL,
          at REAL NOT NULL, body BLOB NOT NULL,
          UNIQUE (application, environment, release)
        ) STRICT;
        CREATE TABLE visitor (
          cohort INTEGER NOT NULL, user INTEGER NOT NULL,
          arm TEXT NOT NULL, reached TEXT, crossed INTEGER NOT NULL,
          PRIMARY KEY (cohort, user)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE rollup (
          application TEXT NOT NULL, environment TEXT NOT NULL, series TEXT NOT NULL,
          at INTEGER NOT NULL, seconds INTEGER NOT NULL,
          requests INTEGER NOT NULL, bad INTEGER NOT NULL,
          PRIMARY KEY (application, environment, series, at, seconds)
        ) STRICT, WITHOUT ROWID;
        """,
    ),
    (
        "Keep what each decision was made of",
        """
        CREATE TABLE explanation (
          sequence INTEGER PRIMARY KEY,
          application TEXT NOT NULL, environment TEXT NOT NULL, release INTEGER NOT NULL,
          body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX explanation_by_release ON explanation (application, environment, release);
        """,
    ),
)

CHECKED = (
    "status",
    "release",
    "revision",
    "intent",
    "answer",
    "event",
    "change",
    "cohort",
    "explanation",
)
"""What is checked when the file is opened: all but what there may be gigabytes of."""
