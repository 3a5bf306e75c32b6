# For slurm-up.sh and slurm-down.sh.

# Whether a pid file names a live process. One that nobody reaped is not alive, though it takes signals.
alive() {
  local pid
  [ -s "$1" ] && pid=$(cat "$1") && [ -r "/proc/$pid/stat" ] && [[ "$(sed 's/.*) //' "/proc/$pid/stat")" != Z* ]]
}

# Whether the process of a pid file is what it should be: pids are given out again.
is() {
  [[ "$(readlink "/proc/$(cat "$1")/exe")" == *"$2"* ]]
}
