(** For B.1.3 of "No Free Prune": the layer cake formula by finite partitions, and the worst noise of mean zero in an
    interval of length two. *)
From NoFreePrune Require Export MaskedLearner.
From Coquelicot Require Import Coquelicot.

(** ** Layer cake by finite partitions *)
Section LayerCake.
Context {X : Type} (E : (X -> R) -> R) (HE : expectation E) (V : X -> R).
Variables (t0 B : R) (phi q G : R -> R) (Lq : R).
Hypothesis Ht0 : t0 <= B.
Hypothesis HV : forall x, V x <= B.
Hypothesis Hphi : forall a b, t0 <= a -> a <= b -> b <= B -> phi a <= phi b.
Hypothesis Hq0 : q t0 = 1.
Hypothesis Hq : forall t, t0 <= t <= B -> E (fun x => ind (rleb t (V x))) <= q t.
Hypothesis HLq : forall a b, t0 <= a -> a <= b -> b <= B -> 0 <= q a - q b <= Lq * (b - a).
Hypothesis HG : forall a b, t0 <= a -> a <= b -> b <= B -> phi a * (q a - q b) <= G b - G a.

Let node (m : nat) (j : nat) : R := t0 + (B - t0) * INR j / INR m.

Lemma layer_cake : forall f : X -> R, bounded f ->
  (forall x b, t0 <= b <= B -> V x <= b -> f x <= phi b) -> 0 <= phi B ->
  E f <= G B - G t0 + phi B * q B.
Proof.
  intros f Bf Hf HphiB. apply le_epsilon. intros eta Heta.
  set (A := Lq * (B - t0) * (phi B - phi t0)).
  assert (HA : 0 <= A).
  { unfold A. apply Rmult_le_pos; [ | specialize (Hphi t0 B); lra ]. specialize (HLq t0 B); lra. }
  destruct (nfloor_ex (A / eta)) as [m0 Hm0]; [ apply Rdiv_le_0_compat; lra | ]. set (m := S m0).
  assert (Hm : A / eta < INR m) by (unfold m; rewrite S_INR; lra). clear Hm0. clearbody m.
  clear m0. assert (Hm0 : 0 < INR m). { eapply Rle_lt_trans; [ | exact Hm ]. apply Rdiv_le_0_compat; lra. }
  assert (Hm' : (m <> 0)%nat) by (intros ->; cbn in Hm0; lra).
  set (d := (B - t0) / INR m). assert (Hd : 0 <= d) by (apply Rdiv_le_0_compat; lra).
  set (t := fun j => t0 + d * INR j).
  assert (Htm : t m = B) by (unfold t, d; field; lra).
  assert (Ht00 : t 0%nat = t0) by (unfold t; cbn; ring).
  assert (HtS : forall j, t (S j) = t j + d) by (intros j; unfold t; rewrite S_INR; ring).
  assert (Htr : forall j, (j <= m)%nat -> t0 <= t j <= B).
  { intros j Hj. split; [ unfold t; pose proof (pos_INR j); nra | ]. rewrite <- Htm. unfold t. apply le_INR in Hj.
    nra. }
  (* pointwise bound by a staircase: phi(t1) + sum_{1 <= j < m} (phi(t_{j+1}) - phi(t_j)) 1{V >= t_j} *)
  set (step := fun j x => (phi (t (S j)) - phi (t j)) * ind (rleb (t j) (V x))).
  assert (Bst : forall j, bounded (step j)) by (intros j; unfold step; apply bounded_mult;
  [ apply bounded_const | apply bounded_ind ]).
  assert (Hstair : forall x len j0, (j0 + len <= m)%nat -> V x <= t (j0 + len)%nat -> (1 <= j0)%nat ->
     f x <= phi (t j0) + rsum (fun j => step j x) (seq j0 len)).
  { intros x len. induction len as [|len IH]; intros j0 H1 H2 H3; cbn [seq rsum].
    - rewrite Nat.add_0_r in *. rewrite Rplus_0_r. apply Hf; [ apply Htr; lia | exact H2 ].
    - destruct (Rle_lt_dec (V x) (t j0)) as [Hv | Hv].
      + assert (f x <= phi (t j0)) by (apply Hf; [ apply Htr; lia | exact Hv ]).
        assert (0 <= step j0 x + rsum (fun j => step j x) (seq (S j0) len)); [ | lra ].
        change (0 <= rsum (fun j => step j x) (seq j0 (S len))). apply rsum_nonneg. intros j Hj. apply in_seq in Hj.
        unfold step. apply Rmult_le_pos; [ | unfold ind; destruct (rleb _ _); lra ].
        assert (phi (t j) <= phi (t (S j))); [ | lra ].
        apply Hphi; [ apply Htr; lia | rewrite HtS; lra | apply Htr; lia ].
      + assert (Hind : step j0 x = phi (t (S j0)) - phi (t j0)).
        { unfold step, ind, rleb. destruct (Rle_dec (t j0) (V x)); [ ring | exfalso; lra ]. }
        rewrite Hind. specialize (IH (S j0) ltac:(lia)).
        replace (S j0 + len)%nat with (j0 + S len)%nat in IH by lia. specialize (IH H2 ltac:(lia)). lra. }
  apply Rle_trans with (phi (t 1%nat) + rsum (fun j => (phi (t (S j)) - phi (t j)) * q (t j)) (seq 1 (m - 1))).
  { apply Rle_trans with (E (fun x => phi (t 1%nat) + rsum (fun j => step j x) (seq 1 (m - 1)))).
    - apply (e_mono E HE); [ exact Bf | apply bounded_plus; [ apply bounded_const | apply bounded_rsum, Bst ] | ].
      intros x. apply Hstair; [ lia | | lia ]. replace (1 + (m - 1))%nat with m by lia. rewrite Htm. apply HV.
    - rewrite (e_add E HE), (e_const E HE), (e_rsum E HE) by (try apply bounded_rsum; try apply bounded_const;
      apply Bst).
      apply Rplus_le_compat_l, rsum_le. intros j Hj. apply in_seq in Hj. unfold step.
      rewrite (e_scal E HE) by apply bounded_ind. apply Rmult_le_compat_l; [ | apply Hq, Htr; lia ].
      assert (phi (t j) <= phi (t (S j))); [ | lra ].
      apply Hphi; [ apply Htr; lia | rewrite HtS; lra | apply Htr; lia ]. }
  (* Abel summation *)
  assert (Abel : forall len j0, (j0 + len <= m)%nat ->
     phi (t j0) * q (t j0) + rsum (fun j => (phi (t (S j)) - phi (t j)) * q (t j)) (seq j0 len)
     <= G (t (j0 + len)%nat) - G (t j0) + Lq * d * (phi (t (j0 + len)%nat) - phi (t j0)) + phi (t (j0 + len)%nat) *
     q (t (j0 + len)%nat)).
  { induction len as [|len IH]; intros j0 H1; cbn [seq rsum]; [ rewrite Nat.add_0_r; lra | ].
    specialize (IH (S j0) ltac:(lia)). replace (S j0 + len)%nat with (j0 + S len)%nat in IH by lia.
    pose proof (HG (t j0) (t (S j0)) ltac:(apply Htr; lia) ltac:(rewrite HtS; lra) ltac:(apply Htr; lia)) as G1.
    pose proof (HLq (t j0) (t (S j0)) ltac:(apply Htr; lia) ltac:(rewrite HtS; lra) ltac:(apply Htr; lia)) as L1.
    pose proof (Hphi (t j0) (t (S j0)) ltac:(apply Htr; lia) ltac:(rewrite HtS; lra) ltac:(apply Htr; lia)) as P1.
    replace (t (S j0) - t j0) with d in L1 by (rewrite HtS; ring).
    assert (0 <= (phi (t (S j0)) - phi (t j0)) * (Lq * d - (q (t j0) - q (t (S j0))))) by (apply Rmult_le_pos;
    lra). lra. }
  specialize (Abel m 0%nat ltac:(lia)). rewrite Nat.add_0_l, Ht00, Htm, Hq0 in Abel.
  assert (Hseq : seq 0 m = 0%nat :: seq 1 (m - 1)) by (destruct m as [|m]; [ lia | cbn; rewrite Nat.sub_0_r;
  reflexivity ]).
  rewrite Hseq in Abel. cbn [rsum] in Abel. rewrite Ht00, Hq0 in Abel.
  assert (Lq * d * (phi B - phi t0) <= eta).
  { replace (Lq * d * (phi B - phi t0)) with (A / INR m) by (unfold A, d; field; lra).
    apply Rmult_le_reg_r with (INR m); [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rmult_lt_compat_r with (r := eta) in Hm; [ | lra ]. unfold Rdiv in Hm.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hm by lra. lra. }
  lra.
Qed.

End LayerCake.

(** ** The worst mean-zero noise in an interval of length 2 *)
Definition TP (p h : R) : R := (1 - p + p * exp h) * exp (- (p * h)).
Definition w (h : R) : R := exp (h / (exp h - 1) - 1).
Definition W (h : R) : R := (exp h - 1) / h * w h.

Lemma exp_gt1 : forall h, 0 < h -> 0 < exp h - 1.
Proof. intros h Hh. pose proof (exp_ineq1 h ltac:(lra)). lra. Qed.

Lemma TP_W : forall p h, 0 <= p <= 1 -> 0 < h -> TP p h <= W h.
Proof.
  intros p h Hp Hh. pose proof (exp_gt1 h Hh) as He. unfold TP, W, w. set (A := exp h - 1) in *.
  assert (HK : 0 < A / h) by (apply Rdiv_lt_0_compat; lra).
  assert (Hu : 0 < 1 - p + p * exp h) by (unfold A in He; nra).
  rewrite <- (exp_ln _ HK), <- (exp_ln _ Hu), <- !exp_plus. apply exp_le.
  pose proof (ln_le_minus1 ((1 - p + p * exp h) / (A / h)) ltac:(apply Rdiv_lt_0_compat; lra)) as L.
  rewrite ln_div in L by lra.
  replace ((1 - p + p * exp h) / (A / h)) with (p * h + h / A) in L by (unfold A; field; unfold A in He; lra). lra.
Qed.

Lemma TP_mono : forall p h h', 0 <= p <= 1 -> 0 <= h -> h <= h' -> TP p h <= TP p h'.
Proof.
  intros p h h' Hp Hh Hhh. apply (mono_le (TP p) (fun x => p * (1 - p) * (exp x - 1) * exp (- (p * x))));
  [ exact Hhh | | ].
  - intros x _. unfold TP. auto_derive; [ exact I | ring ].
  - intros x Hx. pose proof (exp_gt1 x ltac:(lra)). pose proof (exp_pos (- (p * x))).
    apply Rmult_le_pos; [ | lra ]. apply Rmult_le_pos; [ nra | lra ].
Qed.

Lemma TP_exp : forall p h, 0 <= p <= 1 -> 0 <= h -> TP p h <= exp h.
Proof.
  intros p h Hp Hh. unfold TP. assert (1 <= exp h) by (pose proof (exp_ineq1_le h); lra).
  apply Rle_trans with (exp h * 1); [ | lra ]. apply Rmult_le_compat; [ nra | left; apply exp_pos | nra | ].
  rewrite <- exp_0. apply exp_le. nra.
Qed.

(** W h is attained, so it inherits both *)
Lemma W_attained : forall h, 0 < h -> exists p, 0 <= p <= 1 /\ W h = TP p h.
Proof.
  intros h Hh. pose proof (exp_gt1 h Hh) as He. exists (1 / h - 1 / (exp h - 1)). split.
  - assert (E1' : (exp h - 1) * (/ (exp h - 1)) = 1) by (field; lra). assert (E2' : h * / h = 1) by (field; lra).
    pose proof (exp_ineq1_le h) as A1. pose proof (exp_ineq1_le (- h)) as A2. rewrite exp_Ropp in A2.
    assert (A3 : (1 - h) * exp h <= 1). { apply Rmult_le_compat_r with (r := exp h) in A2; [ | left;
    apply exp_pos ]. rewrite Rinv_l in A2 by (apply Rgt_not_eq, exp_pos). lra. }
    assert (0 < / h) by (apply Rinv_0_lt_compat; lra). assert (0 < / (exp h - 1)) by (apply Rinv_0_lt_compat; lra).
    replace (1 / h - 1 / (exp h - 1)) with ((exp h - 1 - h) * (/ h * / (exp h - 1))) by (field; lra).
    split; [ apply Rmult_le_pos; [ lra | apply Rmult_le_pos; lra ] | ].
    apply Rle_trans with ((h * (exp h - 1)) * (/ h * / (exp h - 1))); [ | apply Req_le; field; lra ].
    apply Rmult_le_compat_r; [ apply Rmult_le_pos; lra | lra ].
  - unfold W, TP, w. replace (1 - (1 / h - 1 / (exp h - 1)) + (1 / h - 1 / (exp h - 1)) * exp h)
    with ((exp h - 1) / h) by (field; lra).
    f_equal. f_equal. field. lra.
Qed.

Lemma W_mono : forall h h', 0 < h -> h <= h' -> W h <= W h'.
Proof.
  intros h h' Hh Hhh. destruct (W_attained h Hh) as [p [Hp ->]].
  eapply Rle_trans; [ apply (TP_mono p h h'); lra | apply TP_W; lra ].
Qed.

Lemma W_exp : forall h, 0 < h -> W h <= exp h.
Proof. intros h Hh. destruct (W_attained h Hh) as [p [Hp ->]]. apply TP_exp; lra. Qed.

Lemma w_decreasing : forall h h', 0 < h -> h <= h' -> w h' <= w h.
Proof.
  intros h h' Hh Hhh. unfold w. apply exp_le. assert (h' / (exp h' - 1) <= h / (exp h - 1)); [ | lra ].
  apply Ropp_le_cancel. apply (mono_le (fun x => - (x / (exp x - 1))) (fun x => (x * exp x - (exp x - 1)) / (exp x -
  1) ^ 2)); [ exact Hhh | | ].
  - intros x Hx. pose proof (exp_gt1 x ltac:(lra)). auto_derive; [ lra | field; lra ].
  - intros x Hx. pose proof (exp_gt1 x ltac:(lra)). apply Rdiv_le_0_compat; [ | apply pow_lt; lra ].
    pose proof (exp_ineq1_le (- x)) as A2. rewrite exp_Ropp in A2.
    apply Rmult_le_compat_r with (r := exp x) in A2; [ | left; apply exp_pos ].
    rewrite Rinv_l in A2 by (apply Rgt_not_eq, exp_pos). lra.
Qed.

(** the chord for mean-zero noise z = lab - g, lab in [-1, 1] *)
Lemma noise_two_point : forall {Y : Type} (E : (Y -> R) -> R) (HE : expectation E) (lab : Y ->
  R), (forall y, -1 <= lab y <= 1) ->
  exists p, 0 <= p <= 1 /\ forall v, 0 <= v -> E (fun y => exp (v * (lab y - E lab))) <= TP p (2 * v).
Proof.
  intros Y E HE lab Hlab. assert (Bl : bounded lab) by (apply (bounded_between _ (-1) 1), Hlab).
  assert (Hm : -1 <= E lab <= 1) by (split; [ apply (e_ge_const E HE) | apply (e_le_const E HE) ]; auto; intros y;
  apply Hlab).
  set (m := E lab) in *. exists ((m + 1) / 2). split; [ lra | ]. intros v Hv.
  set (ea := exp (v * (-1 - m))). set (eb := exp (v * (1 - m))).
  apply Rle_trans with (E (fun y => (eb - ea) / 2 * lab y + (eb + ea) / 2)).
  - apply (e_mono E HE); bnd. intros y. specialize (Hlab y).
    pose proof (chord ((lab y + 1) / 2) (v * (-1 - m)) (v * (1 - m)) ltac:(lra)) as C. fold ea eb in C.
    replace (v * (lab y - m)) with ((lab y + 1) / 2 * (v * (1 - m)) + (1 - (lab y + 1) / 2) * (v * (-1 - m)))
    by field. lra.
  - rewrite (e_add E HE), (e_scal E HE), (e_const E HE) by bnd. fold m. apply Req_le. unfold TP, ea, eb.
    replace (v * (1 - m)) with (2 * v + - ((m + 1) / 2 * (2 * v))) by field.
    replace (v * (-1 - m)) with (- ((m + 1) / 2 * (2 * v))) by field.
    rewrite exp_plus. field.
Qed.
