#!/usr/bin/env bash
# Coq 8.16.1 with coq-interval 4.6.1 (Debian bookworm: coq, libcoq-interval): `interval` rests on axioms about the machine's
# floats, and `interval with (i_prec N)`, which uses none, on axioms about the machine's 63-bit integers.
# Seen, by Print Assumptions of 1 < exp 1 < 3: 59 axioms and primitives of floats and integers without i_prec, 51 of integers
# with i_prec 53 or 200, beside four that the reals bring. A proof by `interval` is not one from the axioms of the reals alone.
set -euo pipefail
command -v coqc > /dev/null || { echo "needs coqc: apt-get install coq libcoq-interval"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > program.v <<'V'
From Coq Require Import Reals.
From Interval Require Import Tactic.
Open Scope R_scope.
Lemma floats : 1 < exp 1 < 3. Proof. split; interval. Qed.
Lemma integers : 1 < exp 1 < 3. Proof. split; interval with (i_prec 53). Qed.
Lemma wider : 1 < exp 1 < 3. Proof. split; interval with (i_prec 200). Qed.
Print Assumptions floats.
Print Assumptions integers.
Print Assumptions wider.
V
coqc --version
coqc program.v > out.txt
names=$(awk '/^Axioms:/ { lemma++; next } /^[A-Z][A-Za-z0-9_]*\./ { print lemma, $1 }' out.txt)
count() { grep -cE "^$1 $2" <<< "$names" || true; }
float='(FloatAxioms|PrimFloat)\.' integer='(Uint63|PrimInt63)\.'
real='(ClassicalDedekindReals|FunctionalExtensionality|Classical_Prop)\.'
seen=""
for lemma in 1 2 3; do
    seen+="$(count "$lemma" "$float") of floats, $(count "$lemma" "$integer") of integers, $(count "$lemma" "$real") of reals; "
done
echo "interval, with (i_prec 53), with (i_prec 200): $seen"
one='0 of floats, 51 of integers, 4 of reals; '
[ "$seen" = "38 of floats, 21 of integers, 4 of reals; $one$one" ]
