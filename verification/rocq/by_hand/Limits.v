(** Limits among the obligations of "No Free Prune", proved by hand.

    Each lemma states an obligation literally as it is exported; the comment names the statement that it serves. *)
From Obligations Require Import Portfolio.

(** Definition 1: log M(lambda) / lambda starts at the mean, log(1 + a lambda)/lambda -> a. *)
Lemma cumulant_starts_at_the_mean : forall a : R, 0 < a ->
  filterlim (fun lambda : R => ln (1 + a * lambda) / lambda) (at_right 0) (locally a).
Proof.
  intros. apply (quotient_at_0 (fun x => ln (1 + a * x))).
  - apply is_derive_Reals. auto_derive; [ lra | field ].
  - rewrite Rmult_0_r, Rplus_0_r. apply ln_1.
Qed.

(** Definition 1: a^2 sqrt d grows without bound. *)
Lemma square_root_unbounded : forall a : R, 0 < a ->
  filterlim (fun d : R => a ^ 2 * sqrt d) (Rbar_locally p_infty) (Rbar_locally p_infty).
Proof.
  intros a Ha P [M HM]. set (N := Rmax M 1).
  assert (1 <= N) by apply Rmax_r. assert (M <= N) by apply Rmax_l.
  assert (0 < a ^ 2) by posit. assert (0 < N / a ^ 2) by (apply Rdiv_lt_0_compat; lra).
  apply (near_infinity _ ((N / a ^ 2) ^ 2)). intros x Hx. apply HM.
  apply Rle_lt_trans with N; [ assumption | ].
  replace N with (a ^ 2 * (N / a ^ 2)) by (field; nra). apply Rmult_lt_compat_l; [ lra | ].
  rewrite <- (sqrt_pow2 (N / a ^ 2)) by lra. apply sqrt_lt_1_alt. split; [ apply pow2_ge_0 | exact Hx ].
Qed.

(** Equation 1: log(p + 1)/p -> 0. *)
Lemma logarithm_over_identity : filterlim (fun p : R => ln (1 + p) / p) (Rbar_locally p_infty) (locally 0).
Proof.
  apply (filterlim_le_le (fun _ => 0) _ (fun x => 2 * (ln x / x)) (Finite 0)).
  - apply (near_infinity _ 2). intros x Hx. assert (0 <= ln (1 + x)) by (apply ln_ge_0; lra).
    assert (ln (1 + x) <= 2 * ln x).
    { replace (2 * ln x) with (ln (x * x)) by (rewrite ln_mult by lra; ring). apply ln_le; nra. }
    split; [ apply Rdiv_le_0_compat; lra | ]. unfold Rdiv. rewrite <- Rmult_assoc.
    apply Rmult_le_compat_r; [ apply Rlt_le, Rinv_0_lt_compat; lra | lra ].
  - apply filterlim_const.
  - pose proof (is_lim_scal_l (fun x => ln x / x) 2 p_infty 0 is_lim_div_ln_p) as H. unfold is_lim in H.
    replace (Rbar_mult 2 0) with (Finite 0) in H by (simpl; f_equal; ring). exact H.
Qed.

(** Equation 7: s is unbounded as delta -> 0. *)
Lemma radius_unbounded : forall I : R, 0 < I ->
  filterlim (fun delta : R => I / delta + ln (2 / delta)) (at_right 0) (Rbar_locally p_infty).
Proof.
  intros I HI. apply (infinite_above _ _ _ (fun x => I / x)); [ | apply inverse_at_0, HI ].
  apply (near_0 _ 1); [ lra | ]. intros x Hx. assert (0 <= ln (2 / x)); [ | lra ].
  rewrite ln_div by lra. pose proof (ln_le_0 x ltac:(lra)). pose proof (ln_gt_0 2 ltac:(lra)). lra.
Qed.

(** The claim that the ratio diverges: h(s)/s for s = 1 - gamma. *)
Lemma entropy_over_identity_unbounded :
  filterlim (fun s : R => - ln s - (1 - s) * ln (1 - s) / s) (at_right 0) (Rbar_locally p_infty).
Proof.
  apply (infinite_above _ _ _ (fun x => - ln x)); [ | apply minus_ln_at_0 ].
  apply (near_0 _ 1); [ lra | ]. intros x Hx. pose proof (ln_le_0 (1 - x) ltac:(lra)).
  assert (0 <= - ((1 - x) * ln (1 - x) / x)); [ | lra ].
  replace (- ((1 - x) * ln (1 - x) / x)) with ((1 - x) * - ln (1 - x) / x) by (field; lra).
  apply Rdiv_le_0_compat; [ apply Rmult_le_pos; lra | lra ].
Qed.

(** The claim on Cover's capacity: both exponents, divided by the dimension. *)
Lemma exponent_below_capacity : forall epsilon : R, 0 < epsilon -> epsilon < 1 ->
  filterlim (fun d : R => (- 1 + d * epsilon) ^ 2 / (d * (- 2 + 2 * d * (2 - epsilon)))) (Rbar_locally p_infty)
    (locally (epsilon ^ 2 / (4 - 2 * epsilon))).
Proof.
  intros epsilon H0 H1.
  apply (at_infinity_by_inverse _ (fun h => (epsilon - h) ^ 2 / (2 * (2 - epsilon) - 2 * h)) _ 2); [ lra | | | ].
  - intros x Hx. field. repeat split; try nra.
  - apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. lra.
  - field. lra.
Qed.

Lemma exponent_above_capacity : forall epsilon : R, 0 < epsilon ->
  filterlim (fun d : R => (1 + d * epsilon) ^ 2 / (d * (- 2 + 2 * d * (2 + epsilon)))) (Rbar_locally p_infty)
    (locally (epsilon ^ 2 / (4 + 2 * epsilon))).
Proof.
  intros epsilon H0.
  apply (at_infinity_by_inverse _ (fun h => (epsilon + h) ^ 2 / (2 * (2 + epsilon) - 2 * h)) _ 2); [ lra | | | ].
  - intros x Hx. field. repeat split; try nra.
  - apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. lra.
  - field. lra.
Qed.
