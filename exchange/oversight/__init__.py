"""The operator's, auditor's and regulator's desk: invariants, the audit chain, the export of everything.

Words: invariant, snapshot, chain, pending.
Emits: audit.exported.
"""
