(** Theorem 5 of "No Free Prune", repaired: generalisation of a learned class of bounded VC dimension.

    W is learned from m samples and brings a class H_W whose errors have VC dimension at most d, 1 <= d <= m; G is the
    largest gap between error probability and error frequency in it. With probability 1 - delta

      G < (2 sqrt(log 2 + d log(e m/d)) + sqrt((I(W; D) + h(delta))/delta)) / sqrt(2 m). *)
From NoFreePrune Require Export Theorem6 Sauer.
From Coquelicot Require Import Rcomplements.

Section Patterns.
Context {Z F : Type} (member : F) (error : F -> Z -> bool) (m d : nat).
Hypothesis dimension : vc_dimension_at_most error d.
Hypothesis enough : (0 < d <= m)%nat.

(** +-(l - 1/2) for the 0-1 loss l: the class that the absolute gap is the supremum of *)
Definition centred (hs : F * bool) (z : Z) : R := (if snd hs then 1 else -1) * (ind (error (fst hs) z) - 1 / 2).

Lemma centred_range : forall hs z, Rabs (centred hs z) <= 1 / 2.
Proof.
  intros [h s] z. apply Rabs_le. unfold centred, ind. cbn [fst snd]. destruct s, (error h z); lra.
Qed.

Fixpoint points (k : nat) : @sample Z k -> list Z :=
  match k with O => fun _ => [] | S k' => fun D => fst D :: points k' (snd D) end.

Lemma points_length : forall k D, length (points k D) = k.
Proof. induction k as [ | k IH]; intros D; cbn; [ reflexivity | rewrite IH; reflexivity ]. Qed.

Lemma values_points : forall l k D, values l k D = map l (points k D).
Proof. induction k as [ | k IH]; intros D; cbn; [ reflexivity | rewrite IH; reflexivity ]. Qed.

Definition half (s : bool) (v : list bool) : list R := map (fun b => (if s then 1 else -1) * (ind b - 1 / 2)) v.

Lemma norm2_half : forall s v, norm2 (half s v) = INR (length v) / 4.
Proof.
  intros s. induction v as [ | b v IH]; [ cbn; field | ]. cbn [half map norm2 length]. rewrite S_INR.
  unfold half in IH.
  rewrite IH. destruct s, b; cbn [ind]; field.
Qed.

Lemma largest_upper : forall v vs a b, In b (a :: vs) -> dot b v <= largest v vs a.
Proof.
  intros v. induction vs as [ | c vs IH]; intros a b [<- | H]; cbn [largest]; try apply Rle_refl; [ destruct H | | ].
  - apply Rmax_l.
  - eapply Rle_trans; [ apply IH, H | apply Rmax_r ].
Qed.

Lemma patterns_pos : forall k e, (1 <= patterns k e)%nat.
Proof. induction k as [ | k IH]; intros e; cbn; [ lia | specialize (IH e); lia ]. Qed.

(** Massart for the 2 tau vectors of the class on a sample *)
Lemma rademacher_of_dimension : forall D,
  rademacher m centred D <= sqrt (ln 2 + INR d * ln (exp 1 * INR m / INR d)) / sqrt (2 * INR m).
Proof.
  intros D. assert (HM : 0 < INR m) by (apply (lt_INR 0 m); lia).
  destruct (patterns_of_class error d (points m D) dimension) as [vs [Lv Hv]]. rewrite points_length in Lv.
  set (good := filter (fun v => Nat.eqb (length v) m) vs).
  assert (Lg : (length good <= patterns m d)%nat).
  { apply Nat.le_trans with (length vs); [ | exact Lv ]. unfold good. clear.
  induction vs as [ | v vs IH]; cbn; [ lia | ].
    destruct (Nat.eqb (length v) m); cbn; lia. }
  assert (Hg : forall h, In (map (error h) (points m D)) good).
  { intros h. apply filter_In. split; [ apply Hv | ]. rewrite map_length, points_length. apply Nat.eqb_refl. }
  set (vectors := map (half true) good ++ map (half false) good).
  assert (In_vectors : forall hs, In (values (centred hs) m D) vectors).
  { intros [h s]. rewrite values_points. unfold vectors. apply in_or_app.
    replace (map (centred (h, s)) (points m D)) with (half s (map (error h) (points m D)))
      by (unfold half; rewrite map_map; reflexivity).
    destruct s; [ left | right ]; apply in_map, Hg. }
  assert (Norms : forall a, In a vectors -> length a = m /\ norm2 a <= INR m * (1 / 2) ^ 2).
  { intros a Ha. unfold vectors in Ha. apply in_app_or in Ha.
    assert (Q : exists s v, In v good /\ a = half s v).
    { destruct Ha as [Ha | Ha]; apply in_map_iff in Ha; destruct Ha as [v [<- Ha]];
      [ exists true, v | exists false, v ]; auto. }
    destruct Q as [s [v [Hin ->]]]. apply filter_In in Hin. destruct Hin as [_ Hin]. apply Nat.eqb_eq in Hin.
    split; [ unfold half; rewrite map_length; exact Hin | rewrite norm2_half, Hin; lra ]. }
  assert (Len : length vectors = (2 * length good)%nat) by (unfold vectors; rewrite app_length, !map_length; lia).
  assert (Gpos : (0 < length good)%nat) by (specialize (Hg member); destruct good; [ destruct Hg | cbn; lia ]).
  destruct vectors as [ | first others] eqn:HV; [ cbn in Len; lia | ].
  assert (Ho : others <> []) by (intros ->; cbn in Len; lia).
  pose proof (equation_12 m (1 / 2) first others ltac:(lia) ltac:(lra) Ho Norms) as Q.
  unfold rademacher. apply Rle_trans with (/ INR m * flips m (fun v => largest v others first)).
  - unfold Rdiv. rewrite Rmult_comm. apply Rmult_le_compat_l; [ left; apply Rinv_0_lt_compat; lra | ].
    apply flips_le. intros v _ _. apply (supremum_least (member, true)). intros hs.
    apply largest_upper, In_vectors.
  - eapply Rle_trans; [ exact Q | ].
    set (K := INR (length (first :: others))). set (A := ln 2 + INR d * ln (exp 1 * INR m / INR d)).
    assert (K1 : 2 <= K).
    { unfold K. rewrite Len. change 2 with (INR 2). apply le_INR. lia. }
    assert (K2 : ln K <= A).
    { assert (K <= 2 * exp (INR d * ln (exp 1 * INR m / INR d))).
      { eapply Rle_trans; [ | apply Rmult_le_compat_l; [ lra | apply patterns_bound, enough ] ].
        unfold K. rewrite Len, mult_INR. apply Rmult_le_compat_l; [ cbn; lra | apply le_INR, Lg ]. }
      unfold A. rewrite <- (ln_exp (INR d * ln (exp 1 * INR m / INR d))), <- ln_mult by (try apply exp_pos; lra).
      destruct H as [H | ->]; [ left; apply ln_increasing; lra | lra ]. }
    assert (K0 : 0 < ln K) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (R2 : 0 < sqrt 2) by (apply sqrt_lt_R0; lra). assert (RM : 0 < sqrt (INR m)) by (apply sqrt_lt_R0; lra).
    assert (R22 : sqrt 2 * sqrt 2 = 2) by (apply sqrt_sqrt; lra).
    rewrite !sqrt_mult by lra.
    replace (1 / 2 * (sqrt 2 * sqrt (ln K)) / sqrt (INR m)) with (sqrt (ln K) * / (sqrt 2 * sqrt (INR m))).
    + apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; assumption | ].
      apply sqrt_le_1_alt, K2.
    + apply Rmult_eq_reg_r with (sqrt 2 * sqrt (INR m)); [ | nra ].
      replace (1 / 2 * (sqrt 2 * sqrt (ln K)) / sqrt (INR m) * (sqrt 2 * sqrt (INR m)))
        with (1 / 2 * (sqrt 2 * sqrt 2) * sqrt (ln K)) by (field; lra).
      rewrite R22. field. split; lra.
Qed.

End Patterns.

(** ** One class: P(G >= 2 Rad bound + u) <= exp(-2 m u^2) *)
Section Gap.
Context {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) (member : F) (error : F -> Z -> bool) (m d : nat).
Hypothesis dimension : vc_dimension_at_most error d.
Hypothesis enough : (0 < d <= m)%nat.
Hypothesis exchange : exchangeable E m (centred error).
Let N := INR m.
Let loss (h : F) (z : Z) : R := ind (error h z).
Let capacity : R := ln 2 + INR d * ln (exp 1 * INR m / INR d).

Lemma dimension_gap_tail : forall u, 0 <= u ->
  En E m (fun D => ind (rleb (2 * sqrt capacity / sqrt (2 * N) + u) (largest_gap E m loss D))) <= exp (- (2 * N * u
    ^ 2)).
Proof.
  intros u Hu. assert (HN : 0 < N) by (apply (lt_INR 0 m); lia). pose proof (En_expectation E HE m) as HEn.
  set (c := centred error). pose proof (centred_range error) as Hc. fold c in Hc.
  set (Y := fun D => supremum (fun hs => N * E (c hs) - ssum (c hs) m D)).
  assert (Em : forall hs, Rabs (N * E (c hs)) <= N * (1 / 2)).
  { intros hs. rewrite Rabs_mult, (Rabs_pos_eq N) by lra. apply Rmult_le_compat_l; [ lra | ].
  apply (e_abs E HE), Hc. }
  assert (UY : forall D hs, Rabs (N * E (c hs) - ssum (c hs) m D) <= N).
  { intros D hs. apply Rabs_le. pose proof (Rabs_between _ _ (Em hs)).
    pose proof (Rabs_between _ _ (ssum_bound (c hs) (1 / 2) (Hc hs) m D)). unfold N in *. lra. }
  assert (BY : bounded Y) by (exists N; intros D; apply (supremum_abs (member, true)), UY).
  assert (Dif : differences 1 m Y).
  { replace 1 with (2 * (1 / 2)) by field.
    apply (gap_differences (member, true) c (1 / 2) Hc m (fun hs => N * E (c hs)) (N * (1 / 2)) Em). }
  assert (Mean : En E m Y <= N * (2 * sqrt capacity / sqrt (2 * N))).
  { eapply Rle_trans; [ apply (symmetrisation E HE (member, true) m ltac:(lia) c (1 / 2) Hc exchange) | ]. fold N.
    replace (N * (2 * sqrt capacity / sqrt (2 * N))) with (2 * N * (sqrt capacity / sqrt (2 * N))) by (unfold Rdiv;
      ring).
    apply Rmult_le_compat_l; [ lra | ].
    apply (e_le_const _ HEn); [ apply (bounded_rademacher E HE (member, true) m c (1 / 2) Hc) | ].
    intros D. apply (rademacher_of_dimension member error m d dimension enough). }
  pose proof (one_sided E HE m Y 1 BY Dif Rlt_0_1 ltac:(lia) 1 (N * u) (or_introl eq_refl)
    ltac:(apply Rmult_le_pos; lra)) as T.
  eapply Rle_trans; [ | eapply Rle_trans; [ exact T | ] ].
  - apply (e_mono _ HEn); [ bnd | bnd | ]. intros D.
    assert (G : N * largest_gap E m loss D <= Y D).
    { assert (largest_gap E m loss D <= Y D / N).
      { apply (supremum_least member). intros h.
        assert (U : forall s, N * E (c (h, s)) - ssum (c (h, s)) m D <= Y D).
        { intros s. apply (supremum_upper (member, true) (fun hs => N * E (c hs) - ssum (c hs) m D) N).
          intros hs. apply Rabs_between, UY. }
        assert (Bl : bounded (loss h)) by apply bounded_ind.
        assert (Ec : forall s, E (c (h, s)) = (if s then 1 else -1) * (E (loss h) - 1 / 2)).
        { intros s. unfold c, centred. cbn [fst snd]. fold (loss h).
          rewrite (e_scal E HE), (e_minus E HE), (e_const E HE) by (unfold loss in Bl; bnd). reflexivity. }
        assert (Sc : forall s, ssum (c (h, s)) m D = (if s then 1 else -1) * (ssum (loss h) m D - N * (1 / 2))).
        { intros s. unfold c, centred. cbn [fst snd]. rewrite ssum_scal. f_equal. unfold N.
          rewrite <- (ssum_const (1 / 2) m D). unfold Rminus.
          replace (- ssum (fun _ => 1 / 2) m D) with (-1 * ssum (fun _ => 1 / 2) m D) by ring.
          rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros z. unfold loss. ring. }
        pose proof (U true) as U1. pose proof (U false) as U2. rewrite Ec, Sc in U1, U2. cbv iota in U1, U2.
        apply Rmult_le_reg_l with N; [ exact HN | ]. replace (N * (Y D / N)) with (Y D) by (field; lra).
        replace (ssum (loss h) m D / INR m) with (ssum (loss h) m D / N) by reflexivity.
        rewrite <- (Rabs_pos_eq N) at 1 by lra. rewrite <- Rabs_mult.
        replace (N * (E (loss h) - ssum (loss h) m D / N)) with (N * E (loss h) - ssum (loss h) m D) by (field; lra).
        apply Rabs_le. lra. }
      apply Rmult_le_compat_l with (r := N) in H; [ | lra ].
      replace (N * (Y D / N)) with (Y D) in H by (field; lra). exact H. }
    unfold ind, rleb. destruct (Rle_dec _ (largest_gap E m loss D)) as [H | H]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec _ _) as [ | H']; [ lra | exfalso; apply H' ].
    apply Rmult_le_compat_l with (r := N) in H; [ | lra ]. lra.
  - apply exp_le, Req_le. fold N. field. lra.
Qed.

End Gap.

(** ** Learned classes *)
Section Theorem5.
Context {Z F T : Type} (E : (Z -> R) -> R) (samples_law : expectation E) (member : F) (m d : nat).

(** W takes finitely many values t; error t h tells where member h of the class H_t errs. *)
Variables (ts : list T) (p : T -> @sample Z m -> R) (error : T -> F -> Z -> bool).
Hypothesis learns : learner ts p.
Hypothesis dimension : forall t, vc_dimension_at_most (error t) d.
Hypothesis enough : (0 < d <= m)%nat.
Hypothesis exchange : forall t, exchangeable E m (centred (error t)).
Let I := information (En E m) ts p.

Theorem theorem_5_repaired : forall delta, 0 < delta < 1 ->
  selected (En E m) ts p (fun t D =>
    rleb ((2 * sqrt (ln 2 + INR d * ln (exp 1 * INR m / INR d)) + sqrt ((I + h2 delta) / delta)) / sqrt (2 * INR m))
      (largest_gap E m (fun h z => ind (error t h z)) D)) <= delta.
Proof.
  intros delta Hd. pose proof (En_expectation E samples_law m) as HEn.
  assert (HN : 0 < INR m) by (apply (lt_INR 0 m); lia).
  set (x := (I + h2 delta) / delta). set (A := ln 2 + INR d * ln (exp 1 * INR m / INR d)).
  assert (Hx : 0 <= x).
  { pose proof (information_nonneg _ HEn ts p learns). fold I in H. pose proof (ln_neg delta Hd).
    pose proof (ln_neg (1 - delta) ltac:(lra)).
    apply Rmult_le_pos; [ unfold h2; nra | left; apply Rinv_0_lt_compat; lra ]. }
  assert (R : 0 < sqrt (2 * INR m)) by (apply sqrt_lt_R0; lra).
  set (u := sqrt x / sqrt (2 * INR m)). assert (Hu : 0 <= u) by (apply Rdiv_le_0_compat;
    [ apply sqrt_pos | exact R ]).
  apply (selected_small _ HEn ts p learns _ (exp (- x)) delta (exp_pos _) Hd).
  - rewrite ln_exp. fold I x. lra.
  - intros t _. replace ((2 * sqrt A + sqrt x) / sqrt (2 * INR m)) with (2 * sqrt A / sqrt (2 * INR m) + u)
      by (unfold u; field; lra).
    eapply Rle_trans; [ apply (dimension_gap_tail E samples_law member (error t) m d (dimension t) enough (exchange
      t) u Hu) | ].
    apply Req_le. do 2 f_equal. unfold u. unfold Rdiv. rewrite Rpow_mult_distr, pow_inv, !pow2_sqrt by lra. field.
    lra.
Qed.

End Theorem5.
