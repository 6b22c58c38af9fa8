(** Fact 2 of "The Price of Robustness" is false as printed: P(h_f < S(f)/2) <= exp(-d S^2/(8 c)) lacks a factor 2, as
    Definition 3 bounds both tails together.

    Three points of the line: 0, and a = 0.74, b = 1.74 of the other class, P(a) = 1/4, P(b) = 3/4, d = 1,
      c = 0.1353. *)
From NoFreePrune Require Import StableClassifiers Intervals.
From Coquelicot Require Import Rcomplements.

Inductive place : Type := origin | near | far.

Definition at_ (x : place) : R := match x with origin => 0 | near => 74 / 100 | far => 174 / 100 end.
Definition apart (x y : place) : R := Rabs (at_ x - at_ y).
Definition quarter (f : place -> R) : R := f near / 4 + 3 * f far / 4.
Definition positive (x : place) : bool := match x with origin => false | _ => true end.

Lemma quarter_expectation : expectation quarter.
Proof.
  constructor; unfold quarter; intros; [ rewrite !H; reflexivity | field | field | field | ].
  specialize (H0 near) as A. specialize (H0 far) as B. lra.
Qed.

Lemma apart_range : forall x y, 0 <= apart x y <= 2.
Proof. intros x y. unfold apart. split; [ apply Rabs_pos | ]. destruct x, y; cbn; apply Rabs_le; lra. Qed.

Lemma apart_sym : forall x y, apart x y = apart y x.
Proof. intros x y. unfold apart. apply Rabs_minus_sym. Qed.

Lemma apart_triangle : forall x y z, apart x z <= apart x y + apart y z.
Proof.
  intros x y z. unfold apart. replace (at_ x - at_ z) with (at_ x - at_ y + (at_ y - at_ z)) by ring.
  apply Rabs_triang.
Qed.

Lemma quarter_isoperimetric : isoperimetric_space apart quarter (1353 / 10000) 1.
Proof.
  intros g L r HL _ Hg Hr. specialize (Hg near far). unfold apart in Hg. cbn in Hg.
  rewrite (Rabs_left (74 / 100 - 174 / 100)) in Hg by lra. apply Rabs_between in Hg. unfold quarter.
  set (D := g near - g far) in *.
  replace (g near - (g near / 4 + 3 * g far / 4)) with (3 / 4 * D) by (unfold D; field).
  replace (g far - (g near / 4 + 3 * g far / 4)) with (- (1 / 4 * D)) by (unfold D; field). rewrite Rabs_Ropp.
  set (x := r / L). assert (Hx : 0 <= x) by (apply Rdiv_le_0_compat; lra).
  replace (1 * r ^ 2 / (2 * (1353 / 10000) * L ^ 2)) with (x ^ 2 / (2706 / 10000)) by (unfold x; field; lra).
  assert (rx : r = x * L) by (unfold x; field; lra).
  assert (A1 : Rabs (1 / 4 * D) <= 1 / 4 * L) by (apply Rabs_le; lra).
  assert (A3 : Rabs (3 / 4 * D) <= 3 / 4 * L) by (apply Rabs_le; lra).
  pose proof (exp_pos (- (x ^ 2 / (2706 / 10000)))) as P. unfold ind, rleb.
  destruct (Rle_dec r (Rabs (3 / 4 * D))) as [H3 | H3], (Rle_dec r (Rabs (1 / 4 * D))) as [H1 | H1]; cbn [ind];
    try lra.
  - assert (x <= 1 / 4) by (apply Rmult_le_reg_r with L; lra).
    assert (1 / 2 <= exp (- ((1 / 4) ^ 2 / (2706 / 10000)))) by interval with (i_prec 40).
    assert (x ^ 2 <= (1 / 4) ^ 2) by (apply pow_incr; lra).
    assert (exp (- ((1 / 4) ^ 2 / (2706 / 10000))) <= exp (- (x ^ 2 / (2706 / 10000)))) by (apply exp_le; lra). lra.
  - assert (x <= 3 / 4) by (apply Rmult_le_reg_r with L; lra).
    assert (1 / 8 <= exp (- ((3 / 4) ^ 2 / (2706 / 10000)))) by interval with (i_prec 40).
    assert (x ^ 2 <= (3 / 4) ^ 2) by (apply pow_incr; lra).
    assert (exp (- ((3 / 4) ^ 2 / (2706 / 10000))) <= exp (- (x ^ 2 / (2706 / 10000)))) by (apply exp_le; lra). lra.
  - exfalso. apply H3. eapply Rle_trans; [ exact H1 | ].
  rewrite !Rabs_mult, (Rabs_pos_eq (1 / 4)), (Rabs_pos_eq (3 / 4)) by lra.
    apply Rmult_le_compat_r; [ apply Rabs_pos | lra ].
Qed.

Theorem fact_2_false : ~ (forall (X : Type) (dist : X -> X -> R) (diameter : R) (f : X -> bool) (a b : X)
    (Ex : (X -> R) -> R) (c d : R), (forall x y, 0 <= dist x y <= diameter) -> (forall x y, dist x y = dist y x) ->
  (forall x y z, dist x z <= dist x y + dist y z) -> f a = true /\ f b = false -> expectation Ex -> 0 < c -> 0 < d ->
  isoperimetric_space dist Ex c d ->
  Ex (fun x => ind (negb (rleb (stability dist f Ex / 2) (margin dist f x))))
    <= exp (- (d * stability dist f Ex ^ 2 / (8 * c)))).
Proof.
  intros H. specialize (H place apart 2 positive near origin quarter (1353 / 10000) 1 apart_range apart_sym
    apart_triangle (conj eq_refl eq_refl) quarter_expectation ltac:(lra) ltac:(lra) quarter_isoperimetric).
  assert (Mg : forall x, x <> origin -> margin apart positive x = at_ x).
  { intros x Hx. apply Rle_antisym.
    - eapply Rle_trans; [ apply (margin_le apart 2 apart_range positive near origin (conj eq_refl eq_refl) x origin)
      | ].
      + destruct x; cbn; congruence.
      + unfold apart. destruct x; cbn; try congruence; rewrite Rabs_pos_eq; lra.
    - apply (margin_ge apart positive near origin (conj eq_refl eq_refl)). intros z Hz.
      destruct z, x; cbn in *; try congruence; unfold apart; cbn; rewrite Rabs_pos_eq; lra. }
  assert (Sv : stability apart positive quarter = 149 / 100).
  { unfold stability, quarter. rewrite !Mg by discriminate. cbn. field. }
  rewrite Sv in H. unfold quarter in H. rewrite !Mg in H by discriminate. cbn [at_] in H. unfold rleb in H.
  destruct (Rle_dec _ (74 / 100)) as [ | ] in H; [ lra | ]. destruct (Rle_dec _ (174 / 100)) as [ | ] in H; [ | lra ].
  cbn [negb ind] in H. assert (exp (- (1 * (149 / 100) ^ 2 / (8 * (1353 / 10000)))) < 1 / 4) by interval with
    (i_prec 40). lra.
Qed.
