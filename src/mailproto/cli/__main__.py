"""``python -m mailproto.cli`` is the same as ``mailproto``."""

import sys

from mailproto.cli import main

sys.exit(main())
