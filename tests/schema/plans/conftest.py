"""The profile of a long run: `make fuzz`, or `make fuzz EXAMPLES=500`."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("fuzz", max_examples=int(os.environ.get("EXAMPLES") or 20_000), print_blob=True)
