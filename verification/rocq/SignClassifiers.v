(** The law for pruned classifiers sgn(g), g Lipschitz ("The Price of Robustness", with masks): the repaired Corollary
    15, sharper. The normalised co-stability S*(g)/L(g) takes the place of the class stability, and the weights of a
    mask are rounded to a net within the class, |g_w - g_net| <= rho theta S*(g_net), at the price of 2 rho.

    That a net of (1 + W J/(rho theta S* ))^|m| weights suffices is the isodiametric inequality; it is cited, and
    enters as the hypotheses [rounds] and [count]. *)
From NoFreePrune Require Export Surrogates.
From Coquelicot Require Import Rcomplements.

Definition clip (v : R) : R := Rmax (-1) (Rmin 1 v).
Definition sign_of {X : Type} (g : X -> R) (x : X) : bool := rleb 0 (g x).

Section Model.

(** Inputs in a bounded metric space with the isoperimetry of Definition 3, labels given inputs, n samples. *)
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (dist : X -> X -> R) (c d : R) (lab : Y -> bool) (n : nat).
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d.
Hypothesis isoperimetry : isoperimetric_space dist Ex c d.
Hypothesis samples : (0 < n)%nat.
Variables (S0 theta s : R).
Hypothesis S_pos : 0 < S0.
Hypothesis theta_range : 0 < theta < 1.
Hypothesis s_is : s = S0 * sqrt (d / c).

Lemma s_pos : 0 < s.
Proof. rewrite s_is. apply Rmult_lt_0_compat; [ exact S_pos | apply sqrt_lt_R0, Rdiv_lt_0_compat; assumption ]. Qed.

Lemma s_squared : s ^ 2 = S0 ^ 2 * (d / c).
Proof. rewrite s_is, Rpow_mult_distr, pow2_sqrt; [ reflexivity | left; apply Rdiv_lt_0_compat; assumption ]. Qed.

(** S*(g) = E |g| *)
Definition costability (g : X -> R) : R := Ex (fun x => Rabs (g x)).

(** ** One function with S*(g)/L(g) at least S *)
Section One.
Variables (g : X -> R) (L : R).
Hypothesis g_bounded : bounded g.
Hypothesis L_pos : 0 < L.
Hypothesis lipschitz : forall x y, Rabs (g x - g y) <= L * dist x y.
Hypothesis stable : S0 <= costability g / L.
Let C := costability g.
Let gamma := theta * C.

Definition clipped (x : X) : R := clip (g x / gamma).
Definition sign_tent (x : X) : R := Rmax 0 (1 - Rabs (g x) / gamma).

Lemma C_large : S0 * L <= C.
Proof.
  apply Rmult_le_compat_r with (r := L) in stable; [ | lra ]. unfold Rdiv in stable.
  rewrite Rmult_assoc, Rinv_l, Rmult_1_r in stable by lra. exact stable.
Qed.

Lemma C_pos : 0 < C.
Proof. pose proof C_large. assert (0 < S0 * L) by (apply Rmult_lt_0_compat; assumption). lra. Qed.

Lemma gamma_pos : 0 < gamma.
Proof. unfold gamma. apply Rmult_lt_0_compat; [ lra | exact C_pos ]. Qed.

Lemma clipped_range : forall x, -1 <= clipped x <= 1.
Proof. intros x. unfold clipped, clip, Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Lemma sign_tent_range : forall x, 0 <= sign_tent x <= 1.
Proof.
  intros x. unfold sign_tent. assert (0 <= Rabs (g x) / gamma) by (apply Rdiv_le_0_compat;
    [ apply Rabs_pos | apply gamma_pos ]).
  unfold Rmax. destruct Rle_dec; lra.
Qed.

(** h is near g: what sgn(h) may differ by from the ramp of g *)
Lemma rounded : forall (h : X -> R) rho x, 0 <= rho -> Rabs (h x - g x) <= rho * gamma ->
  Rabs (sgn (sign_of h x) - clipped x) <= sign_tent x + 2 * rho.
Proof.
  intros h rho x Hrho Hh. pose proof gamma_pos as Hg. set (a := g x / gamma). set (b := h x / gamma).
  assert (Hab : - rho <= b - a <= rho).
  { apply Rabs_between in Hh. unfold a, b.
    split; apply Rmult_le_reg_r with gamma; try exact Hg;
      replace ((h x / gamma - g x / gamma) * gamma) with (h x - g x) by (field; lra); lra. }
  assert (Ha : Rabs (g x) / gamma = Rabs a).
  { unfold a, Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ gamma)) by (left; apply Rinv_0_lt_compat, Hg). reflexivity. }
  assert (Hs : sgn (sign_of h x) = if Rle_dec 0 b then 1 else -1).
  { unfold sgn, sign_of, rleb, b. destruct (Rle_dec 0 (h x)) as [H | H], (Rle_dec 0 (h x / gamma)) as [H' | H'];
      try reflexivity; exfalso.
    - apply H'. apply Rdiv_le_0_compat; assumption.
    - apply H. apply Rmult_le_reg_r with (/ gamma); [ apply Rinv_0_lt_compat, Hg | ]. rewrite Rmult_0_l. exact H'. }
  rewrite Hs. unfold clipped, sign_tent. fold a. rewrite Ha. unfold clip, Rmax, Rmin, Rabs.
  repeat (destruct Rle_dec || destruct Rcase_abs); lra.
Qed.

Lemma clipped_lipschitz : forall x y, Rabs (clipped x - clipped y) <= L / gamma * dist x y.
Proof.
  intros x y. pose proof gamma_pos as Hg. pose proof (Rabs_between _ _ (lipschitz x y)) as H.
  assert (D : Rabs (g x / gamma - g y / gamma) <= L / gamma * dist x y).
  { replace (g x / gamma - g y / gamma) with ((g x - g y) * / gamma) by (field; lra).
    rewrite Rabs_mult, (Rabs_pos_eq (/ gamma)) by (left; apply Rinv_0_lt_compat, Hg).
    replace (L / gamma * dist x y) with (L * dist x y * / gamma) by (field; lra).
    apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat, Hg | apply lipschitz ]. }
  apply Rabs_between in D. unfold clipped, clip, Rmax, Rmin. apply Rabs_le. repeat destruct Rle_dec; lra.
Qed.

Lemma clipped_tail : forall t, 0 <= t -> Ex (fun x => ind (rleb t (Rabs (clipped x - Ex clipped) / (1 / (theta *
  s))))) <= q t.
Proof.
  intros t Ht. pose proof gamma_pos as Hg. pose proof s_pos as Hs. pose proof C_pos as HC. pose proof C_large as HL.
  assert (Ho : 0 < theta * s) by (apply Rmult_lt_0_compat; lra).
  rewrite (e_ext Ex inputs _ (fun x => ind (rleb (t / (theta * s)) (Rabs (clipped x - Ex clipped))))).
  2:{ intros x. f_equal. unfold rleb. set (r := Rabs (clipped x - Ex clipped)).
      replace (r / (1 / (theta * s))) with (r * (theta * s)) by (field; lra).
      destruct (Rle_dec t (r * (theta * s))) as [H | H], (Rle_dec (t / (theta * s)) r) as [H' | H'];
        try reflexivity; exfalso.
      - apply H'. apply Rmult_le_reg_r with (theta * s); [ exact Ho | ].
        replace (t / (theta * s) * (theta * s)) with t by (field; lra). exact H.
      - apply H. apply Rmult_le_compat_r with (r := theta * s) in H'; [ | lra ].
        replace (t / (theta * s) * (theta * s)) with t in H' by (field; lra). exact H'. }
  assert (HLg : 0 < L / gamma) by (apply Rdiv_lt_0_compat; assumption).
  eapply Rle_trans; [ apply (isoperimetry clipped (L / gamma) (t / (theta * s)) HLg) | ].
  - apply (bounded_between _ (-1) 1), clipped_range.
  - apply clipped_lipschitz.
  - apply Rdiv_le_0_compat; [ exact Ht | exact Ho ].
  - unfold q. apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
    assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
    replace (d * (t / (theta * s)) ^ 2 / (2 * c * (L / gamma) ^ 2)) with (t ^ 2 / 2 * (C ^ 2 * (d / c) / (L ^ 2 * s
      ^ 2)))
      by (unfold gamma; field; repeat split; lra).
    rewrite s_squared.
    replace (C ^ 2 * (d / c) / (L ^ 2 * (S0 ^ 2 * (d / c)))) with (C ^ 2 / (S0 * L) ^ 2) by (field; repeat split;
      lra).
    assert (HSL : 0 < S0 * L) by (apply Rmult_lt_0_compat; assumption).
    assert (1 <= C ^ 2 / (S0 * L) ^ 2).
    { apply Rmult_le_reg_r with ((S0 * L) ^ 2); [ apply pow_lt, HSL | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l
        by (apply Rgt_not_eq, pow_lt, HSL). rewrite Rmult_1_l, Rmult_1_r. apply pow_incr. lra. }
    pose proof (pow2_ge_0 t). nra.
Qed.

Lemma sign_tent_tail : forall t, 0 < t <= 1 ->
  Ex (fun x => ind (rleb t (sign_tent x))) <= 2 * exp (- ((s * (1 - theta + theta * t)) ^ 2 / 2)).
Proof.
  intros t Ht. pose proof gamma_pos as Hg. pose proof C_pos as HC. pose proof C_large as HL.
  assert (Hab : bounded (fun x => Rabs (g x))).
  { destruct g_bounded as [M HM]. exists M. intros x. rewrite Rabs_Rabsolu. apply HM. }
  set (r := C * (1 - theta + theta * t)). assert (Hr : 0 <= r) by (unfold r; apply Rmult_le_pos; [ lra | nra ]).
  apply Rle_trans with (Ex (fun x => ind (rleb r (Rabs (Rabs (g x) - Ex (fun x => Rabs (g x))))))).
  - apply (e_mono Ex inputs); [ bnd | bnd | ]. intros x. unfold ind, rleb.
    destruct (Rle_dec t _) as [H | ]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec r _) as [ | Hn]; [ lra | exfalso; apply Hn ].
    assert (Hm : Rabs (g x) <= theta * C * (1 - t)).
    { unfold sign_tent in H. apply Rmax_Rle in H. destruct H as [H | H]; [ lra | ]. fold gamma.
      apply Rmult_le_reg_r with (/ gamma); [ apply Rinv_0_lt_compat, Hg | ].
      replace (gamma * (1 - t) * / gamma) with (1 - t) by (field; lra). unfold Rdiv in H. lra. }
    fold (costability g). fold C. unfold r. assert (theta * (1 - t) <= 1) by nra.
    assert (C * (theta * (1 - t)) <= C * 1) by (apply Rmult_le_compat_l; lra).
    assert (theta * C * (1 - t) = C * (theta * (1 - t))) by ring.
    assert (C * (1 - theta + theta * t) = C - C * (theta * (1 - t))) by ring. rewrite Rabs_left1; lra.
  - eapply Rle_trans; [ apply (isoperimetry (fun x => Rabs (g x)) L r L_pos Hab) | ].
    + intros x y. eapply Rle_trans; [ apply Rabs_triang_inv2 | apply lipschitz ].
    + exact Hr.
    + apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
      assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
      rewrite Rpow_mult_distr, s_squared. unfold r.
      replace (d * (C * (1 - theta + theta * t)) ^ 2 / (2 * c * L ^ 2))
        with ((C / L) ^ 2 * (d / c) * (1 - theta + theta * t) ^ 2 / 2) by (field; split; lra).
      assert (S0 ^ 2 <= (C / L) ^ 2) by (apply pow_incr; unfold C; lra).
      assert (S0 ^ 2 * (d / c) <= (C / L) ^ 2 * (d / c)) by (apply Rmult_le_compat_r; lra).
      pose proof (pow2_ge_0 (1 - theta + theta * t)). nra.
Qed.

End One.

(** ** The law *)
Variables (size : nat -> nat) (net : nat -> nat -> X -> R) (slope : nat -> nat -> R) (p Rstar rho : R).
Hypothesis rho_range : 0 <= rho.
Hypothesis net_bounded : forall m j, (j < size m)%nat -> bounded (net m j).
Hypothesis slope_pos : forall m j, (j < size m)%nat -> 0 < slope m j.
Hypothesis net_lipschitz : forall m j x y, (j < size m)%nat -> Rabs (net m j x - net m j y) <= slope m j * dist x y.
Hypothesis net_stable : forall m j, (j < size m)%nat -> S0 <= costability (net m j) / slope m j.
Hypothesis best : forall m j, (j < size m)%nat -> Rstar <= risk Ex K lab (sign_of (net m j)).
Hypothesis count : forall m, INR (size m) <= exp p.

(** The learner: given the data a law of mask and function; [stable]: S*(g) >= S* and S*(g)/L(g) >= S. *)
Context {Wt : Type} (mask : Wt -> nat) (g : Wt -> X -> R) (round : Wt -> nat) (stable : Wt -> bool) (masks : nat).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Hypothesis rounds : forall w, stable w = true -> (round w < size (mask w))%nat.
Hypothesis close : forall w x, stable w = true ->
  Rabs (g w x - net (mask w) (round w) x) <= rho * (theta * costability (net (mask w) (round w))).
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

Theorem masked_law_of_signs : forall epsilon delta1 delta2 R0, 0 < delta1 < 1 ->
  exponent (En (E1 Ex K) n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 <= p + R0 ->
  sqrt (2 * (ln 2 - ln delta1) / INR n) + 1 / (theta * s) * sqrt (61 / 5 * (p + R0 + ln 2) / INR n)
    + ((p + R0 + ln 2) / INR n + ln (1 + 2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * gs (s * theta)))
      / (s ^ 2 * theta * (1 - theta))
    + Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta)))) + 2 * rho <= 2 * epsilon ->
  En (E1 Ex K) n (fun D => learn D (fun w =>
    ind (rleb (ssum (err lab (sign_of (g w))) n D) (INR n * (Rstar - epsilon)) && stable w))) <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 Hd Hexp Hp Hbudget.
  apply (law_of_surrogates Ex inputs K labels_given lab n samples 1 theta s (Rle_refl 1) theta_range s_pos size
    (fun m j => sign_of (net m j)) (fun m j => clipped (net m j)) (fun m j => sign_tent (net m j)) (fun _ _ => true)
      p Rstar rho)
    with (R0 := R0) (round := round) (mask := mask) (masks := masks) (learned := fun w => sign_of (g w));
    try assumption.
  - intros m j x _ _. apply clipped_range.
  - intros m j x Hj _. apply (sign_tent_range (net m j) (slope m j) (slope_pos m j Hj) (net_stable m j Hj)).
  - intros m j x Hj _.
    pose proof (rounded (net m j) (slope m j) (slope_pos m j Hj) (net_stable m j Hj) (net m j) 0 x (Rle_refl 0)) as
      Rd.
    rewrite Rminus_eq_0, Rabs_R0, Rmult_0_l, Rmult_0_r, Rplus_0_r in Rd. apply Rd. lra.
  - intros m j t Hj _ Ht. apply (clipped_tail (net m j) (slope m j) (slope_pos m j Hj)
      (fun x y => net_lipschitz m j x y Hj) (net_stable m j Hj) t Ht).
  - intros m j t Hj _ Ht. apply (sign_tent_tail (net m j) (slope m j) (net_bounded m j Hj) (slope_pos m j Hj)
      (fun x y => net_lipschitz m j x y Hj) (net_stable m j Hj) t Ht).
  - intros m j Hj _. apply best, Hj.
  - intros w Hst. split; [ apply rounds, Hst | reflexivity ].
  - intros w x Hst. apply (rounded (net (mask w) (round w)) (slope (mask w) (round w)) (slope_pos _ _ (rounds w Hst))
      (net_stable _ _ (rounds w Hst)) (g w) rho x rho_range (close w x Hst)).
Qed.

End Model.
