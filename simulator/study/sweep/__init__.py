"""Parameter sweeps: many runs of one scenario, on this machine or on a cluster; what they come to."""
