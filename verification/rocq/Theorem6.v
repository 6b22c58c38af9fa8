(** Theorem 6 of "No Free Prune", repaired: generalisation of a learned class by its Rademacher average.

    W is learned from m samples and brings a class H_W of losses in [-b, b]; G is the largest gap in absolute value
    between mean and sample mean in it. With probability 1 - delta

      G < 2 Rad_D(l o H_W) + b sqrt((8/m) (log 2 + (I(W; D) + h(delta))/delta)).

    By contraction the Rademacher average of the predictions bounds that of a loss that is 1-Lipschitz in them. *)
From NoFreePrune Require Export Symmetrisation.
From Coquelicot Require Import Rcomplements.

(** ** One sample changes m (sup gap - 2 Rad) by at most 4b *)
Section Differences.
Context {Z F : Type} (member : F) (l : F -> Z -> R) (b : R).
Hypothesis losses : forall h z, Rabs (l h z) <= b.

Lemma differences_combine : forall m c1 c2 (Y1 Y2 : @sample Z m -> R), differences c1 m Y1 -> differences c2 m Y2 ->
  differences (c1 + 2 * c2) m (fun D => Y1 D - 2 * Y2 D).
Proof.
  induction m as [ | m IH]; intros c1 c2 Y1 Y2 H1 H2; cbn in *; [ exact I | ].
  destruct H1 as [A1 B1], H2 as [A2 B2]. split.
  - intros x y D. specialize (A1 x y D). specialize (A2 y x D). lra.
  - intros x. apply (IH c1 c2 (fun D => Y1 (x, D)) (fun D => Y2 (x, D))); auto.
Qed.

Lemma differences_average : forall m c (Y1 Y2 : @sample Z m -> R), differences c m Y1 -> differences c m Y2 ->
  differences c m (fun D => (Y1 D + Y2 D) / 2).
Proof.
  induction m as [ | m IH]; intros c Y1 Y2 H1 H2; cbn in *; [ exact I | ].
  destruct H1 as [A1 B1], H2 as [A2 B2]. split.
  - intros x y D. specialize (A1 x y D). specialize (A2 x y D). lra.
  - intros x. apply (IH c (fun D => Y1 (x, D)) (fun D => Y2 (x, D))); auto.
Qed.

Lemma differences_ext : forall m c (Y1 Y2 : @sample Z m -> R), (forall D, Y1 D = Y2 D) -> differences c m Y1 ->
  differences c m Y2.
Proof.
  induction m as [ | m IH]; intros c Y1 Y2 H H1; cbn in *; [ exact I | ]. destruct H1 as [A B]. split.
  - intros x y D. rewrite <- !H. apply A.
  - intros x. apply (IH c (fun D => Y1 (x, D))); auto.
Qed.

Lemma gap_differences : forall m (a : F -> R) M, (forall h, Rabs (a h) <= M) ->
  differences (2 * b) m (fun D => supremum (fun h => a h - ssum (l h) m D)).
Proof.
  induction m as [ | m IH]; intros a M Ha; cbn [differences]; [ exact I | ]. split.
  - intros x y D. cbn [ssum fst snd].
    assert (supremum (fun h => a h - (l h x + ssum (l h) m D)) <= supremum (fun h => a h - (l h y + ssum (l h) m D))
      + 2 * b); [ | lra ].
    apply (supremum_move member _ _ (M + b + INR m * b)); intros h.
    + pose proof (Rabs_between _ _ (Ha h)). pose proof (Rabs_between _ _ (losses h y)).
      pose proof (Rabs_between _ _ (ssum_bound (l h) b (losses h) m D)). lra.
    + pose proof (Rabs_between _ _ (losses h x)). pose proof (Rabs_between _ _ (losses h y)). lra.
  - intros x. cbn [ssum fst snd].
    apply (differences_ext m _ (fun D => supremum (fun h => (a h - l h x) - ssum (l h) m D))).
    + intros D. apply supremum_ext. intros h. ring.
    + apply (IH (fun h => a h - l h x) (M + b)). intros h. apply Rabs_le.
      pose proof (Rabs_between _ _ (Ha h)). pose proof (Rabs_between _ _ (losses h x)). lra.
Qed.

(** the mean over one sign of sup (A + sigma l) lies between sup A and sup A + b *)
Lemma rademacher_differences : forall m (a : F -> R) M, (forall h, Rabs (a h) <= M) ->
  differences b m (fun D => flips m (fun v => supremum (fun h => a h + dot (values (l h) m D) v))).
Proof.
  induction m as [ | m IH]; intros a M Ha; cbn [differences]; [ exact I | ]. split.
  - intros x y D. cbn [flips values dot fst snd]. rewrite cut_1, cut_m1.
    set (c := fun v h => a h + dot (values (l h) m D) v).
    assert (Bc : forall v h, Rabs (c v h) <= M + INR m * b).
    { intros v h. eapply Rle_trans; [ apply Rabs_triang | ]. apply Rplus_le_compat; [ apply Ha | ].
      apply dot_values_bound, losses. }
    assert (Half : forall z s, s = 1 \/ s = -1 -> forall v,
      supremum (fun h => a h + (s * l h z + dot (values (l h) m D) v)) <= supremum (c v) + b).
    { intros z s Hs v. apply (supremum_move member _ (c v) (M + INR m * b)); intros h.
      - apply Rabs_between, Bc.
      - pose proof (Rabs_between _ _ (losses h z)). unfold c. destruct Hs as [-> | ->]; lra. }
    assert (Low : forall z v, 2 * supremum (c v) <= supremum (fun h => a h + (1 * l h z + dot (values (l h) m D) v))
      + supremum (fun h => a h + (-1 * l h z + dot (values (l h) m D) v))).
    { intros z v. assert (U : forall s, s = 1 \/ s = -1 -> forall h, c v h + s * l h z
        <= supremum (fun h => a h + (s * l h z + dot (values (l h) m D) v))).
      { intros s Hs h. apply Rle_trans with (a h + (s * l h z + dot (values (l h) m D) v)); [ unfold c; lra | ].
        apply (supremum_upper member (fun h => a h + (s * l h z + dot (values (l h) m D) v)) (M + INR m * b + b)).
        intros h'. pose proof (Rabs_between _ _ (Bc v h')). pose proof (Rabs_between _ _ (losses h' z)).
        unfold c in *.
        destruct Hs as [-> | ->]; lra. }
      set (P := supremum (fun h => a h + (1 * l h z + dot (values (l h) m D) v))) in *.
      set (Q := supremum (fun h => a h + (-1 * l h z + dot (values (l h) m D) v))) in *.
      assert (supremum (c v) <= (P + Q) / 2); [ | lra ]. apply (supremum_least member). intros h.
      pose proof (U 1 ltac:(auto) h) as U1. pose proof (U (-1) ltac:(auto) h) as U2. fold P in U1. fold Q in U2.
      lra. }
    assert (H : flips m (fun v => supremum (fun h => a h + (1 * l h x + dot (values (l h) m D) v)))
      + flips m (fun v => supremum (fun h => a h + (-1 * l h x + dot (values (l h) m D) v)))
      <= (flips m (fun v => supremum (fun h => a h + (1 * l h y + dot (values (l h) m D) v)))
      + flips m (fun v => supremum (fun h => a h + (-1 * l h y + dot (values (l h) m D) v)))) + 2 * b); [ | lra ].
    rewrite <- !flips_add. rewrite <- (flips_constant m (2 * b)) at 1. rewrite <- flips_add. apply flips_le.
    intros v _ _. pose proof (Half x 1 ltac:(auto) v). pose proof (Half x (-1) ltac:(auto) v). pose proof (Low y v).
    lra.
  - intros x. cbn [flips values dot fst snd]. rewrite cut_1, cut_m1.
    assert (Ha' : forall s, s = 1 \/ s = -1 -> forall h, Rabs (a h + s * l h x) <= M + b).
    { intros s Hs h. apply Rabs_le. pose proof (Rabs_between _ _ (Ha h)). pose proof (Rabs_between _ _ (losses h x)).
      destruct Hs as [-> | ->]; lra. }
    apply (differences_average m b).
    + apply (differences_ext m _ (fun D => flips m (fun v => supremum (fun h => (a h + 1 * l h x)
        + dot (values (l h) m D) v)))); [ | apply (IH _ (M + b)), Ha'; auto ].
      intros D. apply flips_eq. intros v _ _. apply supremum_ext. intros h. ring.
    + apply (differences_ext m _ (fun D => flips m (fun v => supremum (fun h => (a h + -1 * l h x)
        + dot (values (l h) m D) v)))); [ | apply (IH _ (M + b)), Ha'; auto ].
      intros D. apply flips_eq. intros v _ _. apply supremum_ext. intros h. ring.
Qed.

End Differences.

(** ** One class *)
Section Gap.
Context {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) (member : F) (m : nat).
Hypothesis samples : (0 < m)%nat.
Variables (l : F -> Z -> R) (b : R).
Hypothesis b_pos : 0 < b.
Hypothesis losses : forall h z, Rabs (l h z) <= b.
Hypothesis exchange : exchangeable E m l.
Let N := INR m.

(** the largest generalisation gap *)
Definition largest_gap (D : @sample Z m) : R := supremum (fun h => Rabs (E (l h) - ssum (l h) m D / INR m)).

Lemma N_positive : 0 < N.
Proof. apply (lt_INR 0 m). exact samples. Qed.

(** P(sup gap - 2 Rad >= u) <= exp(-m u^2/(8 b^2)), gaps without absolute value *)
Lemma signed_gap : forall u, 0 <= u ->
  En E m (fun D => ind (rleb (N * (2 * rademacher m l D + u)) (supremum (fun h => N * E (l h) - ssum (l h) m D))))
    <= exp (- (N * u ^ 2 / (8 * b ^ 2))).
Proof.
  intros u Hu. pose proof N_positive as HN. pose proof (En_expectation E HE m) as HEn.
  set (Y1 := fun D => supremum (fun h => N * E (l h) - ssum (l h) m D)).
  set (Y2 := fun D => flips m (fun v => supremum (fun h => dot (values (l h) m D) v))).
  set (Y := fun D => Y1 D - 2 * Y2 D).
  assert (Em : forall h, Rabs (N * E (l h)) <= N * b).
  { intros h. rewrite Rabs_mult, (Rabs_pos_eq N) by lra. apply Rmult_le_compat_l; [ lra | ].
  apply (e_abs E HE), losses. }
  assert (B1 : bounded Y1).
  { exists (2 * (N * b)). intros D. apply (supremum_abs member). intros h. apply Rabs_le.
    pose proof (Rabs_between _ _ (Em h)). pose proof (Rabs_between _ _ (ssum_bound (l h) b (losses h) m D)).
    unfold N in *. lra. }
  assert (B2 : bounded Y2).
  { apply (flips_expected (En E m) HEn m (fun v D => supremum (fun h => dot (values (l h) m D) v))).
    intros v. apply (bounded_sup_dot member m l b losses). }
  assert (BY : bounded Y) by (unfold Y; bnd).
  assert (Dif : differences (4 * b) m Y).
  { replace (4 * b) with (2 * b + 2 * b) by ring. apply differences_combine.
    - apply (gap_differences member l b losses m (fun h => N * E (l h)) (N * b) Em).
    - apply (differences_ext m _ (fun D => flips m (fun v => supremum (fun h => 0 + dot (values (l h) m D) v)))).
      + intros D. apply flips_eq. intros v _ _. apply supremum_ext. intros h. ring.
      + apply (rademacher_differences member l b losses m (fun _ => 0) 0). intros h. cbv beta. rewrite Rabs_R0. lra. }
  assert (Mean : En E m Y <= 0).
  { pose proof (symmetrisation E HE member m samples l b losses exchange) as S. unfold Y.
    rewrite (e_minus _ HEn), (e_scal _ HEn) by bnd. fold N in S. fold Y1 in S.
    replace (En E m (rademacher m l)) with (/ N * En E m Y2) in S.
    - replace (2 * N * (/ N * En E m Y2)) with (2 * En E m Y2) in S by (field; lra). lra.
    - rewrite <- (e_scal _ HEn) by bnd. apply (e_ext _ HEn). intros D. unfold rademacher. fold N. unfold Y2. field.
    lra. }
  pose proof (one_sided E HE m Y (4 * b) BY Dif ltac:(lra) samples 1 (N * u) (or_introl eq_refl)
    ltac:(apply Rmult_le_pos; lra)) as T.
  eapply Rle_trans; [ | eapply Rle_trans; [ exact T | ] ].
  - apply (e_mono _ HEn); [ bnd | bnd | ]. intros D. unfold ind, rleb. fold (Y1 D).
    destruct (Rle_dec _ (Y1 D)) as [H | H]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec _ _) as [ | H']; [ lra | exfalso; apply H' ]. unfold Y. unfold rademacher in H.
    fold N (Y2 D) in H.
    replace (N * (2 * (Y2 D / N) + u)) with (2 * Y2 D + N * u) in H by (field; lra). unfold Y in Mean. lra.
  - apply exp_le, Req_le. fold N. field. split; lra.
Qed.

End Gap.

Section TwoSided.
Context {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) (member : F) (m : nat).
Hypothesis samples : (0 < m)%nat.
Variables (l : F -> Z -> R) (b : R).
Hypothesis b_pos : 0 < b.
Hypothesis losses : forall h z, Rabs (l h z) <= b.
Hypothesis exchange : exchangeable E m l.
Let N := INR m.

(** P(G >= 2 Rad + u) <= 2 exp(-m u^2/(8 b^2)) *)
Lemma gap_tail : forall u, 0 <= u ->
  En E m (fun D => ind (rleb (2 * rademacher m l D + u) (largest_gap E m l D))) <= 2 * exp (- (N * u ^ 2 / (8 * b ^
    2))).
Proof.
  intros u Hu. pose proof (N_positive m samples) as HN. fold N in HN. pose proof (En_expectation E HE m) as HEn.
  set (k := fun h z => - l h z). assert (Hk : forall h z, Rabs (k h z) <= b) by (intros; unfold k;
    rewrite Rabs_Ropp; apply losses).
  set (up := fun D => ind (rleb (N * (2 * rademacher m l D + u)) (supremum (fun h => N * E (l h) - ssum (l h) m D)))).
  set (down := fun D => ind (rleb (N * (2 * rademacher m k D + u)) (supremum (fun h => N * E (k h) - ssum (k h) m
    D)))).
  apply Rle_trans with (En E m (fun D => up D + down D)).
  - apply (e_mono _ HEn); [ bnd | unfold up, down; bnd | ]. intros D.
    assert (Rk : rademacher m k D = rademacher m l D) by apply (rademacher_opposite m l D).
    unfold up, down. rewrite Rk. set (r := 2 * rademacher m l D + u).
    set (S1 := supremum (fun h => N * E (l h) - ssum (l h) m D)).
    set (S2 := supremum (fun h => N * E (k h) - ssum (k h) m D)).
    assert (Bd : forall (q : F -> Z -> R), (forall h z, Rabs (q h z) <= b) -> forall h,
      N * E (q h) - ssum (q h) m D <= supremum (fun h => N * E (q h) - ssum (q h) m D)).
    { intros q Hq h. apply (supremum_upper member (fun h => N * E (q h) - ssum (q h) m D) (2 * (N * b))). intros h'.
      pose proof (Rabs_between _ _ (e_abs E HE (q h') b (Hq h'))).
      pose proof (Rabs_between _ _ (ssum_bound (q h') b (Hq h') m D)). unfold N in *. nra. }
    assert (G : largest_gap E m l D <= Rmax (S1 / N) (S2 / N)).
    { apply (supremum_least member). intros h. pose proof (Bd l losses h) as U1. pose proof (Bd k Hk h) as U2.
      fold S1 in U1. fold S2 in U2.
      assert (Ek : E (k h) = - E (l h)).
      { rewrite (e_ext E HE _ (fun z => -1 * l h z)) by (intros; unfold k; ring).
        rewrite (e_scal E HE); [ ring | exists b; apply losses ]. }
      assert (Sk : ssum (k h) m D = - ssum (l h) m D).
      { rewrite (ssum_ext (k h) (fun z => -1 * l h z)) by (intros; unfold k; ring). rewrite ssum_scal. ring. }
      rewrite Ek, Sk in U2.
      assert (C : forall x S, N * x <= S -> x <= S / N).
      { intros x S Hx. apply Rmult_le_reg_r with N; [ exact HN | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
      lra. }
      apply Rmax_Rle. unfold Rabs. destruct (Rcase_abs _); [ right | left ]; apply C; fold N;
        [ replace (N * - (E (l h) - ssum (l h) m D / N)) with (N * - E (l h) - - ssum (l h) m D) by (field; lra)
        | replace (N * (E (l h) - ssum (l h) m D / N)) with (N * E (l h) - ssum (l h) m D) by (field; lra) ];
          assumption. }
    assert (C : forall S, r <= S / N -> N * r <= S).
    { intros S HS. apply Rmult_le_compat_l with (r := N) in HS; [ | lra ].
      replace (N * (S / N)) with S in HS by (field; lra). exact HS. }
    unfold ind, rleb. destruct (Rle_dec r _) as [H | ]; [ | destruct (Rle_dec _ S1), (Rle_dec _ S2); lra ].
    destruct (Rle_dec _ S1) as [ | N1], (Rle_dec _ S2) as [ | N2]; try lra. exfalso.
    assert (H' : r <= Rmax (S1 / N) (S2 / N)) by lra. apply Rmax_Rle in H'.
    destruct H' as [H' | H']; apply C in H'; contradiction.
  - rewrite (e_add _ HEn) by (unfold up, down; bnd).
    pose proof (signed_gap E HE member m samples l b b_pos losses exchange u Hu).
    pose proof (signed_gap E HE member m samples k b b_pos Hk (exchangeable_opposite E HE m l exchange) u Hu).
    unfold up, down. unfold N. lra.
Qed.

End TwoSided.

(** ** Learned classes *)
Section Theorem6.
Context {Z F T : Type} (E : (Z -> R) -> R) (samples_law : expectation E) (member : F) (m : nat).
Hypothesis samples : (0 < m)%nat.

(** W takes finitely many values t; l t h is the loss of member h of the class H_t. *)
Variables (ts : list T) (p : T -> @sample Z m -> R) (l : T -> F -> Z -> R) (b : R).
Hypothesis learns : learner ts p.
Hypothesis b_pos : 0 < b.
Hypothesis losses : forall t h z, Rabs (l t h z) <= b.
Hypothesis exchange : forall t, exchangeable E m (l t).
Let I := information (En E m) ts p.

Theorem theorem_6_repaired : forall delta, 0 < delta < 1 ->
  selected (En E m) ts p (fun t D =>
    rleb (2 * rademacher m (l t) D + b * sqrt (8 / INR m * (ln 2 + (I + h2 delta) / delta))) (largest_gap E m (l t)
      D))
  <= delta.
Proof.
  intros delta Hd. pose proof (N_positive m samples) as HN. pose proof (En_expectation E samples_law m) as HEn.
  set (x := (I + h2 delta) / delta).
  assert (Hx : 0 <= x).
  { pose proof (information_nonneg _ HEn ts p learns). fold I in H. pose proof (ln_neg delta Hd).
    pose proof (ln_neg (1 - delta) ltac:(lra)).
    apply Rmult_le_pos; [ unfold h2; nra | left; apply Rinv_0_lt_compat; lra ]. }
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (u := b * sqrt (8 / INR m * (ln 2 + x))).
  assert (A : 0 <= 8 / INR m * (ln 2 + x)) by (apply Rmult_le_pos; [ apply Rdiv_le_0_compat; lra | lra ]).
  assert (Hu : 0 <= u) by (apply Rmult_le_pos; [ lra | apply sqrt_pos ]).
  apply (selected_small _ HEn ts p learns _ (exp (- x)) delta (exp_pos _) Hd).
  - rewrite ln_exp. fold I x. lra.
  - intros t _. eapply Rle_trans; [ apply (gap_tail E samples_law member m samples (l t) b b_pos (losses t)
    (exchange t) u Hu) | ].
    apply Req_le. replace (INR m * u ^ 2 / (8 * b ^ 2)) with (ln 2 + x).
    + rewrite Ropp_plus_distr, exp_plus, exp_Ropp, exp_ln by lra. field.
    + unfold u. rewrite Rpow_mult_distr, pow2_sqrt by exact A. field. split; lra.
Qed.

(** A loss phi_z(h(z)) that is 1-Lipschitz in the prediction: the Rademacher average of the predictions. *)
Section Contracted.
Variables (prediction : T -> F -> Z -> R) (phi : Z -> R -> R).
Hypothesis loss_of_prediction : forall t h z, l t h z = phi z (prediction t h z).
Hypothesis predictions : forall t h z, Rabs (prediction t h z) <= b.
Hypothesis lipschitz : forall z s t, Rabs (phi z s - phi z t) <= Rabs (s - t).

Theorem theorem_6_contracted : forall delta, 0 < delta < 1 ->
  selected (En E m) ts p (fun t D =>
    rleb (2 * rademacher m (prediction t) D + b * sqrt (8 / INR m * (ln 2 + (I + h2 delta) / delta)))
      (largest_gap E m (l t) D)) <= delta.
Proof.
  intros delta Hd. pose proof (En_expectation E samples_law m) as HEn.
  eapply Rle_trans; [ | exact (theorem_6_repaired delta Hd) ].
  apply (e_mono _ HEn); [ | | intros D; apply rsum_le; intros t _ ].
  - apply bounded_rsum. intros t. pose proof (bounded_p ts p learns t). bnd.
  - apply bounded_rsum. intros t. pose proof (bounded_p ts p learns t). bnd.
  - apply Rmult_le_compat_l; [ apply (p_range ts p learns) | ].
    assert (C : rademacher m (l t) D <= rademacher m (prediction t) D).
    { replace (rademacher m (l t) D) with (rademacher m (fun h z => phi z (prediction t h z)) D).
      - apply (contraction member (prediction t) phi b (predictions t)); [ | exact lipschitz | exact samples ].
        intros h z. rewrite <- loss_of_prediction. apply losses.
      - unfold rademacher. f_equal. apply flips_eq. intros v _ _. apply supremum_ext. intros h. f_equal.
        apply values_ext. intros z. symmetry. apply loss_of_prediction. }
    unfold ind, rleb. destruct (Rle_dec _ _) as [H | H], (Rle_dec _ _) as [H' | H']; lra.
Qed.

End Contracted.

End Theorem6.
