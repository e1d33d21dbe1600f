"""`python -m ipyfootprint` is the command line."""

import sys

from ipyfootprint.cli import main

sys.exit(main())
