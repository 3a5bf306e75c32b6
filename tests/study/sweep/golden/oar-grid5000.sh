#!/usr/bin/env bash

#OAR -n aiceberg
#OAR -q default
#OAR -l /nodes=1/core=4,walltime=01:00:00
#OAR -O aiceberg-jobs/%jobid%.out
#OAR -E aiceberg-jobs/%jobid%.err
#OAR -p memcore>=4096
export OMP_NUM_THREADS=1
PYTHON -m distributed.cli.dask_worker tcp://DRIVER:PORT --name aiceberg-0 --nthreads 1 --memory-limit 4.00GiB --nworkers 4 --nanny --death-timeout 60 --nthreads 1 --memory-limit 0 --no-dashboard --preload simulator.study.sweep.cluster --lifetime 3000s --lifetime-stagger 240s
