"""The rules of the register: fixed vocabularies, partial dates, and everything that follows from them."""
