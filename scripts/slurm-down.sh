#!/usr/bin/env bash
# Stop the Slurm of slurm-up.sh (AICEBERG_SLURM_DIR). Idempotent, bounded (some 12 s), ends only what is in its pid files.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${AICEBERG_SLURM_DIR:-/tmp/aiceberg-slurm-$(id -u)}
cd "$dir" 2>/dev/null || exit 0
export SLURM_CONF=$PWD/slurm.conf
. "$here/slurm-alive.sh"

each() { # a function or command for each daemon that is alive
  local file daemon
  for file in slurmd.*.pid slurmctld.pid munged.pid; do
    daemon=${file%%.*}
    if alive "$file" && is "$file" "$daemon"; then "$@" "$(cat "$file")"; fi
  done
}

if alive slurmctld.pid; then
  timeout 5 scancel --user="$(id -un)" >/dev/null 2>&1
  for _ in $(seq 15); do [ -z "$(timeout 2 squeue -h 2>/dev/null)" ] && break; sleep 0.2; done
fi
each kill
for _ in $(seq 40); do [ -z "$(each echo)" ] && break; sleep 0.1; done
each kill -9
rm -f slurmd.*.pid slurmctld.pid munged.pid munge.sock*
echo down
