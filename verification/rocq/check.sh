#!/bin/sh
# Compile the theory, the library and all recorded certificates with Rocq alone, in build/rocq; with names of theorems,
# print each one and the axioms that it rests on.
#
#     sh verification/rocq/check.sh [THEOREM ...]
set -eu
cd "$(dirname "$0")/../.."
out=build/rocq
if ! command -v coqc > /dev/null; then
    echo "check.sh: coqc not found; apt-get install coq libcoq-interval libcoq-coquelicot coinor-csdp" >&2
    exit 2
fi
mkdir -p "$out/theory" "$out/by_hand" "$out/library" "$out/obligations"
# A file that is no longer there leaves nothing behind; one that is unchanged keeps its time, for make.
for pair in noprune_theory/verifier/rocq/theory:theory verification/rocq/by_hand:by_hand \
    verification/rocq:library verification/rocq/obligations:obligations; do
    from=${pair%%:*} to=$out/${pair##*:}
    for file in "$to"/*.v; do
        [ ! -e "$file" ] || [ -e "$from/${file##*/}" ] || rm "$file"
    done
    for file in "$from"/*.v; do
        [ ! -e "$file" ] || cmp -s "$file" "$to/${file##*/}" || cp "$file" "$to"
    done
done
cd "$out"
paths="-Q theory Obligations -Q by_hand ByHand -Q library NoFreePrune -Q obligations Certificates"
# shellcheck disable=SC2086
coq_makefile $paths -arg -w -arg none */*.v -o Makefile.coq
make -f Makefile.coq -j "$(getconf _NPROCESSORS_ONLN 2> /dev/null || echo 1)"
for theorem in "$@"; do
    file=$(grep -l -w "^Theorem $theorem" library/*.v | head -n 1)
    if [ -z "$file" ]; then
        echo "check.sh: no theorem $theorem in verification/rocq" >&2
        exit 2
    fi
    module=$(basename "$file" .v)
    printf 'From NoFreePrune Require Import %s.\nCheck @%s.\nPrint Assumptions %s.\n' "$module" "$theorem" "$theorem" |
        # shellcheck disable=SC2086
        coqtop -q -w none $paths 2> /dev/null | sed -e '/^Fetching opaque proofs/d' -e '/^\[Loading ML/d' -e '/^Welcome to\|^Skipping/d' -e 's/^\(Coq < \)*//'
done
