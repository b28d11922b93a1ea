"""The tables, one migration a change. A migration that landed is never edited."""

from typing import Any

from app.store.library import Migrations

migrations = Migrations("plumbline")


@migrations()
def m001_first_tables(db: Any) -> None:
    """Create everything that the loop needs."""
    for statement in _FIRST_TABLES.split(";\n"):
        db.execute(statement)


@migrations()
def m002_find_by_state(db: Any) -> None:
    """Find a resource's cards and the fixes in a state without reading whole tables."""
    db.execute("CREATE INDEX fixes_state ON fixes (state, updated_at)")
    db.execute("CREATE INDEX outbox_channel ON outbox (channel, state, sequence)")


@migrations()
def m003_features_as_they_were(db: Any) -> None:
    """Keep what a finding looked like to the model at each scan, for labels that come later."""
    db.execute(
        "CREATE TABLE feature_versions (finding_uid TEXT NOT NULL, seen_at TEXT NOT NULL, "
        "features TEXT NOT NULL, PRIMARY KEY (finding_uid, seen_at)) WITHOUT ROWID"
    )
    db.execute(
        "INSERT INTO feature_versions "
        "SELECT uid, last_seen, json_extract(card, '$.assessment.features') FROM findings "
        "WHERE json_extract(card, '$.assessment.features') NOT IN ('{}')"
    )


@migrations()
def m004_where_a_scan_looked(db: Any) -> None:
    """Keep which accounts and regions a scan read; of earlier scans that is not known."""
    db.execute("ALTER TABLE scans ADD COLUMN coverage TEXT NOT NULL DEFAULT '[]'")


@migrations()
def m005_find_old_deliveries(db: Any) -> None:
    """Find deliveries by age without reading all of them."""
    db.execute("CREATE INDEX deliveries_age ON deliveries (seen_at)")


@migrations()
def m006_journal_of_live_changes(db: Any) -> None:
    """Keep what was intended and done of each live change, so that a crash leaves none halfway."""
    db.execute(
        "CREATE TABLE live_steps (plan_digest TEXT NOT NULL REFERENCES plans(digest), "
        "step INTEGER NOT NULL, state TEXT NOT NULL, before TEXT NOT NULL, "
        "updated_at TEXT NOT NULL, PRIMARY KEY (plan_digest, step)) WITHOUT ROWID"
    )


@migrations()
def m007_trials_and_rollouts(db: Any) -> None:
    """Keep how each fix fares after it was made, and in which order several go ahead."""
    db.execute(
        "CREATE TABLE trials (plan_digest TEXT PRIMARY KEY REFERENCES plans(digest), "
        "finding_uid TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX trials_state ON trials (state)")
    db.execute(
        "CREATE TABLE rollouts (uid TEXT PRIMARY KEY, check_id TEXT NOT NULL, kind TEXT NOT NULL, "
        "started_at TEXT NOT NULL, body TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX rollouts_check ON rollouts (check_id, kind, started_at)")


@migrations()
def m008_what_is_proposed_first(db: Any) -> None:
    """Keep the order in which the fixes of a finding are proposed, and find the plans of a check."""
    db.execute(
        "CREATE TABLE proposals (finding_uid TEXT PRIMARY KEY, drawn_at TEXT NOT NULL, "
        "body TEXT NOT NULL) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX plans_check ON plans (json_extract(body, '$.check_id'))")


@migrations()
def m009_labels_taken_back(db: Any) -> None:
    """Keep the labels that count no more, with who took them back."""
    db.execute(
        "CREATE TABLE labels_taken_back (uid TEXT NOT NULL, at TEXT NOT NULL, "
        "actor TEXT NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL, "
        "PRIMARY KEY (uid, at)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX labels_finding ON labels (finding_uid)")


@migrations()
def m010_withheld(db: Any) -> None:
    """Keep which findings a risk model holds back, and which of them people are asked about."""
    db.execute(
        "CREATE TABLE withheld (finding_uid TEXT PRIMARY KEY, since TEXT NOT NULL, "
        "model TEXT NOT NULL, threshold REAL NOT NULL, drawn_at TEXT, released_at TEXT) WITHOUT ROWID"
    )


_FIRST_TABLES = """
CREATE TABLE scans (
    uid TEXT PRIMARY KEY, taken_at TEXT NOT NULL, gaps TEXT NOT NULL, api_calls TEXT NOT NULL
);
CREATE TABLE contents (digest TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE resource_versions (
    resource_uid TEXT NOT NULL, type TEXT NOT NULL, digest TEXT NOT NULL REFERENCES contents(digest),
    valid_from TEXT NOT NULL, valid_to TEXT
);
CREATE UNIQUE INDEX resource_current ON resource_versions (resource_uid) WHERE valid_to IS NULL;
CREATE INDEX resource_time ON resource_versions (valid_from, valid_to);
CREATE TABLE findings (
    uid TEXT PRIMARY KEY, check_id TEXT NOT NULL, resource_uid TEXT NOT NULL,
    severity TEXT NOT NULL, status TEXT NOT NULL, until TEXT, risk REAL, owner TEXT NOT NULL,
    hygiene INTEGER NOT NULL, card TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
);
CREATE INDEX findings_order ON findings (status, risk DESC);
CREATE INDEX findings_resource ON findings (resource_uid);
CREATE TABLE links (live_uid TEXT PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE plans (
    digest TEXT PRIMARY KEY, finding_uid TEXT NOT NULL, is_current INTEGER NOT NULL, body TEXT NOT NULL
);
CREATE INDEX plans_finding ON plans (finding_uid, is_current);
CREATE TABLE fixes (
    plan_digest TEXT PRIMARY KEY, finding_uid TEXT NOT NULL, state TEXT NOT NULL,
    updated_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX fixes_finding ON fixes (finding_uid, updated_at);
CREATE TABLE decisions (
    uid TEXT PRIMARY KEY, finding_uid TEXT NOT NULL, kind TEXT NOT NULL, decided_at TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX decisions_finding ON decisions (finding_uid, decided_at);
CREATE TABLE labels (
    uid TEXT PRIMARY KEY, finding_uid TEXT NOT NULL, origin TEXT NOT NULL,
    labelled_at TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE models (
    version TEXT PRIMARY KEY, card TEXT NOT NULL, text TEXT NOT NULL, saved_at TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE jobs (
    uid TEXT PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, payload TEXT NOT NULL,
    state TEXT NOT NULL, run_at TEXT NOT NULL, lease_until TEXT, attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '', created_at TEXT NOT NULL
);
CREATE UNIQUE INDEX jobs_queued_once ON jobs (kind, key) WHERE state = 'queued';
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE TABLE deliveries (uid TEXT PRIMARY KEY, seen_at TEXT NOT NULL);
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, channel TEXT NOT NULL,
    method TEXT NOT NULL, body TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, next_at TEXT NOT NULL, lease_until TEXT,
    error TEXT NOT NULL DEFAULT '', ts TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (state, next_at);
CREATE TABLE messages (subject TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL);
CREATE INDEX messages_place ON messages (channel, ts);
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
    payload TEXT NOT NULL, previous TEXT NOT NULL, digest TEXT NOT NULL
)
"""
