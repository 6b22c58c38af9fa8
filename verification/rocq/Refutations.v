(** What is false as printed in "No Free Prune": steps 4 and 7 of the proof of Theorem 4, and Lemma 5. *)
From NoFreePrune Require Export Theorem4 Examples.
From Coquelicot Require Import Rcomplements.

(** ** Theorem 4, step 4: rounding

    "MSE at most sigma^2 - epsilon/2" does not become "MSE at most sigma^2 - epsilon" for a function within epsilon/8
    in supremum norm: it goes the other way. One sample, epsilon = 1/2, sigma^2 = 1, and the function itself. *)
Theorem rounding_step_false : ~ (forall (f f' y sigma2 epsilon : R), -1 <= f <= 1 -> -1 <= f' <= 1 -> -1 <= y <= 1 ->
  0 < epsilon <= sigma2 -> sigma2 <= 1 -> Rabs (f - f') <= epsilon / 8 ->
  (f - y) ^ 2 <= sigma2 - epsilon / 2 -> (f' - y) ^ 2 <= sigma2 - epsilon).
Proof.
  intros H. specialize (H (1 / 5) (1 / 5) 1 1 (1 / 2)). rewrite Rminus_eq_0, Rabs_R0 in H.
  specialize (H ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)). lra.
Qed.

(** ** Theorem 4, step 7: the mask of W_L

    The data are a fair bit. The mask is always the first one, so I(m^W; D) = 0; the function is too steep for one
    value of the bit, and the fallback has the other mask: I(m^(W_L); D) = log 2. *)
Definition fair_bit (f : bool -> R) : R := (f true + f false) / 2.

Lemma fair_bit_expectation : expectation fair_bit.
Proof. exact (fair_expectation tt). Qed.

Definition mask_of_W (m d : bool) : R := if m then 1 else 0.
Definition mask_of_W_L (m d : bool) : R := if Bool.eqb m d then 1 else 0.
Definition both_masks : list bool := [true; false].

Lemma masks_learn : learner both_masks mask_of_W /\ learner both_masks mask_of_W_L.
Proof.
  split; constructor; unfold mask_of_W, mask_of_W_L, both_masks; intros; cbn.
  - destruct t; lra.
  - lra.
  - destruct t, d; cbn; lra.
  - destruct d; cbn; lra.
Qed.

Theorem mask_of_W_L_false :
  information fair_bit both_masks mask_of_W = 0 /\ information fair_bit both_masks mask_of_W_L = ln 2.
Proof.
  unfold information, marginal, fair_bit, both_masks, mask_of_W, mask_of_W_L. cbn. split.
  - replace (1 / ((1 + 1) / 2)) with 1 by field. rewrite ln_1. lra.
  - replace (1 / ((1 + 0) / 2)) with 2 by field. replace (1 / ((0 + 1) / 2)) with 2 by field. lra.
Qed.

(** ** Lemma 5: P(F) <= 2k exp(-n epsilon^2/(8^3 k)) without E[z | x, l] = 0

    Two components with the same law of x, and y = +1 on one of them, -1 on the other, each with probability 1/2. Then
    g = 0, z = y, and the noise of every component is as large as can be: F holds for every sample. *)
Section Lemma5.
Variable n : nat.
Hypothesis samples : (0 < n)%nat.

(** The imbalance sum_l |sum_{i in S_l} z_i| for z = +1 on the component [true] and -1 on [false]. *)
Definition imbalance (D : @sample bool n) : R :=
  Rabs (ssum (fun l => ind l) n D) + Rabs (ssum (fun l => - ind (negb l)) n D).

Lemma imbalance_is_n : forall D, imbalance D = INR n.
Proof.
  intros D. unfold imbalance. rewrite Rabs_pos_eq.
  - rewrite Rabs_left1.
    + rewrite <- (Rmult_1_r (INR n)), <- (ssum_const 1 n D).
      replace (- ssum (fun l => - ind (negb l)) n D) with (-1 * ssum (fun l => - ind (negb l)) n D) by ring.
      rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros [ | ]; cbn; ring.
    + rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros [ | ]; cbn; lra.
  - rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros [ | ]; cbn; lra.
Qed.

End Lemma5.

Theorem lemma_5_false : ~ (forall (n : nat) (epsilon : R), (0 < n)%nat -> 0 < epsilon <= 1 ->
  En fair_bit n (fun D => ind (rleb (INR n * (epsilon / 8)) (imbalance n D)))
    <= 2 * INR 2 * exp (- (INR n * epsilon ^ 2 / (8 ^ 3 * INR 2)))).
Proof.
  intros H. set (n := Z.to_nat 2048). assert (Hn : INR n = 2048) by (unfold n; rewrite INR_IZR_INZ, Z2Nat.id by lia;
  reflexivity).
  specialize (H n 1). rewrite Hn in H.
  rewrite (e_ext _ (En_expectation _ fair_bit_expectation n) _ (fun _ => 1)) in H.
  2:{ intros D. rewrite imbalance_is_n, Hn. unfold rleb. destruct (Rle_dec _ _); [ reflexivity | lra ]. }
  rewrite (e_const _ (En_expectation _ fair_bit_expectation n)) in H.
  specialize (H ltac:(apply INR_lt; rewrite Hn; cbn; lra) ltac:(lra)).
  replace (2048 * 1 ^ 2 / (8 ^ 3 * INR 2)) with 2 in H by (cbn; field).
  replace (2 * INR 2) with 4 in H by (cbn; ring). rewrite exp_Ropp in H.
  assert (4 < exp 2).
  { pose proof (exp_ineq1 1 ltac:(lra)) as E1. replace 2 with (1 + 1) by ring. rewrite exp_plus. nra. }
  apply Rmult_le_compat_r with (r := exp 2) in H; [ | lra ]. rewrite Rmult_assoc, Rinv_l in H by lra. lra.
Qed.
