"""Plain functions that put rows into the database for a test to act on."""
