(** Theorem 4 of "No Free Prune", repaired: the law of robustness for any randomised learner with masks.

    [no_free_prune] is the sharpened form, with its constant 1/16; [theorem_4_printed] has the printed constants.
    What stays a hypothesis is the net of every mask: points within epsilon/8 of all functions of that mask whose
    Lipschitz constant is at most L. That (1 + 8 W J/epsilon)^|m| points suffice is the isodiametric inequality. *)
From NoFreePrune Require Export Theorem3.
From Coquelicot Require Import Rcomplements.

Section Law.

(** Inputs x with the index of their component, drawn from the posterior given x; labels y given x; n samples. *)
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat).
Hypothesis labels : forall y, -1 <= lab y <= 1.
Hypothesis components : forall x, (component x < k)%nat.
Variable n : nat.

(** The learner: given the data a law on [Wt]; the function and the mask of w, and whether Lip(f_w) <= L. *)
Context {Wt : Type} (f : Wt -> X -> R) (mask : Wt -> nat) (masks : nat) (smooth : Wt -> bool).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

(** The net of every mask, and the rounding of weights to a net point of the same mask. *)
Variables (size : nat -> nat) (point : nat -> nat -> X -> R) (mean : nat -> nat -> nat -> R) (round : Wt -> nat).
Variables (epsilon c d L : R).
Hypothesis epsilon_range : 0 <= epsilon <= 1.
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d. Hypothesis L_pos : 0 < L.
Hypothesis rounds : forall w, (round w < size (mask w))%nat.
Hypothesis close : forall w x, smooth w = true -> Rabs (f w x - point (mask w) (round w) x) <= epsilon / 8.
Hypothesis nets : forall m, (m < masks)%nat -> (0 < size m)%nat.
Hypothesis net_values : forall m j x, -1 <= point m j x <= 1.
Hypothesis net_means : forall m j l, -1 <= mean m j l <= 1.

(** Definition 1 at the net points. *)
Hypothesis isoperimetry : forall m j, (m < masks)%nat -> (j < size m)%nat ->
  isoperimetric Ex component c d L (point m j) (mean m j).

(** p_eff = I(m; D) + E log N_m, in nats. *)
Let peff := p_eff Ex K n mask masks learn size.

Lemma peff_nonneg : 0 <= peff.
Proof.
  unfold peff, p_eff, mask_information, mean_log_net.
  pose proof (En_expectation _ (HE1 Ex inputs K labels_given) n) as HN.
  apply Rplus_le_le_0_compat.
  - apply (information_nonneg _ HN). apply (mask_learner n mask masks finitely_many_masks learn learns).
  - apply rsum_nonneg. intros m Hm. apply in_seq in Hm. apply Rmult_le_pos.
    + apply (e_pos _ HN); [ exists 1; intros D; apply Rabs_le | intros D ];
        pose proof (prob_range n learn learns D (fun w => (mask w =? m)%nat)); unfold p_mask; lra.
    + assert (1 <= INR (size m)) by (change 1 with (INR 1); apply le_INR; specialize (nets m ltac:(lia)); lia).
      destruct (Req_dec (INR (size m)) 1) as [-> | N]; [ rewrite ln_1; lra | ].
      rewrite <- ln_1. left. apply ln_increasing; lra.
Qed.

Lemma h2_pos : forall delta, 0 < delta < 1 -> 0 < h2 delta.
Proof.
  intros delta Hd. unfold h2. pose proof (ln_neg delta Hd). pose proof (ln_neg (1 - delta) ltac:(lra)). nra.
Qed.

(** P(MSE(f^W) <= sigma^2 - epsilon and Lip(f^W) <= L) <= delta. *)
Theorem no_free_prune : forall delta, 0 < delta < 1 ->
  136 * ((INR k + 1) * ln 2 - ln delta) <= INR n * epsilon ^ 2 ->
  L <= epsilon / 16 * sqrt (INR n * d * delta / (c * (peff + h2 (delta / 2)))) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta.
Proof.
  intros delta Hdel Hn HLb.
  assert (HcL : 0 < c * L ^ 2) by (apply Rmult_lt_0_compat; [ exact c_pos | apply pow_lt, L_pos ]).
  apply (masked_learner Ex inputs K labels_given lab k component labels components n f mask masks smooth
    finitely_many_masks
    learn learns size point mean round epsilon (4 * (c * L ^ 2 / d))); try assumption.
  - apply Rmult_lt_0_compat; [ lra | apply Rdiv_lt_0_compat; assumption ].
  - intros m j s Hm Hj Hs.
    apply (proxy Ex inputs K labels_given lab component labels c d L c_pos d_pos L_pos); auto.
  - fold peff. pose proof peff_nonneg as Hp. pose proof (h2_pos (delta / 2) ltac:(lra)) as Hh.
    set (A := peff + h2 (delta / 2)) in *. assert (HA : 0 < A) by (unfold A; lra).
    assert (Hq : L ^ 2 <= epsilon ^ 2 / 256 * (INR n * d * delta / (c * A))).
    { assert (0 <= INR n * d * delta / (c * A)).
      { apply Rdiv_le_0_compat; [ pose proof (pos_INR n) | apply Rmult_lt_0_compat; lra ].
        apply Rmult_le_pos; [ apply Rmult_le_pos; lra | lra ]. }
      apply Rle_trans with ((epsilon / 16 * sqrt (INR n * d * delta / (c * A))) ^ 2); [ apply pow_incr; lra | ].
      rewrite Rpow_mult_distr, pow2_sqrt by assumption. apply Req_le. field. split; lra. }
    apply Rmult_le_reg_r with (128 * c * L ^ 2 * delta / (2 * d)).
    { apply Rdiv_lt_0_compat; [ apply Rmult_lt_0_compat; nra | lra ]. }
    replace (A / (delta / 2) * (128 * c * L ^ 2 * delta / (2 * d))) with (128 * c * A / d * L ^ 2) by (field; lra).
    replace (INR n * (epsilon / 4) ^ 2 / (2 * (4 * (c * L ^ 2 / d))) * (128 * c * L ^ 2 * delta / (2 * d)))
      with (INR n * epsilon ^ 2 * delta / 2) by (field; repeat split; lra).
    apply Rle_trans with (128 * c * A / d * (epsilon ^ 2 / 256 * (INR n * d * delta / (c * A)))).
    + apply Rmult_le_compat_l; [ | exact Hq ]. apply Rdiv_le_0_compat; [ nra | lra ].
    + apply Req_le. field. repeat split; lra.
Qed.

(** The sharp form of the same: R with kl(delta/2 || exp(-R)) = p_eff in place of 2 (p_eff + h(delta/2))/delta. *)
Theorem no_free_prune_kl : forall delta R0, 0 < delta < 1 ->
  136 * ((INR k + 1) * ln 2 - ln delta) <= INR n * epsilon ^ 2 ->
  exp (- R0) < delta / 2 -> peff <= kl (delta / 2) (exp (- R0)) ->
  L <= epsilon / 16 * sqrt (2 * (INR n * d) / (c * R0)) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta.
Proof.
  intros delta R0 Hdel Hn Hq HI HLb.
  assert (HcL : 0 < c * L ^ 2) by (apply Rmult_lt_0_compat; [ exact c_pos | apply pow_lt, L_pos ]).
  assert (HR : 0 < R0).
  { destruct (Rlt_le_dec 0 R0) as [ | Hneg]; [ assumption | exfalso ].
    assert (exp 0 <= exp (- R0)) by (apply exp_le; lra). rewrite exp_0 in *. lra. }
  apply (masked_learner_kl Ex inputs K labels_given lab k component labels components n f mask masks smooth
    finitely_many_masks learn learns size point mean round epsilon (4 * (c * L ^ 2 / d))) with (R0 := R0);
      try assumption.
  - apply Rmult_lt_0_compat; [ lra | apply Rdiv_lt_0_compat; assumption ].
  - intros m j s Hm Hj Hs.
    apply (proxy Ex inputs K labels_given lab component labels c d L c_pos d_pos L_pos); auto.
  - pose proof (pos_INR n) as HNn.
    assert (Hq2 : L ^ 2 <= epsilon ^ 2 / 256 * (2 * (INR n * d) / (c * R0))).
    { assert (0 <= 2 * (INR n * d) / (c * R0)).
      { apply Rdiv_le_0_compat; [ | apply Rmult_lt_0_compat; assumption ].
        apply Rmult_le_pos; [ lra | apply Rmult_le_pos; lra ]. }
      apply Rle_trans with ((epsilon / 16 * sqrt (2 * (INR n * d) / (c * R0))) ^ 2); [ apply pow_incr; lra | ].
      rewrite Rpow_mult_distr, pow2_sqrt by assumption. apply Req_le. field. split; lra. }
    apply Rmult_le_reg_r with (128 * (c * L ^ 2) / d); [ apply Rdiv_lt_0_compat; lra | ].
    replace (INR n * (epsilon / 4) ^ 2 / (2 * (4 * (c * L ^ 2 / d))) * (128 * (c * L ^ 2) / d))
      with (INR n * epsilon ^ 2) by (field; repeat split; lra).
    replace (R0 * (128 * (c * L ^ 2) / d)) with (128 * c * R0 / d * L ^ 2) by (field; lra).
    apply Rle_trans with (128 * c * R0 / d * (epsilon ^ 2 / 256 * (2 * (INR n * d) / (c * R0)))).
    + apply Rmult_le_compat_l; [ | exact Hq2 ]. apply Rdiv_le_0_compat; [ | lra ].
      apply Rmult_le_pos; [ apply Rmult_le_pos; lra | lra ].
    + apply Req_le. field. repeat split; lra.
Qed.

(** The printed constants, 1/(96 a_1 sqrt(2 c)) with a_1^2 = 72, and the printed condition on n, follow. [P] is any
    count that is at least p_eff: the printed one has log2 and 60 for log and 8. *)
Theorem theorem_4_printed : forall delta P, 0 < delta < 1 -> peff <= P ->
  8 ^ 3 * INR k * ln (8 * INR k / delta) <= INR n * epsilon ^ 2 ->
  L <= epsilon / (96 * sqrt 72 * sqrt (2 * c)) * sqrt (INR n * d * delta / (P + delta / 2 * ln (4 / delta))) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta.
Proof.
  intros delta P Hdel HP Hn HLb.
  assert (Hk : 1 <= INR k).
  { change 1 with (INR 1). apply le_INR. exact (components_exist Ex inputs k component components). }
  pose proof (ln_neg delta Hdel). pose proof ln_2_ge. pose proof peff_nonneg.
  assert (0 <= ln (INR k)) by (destruct Hk as [Hk | <-]; [ rewrite <- ln_1; left; apply ln_increasing;
  lra | rewrite ln_1; lra ]).
  apply no_free_prune; [ exact Hdel | | ].
  - eapply Rle_trans; [ | exact Hn ]. replace (8 * INR k / delta) with (2 * (2 * (2 * (INR k * / delta))))
    by (field; lra).
    assert (0 < / delta) by (apply Rinv_0_lt_compat; lra).
    assert (0 < INR k * / delta) by (apply Rmult_lt_0_compat; lra).
    rewrite !ln_mult, ln_Rinv by lra. nra.
  - eapply Rle_trans; [ exact HLb | ].
    assert (Hr : 96 * sqrt 72 * sqrt (2 * c) = 1152 * sqrt c).
    { rewrite sqrt_mult by lra. replace 72 with (6 ^ 2 * 2) by ring. rewrite sqrt_mult, sqrt_pow2 by lra.
      replace (96 * (6 * sqrt 2) * (sqrt 2 * sqrt c)) with (576 * (sqrt 2 ^ 2) * sqrt c) by ring.
      rewrite pow2_sqrt by lra. ring. }
    rewrite Hr. assert (0 < sqrt c) by (apply sqrt_lt_R0, c_pos).
    pose proof (h2_pos (delta / 2) ltac:(lra)) as Hh. pose proof (h2_le (delta / 2) ltac:(lra)) as Hh2.
    rewrite ln_div in Hh2 by lra. replace (4 / delta) with (2 * (2 * / delta)) by (field; lra).
    assert (0 < / delta) by (apply Rinv_0_lt_compat; lra). rewrite !ln_mult, ln_Rinv by lra.
    set (Q := P + delta / 2 * (ln 2 + (ln 2 + - ln delta))). set (A := peff + h2 (delta / 2)).
    assert (HA : 0 < A) by (unfold A; lra). assert (HQ : A <= 5184 * Q) by (unfold A, Q; nra).
    assert (HQ0 : 0 < Q) by nra. pose proof (pos_INR n).
    assert (Hnd : 0 <= INR n * d * delta) by (repeat apply Rmult_le_pos; lra).
    replace (INR n * d * delta / (c * A)) with (INR n * d * delta / A * / c) by (field; lra).
    rewrite (sqrt_mult_alt (INR n * d * delta / A)) by (apply Rdiv_le_0_compat; lra).
    rewrite <- inv_sqrt by lra.
    apply Rle_trans with (epsilon / 16 * (sqrt (INR n * d * delta / (5184 * Q)) * / sqrt c)).
    + replace (INR n * d * delta / Q) with (72 ^ 2 * (INR n * d * delta / (5184 * Q))) by (field; lra).
      rewrite sqrt_mult, sqrt_pow2 by (try lra; apply Rdiv_le_0_compat; lra). apply Req_le. field. lra.
    + apply Rmult_le_compat_l; [ lra | ]. apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat; lra | ].
      apply sqrt_le_1_alt. apply Rmult_le_compat_l; [ exact Hnd | ]. apply Rinv_le_contravar; lra.
Qed.

End Law.
