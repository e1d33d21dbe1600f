"""The packaged PostgreSQL cannot encrypt: what needs that is tried where the system's can."""

import shutil

from postgres_server import installations

ENCRYPTS = "system" in installations() and shutil.which("openssl")
collect_ignore = [] if ENCRYPTS else ["test_team_encryption.py"]
