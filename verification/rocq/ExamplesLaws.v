(** The hypotheses of Theorems 5 and 6 and of the laws for linear classes and for pruned classifiers can be met. *)
From NoFreePrune Require Import Examples Theorem5 LinearClass MaskedClassifiers.
From Coquelicot Require Import Rcomplements.

Definition coin (f : bool -> R) : R := (f true + f false) / 2.

Lemma coin_expectation : expectation coin.
Proof. exact (fair_expectation tt). Qed.

Lemma coin_fubini : forall (f : bool -> bool -> R) M, (forall z y, Rabs (f z y) <= M) ->
  coin (fun z => coin (fun y => f z y)) = coin (fun y => coin (fun z => f z y)).
Proof. intros f M _. unfold coin. field. Qed.

(** ** Theorem 5: the two classifiers of a coin that are constant *)
Theorem theorem_5_can_be_met : forall m p delta, (0 < 1 <= m)%nat -> learner [tt] p -> 0 < delta < 1 ->
  let error (_ : unit) (h z : bool) := xorb h z in
  selected (En coin m) [tt] p (fun t D =>
    rleb ((2 * sqrt (ln 2 + INR 1 * ln (exp 1 * INR m / INR 1))
      + sqrt ((information (En coin m) [tt] p + h2 delta) / delta)) / sqrt (2 * INR m))
      (largest_gap coin m (fun h z => ind (error t h z)) D)) <= delta.
Proof.
  intros m p delta Hm Hp Hd error. apply (theorem_5_repaired coin coin_expectation true m 1 [tt] p error Hp);
    try assumption.
  - intros t [ | z1 [ | z2 zs]] All; [ cbn; lia | cbn; lia | exfalso ].
    (* equal points cannot be told apart, and of different ones every classifier errs at one *)
    destruct (Bool.bool_dec z1 z2) as [E | E].
    + destruct (All (true :: false :: repeat false (length zs))) as [h Hh]; [ cbn; rewrite repeat_length;
      reflexivity | ].
      cbn in Hh. unfold error in Hh. injection Hh as H1 H2 _. clear All. congruence.
    + destruct (All (false :: false :: repeat false (length zs))) as [h Hh]; [ cbn; rewrite repeat_length;
      reflexivity | ].
      cbn in Hh. unfold error in Hh. injection Hh as H1 H2 _. clear All. destruct h, z1, z2; cbn in *; congruence.
  - intros t. apply (fubini_exchangeable coin coin_expectation (true, true) coin_fubini (centred (error t)) (1 / 2)
      (centred_range (error t))).
Qed.

(** ** The linear class: inputs and labels are fair signs, f = w x, one mask *)
Definition slope_of (_ : nat) (w : nat -> R) : R := Rabs (w 0%nat).
Definition fifth (_ i _ : nat) : R := (INR i - 2) / 2.

Lemma one_mask_exponent : forall {D Wt : Type} (E : (D -> R) -> R) (HE : expectation E) (learn : D -> (Wt -> R) ->
  R) delta,
  (forall d, expectation (learn d)) -> 0 < delta < 1 ->
  exponent E (seq 0 1) (chosen (fun _ : Wt => 0%nat) learn) (- ln delta) delta.
Proof.
  intros D Wt E HE learn delta HL Hd.
  replace (- ln delta) with (ln (rsum (fun _ => 1) (seq 0 1)) - ln delta)
    by (cbn; replace (1 + 0) with 1 by ring; rewrite ln_1; ring).
  apply (exponent_leakage E HE (seq 0 1) _ (chosen_learner (fun _ => 0%nat) 1 (fun _ => Nat.lt_0_1) learn HL) delta
    Hd).
  - intros t d _. apply (learned_range learn HL d (fun _ => (0 =? t)%nat)).
  - cbn. lra.
Qed.

Theorem linear_class_can_be_met : forall n d L epsilon delta (learned : @sample (bool * bool) n -> R), (0 < n)%nat ->
  0 < d -> 0 < L -> 0 <= epsilon <= 1 -> 0 < delta < 1 ->
  L <= (1 - 1 / 2) * (1 - sqrt (1 - epsilon)) * sqrt (INR n * d / (8 * d * (INR 1 * ln (1 + 2 / (1 / 2)) + - ln
    delta))) ->
  fits_smoothly coin (fun _ => coin) Examples.sign n 
    (fun w x => combination (fun _ => Examples.sign) (fun _ => [0%nat]) 0 (fun _ =>
    w) x + 0)
    (fun w => rleb (slope_of 0 (fun _ => w)) L) (fun D => point_mass (learned D)) epsilon <= delta.
Proof.
  intros n d L epsilon delta learned Hn Hd HL He Hdel HLb.
  assert (Dev : forall w x, Rabs (deviation (fun _ : bool => 0%nat) (fun _ => Examples.sign) (fun _ _ => 0) (fun _ =>
    [0%nat]) 0 w x)
    = Rabs (w 0%nat)).
  { intros w x. unfold deviation, combination, combined_mean. cbn.
    replace (w 0%nat * Examples.sign x + 0 - (w 0%nat * 0 + 0)) with (w 0%nat * Examples.sign x) by ring.
    rewrite Rabs_mult.
    destruct x; cbn; [ rewrite Rabs_R1 | rewrite (Rabs_left (-1)) by lra ]; ring. }
  assert (Net : forall w : nat -> R, Rabs (w 0%nat) <= 1 -> exists i,
    (i < 5)%nat /\ Rabs (w 0%nat - fifth 0 i 0) <= 1 / 2).
  { intros w Hw. apply Rabs_between in Hw. unfold fifth.
    destruct (Rle_lt_dec (w 0%nat) (-1 / 2)); [ exists 0%nat | destruct (Rle_lt_dec (w 0%nat) 0); [ exists 1%nat |
      destruct (Rle_lt_dec (w 0%nat) (1 / 2)); [ exists 3%nat | exists 4%nat ] ] ];
      (split; [ lia | cbn; apply Rabs_le; lra ]). }
  assert (L5 : 0 < ln 5) by (rewrite <- ln_1; apply ln_increasing; lra). pose proof (ln_neg delta Hdel).
  apply (linear_class_signs coin coin_expectation (fun _ => coin) (fun _ => coin_expectation) Examples.sign (fun _
    => 0%nat) n)
    with (c := d) (d := d) (mean := fun _ _ => 0) (Lip := slope_of) (eta := 1 / 2) (B := 1) (size := fun _ => 5%nat)
      (point := fifth) (M := 1%nat) (mask := fun _ => 0%nat) (masks := 1%nat) (R0 := - ln delta) (weights := fun w _
        => w)
      (constant := fun _ => 0) (phi := fun _ => Examples.sign) (kept := fun _ => [0%nat]); try assumption.
  - intros y. destruct y; cbn; lra.
  - intros m w a Ha. unfold slope_of. rewrite Rabs_mult, (Rabs_pos_eq a) by lra. reflexivity.
  - lra.
  - intros m w x Hw. unfold slope_of in Hw. eapply Rle_trans; [ apply Req_le, (Dev w x) | exact Hw ].
  - intros m w Hw. exact (Net w Hw).
  - intros m i Hi. unfold slope_of, fifth. apply Rabs_le. assert (0 <= INR i <= 4); [ | lra ].
    split; [ apply pos_INR | ]. replace 4 with (INR 4) by (cbn; ring). apply le_INR. lia.
  - intros m. lia.
  - intros m. cbn [INR]. replace (1 + 2 / (1 / 2)) with 5 by field. rewrite Rmult_1_l, exp_ln by lra. lra.
  - intros m i Hi r Hr. pose proof (exp_pos (- (d * r ^ 2 / (2 * d * 1 ^ 2)))) as P.
    replace (d * r ^ 2 / (2 * d * 1 ^ 2)) with (r ^ 2 / 2) in * by (field; lra).
    assert (Bnd : forall x, Rabs (combination (fun _ => Examples.sign) (fun _ => [0%nat]) m (fifth m i) x
      - combined_mean (fun _ _ => 0) (fun _ => [0%nat]) m (fifth m i) 0) <= 1).
    { intros x. pose proof (Dev (fifth m i) x) as Dx. unfold deviation in Dx. unfold combination, combined_mean in *.
      rewrite Dx. unfold fifth. apply Rabs_le. assert (0 <= INR i <= 4); [ | lra ].
      split; [ apply pos_INR | ]. replace 4 with (INR 4) by (cbn; ring). apply le_INR. lia. }
    destruct (Rle_lt_dec r 1) as [H1 | H1].
    + apply Rle_trans with 1; [ apply (e_le_const coin coin_expectation); [ bnd | intros x; apply ind_range ] | ].
      assert (/ 2 <= exp (- (r ^ 2 / 2))); [ | lra ]. pose proof (exp_ineq1_le (- (r ^ 2 / 2))). nra.
    + apply Rle_trans with 0; [ apply (e_le_const coin coin_expectation); [ bnd | intros x ] | lra ].
      unfold rleb. destruct (Rle_dec _ _) as [Hc | ]; [ | cbn; lra ]. specialize (Bnd x). lra.
  - intros w. lia.
  - intros D. apply point_expectation.
  - intros y. destruct y; cbn; auto.
  - intros x. unfold g, coin. cbn. field.
  - intros w l. unfold combined_mean. cbn. ring.
  - apply (one_mask_exponent _ (En_expectation _ (HE1 coin coin_expectation _ (fun _ => coin_expectation)) n));
    [ | exact Hdel ].
    intros D. apply point_expectation.
  - cbn [INR]. replace (1 + 2 / (1 / 2)) with 5 by field. lra.
Qed.

(** ** Pruned classifiers: two points at distance one, the classifier that tells them apart, fair labels *)
Definition discrete (x y : bool) : R := if Bool.eqb x y then 0 else 1.

(** A space of diameter one is isoperimetric with c = d. *)
Lemma discrete_isoperimetric : forall d, 0 < d -> isoperimetric_space discrete coin d d.
Proof.
  intros d Hd g L r HL Bg Hg Hr. replace (d * r ^ 2 / (2 * d * L ^ 2)) with ((r / L) ^ 2 / 2) by (field; lra).
  assert (Hc : forall x, Rabs (g x - coin g) <= L).
  { intros x. pose proof (Hg true false) as H. unfold discrete in H. cbn in H. apply Rabs_between in H. unfold coin.
    apply Rabs_le. destruct x; lra. }
  pose proof (exp_pos (- ((r / L) ^ 2 / 2))). destruct (Rle_lt_dec r L) as [H1 | H1].
  - apply Rle_trans with 1; [ apply (e_le_const coin coin_expectation); [ bnd | intros x; apply ind_range ] | ].
    assert (0 <= r / L <= 1).
    { split; [ apply Rdiv_le_0_compat; lra | ]. apply Rmult_le_reg_r with L; [ lra | ]. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
    assert (/ 2 <= exp (- ((r / L) ^ 2 / 2))); [ | lra ]. pose proof (exp_ineq1_le (- ((r / L) ^ 2 / 2))). nra.
  - apply Rle_trans with 0; [ apply (e_le_const coin coin_expectation); [ bnd | intros x ] | lra ].
    unfold rleb. destruct (Rle_dec _ _) as [Hx | ]; [ | cbn; lra ]. specialize (Hc x). lra.
Qed.

Theorem masked_law_can_be_met : forall n d epsilon delta1 delta2 S s,
  (0 < n)%nat -> 0 < d -> 0 < S -> s = S * sqrt (d / d) ->
  0 < delta1 < 1 -> 0 < delta2 < 1 ->
  sqrt (2 * (ln 2 - ln delta1) / INR n) + 2 / (1 / 2 * s) * sqrt (61 / 5 * (0 + - ln delta2 + ln 2) / INR n)
    + ((0 + - ln delta2 + ln 2) / INR n + ln (1 + 2 * s * (1 - 1 / 2) * exp (- ((s * (1 - 1 / 2)) ^ 2 / 2)) * gs (s
      * (1 / 2))))
      / (s ^ 2 * (1 / 2) * (1 - 1 / 2))
    + Rmin 1 (2 / (s * (1 / 2)) * (gs s - gs (s * (1 - 1 / 2)))) <= 2 * epsilon ->
  En (E1 coin (fun _ => coin)) n (fun D => point_mass tt (fun w => ind (fits_stably coin discrete (fun y => y) n S
    (fun _ _ x => x) (risk coin (fun _ => coin) (fun y => y) (fun x => x)) (fun _ => 0%nat) (fun _ => 0%nat) epsilon
      w D)))
    <= delta1 + delta2.
Proof.
  intros n d epsilon delta1 delta2 S s Hn Hd HS Hs H1 H2 Hb. pose proof (ln_neg delta2 H2).
  assert (Dr : forall x y, 0 <= discrete x y <= 1) by (intros [] []; cbn; lra).
  assert (Dsym : forall x y, discrete x y = discrete y x) by (intros [] []; reflexivity).
  assert (Dtri : forall x y z, discrete x z <= discrete x y + discrete y z) by (intros [] [] []; cbn; lra).
  apply (masked_law coin coin_expectation (fun _ => coin) (fun _ => coin_expectation) discrete 1 d d (fun y => y) n
    Dr Dsym Dtri
    Hd Hd (discrete_isoperimetric d Hd) Hn 2 S (1 / 2) s) with (size := fun _ => 1%nat) (up := fun _ _ => true)
    (down := fun _ _ => false) (p := 0) (masks := 1%nat) (learn := fun _ => point_mass tt) (R0 := - ln delta2);
    try assumption; try lra.
  - intros m j _. split; reflexivity.
  - intros m j x x' _ N. apply (signed_margin discrete 1 Dr Dsym (fun x => x) true false (conj eq_refl eq_refl) x x'
    N).
  - intros m j _. apply Rle_refl.
  - intros m. rewrite exp_0. cbn. lra.
  - intros w. lia.
  - intros w. lia.
  - intros D. apply point_expectation.
  - apply (one_mask_exponent _ (En_expectation _ (HE1 coin coin_expectation _ (fun _ => coin_expectation)) n));
    [ | exact H2 ].
    intros D. apply point_expectation.
Qed.
