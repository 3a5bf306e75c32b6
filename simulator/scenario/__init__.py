"""From a YAML file to the tables of a run: load, check, build, run."""
