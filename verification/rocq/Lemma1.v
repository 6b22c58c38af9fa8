(** Lemma 1 of "No Free Prune": the tail of a subgaussian process at an index that depends on the data.

    Footnote 3 calls X C-subgaussian if P(|X| >= u) <= 2 exp(-u^2/C); means play no role. Proved with mutual
    information in the printed form (a_1^2 = 72) and in a sharper one, and with maximal leakage, with Sibson's
    information and with the information density in its place. *)
From NoFreePrune Require Export Dependence.

Lemma ln_2_ge : 1 / 2 <= ln 2.
Proof. pose proof (ln_le_minus1 (/ 2) ltac:(lra)) as H. rewrite ln_Rinv in H by lra. lra. Qed.

Lemma h2_le : forall delta, 0 < delta < 1 -> h2 delta <= delta * (1 - ln delta).
Proof.
  intros delta Hd. unfold h2. pose proof (ln_le_minus1 (/ (1 - delta)) ltac:(apply Rinv_0_lt_compat; lra)) as H.
  rewrite ln_Rinv in H by lra.
  assert ((1 - delta) * - ln (1 - delta) <= (1 - delta) * (/ (1 - delta) - 1)) by (apply Rmult_le_compat_l; lra).
  replace ((1 - delta) * (/ (1 - delta) - 1)) with delta in * by (field; lra). lra.
Qed.

Section Lemma1.
Context {D T : Type} (E : (D -> R) -> R) (HE : expectation E) (ts : list T) (p : T -> D -> R).
Hypothesis HL : learner ts p.
Variables (X : T -> D -> R) (C : R).
Hypothesis C_pos : 0 < C.
Hypothesis subgaussian : forall t u, In t ts -> 0 <= u ->
  E (fun d => ind (rleb u (Rabs (X t d)))) <= 2 * exp (- (u ^ 2 / C)).

(** P(|X_W| >= u) *)
Definition tail (u : R) : R := selected E ts p (fun t d => rleb u (Rabs (X t d))).

Lemma tail_antitone : forall u v, u <= v -> tail v <= tail u.
Proof.
  intros u v Huv. unfold tail. rewrite !(selected_sum E HE ts p HL). apply rsum_le. intros t _.
  pose proof (bounded_p ts p HL t). apply (e_mono E HE); [ bnd | bnd | ]. intros d.
  apply Rmult_le_compat_l; [ apply (p_range ts p HL) | ].
  unfold rleb. destruct (Rle_dec v (Rabs (X t d))), (Rle_dec u (Rabs (X t d))); cbn; lra.
Qed.

(** At u = sqrt(C (log 2 + x)) a fixed index is above u with probability at most exp(-x). *)
Definition radius (x : R) : R := sqrt (C * (ln 2 + x)).

Lemma fixed_index : forall x t, 0 <= ln 2 + x -> In t ts ->
  E (fun d => ind (rleb (radius x) (Rabs (X t d)))) <= exp (- x).
Proof.
  intros x t Hx Ht. eapply Rle_trans; [ apply (subgaussian t (radius x) Ht (sqrt_pos _)) | ].
  unfold radius. rewrite pow2_sqrt by (apply Rmult_le_pos; lra). apply Req_le.
  replace (- (C * (ln 2 + x) / C)) with (- ln 2 + - x) by (field; lra).
  rewrite exp_plus, exp_Ropp, exp_ln by lra. field.
Qed.

Section Level.
Variable delta : R.
Hypothesis delta_range : 0 < delta < 1.

(** Mutual information, sharp: |X_W| < sqrt(C (log 2 + (I + h(delta))/delta)) with probability 1 - delta. *)
Theorem lemma_1_sharp : tail (radius ((information E ts p + h2 delta) / delta)) <= delta.
Proof.
  set (x := (information E ts p + h2 delta) / delta).
  assert (Hx : 0 <= x).
  { pose proof (information_nonneg E HE ts p HL). pose proof (ln_neg delta delta_range).
    pose proof (ln_neg (1 - delta) ltac:(lra)). apply Rmult_le_pos; [ unfold h2; nra | ].
    left. apply Rinv_0_lt_compat. lra. }
  pose proof ln_2_ge. apply (selected_small E HE ts p HL _ (exp (- x)) delta (exp_pos _) delta_range).
  - rewrite ln_exp. unfold x. lra.
  - intros t Ht. apply fixed_index; [ lra | exact Ht ].
Qed.

(** As printed, with a_1^2 = 72: |X_W| < a_1 sqrt((C/delta) I + C log(2/delta)). *)
Theorem lemma_1_printed :
  tail (sqrt 72 * sqrt (C / delta * information E ts p + C * ln (2 / delta))) <= delta.
Proof.
  eapply Rle_trans; [ apply tail_antitone | apply lemma_1_sharp ]. unfold radius.
  rewrite <- sqrt_mult_alt by lra. apply sqrt_le_1_alt.
  pose proof (information_nonneg E HE ts p HL) as HI. pose proof (h2_le delta delta_range) as Hh.
  pose proof (ln_neg delta delta_range). pose proof ln_2_ge. rewrite ln_div by lra.
  replace (72 * (C / delta * information E ts p + C * (ln 2 - ln delta)))
    with (C * (72 * (information E ts p / delta + (ln 2 - ln delta)))) by (field; lra).
  apply Rmult_le_compat_l; [ lra | ].
  assert (0 <= information E ts p / delta) by (apply Rmult_le_pos; [ lra | left; apply Rinv_0_lt_compat; lra ]).
  assert (h2 delta / delta <= 1 - ln delta).
  { apply Rmult_le_reg_r with delta; [ lra | ].
    replace (h2 delta / delta * delta) with (h2 delta) by (field; lra). lra. }
  replace ((information E ts p + h2 delta) / delta) with (information E ts p / delta + h2 delta / delta)
    by (field; lra). lra.
Qed.

(** Maximal leakage [log (rsum cover)], cover t = max_d p(t | d). *)
Theorem lemma_1_leakage : forall cover : T -> R, (forall t d, In t ts -> p t d <= cover t) -> 1 <= rsum cover ts ->
  tail (radius (ln (rsum cover ts) - ln delta)) <= delta.
Proof.
  intros cover covers H1. set (S := rsum cover ts) in *. pose proof (ln_neg delta delta_range). pose proof ln_2_ge.
  assert (0 <= ln S) by (destruct H1 as [H1 | <-]; [ rewrite <- ln_1; left; apply ln_increasing; lra | rewrite ln_1;
  lra ]).
  eapply Rle_trans; [ apply (leakage_bound E HE ts p HL _ (exp (- (ln S - ln delta)))) with (cover := cover) | ].
  - intros t Ht. apply fixed_index; [ lra | exact Ht ].
  - exact covers.
  - left. apply exp_pos.
  - fold S. rewrite <- (exp_ln S) at 1 by lra. rewrite <- exp_plus.
    replace (ln S + - (ln S - ln delta)) with (ln delta) by ring. rewrite exp_ln; lra.
Qed.

(** Sibson's information of order a > 1. *)
Theorem lemma_1_sibson : forall a, 1 < a -> 0 <= ln 2 + (sibson E ts p a - a / (a - 1) * ln delta) ->
  tail (radius (sibson E ts p a - a / (a - 1) * ln delta)) <= delta.
Proof.
  intros a Ha Hx. set (x := sibson E ts p a - a / (a - 1) * ln delta) in *.
  eapply Rle_trans; [ apply (sibson_bound E HE ts p HL _ (exp (- x))) with (a := a) | ].
  - intros t Ht. apply fixed_index; [ exact Hx | exact Ht ].
  - exact Ha.
  - apply exp_pos.
  - rewrite ln_exp. replace ((1 - / a) * (sibson E ts p a + - x)) with (ln delta) by (unfold x; field; lra).
    rewrite exp_ln; lra.
Qed.

(** Information density above a level with probability at most s < delta. *)
Theorem lemma_1_density : forall level s, 0 <= level -> 0 <= s < delta ->
  selected E ts p (dense E p level) <= s -> tail (radius (level - ln (delta - s))) <= delta.
Proof.
  intros level s Hlevel Hs Hd. pose proof (ln_neg (delta - s) ltac:(lra)). pose proof ln_2_ge.
  eapply Rle_trans; [ apply (density_bound E HE ts p HL _ (exp (- (level - ln (delta - s)))))
  with (level := level) (s := s) | ].
  - intros t Ht. apply fixed_index; [ lra | exact Ht ].
  - left. apply exp_pos.
  - exact Hd.
  - rewrite <- exp_plus. replace (level + - (level - ln (delta - s))) with (ln (delta - s)) by ring.
    rewrite exp_ln; lra.
Qed.

End Level.

End Lemma1.
