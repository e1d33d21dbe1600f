"""A server that encrypts: who answers is checked, and nothing is sent to anybody else."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from made_up_runs import fill
from postgres_server import PostgresServer, installations

from ipyfootprint.errors import TeamError
from ipyfootprint.ledger.outbox import Outbox
from ipyfootprint.ledger.publish import Publisher

pytestmark = pytest.mark.services


def certificate(folder, name):
    """A certificate for a host's name that signs itself, and its key."""
    made, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"),
            *("-keyout", key, "-out", made),
        ],
        check=True,
        capture_output=True,
    )
    if os.geteuid() == 0:
        shutil.chown(key, "nobody", "nogroup")
    key.chmod(0o600)
    return made, key


@pytest.fixture(scope="module")
def sealed():
    """A server for db.example with a team, and the folder of certificates."""
    folder = Path(tempfile.mkdtemp(prefix="fp-tls-"))
    folder.chmod(0o755)
    made, key = certificate(folder, "db.example")
    certificate(folder, "other.example")
    server = PostgresServer(
        installations()["system"], fsync="off", ssl="on", ssl_cert_file=made, ssl_key_file=key
    )
    server.new_team("team")
    yield server, folder
    server.close()
    shutil.rmtree(folder)


def address(sealed, host="db.example", root="db.example", how="verify-full"):
    server, folder = sealed
    return (
        f"postgresql:///team?host={host}&hostaddr=127.0.0.1&port={server.port}&user=alice"
        f"&sslmode={how}&sslrootcert={folder / root}.crt"
    )


def test_rows_go_to_the_server_that_the_certificate_names(sealed, tmp_path):
    path = str(tmp_path / "ledger.db")
    fill(path, 3)
    publisher = Publisher(path, address(sealed))
    assert publisher.send_all() == 5
    encrypted = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = %s"
    assert sealed[0].sql(encrypted, ("alice",)) == [(True,)]
    publisher.close()


@pytest.mark.parametrize(
    ("known", "what"),
    [
        ({"root": "other.example"}, "certificate is not one that is trusted"),
        ({"host": "other.example"}, "certificate is not one that is trusted"),
        ({"root": "nowhere"}, "no root certificate"),
    ],
    ids=["another root", "another name", "no root"],
)
def test_nothing_goes_to_whoever_else_answers(sealed, tmp_path, known, what):
    path = str(tmp_path / "ledger.db")
    fill(path, 3)
    before = sealed[0].sql("SELECT count(*) FROM run", database="team")
    with pytest.raises(TeamError) as caught:
        Publisher(path, address(sealed, **known)).send_all()
    assert what in caught.value.what and caught.value.instead and caught.value.remedy
    assert Outbox(path).pending() == 5
    assert sealed[0].sql("SELECT count(*) FROM run", database="team") == before
