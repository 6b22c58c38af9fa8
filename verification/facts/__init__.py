"""Facts that the proofs of several papers rest on: concentration, least norms."""
