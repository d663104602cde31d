"""The kit: asks any implementation, the reference too, and says which clauses it meets."""

KIT_VERSION = "0.1.0"
