"""From counters to the energy of a window: sampler, ring and settling."""
