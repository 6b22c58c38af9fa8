(** Theorems 5 and 6 of "No Free Prune" are false as printed.

    Theorem 5: indicators of at most d points, inputs uniform on many points, labels one, m = d + 2, W constant.
    Theorem
    6: one function +-3000 with fair signs, one sample, no complexity. Neither learner has any information. *)
From NoFreePrune Require Import Theorem5 Refutations.
From Coquelicot Require Import Rcomplements.
From NoFreePrune Require Import Intervals.

(** A learner that always returns the same. *)
Definition constant_learner {D : Type} (_ : unit) (_ : D) : R := 1.

Lemma constant_learns : forall D, learner [tt] (@constant_learner D).
Proof. intros D. constructor; unfold constant_learner; intros; cbn; lra. Qed.

Lemma constant_information : forall {D : Type} (E : (D -> R) -> R), expectation E ->
  information E [tt] constant_learner = 0.
Proof.
  intros D E HE. unfold information, marginal, constant_learner.
  transitivity (E (fun _ => 0)); [ | apply (e_const E HE) ].
  apply (e_ext E HE). intros d. cbn. rewrite (e_const E HE). replace (1 / 1) with 1 by field. rewrite ln_1. ring.
Qed.

Lemma constant_selected : forall {D : Type} (E : (D -> R) -> R), expectation E -> forall A : D -> bool,
  (forall d, A d = true) -> selected E [tt] constant_learner (fun _ => A) = 1.
Proof.
  intros D E HE A HA. unfold selected, constant_learner. transitivity (E (fun _ => 1)); [ | apply (e_one E HE) ].
  apply (e_ext E HE). intros d. cbn. rewrite HA. cbn. ring.
Qed.

(** ** Theorem 6 *)
Definition plus_minus (size : R) (_ : unit) (z : bool) : R := if z then size else - size.

Theorem theorem_6_false : ~ (forall (b delta : R) (E : (bool -> R) -> R) (l : unit -> bool -> R)
    (p : unit -> @sample bool 1 -> R), 0 < b -> 0 < delta < 1 -> expectation E -> learner [tt] p ->
  (forall h z, Rabs (l h z) <= b) -> exchangeable E 1 l ->
  selected (En E 1) [tt] p (fun _ D => negb (rleb (largest_gap E 1 l D) (2 * rademacher 1 l D
    + 6 / sqrt (INR 1) * sqrt (72 * b / delta * (information (En E 1) [tt] p + delta / 2 * ln (4 / delta)))))) <=
      delta).
Proof.
  intros H. pose proof (En_expectation fair_bit fair_bit_expectation 1) as HE.
  specialize (H 3000 (1 / 2) fair_bit (plus_minus 3000) constant_learner ltac:(lra) ltac:(lra) fair_bit_expectation
    (constant_learns _)).
  assert (S : forall f, supremum (fun h : unit => f h) = f tt).
  { intros f. apply Rle_antisym; [ apply (supremum_least tt); intros []; lra | ].
    apply (supremum_upper tt f (f tt)). intros []. lra. }
  rewrite (constant_selected (En fair_bit 1) HE) in H.
  - specialize (H ltac:(intros h z; unfold plus_minus; destruct z; apply Rabs_le; lra)).
    assert (1 <= 1 / 2); [ | lra ]. apply H. intros v Hl Hv. destruct v as [ | s [ | ]]; try discriminate.
    cbn [En values dot ssum fst snd]. unfold fair_bit. rewrite !S. unfold plus_minus.
    destruct (Hv s ltac:(left; reflexivity)) as [-> | ->]; [ rewrite cut_1 | rewrite cut_m1 ]; lra.
  - intros D. rewrite (constant_information _ HE). unfold rleb.
  destruct (Rle_dec _ _) as [Hle | ]; [ exfalso | reflexivity ].
    assert (G : largest_gap fair_bit 1 (plus_minus 3000) D = 3000).
    { unfold largest_gap. rewrite S. unfold fair_bit, plus_minus. destruct D as [[ | ] []]; cbn [ssum fst snd INR].
      - rewrite Rabs_left; lra.
      - rewrite Rabs_pos_eq; lra. }
    assert (Rd : rademacher 1 (plus_minus 3000) D = 0).
    { unfold rademacher. cbn [flips values dot INR]. rewrite !S, cut_1, cut_m1. field. }
    rewrite G, Rd in Hle. cbn [INR] in Hle.
    assert (2 * 0 + 6 / sqrt 1 * sqrt (72 * 3000 / (1 / 2) * (0 + 1 / 2 / 2 * ln (4 / (1 / 2)))) < 3000) by
      interval with (i_prec 40). lra.
Qed.

(** ** Theorem 5 *)
(** The members of a list err everywhere but on the list, if it has at most d members. *)
Definition errs (d : nat) (chosen : list nat) (z : nat) : bool :=
  negb (Nat.leb (length chosen) d && existsb (Nat.eqb z) chosen).

Lemma errs_dimension : forall d, vc_dimension_at_most (errs d) d.
Proof.
  intros d zs All.
  (* distinct points: a repeated one would err and not err *)
  assert (ND : NoDup zs).
  { apply (NoDup_nth zs 0%nat). intros i j Hi Hj E. destruct (Nat.eq_dec i j) as [ | N]; [ assumption | exfalso ].
    set (bs := map (fun k => Nat.eqb k i) (seq 0 (length zs))).
    destruct (All bs) as [h Hh]; [ unfold bs; rewrite map_length, seq_length; reflexivity | ].
    assert (Q : forall k, (k < length zs)%nat -> errs d h (nth k zs 0%nat) = Nat.eqb k i).
    { intros k Hk. transitivity (nth k (map (errs d h) zs) (errs d h 0%nat)); [ symmetry; apply map_nth | ].
      rewrite Hh. unfold bs. rewrite (nth_indep _ _ (Nat.eqb 0%nat i)) by (rewrite map_length, seq_length; exact Hk).
      rewrite (map_nth (fun k => Nat.eqb k i)), seq_nth by exact Hk. reflexivity. }
    pose proof (Q i Hi) as Qi. pose proof (Q j Hj) as Qj. rewrite E in Qi. rewrite Qi, Nat.eqb_refl in Qj.
    symmetry in Qj. apply Nat.eqb_eq in Qj. congruence. }
  destruct (All (repeat false (length zs)) ltac:(apply repeat_length)) as [h Hh].
  assert (Q : forall z, In z zs -> errs d h z = false).
  { intros z Hz. apply (repeat_spec (length zs)). rewrite <- Hh. apply in_map, Hz. }
  destruct zs as [ | z zs]; [ cbn; lia | ].
  assert (Ld : (length h <= d)%nat).
  { specialize (Q z (or_introl eq_refl)). unfold errs in Q. apply negb_false_iff, andb_true_iff in Q.
    apply Nat.leb_le, Q. }
  apply Nat.le_trans with (length h); [ | exact Ld ]. apply NoDup_incl_length; [ exact ND | ]. intros u Hu.
  specialize (Q u Hu). unfold errs in Q. apply negb_false_iff, andb_true_iff in Q. destruct Q as [_ Q].
  apply existsb_exists in Q. destruct Q as [y [Hy Ey]]. apply Nat.eqb_eq in Ey. congruence.
Qed.

Section Uniform.
Variable M : nat.
Hypothesis many : (0 < M)%nat.

(** uniform on M points *)
Definition uniform (f : nat -> R) : R := rsum f (seq 0 M) / INR M.

Lemma uniform_expectation : expectation uniform.
Proof.
  assert (0 < INR M) by (apply (lt_INR 0 M); exact many). unfold uniform. constructor.
  - intros f g Hfg. f_equal. apply rsum_ext. intros; apply Hfg.
  - intros f g _ _. rewrite rsum_add. field. lra.
  - intros c f _. rewrite rsum_scal. field. lra.
  - rewrite rsum_const, seq_length. field. lra.
  - intros f _ Hf. apply Rdiv_le_0_compat; [ apply rsum_nonneg; intros; apply Hf | lra ].
Qed.

Lemma uniform_fubini : forall (f : nat -> nat -> R) B, (forall z y, Rabs (f z y) <= B) ->
  uniform (fun z => uniform (fun y => f z y)) = uniform (fun y => uniform (fun z => f z y)).
Proof.
  intros f B _. assert (0 < INR M) by (apply (lt_INR 0 M); exact many). unfold uniform, Rdiv.
  assert (P : forall g : nat -> nat -> R, rsum (fun z => rsum (g z) (seq 0 M) * / INR M) (seq 0 M)
    = / INR M * rsum (fun z => rsum (g z) (seq 0 M)) (seq 0 M)).
  { intros g. rewrite <- rsum_scal. apply rsum_ext. intros; ring. }
  f_equal. etransitivity; [ apply (P f) | ]. rewrite rsum_swap. symmetry. apply (P (fun y z => f z y)).
Qed.

(** The indicator of the first d samples: mean error at least 1 - d/M, error frequency at most (m - d)/m. *)
Lemma gap_of_points : forall d m (D : @sample nat m), (d <= m)%nat -> (0 < m)%nat ->
  INR d / INR m - INR d / INR M <= largest_gap uniform m (fun chosen z => ind (errs d chosen z)) D.
Proof.
  intros d m D Hd Hm. assert (HM : 0 < INR M) by (apply (lt_INR 0 M); exact many).
  assert (Hm' : 0 < INR m) by (apply (lt_INR 0 m); exact Hm). pose proof uniform_expectation as HU.
  set (l := fun chosen z => ind (errs d chosen z)). set (h := firstn d (points m D)).
  assert (Lh : length h = d) by (unfold h; rewrite firstn_length, points_length; lia).
  assert (Mean : 1 - INR d / INR M <= uniform (l h)).
  { assert (S : rsum (fun z => 1 - l h z) (seq 0 M) <= INR d).
    { apply Rle_trans with (rsum (fun z => rsum (fun c => ind (Nat.eqb c z)) h) (seq 0 M)).
      - apply rsum_le. intros z _. unfold l, errs. rewrite Lh, Nat.leb_refl. cbn [andb].
        destruct (existsb (Nat.eqb z) h) eqn:Ex; cbn [negb ind].
        + apply existsb_exists in Ex. destruct Ex as [c [Hc Ec]]. apply Nat.eqb_eq in Ec. subst c.
          apply Rle_trans with (ind (Nat.eqb z z)); [ rewrite Nat.eqb_refl; cbn; lra | ].
          apply (rsum_member (fun c => ind (Nat.eqb c z))); [ exact Hc | ]. intros u _. unfold ind.
          destruct (Nat.eqb u z); lra.
        + rewrite Rminus_eq_0. apply rsum_nonneg. intros u _. unfold ind. destruct (Nat.eqb u z); lra.
      - rewrite rsum_swap, <- Lh, <- (Rmult_1_r (INR (length h))), <- rsum_const. apply rsum_le. intros c _.
        rewrite indicator_sum_between. destruct (_ && _)%bool; lra. }
    rewrite rsum_minus, rsum_const, seq_length in S. unfold uniform.
    apply Rmult_le_reg_r with (INR M); [ exact HM | ].
    replace ((1 - INR d / INR M) * INR M) with (INR M - INR d) by (field; lra).
    replace (rsum (l h) (seq 0 M) / INR M * INR M) with (rsum (l h) (seq 0 M)) by (field; lra). lra. }
  assert (Freq : ssum (l h) m D <= INR m - INR d).
  { assert (G : forall k (D : @sample nat k) e, (e <= k)%nat ->
      (forall z, In z (firstn e (points k D)) -> l h z = 0) -> ssum (l h) k D <= INR k - INR e).
    { induction k as [ | k IH]; intros D' e He H0; [ replace e with 0%nat by lia; cbn; lra | ]. cbn [ssum].
      rewrite S_INR. destruct e as [ | e].
      - assert (l h (fst D') <= 1) by (unfold l, ind; destruct (errs d h (fst D')); lra).
        specialize (IH (snd D') 0%nat ltac:(lia) ltac:(intros z [])). cbn [INR] in *. lra.
      - rewrite S_INR. rewrite (H0 (fst D')) by (cbn; left; reflexivity).
        specialize (IH (snd D') e ltac:(lia) ltac:(intros z Hz; apply H0; cbn; right; exact Hz)). lra. }
    apply (G m D d Hd). fold h. intros z Hz. unfold l, errs. rewrite Lh, Nat.leb_refl. cbn [andb].
    replace (existsb (Nat.eqb z) h) with true; [ reflexivity | symmetry ]. apply existsb_exists. exists z.
    split; [ exact Hz | apply Nat.eqb_refl ]. }
  apply Rle_trans with (Rabs (uniform (l h) - ssum (l h) m D / INR m)).
  - apply Rle_trans with (uniform (l h) - ssum (l h) m D / INR m); [ | apply Rle_abs ].
    assert (ssum (l h) m D / INR m <= 1 - INR d / INR m); [ | lra ].
    apply Rmult_le_reg_r with (INR m); [ exact Hm' | ].
    replace ((1 - INR d / INR m) * INR m) with (INR m - INR d) by (field; lra).
    replace (ssum (l h) m D / INR m * INR m) with (ssum (l h) m D) by (field; lra). exact Freq.
  - apply (supremum_upper [] (fun h => Rabs (uniform (l h) - ssum (l h) m D / INR m)) 2). intros h'.
    assert (B : forall z, 0 <= l h' z <= 1) by (intros z; unfold l, ind; destruct (errs d h' z); lra).
    assert (B' : forall z, Rabs (l h' z) <= 1) by (intros z; apply Rabs_le; specialize (B z); lra).
    pose proof (Rabs_between _ _ (e_abs uniform HU (l h') 1 B')).
    pose proof (Rabs_between _ _ (ssum_bound (l h') 1 B' m D)).
    assert (-1 <= ssum (l h') m D / INR m <= 1); [ | apply Rabs_le; lra ].
    split; apply Rmult_le_reg_r with (INR m); try exact Hm';
      replace (ssum (l h') m D / INR m * INR m) with (ssum (l h') m D) by (field; lra); lra.
Qed.

End Uniform.

Theorem theorem_5_false : ~ (forall (m d : nat) (delta : R) (E : (nat -> R) -> R) (error : list nat -> nat -> bool)
    (p : unit -> @sample nat m -> R), (d + 1 < m)%nat -> 0 < delta < 1 -> expectation E -> learner [tt] p ->
  vc_dimension_at_most error d -> exchangeable E m (centred error) ->
  selected (En E m) [tt] p (fun _ D => negb (rleb (largest_gap E m (fun h z => ind (error h z)) D)
    ((4 + sqrt (INR d * ln (2 * exp 1 * INR m / INR d))
      + sqrt (4 * 72 / delta * (information (En E m) [tt] p + delta * ln (2 / delta)))) / sqrt (2 * INR m)))) <=
        delta).
Proof.
  intros H. set (d := Z.to_nat 100000). set (m := Z.to_nat 100002). set (M := Z.to_nat 10000000).
  assert (Hd : INR d = 100000) by (unfold d; rewrite INR_IZR_INZ, Z2Nat.id by lia; reflexivity).
  assert (Hm : INR m = 100002) by (unfold m; rewrite INR_IZR_INZ, Z2Nat.id by lia; reflexivity).
  assert (HM : INR M = 10000000) by (unfold M; rewrite INR_IZR_INZ, Z2Nat.id by lia; reflexivity).
  clearbody d m M.
  assert (M0 : (0 < M)%nat) by (apply INR_lt; rewrite HM; cbn; lra).
  assert (Hdm : (d + 1 < m)%nat) by (apply INR_lt; rewrite plus_INR, Hd, Hm; cbn; lra).
  pose proof (uniform_expectation M M0) as HU. pose proof (En_expectation _ HU m) as HE.
  specialize (H m d (1 / 2) (uniform M) (errs d) constant_learner Hdm ltac:(lra) HU (constant_learns _)
    (errs_dimension d)).
  specialize (H (fubini_exchangeable (uniform M) HU ([], true) (uniform_fubini M M0) (centred (errs d)) (1 / 2)
    (centred_range (errs d)) m)).
  rewrite (constant_selected _ HE) in H; [ lra | ]. intros D. rewrite (constant_information _ HE).
  pose proof (gap_of_points M M0 d m D ltac:(lia) ltac:(lia)) as G. rewrite Hd, Hm, HM in *.
  unfold rleb. destruct (Rle_dec _ _) as [Hle | ]; [ exfalso | reflexivity ].
  assert ((4 + sqrt (100000 * ln (2 * exp 1 * 100002 / 100000)) + sqrt (4 * 72 / (1 / 2) * (0 + 1 / 2 * ln (2 / (1 /
    2)))))
    / sqrt (2 * 100002) < 98 / 100) by interval with (i_prec 40). lra.
Qed.
