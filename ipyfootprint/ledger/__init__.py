"""The record of every run; all SQL lives here."""
