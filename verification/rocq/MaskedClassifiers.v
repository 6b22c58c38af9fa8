(** The law for pruned classifiers ("The Price of Robustness", with masks): a learner with masks that fits below the
    noise level has a small class stability. It sharpens Corollary 6 and asks nothing of the size of the class.

    With probability 1 - delta, no learned f with empirical risk at most R* - epsilon has S(f) >= S, once

      2 epsilon >= t + (ell/(theta s)) sqrt(61/5 (p_eff + log 2)/n)
        + ((p_eff + log 2)/n + log M)/(s^2 theta (1 - theta)) + E T,

    s = S sqrt(d/c), t = sqrt(2 log(2/delta_1)/n), p_eff = p + R: p the logarithm of the number of classifiers of a
    mask, R an exponent of the dependence of the mask on the data at delta_2 = delta - delta_1. *)
From NoFreePrune Require Export Surrogates.
From Coquelicot Require Import Rcomplements.

Section Model.

(** Inputs in a bounded metric space with the isoperimetry of Definition 3, labels given inputs, n samples. *)
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (dist : X -> X -> R) (diameter c d : R) (lab : Y -> bool) (n : nat).
Hypothesis dist_range : forall x y, 0 <= dist x y <= diameter.
Hypothesis dist_sym : forall x y, dist x y = dist y x.
Hypothesis triangle : forall x y z, dist x z <= dist x y + dist y z.
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d.
Hypothesis isoperimetry : isoperimetric_space dist Ex c d.
Hypothesis samples : (0 < n)%nat.
Variables (ell S0 theta s : R).
Hypothesis ell_ge_1 : 1 <= ell.
Hypothesis S_pos : 0 < S0.
Hypothesis theta_range : 0 < theta < 1.
Hypothesis s_is : s = S0 * sqrt (d / c).

Lemma s_pos : 0 < s.
Proof. rewrite s_is. apply Rmult_lt_0_compat; [ exact S_pos | apply sqrt_lt_R0, Rdiv_lt_0_compat; assumption ]. Qed.

Lemma s_squared : s ^ 2 = S0 ^ 2 * (d / c).
Proof. rewrite s_is, Rpow_mult_distr, pow2_sqrt; [ reflexivity | left; apply Rdiv_lt_0_compat; assumption ]. Qed.

(** ** One classifier of stability at least S: what the surrogate asks for *)
Section Classifier.
Variables (f : X -> bool) (a b : X).
Hypothesis not_constant : f a = true /\ f b = false.
Hypothesis slope : forall x x', f x <> f x' -> margin dist f x + margin dist f x' <= ell * dist x x'.
Hypothesis stable : S0 <= stability dist f Ex.
Let Sf := stability dist f Ex.
Let gamma := theta * Sf.
Let F := ramp dist f gamma.
Let T := tent dist f gamma.
Let omega := ell / (theta * s).

Lemma gamma_pos : 0 < gamma.
Proof. unfold gamma, Sf. apply Rmult_lt_0_compat; lra. Qed.

Lemma F_range : forall x, -1 <= F x <= 1.
Proof. apply (ramp_range dist diameter dist_range f a b not_constant gamma gamma_pos). Qed.

Lemma T_range : forall x, 0 <= T x <= 1.
Proof. apply (tent_range dist diameter dist_range f a b not_constant gamma gamma_pos). Qed.

Lemma bounded_F : bounded F.
Proof. apply (bounded_between _ (-1) 1), F_range. Qed.

Lemma omega_pos : 0 < omega.
Proof. unfold omega. pose proof s_pos. apply Rdiv_lt_0_compat; [ lra | apply Rmult_lt_0_compat; lra ]. Qed.

Lemma smooth_tail : forall t, 0 <= t -> Ex (fun x => ind (rleb t (Rabs (F x - Ex F) / omega))) <= q t.
Proof.
  intros t Ht. pose proof omega_pos as Ho. pose proof gamma_pos as Hg. pose proof s_pos as Hs.
  rewrite (e_ext Ex inputs _ (fun x => ind (rleb (omega * t) (Rabs (F x - Ex F))))).
  2:{ intros x. f_equal. unfold rleb. destruct (Rle_dec t _) as [H | H], (Rle_dec (omega * t) _) as [H' | H'];
    try reflexivity;
      exfalso.
      - apply H'. apply Rmult_le_compat_l with (r := omega) in H; [ | lra ].
        replace (omega * (Rabs (F x - Ex F) / omega)) with (Rabs (F x - Ex F)) in H by (field; lra). exact H.
      - apply H. apply Rmult_le_reg_l with omega; [ exact Ho | ].
        replace (omega * (Rabs (F x - Ex F) / omega)) with (Rabs (F x - Ex F)) by (field; lra). exact H'. }
  assert (HL : 0 < ell / gamma) by (apply Rdiv_lt_0_compat; lra).
  eapply Rle_trans; [ apply (isoperimetry F (ell / gamma) (omega * t) HL bounded_F) | ].
  - apply (ramp_lipschitz dist diameter dist_range dist_sym triangle f a b not_constant gamma ell gamma_pos ell_ge_1
    slope).
  - apply Rmult_le_pos; lra.
  - unfold q. apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
    assert (HSf : 0 < Sf) by (unfold Sf; lra).
    replace (d * (omega * t) ^ 2 / (2 * c * (ell / gamma) ^ 2)) with (t ^ 2 / 2 * (Sf ^ 2 * (d / c) / s ^ 2))
      by (unfold omega, gamma; field; repeat split; lra).
    rewrite s_squared. assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
    replace (Sf ^ 2 * (d / c) / (S0 ^ 2 * (d / c))) with (Sf ^ 2 / S0 ^ 2) by (field; repeat split; lra).
    assert (1 <= Sf ^ 2 / S0 ^ 2).
    { apply Rmult_le_reg_r with (S0 ^ 2); [ apply pow_lt, S_pos | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l
        by (apply Rgt_not_eq, pow_lt, S_pos). rewrite Rmult_1_l, Rmult_1_r. apply pow_incr. unfold Sf. lra. }
    pose proof (pow2_ge_0 t). nra.
Qed.

Lemma tent_tail : forall t, 0 < t <= 1 ->
  Ex (fun x => ind (rleb t (T x))) <= 2 * exp (- ((s * (1 - theta + theta * t)) ^ 2 / 2)).
Proof.
  intros t Ht. pose proof gamma_pos as Hg.
  set (r := Sf * (1 - theta + theta * t)). assert (Hr : 0 <= r) by (unfold r, Sf; apply Rmult_le_pos; [ lra | nra ]).
  apply Rle_trans with (Ex (fun x => ind (rleb r (Rabs (margin dist f x - Ex (margin dist f)))))).
  - apply (e_mono Ex inputs); [ bnd | bnd | ]. intros x. unfold ind, rleb.
    destruct (Rle_dec t _) as [H | ]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec r _) as [ | Hn]; [ lra | exfalso; apply Hn ].
    pose proof (tent_high dist f gamma gamma_pos t x ltac:(lra) H) as Hm.
    unfold r. fold (stability dist f Ex). fold Sf. unfold gamma in Hm.
    assert (HSf : 0 < Sf) by (unfold Sf; lra). assert (theta * (1 - t) <= 1) by nra.
    assert (Sf * (theta * (1 - t)) <= Sf * 1) by (apply Rmult_le_compat_l; lra).
    assert (theta * Sf * (1 - t) = Sf * (theta * (1 - t))) by ring.
    assert (Sf * (1 - theta + theta * t) = Sf - Sf * (theta * (1 - t))) by ring. rewrite Rabs_left1; lra.
  - eapply Rle_trans; [ apply (isoperimetry (margin dist f) 1 r Rlt_0_1) | ].
    + apply (bounded_margin dist diameter dist_range f a b not_constant).
    + apply (lemma_18 dist diameter dist_range dist_sym triangle f a b not_constant).
    + exact Hr.
    + apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
      assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
      rewrite Rpow_mult_distr, s_squared. unfold r.
      replace (d * (Sf * (1 - theta + theta * t)) ^ 2 / (2 * c * 1 ^ 2))
        with (Sf ^ 2 * (d / c) * (1 - theta + theta * t) ^ 2 / 2) by (field; lra).
      assert (S0 ^ 2 <= Sf ^ 2) by (apply pow_incr; unfold Sf; lra).
      assert (S0 ^ 2 * (d / c) <= Sf ^ 2 * (d / c)) by (apply Rmult_le_compat_r; lra).
      pose proof (pow2_ge_0 (1 - theta + theta * t)). nra.
Qed.

End Classifier.

(** ** The law *)
Variables (size : nat -> nat) (classifier : nat -> nat -> X -> bool) (up down : nat -> nat -> X) (p Rstar : R).
Hypothesis not_constant : forall m j, (j < size m)%nat ->
  classifier m j (up m j) = true /\ classifier m j (down m j) = false.
Hypothesis slope : forall m j x x', (j < size m)%nat -> classifier m j x <> classifier m j x' ->
  margin dist (classifier m j) x + margin dist (classifier m j) x' <= ell * dist x x'.
Hypothesis best : forall m j, (j < size m)%nat -> Rstar <= risk Ex K lab (classifier m j).
Hypothesis count : forall m, INR (size m) <= exp p.

(** The learner: given the data a law of mask and index. *)
Context {Wt : Type} (mask index : Wt -> nat) (masks : nat).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Hypothesis indices : forall w, (index w < size (mask w))%nat.
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).
Let f (w : Wt) : X -> bool := classifier (mask w) (index w).

Definition fits_stably (epsilon : R) (w : Wt) (D : @sample (X * Y) n) : bool :=
  rleb (ssum (err lab (f w)) n D) (INR n * (Rstar - epsilon)) && rleb S0 (stability dist (f w) Ex).

Theorem masked_law : forall epsilon delta1 delta2 R0, 0 < delta1 < 1 ->
  exponent (En (E1 Ex K) n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 <= p + R0 ->
  sqrt (2 * (ln 2 - ln delta1) / INR n) + ell / (theta * s) * sqrt (61 / 5 * (p + R0 + ln 2) / INR n)
    + ((p + R0 + ln 2) / INR n + ln (1 + 2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * gs (s * theta)))
      / (s ^ 2 * theta * (1 - theta))
    + Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta)))) <= 2 * epsilon ->
  En (E1 Ex K) n (fun D => learn D (fun w => ind (fits_stably epsilon w D))) <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 Hd Hexp Hp Hbudget. pose proof s_pos as Hs.
  assert (Good : forall m j, rleb S0 (stability dist (classifier m j) Ex) = true -> S0 <= stability dist (classifier
    m j) Ex).
  { intros m j H. unfold rleb in H. destruct (Rle_dec _ _); [ assumption | discriminate ]. }
  apply (law_of_surrogates Ex inputs K labels_given lab n samples ell theta s ell_ge_1 theta_range Hs size classifier
    (fun m j => ramp dist (classifier m j) (theta * stability dist (classifier m j) Ex))
    (fun m j => tent dist (classifier m j) (theta * stability dist (classifier m j) Ex))
    (fun m j => rleb S0 (stability dist (classifier m j) Ex)) p Rstar 0) with (R0 := R0) (round := index) (mask := mask)
    (masks := masks) (learned := f) (stable := fun w => rleb S0 (stability dist (f w) Ex));
    try assumption.
  - intros m j x Hj Hg. apply (F_range (classifier m j) (up m j) (down m j) (not_constant m j Hj) (Good m j Hg)).
  - intros m j x Hj Hg. apply (T_range (classifier m j) (up m j) (down m j) (not_constant m j Hj) (Good m j Hg)).
  - intros m j x Hj Hg. apply Req_le.
    apply (ramp_differs dist diameter dist_range (classifier m j) (up m j) (down m j) (not_constant m j Hj) _
      (gamma_pos (classifier m j) (Good m j Hg))).
  - intros m j t Hj Hg Ht. apply (smooth_tail (classifier m j) (up m j) (down m j) (not_constant m j Hj)
      (fun x x' => slope m j x x' Hj) (Good m j Hg) t Ht).
  - intros m j t Hj Hg Ht. apply (tent_tail (classifier m j) (up m j) (down m j) (not_constant m j Hj) (Good m j Hg)
    t Ht).
  - intros m j Hj _. apply best, Hj.
  - intros w Hst. split; [ apply indices | exact Hst ].
  - intros w x Hst. replace (2 * 0) with 0 by ring. rewrite Rplus_0_r. apply Req_le.
    apply (ramp_differs dist diameter dist_range (f w) (up (mask w) (index w)) (down (mask w) (index w))
      (not_constant _ _ (indices w)) _ (gamma_pos (f w) (Good _ _ Hst))).
  - unfold tent_moment. lra.
Qed.

End Model.
