"""Where Django looks for the admin of this app: it stands with the desk."""

from editorial.desk import accounts, admin, references

__all__ = ["accounts", "admin", "references"]
