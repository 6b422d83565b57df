"""Finance (SO5)."""
