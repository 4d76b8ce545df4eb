#!/usr/bin/env bash
# Trains a GPT from the environment variables known from Megatron-DeepSpeed: prints the equivalent configuration, then
# runs submit/longstrand train with it. Arguments are those of train and go before the variables:
#
#   MODEL_SIZE_KEY=GPT6_7B SEQ_LEN=65536 MICRO_BATCH=1 GAS=1 SP_TYPE=ulysses ZERO_STAGE=3 NGPUS=8 \
#       submit/train-gpt.sh data.inputs=[genome.fa.gz] run.directory=runs/mine
#
#   MODEL_SIZE_KEY  one of conf/models/                                  model.preset
#   SEQ_LEN         tokens of a sequence                                 data.sequence-length
#   USE_FLASH_ATTN  1 or 0                                               attention.kernel
#   MICRO_BATCH     sequences a data-parallel group computes at a time   train.micro-batch
#   GAS             micro-batches of a step (gradient accumulation)      train.accumulation
#   ZERO_STAGE      0, 1, 2 or 3                                         zero.stage
#   SP_TYPE         how ranks share a sequence: megatron, ulysses (or ds) or ring
#   TPSIZE          ranks that share each matrix (tensor parallelism)    parallel.tensor
#   NGPUS           all ranks, on GPUs or on CPU slots (default: TPSIZE, or 1)
#
# megatron splits matrices and sequences over TPSIZE ranks (default: all) and data over the groups; ulysses and ring
# split matrices over TPSIZE ranks (default: 1) and each sequence over the rest. What is not set stays as it is
# configured. Without a Spark distribution and LONGSTRAND_MASTER, ranks run in one process on this machine.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# Wrong usage: exit code 2.
refuse() {
    printf 'train-gpt.sh: %s\n' "$1" >&2
    exit 2
}

# The value of a variable, which must be a number above 0: number NAME DEFAULT
number() {
    local value=${!1:-$2}
    [[ $value =~ ^[1-9][0-9]{0,9}$ ]] || refuse "$1 is '$value'; it must be a whole number above 0"
    printf '%s\n' "$value"
}

settings=()
# Sets a key where a variable is set: take VARIABLE KEY
take() {
    local value
    if [[ -n ${!1:-} ]]; then
        value=$(number "$1" '')
        settings+=("$2=$value")
    fi
}

if [[ -n ${MODEL_SIZE_KEY:-} ]]; then
    if [[ ! $MODEL_SIZE_KEY =~ ^[A-Za-z0-9_.-]+$ || ! -f $root/conf/models/$MODEL_SIZE_KEY.conf ]]; then
        sizes=$(cd "$root/conf/models" && printf '%s, ' *.conf)
        sizes=${sizes//.conf/}
        refuse "MODEL_SIZE_KEY is '$MODEL_SIZE_KEY'; it must be one of ${sizes%, }"
    fi
    settings+=("model.preset=$MODEL_SIZE_KEY")
fi
take SEQ_LEN data.sequence-length
case ${USE_FLASH_ATTN:-unset} in
    unset) ;;
    1 | true | True) settings+=(attention.kernel=flash) ;;
    0 | false | False) settings+=(attention.kernel=naive) ;;
    *) refuse "USE_FLASH_ATTN is '$USE_FLASH_ATTN'; it must be 1 or 0" ;;
esac
take MICRO_BATCH train.micro-batch
take GAS train.accumulation
case ${ZERO_STAGE:-unset} in
    unset) ;;
    0 | 1 | 2 | 3) settings+=("zero.stage=$ZERO_STAGE") ;;
    *) refuse "ZERO_STAGE is '$ZERO_STAGE'; it must be 0, 1, 2 or 3" ;;
esac

ranks=$(number NGPUS "${TPSIZE:-1}")
case ${SP_TYPE:-megatron} in
    megatron)
        tensor=$(number TPSIZE "$ranks")
        axis=data
        ;;
    ulysses | ds)
        tensor=$(number TPSIZE 1)
        axis=head
        ;;
    ring)
        tensor=$(number TPSIZE 1)
        axis=context
        ;;
    *) refuse "SP_TYPE is '$SP_TYPE'; it must be megatron, ulysses (or ds) or ring" ;;
esac
((ranks % tensor == 0)) \
    || refuse "NGPUS is $ranks and TPSIZE $tensor; TPSIZE must divide NGPUS"
settings+=("parallel.tensor=$tensor" "parallel.$axis=$((ranks / tensor))")

# Spark's local mode has a slot for each processor.
if [[ -z ${LONGSTRAND_MASTER:-} && -z ${SPARK_HOME:-} && $ranks -gt $(nproc) ]]; then
    export LONGSTRAND_MASTER="local[$ranks]"
fi
printf 'equivalent configuration:\n' >&2
printf '  %s\n' "${settings[@]}" >&2
exec "$root/submit/longstrand" train "${settings[@]}" "$@"
