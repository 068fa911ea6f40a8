"""The project around the register: its settings, its outermost addresses, its WSGI entry."""
