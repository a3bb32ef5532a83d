"""Checks that the strength of the wording is that of the grade."""
