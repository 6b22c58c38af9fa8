(** Inequalities that rest on convexity, proved by hand.

    Each lemma states an obligation literally as it is exported; the comment names the statement that it serves. *)
From Obligations Require Import Portfolio.

(** Theorem 1 of "No Free Prune": 2^r <= 1 + r, the chord between 0 and 1, from the tangent at r. *)
Lemma chord_of_power : forall r : R, 0 <= r -> r <= 1 -> exp (r * ln 2) <= 1 + r.
Proof.
  intros r H0 H1. pose proof (exp_pos (r * ln 2)) as P.
  pose proof (exp_ineq1_le (- (r * ln 2))) as A. pose proof (exp_ineq1_le ((1 - r) * ln 2)) as B.
  assert (EA : exp (- (r * ln 2)) * exp (r * ln 2) = 1).
  { rewrite <- exp_plus. replace (- (r * ln 2) + r * ln 2) with 0 by ring. apply exp_0. }
  assert (EB : exp ((1 - r) * ln 2) * exp (r * ln 2) = 2).
  { rewrite <- exp_plus. replace ((1 - r) * ln 2 + r * ln 2) with (ln 2) by ring. apply exp_ln. lra. }
  apply (Rmult_le_compat_r (exp (r * ln 2))) in A; [ | lra ].
  apply (Rmult_le_compat_r (exp (r * ln 2))) in B; [ | lra ].
  apply (Rmult_le_compat_l (1 - r)) in A; [ | lra ]. apply (Rmult_le_compat_l r) in B; [ | lra ]. nra.
Qed.
