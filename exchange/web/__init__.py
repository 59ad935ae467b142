"""The web client: pages rendered on the server over the same services as the API.

Words: page, view, part (a piece of a page that a stream replaces), catalogue, formatter.
Views parse, call services and render; they never touch a store. All money, percent and date formatting is in
``formatting``; all words are in ``texts/zh.toml`` and ``texts/en.toml``.
"""
