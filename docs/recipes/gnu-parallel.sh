#!/usr/bin/env bash
# A cohort in shards by GNU parallel: on machines that see the project's folder under one path, each with a model server or a key of
# its own, or here. In the project's folder:
#
#   docs/recipes/gnu-parallel.sh 4
#   BUILD='--shard-share full' docs/recipes/gnu-parallel.sh 2 --jobs 1 --sshlogin ada-laptop,lab-desk --workdir .
#
# BUILD goes to each `daydream build`; what follows the number of shards goes to parallel. Where shards could not do their part, run it
# again: what has been answered is in shards/answers, and is not paid for again.
set -euo pipefail

shards=${1:?how many shards}
shift
data=${DAYDREAMING_DATA_ROOT:-data}
# Where all shards keep what they are answered: a folder that they all see, or a bucket (docs/team.md).
export DAYDREAM_REMOTE=${DAYDREAM_REMOTE:-file:shards/answers} DAYDREAM_REMOTE_MODE=both
mkdir -p shards/answers
daydream cache push --quiet

# A data root for each: inputs and what is built already, as they are now.
run=shards/$(date +%Y-%m-%dT%H%M%S)
for shard in $(seq "$shards"); do
  mkdir -p "$run/$shard"
  tar -C "$data" --exclude=./.daydream -cf - . | tar -C "$run/$shard" -xf -
done

# Ctrl-C tells each shard to end, and gives it ten minutes to wait for what is in flight.
failed=0
parallel --jobs "$shards" --termseq TERM,600000,KILL,25 --joblog "$run/joblog" --env DAYDREAM_REMOTE --env DAYDREAM_REMOTE_MODE "$@" \
  "daydream build --shard {}/$shards --yes --remote-wait 300 --data-root $run/{} ${BUILD:-}" ::: $(seq "$shards") || failed=$?
[ "$failed" = 0 ] || echo "$failed shards did not end well: $run/joblog says which; run this again" >&2

code=0
daydream build --no-calls || code=$?
daydream cost --by shard --ledger 'shards/*/*/.daydream/calls.jsonl'
exit "$code"
