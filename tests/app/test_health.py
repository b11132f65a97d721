"""GET /healthz tells people and load balancers whether this process can work."""


def test_health_names_database_migration_ticks_and_version(app, client, database):
    app.extensions["tick"].once()
    answer = client.get("/healthz")
    assert answer.status_code == 200, answer.json
    assert answer.json["status"] == "ok"
    assert answer.json["database"] == {"sqlite": "sqlite", "postgres": "postgresql"}[database]
    assert answer.json["migration"]["current"] == answer.json["migration"]["head"]
    assert answer.json["ticks"]["last_at"] == "2026-11-23T01:00:00+00:00"
    assert answer.json["version"]
