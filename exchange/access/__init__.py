"""Who is calling: sign-in, sessions, API keys, roles, and the four eyes of operators.

Words: user, role, session, API key, scope, approval (maker, checker).
Emits: user.signed_in, user.sign_in_failed, api_key.created, api_key.revoked, approval.requested, approval.decided.
"""
