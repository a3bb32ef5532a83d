"""The static edition: the public site as files, byte for byte what the site itself answers (docs/decisions/static-edition.md)."""
