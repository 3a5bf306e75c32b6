#!/usr/bin/env bash

#PBS -N aiceberg
#PBS -l select=1:ncpus=4:mem=16GB
#PBS -l walltime=01:00:00
#PBS -e aiceberg-jobs/
#PBS -o aiceberg-jobs/
export OMP_NUM_THREADS=1
PYTHON -m distributed.cli.dask_worker tcp://DRIVER:PORT --name aiceberg-0 --nthreads 1 --memory-limit 4.00GiB --nworkers 4 --nanny --death-timeout 60 --nthreads 1 --memory-limit 0 --no-dashboard --preload simulator.study.sweep.cluster --lifetime 3000s --lifetime-stagger 240s
