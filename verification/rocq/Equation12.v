(** Equation (12) of "No Free Prune": Massart's lemma.

    For N vectors of Euclidean norm at most r, the mean over fair signs of the largest inner product is at most
    r sqrt(2 log N); with b sqrt m for r, and 1/m in front, it is the printed one. *)
From NoFreePrune Require Export Chernoff.
From Coquelicot Require Import Rcomplements.

(** The mean over m fair signs. *)
Fixpoint flips (m : nat) : (list R -> R) -> R :=
  match m with
  | O => fun f => f []
  | S m' => fun f => (flips m' (fun v => f (1 :: v)) + flips m' (fun v => f (-1 :: v))) / 2
  end.

Lemma bounded_cons : forall (f : list R -> R) s, bounded f -> bounded (fun v => f (s :: v)).
Proof. intros f s [M HM]. exists M. intros v. apply HM. Qed.

Lemma flips_expectation : forall m, expectation (flips m).
Proof.
  induction m as [ | m IH]; cbn [flips]; constructor; auto.
  - intros f g H. rewrite (e_ext _ IH _ (fun v => g (1 :: v))),
    (e_ext _ IH (fun v => f (-1 :: v)) (fun v => g (-1 :: v))) by auto. reflexivity.
  - intros f g Hf Hg. rewrite !(e_add _ IH) by (apply bounded_cons; assumption). field.
  - intros c f Hf. rewrite !(e_scal _ IH) by (apply bounded_cons; assumption). field.
  - rewrite !(e_one _ IH). field.
  - intros f Hf H. pose proof (e_pos _ IH (fun v => f (1 :: v)) (bounded_cons f 1 Hf) (fun v => H _)).
    pose proof (e_pos _ IH (fun v => f (-1 :: v)) (bounded_cons f (-1) Hf) (fun v => H _)). lra.
Qed.

(** Signs are cut to [-1, 1], so that an inner product is bounded whatever the list. *)
Definition cut (s : R) : R := Rmax (-1) (Rmin 1 s).

Fixpoint dot (a v : list R) : R :=
  match a, v with x :: a', s :: v' => cut s * x + dot a' v' | _, _ => 0 end.

Fixpoint norm2 (a : list R) : R := match a with [] => 0 | x :: a' => x ^ 2 + norm2 a' end.

Lemma cut_range : forall s, -1 <= cut s <= 1.
Proof. intros s. unfold cut, Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Lemma cut_1 : cut 1 = 1. Proof. unfold cut, Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Lemma cut_m1 : cut (-1) = -1. Proof. unfold cut, Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Lemma bounded_dot : forall a, bounded (dot a).
Proof.
  induction a as [ | x a [M HM]]; [ exists 0; intros v; cbn; rewrite Rabs_R0; lra | ].
  exists (Rabs x + Rabs M). intros [ | s v]; cbn.
  - rewrite Rabs_R0. pose proof (Rabs_pos x). pose proof (Rabs_pos M). lra.
  - eapply Rle_trans; [ apply Rabs_triang | ]. specialize (HM v). pose proof (Rle_abs M). rewrite Rabs_mult.
    assert (Rabs (cut s) <= 1) by (apply Rabs_le, cut_range). pose proof (Rabs_pos x).
    pose proof (Rabs_pos (cut s)). nra.
Qed.

Lemma fair_exponential : forall x, (exp x + exp (- x)) / 2 <= exp (x ^ 2 / 2).
Proof.
  intros x. pose proof (two_point (1 / 2) ltac:(lra) (2 * x)) as H.
  replace ((1 - 1 / 2 + 1 / 2 * exp (2 * x)) * exp (- (1 / 2 * (2 * x)))) with ((exp x + exp (- x)) / 2) in H.
  - replace (x ^ 2 / 2) with ((2 * x) ^ 2 / 8) by field. exact H.
  - replace (2 * x) with (x + x) by ring. rewrite exp_plus. replace (1 / 2 * (x + x)) with x by field.
    rewrite exp_Ropp. field. apply Rgt_not_eq, exp_pos.
Qed.

Lemma dot_mgf : forall a s, flips (length a) (fun v => exp (s * dot a v)) <= exp (s ^ 2 * norm2 a / 2).
Proof.
  induction a as [ | x a IH]; intros s; cbn [length flips dot norm2].
  - apply exp_le. lra.
  - pose proof (flips_expectation (length a)) as HF. pose proof (bounded_dot a) as B. rewrite cut_1, cut_m1.
    rewrite (e_ext _ HF (fun v => exp (s * (1 * x + dot a v))) (fun v => exp (s * x) * exp (s * dot a v)))
      by (intros v; rewrite <- exp_plus; f_equal; ring).
    rewrite (e_ext _ HF (fun v => exp (s * (-1 * x + dot a v))) (fun v => exp (- (s * x)) * exp (s * dot a v)))
      by (intros v; rewrite <- exp_plus; f_equal; ring).
    rewrite !(e_scal _ HF) by bnd. specialize (IH s). pose proof (fair_exponential (s * x)) as F.
    replace (s ^ 2 * (x ^ 2 + norm2 a) / 2) with ((s * x) ^ 2 / 2 + s ^ 2 * norm2 a / 2) by field. rewrite exp_plus.
    assert (0 <= flips (length a) (fun v => exp (s * dot a v))).
    { apply (e_ge_const _ HF); [ bnd | intros; left; apply exp_pos ]. }
    pose proof (exp_pos (s * x)). pose proof (exp_pos (- (s * x))). pose proof (exp_pos ((s * x) ^ 2 / 2)).
    apply Rle_trans with ((exp (s * x) + exp (- (s * x))) / 2 * flips (length a) (fun v => exp (s * dot a v)));
    [ lra | ].
    apply Rmult_le_compat; lra.
Qed.

(** The largest inner product with some vectors. *)
Fixpoint largest (v : list R) (vs : list (list R)) (a : list R) : R :=
  match vs with [] => dot a v | b :: vs' => Rmax (dot a v) (largest v vs' b) end.

Section Massart.
Variables (m : nat) (r : R) (first : list R) (others : list (list R)).
Hypothesis r_pos : 0 < r.
Hypothesis norms : forall a, In a (first :: others) -> length a = m /\ norm2 a <= r ^ 2.
Hypothesis two : others <> [].
Let N := INR (length (first :: others)).
Let E := flips m.
Let HE : expectation E := flips_expectation m.

Lemma bounded_largest : forall vs a, bounded (fun v => largest v vs a).
Proof.
  induction vs as [ | b vs IH]; intros a; cbn; [ apply bounded_dot | ].
  destruct (bounded_dot a) as [M HM], (IH b) as [M' HM']. exists (Rabs M + Rabs M'). intros v.
  specialize (HM v). specialize (HM' v). pose proof (Rle_abs M). pose proof (Rle_abs M').
  pose proof (Rabs_pos M). pose proof (Rabs_pos M'). unfold Rmax. destruct (Rle_dec _ _); lra.
Qed.

Lemma exp_largest : forall s v vs a, 0 <= s -> exp (s * largest v vs a) <= rsum (fun b => exp (s * dot b v)) (a ::
  vs).
Proof.
  intros s v vs. induction vs as [ | b vs IH]; intros a Hs; cbn [largest rsum]; [ lra | ].
  specialize (IH b Hs). cbn [rsum] in IH. pose proof (exp_pos (s * dot a v)).
  assert (0 <= rsum (fun b => exp (s * dot b v)) vs) by (apply rsum_nonneg; intros; left; apply exp_pos).
  pose proof (exp_pos (s * dot b v)). unfold Rmax. destruct (Rle_dec _ _); lra.
Qed.

(** Jensen: exp(E f) <= E exp f *)
Lemma jensen_exp : forall f, bounded f -> exp (E f) <= E (fun v => exp (f v)).
Proof.
  intros f B. apply Rle_trans with (E (fun v => exp (E f) * (1 + (f v - E f)))).
  - rewrite (e_scal _ HE) by bnd. rewrite (e_add _ HE), (e_minus _ HE), !(e_const _ HE) by bnd. fold E. lra.
  - apply (e_mono _ HE); [ bnd | bnd | ]. intros v. replace (exp (f v)) with (exp (E f) * exp (f v - E f)).
    + apply Rmult_le_compat_l; [ left; apply exp_pos | apply exp_ineq1_le ].
    + rewrite <- exp_plus. f_equal. ring.
Qed.

Theorem massart : E (fun v => largest v others first) <= r * sqrt (2 * ln N).
Proof.
  assert (HN : 2 <= N).
  { unfold N. change 2 with (INR 2). apply le_INR. destruct others; [ contradiction | cbn; lia ]. }
  assert (HL : 0 < ln N) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (q := sqrt (2 * ln N)). assert (Hq : 0 < q) by (apply sqrt_lt_R0; lra).
  assert (Hq2 : q ^ 2 = 2 * ln N) by (apply pow2_sqrt; lra).
  set (s := q / r). assert (Hs : 0 < s) by (apply Rdiv_lt_0_compat; assumption).
  pose proof (bounded_largest others first) as B. set (M := E (fun v => largest v others first)).
  assert (H : exp (s * M) <= N * exp (s ^ 2 * r ^ 2 / 2)).
  { apply Rle_trans with (E (fun v => exp (s * largest v others first))).
    - unfold M. rewrite <- (e_scal _ HE) by bnd. apply jensen_exp. bnd.
    - apply Rle_trans with (E (fun v => rsum (fun b => exp (s * dot b v)) (first :: others))).
      + apply (e_mono _ HE); [ bnd | apply bounded_rsum; intros b; pose proof (bounded_dot b); bnd | ].
        intros v. apply exp_largest. lra.
      + rewrite (e_rsum _ HE (fun b v => exp (s * dot b v))) by (intros b; pose proof (bounded_dot b); bnd).
        unfold N. rewrite <- rsum_const. apply rsum_le. intros b Hb. destruct (norms b Hb) as [Hl Hn].
        unfold E. rewrite <- Hl. eapply Rle_trans; [ apply dot_mgf | ]. apply exp_le.
        pose proof (pow2_ge_0 s). nra. }
  assert (L : s * M <= ln N + s ^ 2 * r ^ 2 / 2).
  { rewrite <- (ln_exp (s * M)), <- (ln_exp (s ^ 2 * r ^ 2 / 2)), <- ln_mult by (try apply exp_pos; lra).
    destruct H as [H | ->]; [ left; apply ln_increasing; [ apply exp_pos | exact H ] | lra ]. }
  replace (s ^ 2 * r ^ 2 / 2) with (ln N) in L by (unfold s; replace ((q / r) ^ 2 * r ^ 2) with (q ^ 2) by (field;
  lra); lra).
  apply Rmult_le_reg_l with s; [ exact Hs | ]. replace (s * (r * q)) with (q ^ 2) by (unfold s; field; lra). lra.
Qed.

End Massart.

(** As printed: values of at most b on m samples, b sqrt(2 log N)/sqrt m. *)
Theorem equation_12 : forall m b first others, (0 < m)%nat -> 0 < b -> others <> [] ->
  (forall a, In a (first :: others) -> length a = m /\ norm2 a <= INR m * b ^ 2) ->
  / INR m * flips m (fun v => largest v others first) <= b * sqrt (2 * ln (INR (length (first :: others)))) / sqrt
  (INR m).
Proof.
  intros m b first others Hm Hb Ho Ha. assert (HM : 0 < INR m) by (apply (lt_INR 0 m); exact Hm).
  assert (Hr : 0 < sqrt (INR m)) by (apply sqrt_lt_R0, HM).
  assert (Hs : sqrt (INR m) ^ 2 = INR m) by (apply pow2_sqrt; lra).
  pose proof (massart m (b * sqrt (INR m)) first others) as H.
  specialize (H ltac:(apply Rmult_lt_0_compat; assumption)).
  assert (N : forall a, In a (first :: others) -> length a = m /\ norm2 a <= (b * sqrt (INR m)) ^ 2).
  { intros a Hin. destruct (Ha a Hin) as [A1 A2]. split; [ exact A1 | ]. rewrite Rpow_mult_distr, Hs. lra. }
  specialize (H N Ho). set (Q := sqrt (2 * ln _)) in *.
  apply Rle_trans with (/ INR m * (b * sqrt (INR m) * Q)).
  - apply Rmult_le_compat_l; [ left; apply Rinv_0_lt_compat; exact HM | exact H ].
  - apply Req_le. rewrite <- Hs at 1. field. lra.
Qed.
