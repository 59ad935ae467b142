"""Bulk import of what managers report: upload, validate, preview, commit all or nothing.

Words: import, row, natural key, add, change, unchanged, row error.
Emits: import.uploaded, import.committed, import.discarded.
"""
