"""`make lint`: ruff, mypy on the domain modules, pending migrations, and the rules of the house (house.py)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

TYPED = ["config", "records", "articles", "reviews", "editorial"]


def check(name, argv):
    """Run one linter; whether it found nothing."""
    print(f"— {name}", flush=True)
    return subprocess.run([sys.executable, *argv], cwd=ROOT, check=False).returncode == 0


def rules():
    """The rules of the house; whether none is broken."""
    import django

    from tests import house

    django.setup()
    found = False
    for rule in house.RULES:
        print(f"— {rule.__doc__.splitlines()[0]}", flush=True)
        for words in rule():
            found = True
            print(f"  {words}")
    return not found


def main():
    """Everything is run, also after a failure; exit code 1 when anything was found."""
    results = [
        check("ruff", ["-m", "ruff", "check", "."]),
        check("mypy", ["-m", "mypy", *TYPED]),
        check("pending migrations", ["manage.py", "makemigrations", "--check", "--dry-run", "-v", "1"]),
        rules(),
    ]
    print("lint: clean" if all(results) else "lint: see above")
    return int(not all(results))


if __name__ == "__main__":
    sys.exit(main())
