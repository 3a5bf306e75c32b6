#!/usr/bin/env bash

#OAR -n aiceberg
#OAR --project pr-yours
#OAR -l /nodes=1/core=4,walltime=00:30:00
#OAR -t besteffort
#OAR -O aiceberg-jobs/%jobid%.out
#OAR -E aiceberg-jobs/%jobid%.err
export OMP_NUM_THREADS=1
PYTHON -m distributed.cli.dask_worker tcp://DRIVER:PORT --name aiceberg-0 --nthreads 1 --memory-limit 4.00GiB --nworkers 4 --nanny --death-timeout 60 --nthreads 1 --memory-limit 0 --no-dashboard --preload simulator.study.sweep.cluster --lifetime 1500s --lifetime-stagger 120s
