#!/usr/bin/env bash
# Bring up a real Slurm of one's own on loopback: no systemd, cgroups, DNS or accounting. Idempotent, bounded.
#
#   scripts/slurm-up.sh                      # at once if it is up already
#   . "$AICEBERG_SLURM_DIR/env.sh"           # exports SLURM_CONF: all Slurm commands now mean this cluster
#   scripts/slurm-down.sh
#
#   AICEBERG_SLURM_DIR     where its state, logs and pid files are   (a folder of the user's in /tmp)
#   AICEBERG_SLURM_NODES   virtual nodes                             (2)
#   AICEBERG_SLURM_CPUS    CPUs of a node                            (1)
#   AICEBERG_SLURM_MEM     MB of a node                              (2000)
#   AICEBERG_SLURM_PORT    slurmctld's port; node i has port + i     (16817)
#   AICEBERG_SLURM_WAIT    seconds until it is given up              (30)
#
# Wants root and, on Debian, `apt-get install --no-install-recommends slurm-wlm munge`.
# Writes nothing outside its folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
dir=${AICEBERG_SLURM_DIR:-/tmp/aiceberg-slurm-$(id -u)}
nodes=${AICEBERG_SLURM_NODES:-2} cpus=${AICEBERG_SLURM_CPUS:-1} mem=${AICEBERG_SLURM_MEM:-2000}
port=${AICEBERG_SLURM_PORT:-16817} wait=${AICEBERG_SLURM_WAIT:-30}
for command in slurmctld slurmd sinfo munged; do
  command -v "$command" >/dev/null || { echo "$command is missing: apt-get install slurm-wlm munge" >&2; exit 3; }
done
[ "$(id -u)" = 0 ] || { echo "slurmctld and slurmd want root" >&2; exit 3; }
mkdir -p "$dir"
cd "$dir"
dir=$PWD
export AICEBERG_SLURM_DIR=$dir SLURM_CONF=$dir/slurm.conf
. "$here/slurm-alive.sh"

if alive slurmctld.pid && timeout 5 sinfo -h -o %T 2>/dev/null | grep -qE 'idle|mixed|alloc'; then
  echo "already up"
  exit 0
fi
"$here/slurm-down.sh" >/dev/null 2>&1 || true # what a half-started one left
rm -rf state spool
mkdir -p state log spool
host=$(hostname -s)
cat >slurm.conf <<CONF
ClusterName=aiceberg
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$port
SlurmdPort=$((port + 1))
CommunicationParameters=NoAddrCache
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
PlugStackConfig=$dir/plugstack.conf
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$dir/munge.sock
# nothing that wants privileges, kernel features or a database
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SwitchType=switch/none
# one job a core, and at once
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2,sched_min_interval=100000
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
JobRequeue=1
CONF
for i in $(seq "$nodes"); do
  echo "NodeName=n$i NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + i)) CPUs=$cpus CoresPerSocket=$cpus" \
    "Sockets=1 ThreadsPerCore=1 RealMemory=$mem State=UNKNOWN" >>slurm.conf
done
echo "PartitionName=all Nodes=n[1-$nodes] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO" >>slurm.conf
: >plugstack.conf
echo "export SLURM_CONF=$dir/slurm.conf" >env.sh

[ -s munge.key ] || (umask 077 && head -c 1024 /dev/urandom >munge.key)
munged --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" --pid-file="$dir/munged.pid" \
  --log-file="$dir/log/munged.log" --seed-file="$dir/munge.seed"
for _ in $(seq 50); do munge -S "$dir/munge.sock" -n >/dev/null 2>&1 && break; sleep 0.1; done
slurmctld -c >log/slurmctld.out 2>&1 # with fresh state; becomes a daemon and writes its pid
for i in $(seq "$nodes"); do
  mkdir -p "spool/n$i"
  slurmd -N "n$i" >"log/slurmd.n$i.out" 2>&1
done

end=$((SECONDS + wait))
while [ "$SECONDS" -lt "$end" ]; do
  idle=$(timeout 5 sinfo -h -N -o %T 2>/dev/null | grep -c '^idle$' || true)
  if [ "$idle" = "$nodes" ]; then
    echo "up: $nodes nodes; . $dir/env.sh"
    exit 0
  fi
  sleep 0.2
done
echo "Slurm was not ready after $wait s" >&2
{ timeout 5 sinfo -N -l || true; tail -n 20 log/*; } >&2
"$here/slurm-down.sh" || true
exit 1
