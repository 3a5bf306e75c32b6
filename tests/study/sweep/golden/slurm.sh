#!/usr/bin/env bash

#SBATCH -J aiceberg
#SBATCH -e aiceberg-jobs/aiceberg-%J.err
#SBATCH -o aiceberg-jobs/aiceberg-%J.out
#SBATCH -n 1
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH -t 01:00:00
export OMP_NUM_THREADS=1
PYTHON -m distributed.cli.dask_worker tcp://DRIVER:PORT --name aiceberg-0 --nthreads 1 --memory-limit 4.00GiB --nworkers 4 --nanny --death-timeout 60 --nthreads 1 --memory-limit 0 --no-dashboard --preload simulator.study.sweep.cluster --lifetime 3000s --lifetime-stagger 240s
