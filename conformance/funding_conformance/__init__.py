"""The kit: asks any implementation, the reference too, and says which clauses it meets."""

KIT_VERSION = "0.1.0"

USUAL_TRIES = 40
"""How many questions each property is tried on, unless told otherwise; a certificate needs as many."""

USUAL_CASES = 500
"""How many fresh cases a run has, unless told otherwise; a certificate needs as many."""

LONGEST_VALIDITY = 1096
"""Days for which a certificate holds at most."""
