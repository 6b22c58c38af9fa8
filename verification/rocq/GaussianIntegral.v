(** The integral of exp(-u^2/2) from 0: monotone, odd, bounded, and close to a polynomial between -1.33 and 1.33. *)
From NoFreePrune Require Export LayerCake.
From Coquelicot Require Import Coquelicot.
From NoFreePrune Require Import Intervals.

Definition gs (x : R) : R := RInt (fun u => exp (- (u ^ 2 / 2))) 0 x.

Lemma is_derive_gs : forall x, is_derive gs x (exp (- (x ^ 2 / 2))).
Proof.
  intros x. unfold gs.
  apply (is_derive_RInt (fun u => exp (- (u ^ 2 / 2))) (fun y => RInt (fun u => exp (- (u ^ 2 / 2))) 0 y) 0 x).
  - apply filter_forall. intros b. apply (@RInt_correct R_CompleteNormedModule).
    apply (@ex_RInt_continuous R_CompleteNormedModule). intros z _.
    apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
  - apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
Qed.

Lemma gs_0 : gs 0 = 0. Proof. unfold gs. apply (@RInt_point R_CompleteNormedModule). Qed.

Lemma gs_mono : forall a b, a <= b -> gs a <= gs b.
Proof. intros a b H. apply (mono_le gs (fun x => exp (- (x ^ 2 / 2)))); [ exact H | intros;
apply is_derive_gs | intros; left; apply exp_pos ]. Qed.

Lemma gs_opp : forall x, gs (- x) = - gs x.
Proof.
  assert (D : forall y, is_derive (fun x => gs x + gs (- x)) y 0).
  { intros y. replace 0 with (exp (- (y ^ 2 / 2)) + (-1) * exp (- ((- y) ^ 2 / 2)))
    by (replace ((- y) ^ 2) with (y ^ 2) by ring; ring).
    apply (is_derive_plus gs (fun x => gs (- x))); [ apply is_derive_gs | ].
    apply (is_derive_comp gs (fun x => - x)); [ apply is_derive_gs | auto_derive; [ exact I | ring ] ]. }
  assert (P : forall x, 0 <= x -> gs x + gs (- x) = 0).
  { intros x Hx. apply Rle_antisym.
    - apply Ropp_le_cancel. rewrite Ropp_0. replace 0 with (- (gs 0 + gs (- 0))) by (rewrite Ropp_0, gs_0; ring).
      apply (mono_le (fun x => - (gs x + gs (- x))) (fun _ => 0)); [ exact Hx | | intros; lra ].
      intros y _. replace 0 with (- 0) by ring. apply (is_derive_opp (fun x => gs x + gs (- x))), D.
    - replace 0 with (gs 0 + gs (- 0)) by (rewrite Ropp_0, gs_0; ring).
      apply (mono_le (fun x => gs x + gs (- x)) (fun _ => 0)); [ exact Hx | intros; apply D | intros; lra ]. }
  intros x. destruct (Rle_lt_dec 0 x) as [Hx | Hx]; [ specialize (P x Hx); lra | ].
  specialize (P (- x) ltac:(lra)). rewrite Ropp_involutive in P. lra.
Qed.

Lemma gs5 : 1253312 / 1000000 <= gs 5 <= 1253315 / 1000000.
Proof. unfold gs. split; integral with (i_prec 40, i_fuel 200). Qed.

Lemma gs_le : forall x, gs x <= 125332 / 100000.
Proof.
  intros x. pose proof gs5 as G5. destruct (Rle_lt_dec x 5) as [Hx | Hx]; [ pose proof (gs_mono x 5 Hx); lra | ].
  assert (H : - (gs 5 + exp (- (5 ^ 2 / 2)) / 5) <= - (gs x + exp (- (x ^ 2 / 2)) / 5)).
  { apply (mono_le (fun x => - (gs x + exp (- (x ^ 2 / 2)) / 5)) (fun x => - (exp (- (x ^ 2 / 2)) * (1 - x / 5))));
    [ lra | | ].
    - intros y _. apply (is_derive_opp (fun x => gs x + exp (- (x ^ 2 / 2)) / 5)).
      replace (exp (- (y ^ 2 / 2)) * (1 - y / 5)) with (exp (- (y ^ 2 / 2)) + - y * exp (- (y ^ 2 / 2)) / 5) by field.
      apply (is_derive_plus gs (fun x => exp (- (x ^ 2 / 2)) / 5)); [ apply is_derive_gs | auto_derive;
      [ exact I | replace (y * (y * 1)) with (y ^ 2) by ring; unfold Rdiv; field ] ].
    - intros y Hy. pose proof (exp_pos (- (y ^ 2 / 2))). nra. }
  pose proof (exp_pos (- (x ^ 2 / 2))). assert (exp (- (5 ^ 2 / 2)) / 5 <= 1 / 1000000) by interval with (i_prec
    40). lra.
Qed.

Lemma gs_ge : forall x, - (125332 / 100000) <= gs x.
Proof. intros x. pose proof (gs_le (- x)) as H. rewrite gs_opp in H. lra. Qed.

Definition P15 (x : R) := x - x^3/6 + x^5/40 - x^7/336 + x^9/3456 - x^11/42240 + x^13/599040 - x^15/9676800.
Definition P14 (x : R) := 1 - x^2/2 + x^4/8 - x^6/48 + x^8/384 - x^10/3840 + x^12/46080 - x^14/645120.

Lemma P14_close : forall x, -133/100 <= x <= 133/100 -> Rabs (P14 x - exp (- (x ^ 2 / 2))) <= 1/80000.
Proof. intros. unfold P14. interval with (i_prec 40, i_bisect x, i_taylor x). Qed.

Lemma gs_close : forall y, -133/100 <= y <= 133/100 -> exists e, -1/50000 <= e <= 1/50000 /\ gs y = P15 y + e.
Proof.
  intros y Hy. exists (gs y - P15 y). split; [ | ring ].
  assert (D : forall x, is_derive (fun x => gs x - P15 x) x (exp (- (x ^ 2 / 2)) - P14 x)).
  { intros x. apply (is_derive_minus gs P15); [ apply is_derive_gs | ].
    unfold P15, P14. auto_derive; [ exact I | field ]. }
  destruct (MVT_gen (fun x => gs x - P15 x) 0 y (fun x => exp (- (x ^ 2 / 2)) - P14 x)) as [c [Hc Hc2]].
  - intros x _. apply D.
  - intros x _. apply derivable_continuous_pt. exists (exp (- (x ^ 2 / 2)) - P14 x). apply is_derive_Reals, D.
  - assert (P15 0 = 0) by (unfold P15; field). rewrite gs_0, H in Hc2.
    assert (Hcr : -133/100 <= c <= 133/100). { destruct Hc. unfold Rmin, Rmax in *. destruct (Rle_dec 0 y); lra. }
    pose proof (P14_close c Hcr) as Q. apply Rabs_between in Q. nra.
Qed.

Definition t0 : R := sqrt (2 * ln 2).

Lemma t0_range : 11774 / 10000 <= t0 <= 11775 / 10000. Proof. unfold t0. split; interval with (i_prec 40). Qed.

Lemma t0_sq : t0 ^ 2 = 2 * ln 2. Proof. unfold t0. apply pow2_sqrt. interval with (i_prec 40). Qed.

Lemma gs_t0 : 953731 / 1000000 <= gs t0 <= 953733 / 1000000.
Proof. unfold gs, t0. split; integral with (i_prec 40). Qed.

