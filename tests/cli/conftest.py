"""The tests of this folder share a recorded run."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
