(** What the dependence of an index on the data costs, in one notion.

    R is an exponent of the learner at delta if events that have probability at most exp(-R) at every fixed index
    happen at the returned index with probability at most delta. Mutual information, maximal leakage, Sibson's
    information and the information density give exponents; the laws with masks ask for an exponent. *)
From NoFreePrune Require Export Lemma1.

Section Exponents.
Context {D T : Type} (E : (D -> R) -> R) (HE : expectation E) (ts : list T) (p : T -> D -> R).
Hypothesis HL : learner ts p.

Definition exponent (R0 delta : R) : Prop := forall A : T -> D -> bool,
  (forall t, In t ts -> E (fun d => ind (A t d)) <= exp (- R0)) -> selected E ts p A <= delta.

Variable delta : R.
Hypothesis delta_range : 0 < delta < 1.

(** (I + h(delta))/delta *)
Theorem exponent_information : exponent ((information E ts p + h2 delta) / delta) delta.
Proof.
  intros A HA. apply (selected_small E HE ts p HL A (exp (- ((information E ts p + h2 delta) / delta))) delta
    (exp_pos _) delta_range).
  - rewrite ln_exp. lra.
  - exact HA.
Qed.

(** any R with I <= kl(delta || exp(-R)), the sharp form *)
Theorem exponent_kl : forall R0, exp (- R0) < delta -> information E ts p <= kl delta (exp (- R0)) -> exponent R0
  delta.
Proof.
  intros R0 Hq HI A HA. set (q := exp (- R0)) in *. assert (0 < q) by apply exp_pos.
  set (r := delta * (1 - q) / (q * (1 - delta))).
  assert (Hr : 1 < r).
  { unfold r. apply Rmult_lt_reg_r with (q * (1 - delta)); [ nra | ]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by nra. nra. }
  assert (0 < ln r) by (rewrite <- ln_1; apply ln_increasing; lra).
  pose proof (change_of_measure E HE ts p HL A q (ln r) ltac:(lra) ltac:(lra) HA) as C. rewrite exp_ln in C by lra.
  replace (1 - q + q * r) with ((1 - q) / (1 - delta)) in C by (unfold r; field; lra).
  assert (K : kl delta q + ln ((1 - q) / (1 - delta)) = ln r * delta).
  { unfold kl, r. rewrite !ln_div, !ln_mult by nra. ring. }
  apply Rmult_le_reg_l with (ln r); [ assumption | ]. lra.
Qed.

(** leakage + log(1/delta), leakage = log sum_t max_d p(t | d) *)
Theorem exponent_leakage : forall cover : T -> R, (forall t d, In t ts -> p t d <= cover t) -> 1 <= rsum cover ts ->
  exponent (ln (rsum cover ts) - ln delta) delta.
Proof.
  intros cover covers H1 A HA. set (S := rsum cover ts) in *.
  eapply Rle_trans; [ apply (leakage_bound E HE ts p HL A _ HA cover covers); left; apply exp_pos | ]. fold S.
  rewrite <- (exp_ln S) at 1 by lra. rewrite <- exp_plus.
  replace (ln S + - (ln S - ln delta)) with (ln delta) by ring.
  rewrite exp_ln; lra.
Qed.

(** I_a + a/(a-1) log(1/delta) *)
Theorem exponent_sibson : forall a, 1 < a -> exponent (sibson E ts p a - a / (a - 1) * ln delta) delta.
Proof.
  intros a Ha A HA. eapply Rle_trans; [ apply (sibson_bound E HE ts p HL A _ HA a Ha (exp_pos _)) | ].
  rewrite ln_exp. replace ((1 - / a) * _) with (ln delta) by (field; lra). rewrite exp_ln; lra.
Qed.

(** level + log(1/(delta - s)), the density above the level with probability at most s *)
Theorem exponent_density : forall level s, 0 <= s < delta -> selected E ts p (dense E p level) <= s ->
  exponent (level - ln (delta - s)) delta.
Proof.
  intros level s Hs Hd A HA.
  eapply Rle_trans; [ apply (density_bound E HE ts p HL A _ HA level s (Rlt_le _ _ (exp_pos _)) Hd) | ].
  rewrite <- exp_plus. replace (level + - (level - ln (delta - s))) with (ln (delta - s)) by ring.
  rewrite exp_ln; lra.
Qed.

End Exponents.
