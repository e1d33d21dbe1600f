"""From joules to carbon, water and hardware: pure functions over values."""
