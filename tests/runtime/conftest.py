import os
import tempfile

os.environ.setdefault("SVILANG_CACHE", os.path.join(tempfile.gettempdir(), f"svilang-tests-{os.getuid()}"))
