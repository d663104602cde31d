"""Reports: each a pure function of one run file."""
