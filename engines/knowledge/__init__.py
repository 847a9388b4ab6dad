"""What a companion knows from documents: passages to answer from, facts and rules that answers are held to.

`reading` makes sections of documents, `cutting` passages of sections, `index` finds passages, `facts` and `rules` hold
what must be right, `check` says what contradicts it, and `library` holds all of it for one identity.
"""
