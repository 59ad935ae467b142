"""May they, and what have they seen: checklists that open and shut the gates of a deal, documents, data room, advice.

Words: gate, item, document, version, room, viewer, NDA, question, finding, waiver, engagement. A checklist is the state
machine of a deal: a step opens only when its evidence is in, reviewed and unexpired (京金融〔2020〕7号, measure 9).
Emits ``checklist.*``, ``item.*``, ``finding.*``, ``gate.*``, ``document.*``, ``room.*``, ``question.*``,
``engagement.*``, ``adviser.*``.
"""
