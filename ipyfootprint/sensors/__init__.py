"""Energy counters of this machine behind one protocol."""
