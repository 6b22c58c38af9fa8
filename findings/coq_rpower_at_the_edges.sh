#!/usr/bin/env bash
# Coq 8.16.1 (Debian bookworm: coq): Rpower x y is exp (y * ln x) with ln x = 0 for x <= 0, so that it is 1 there.
# Seen: Rpower 0 1 = 1, Rpower (-2) 2 = 1 where (-2) ^ 2 = 4, Rpower 0 (-1) = 1 where / 0 = 0, and sqrt (-4) = 0 are proved.
# A theorem about Rpower that does not ask for a positive base says something else than its print.
set -euo pipefail
command -v coqc > /dev/null || { echo "needs coqc: apt-get install coq"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > program.v <<'V'
From Coq Require Import Reals Lra.
Open Scope R_scope.
Lemma off (x y : R) : x <= 0 -> Rpower x y = 1.
Proof.
  intro side. unfold Rpower, ln. case (Rlt_dec 0 x); intro h.
  - exfalso; lra.
  - rewrite Rmult_0_r. apply exp_0.
Qed.
Lemma powers : Rpower 0 1 = 1 /\ Rpower (-2) 2 = 1 /\ (-2) ^ 2 = 4 /\ Rpower 0 (-1) = 1 /\ / 0 = 0 /\ sqrt (-4) = 0.
Proof.
  repeat split; try (apply off; lra); try lra.
  - apply Rinv_0.
  - apply sqrt_neg_0; lra.
Qed.
Check powers.
V
coqc --version
coqc program.v
