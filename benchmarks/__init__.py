"""Benchmarks: each module here with a `main()` prints a table in Markdown.

python -m benchmarks [NAME ...] [--write]
"""
