"""The demo's people and sample articles, for a machine of one's own. Nothing here runs outside DEMO."""

PASSWORD = "read-before-signing"  # noqa: S105 - known to all, which is why a demo listens on this machine alone

# Who can sign in: their role with their name, address and password, as `serve` prints them.
SIGN_INS = [
    ("Author, Miriam Halloran", "author@example.org", PASSWORD),
    ("Reviewer, Leila Farahani", "reviewer@example.org", PASSWORD),
    ("Reviewer, Jonas Ekström", "reviewer2@example.org", PASSWORD),
    ("Reviewer, Grace Adeyemi", "reviewer3@example.org", PASSWORD),
    ("Editor, Daniel Osei", "editor@example.org", PASSWORD),
    ("Editor, Ruth Castellane", "editor2@example.org", PASSWORD),
    ("Administrator, Priya Natarajan", "admin@example.org", PASSWORD),
]
