(** Equation (1) of "The Price of Robustness", sharper: with probability 1 - delta no risk of a class exceeds the
    empirical one by more than 2 Rad + a sqrt(log(1/delta)/(2 n)), for losses in [0, a].

    Rad is the mean over samples and signs, without an absolute value; it is at most the printed one. The printed
    deviation is a sqrt(2 log(2/delta)/n). *)
From NoFreePrune Require Export Symmetrisation.
From Coquelicot Require Import Rcomplements.

Section Deviation.
Context {Z F : Type} (E : (Z -> R) -> R) (samples_law : expectation E) (member : F) (n : nat).
Hypothesis samples : (0 < n)%nat.
Variables (l : F -> Z -> R) (a : R).
Hypothesis a_pos : 0 < a.
Hypothesis losses : forall h z, 0 <= l h z <= a.
Hypothesis exchange : exchangeable E n l.

(** One sample changes n sup (R - R^) by at most a. *)
Lemma excess_differences : forall m (c : F -> R) M, (forall h, Rabs (c h) <= M) ->
  differences a m (fun D => supremum (fun h => c h - ssum (l h) m D)).
Proof.
  assert (Bl : forall h z, Rabs (l h z) <= a) by (intros h z; apply Rabs_le; specialize (losses h z); lra).
  induction m as [ | m IH]; intros c M Hc; cbn [differences]; [ exact I | ]. split.
  - intros x y D. cbn [ssum fst snd].
    assert (supremum (fun h => c h - (l h x + ssum (l h) m D)) <= supremum (fun h => c h - (l h y + ssum (l h) m D))
      + a);
      [ | lra ].
    apply (supremum_move member _ _ (M + a + INR m * a)); intros h.
    + pose proof (Rabs_between _ _ (Hc h)). pose proof (Rabs_between _ _ (Bl h y)).
      pose proof (Rabs_between _ _ (ssum_bound (l h) a (Bl h) m D)). lra.
    + pose proof (losses h x). pose proof (losses h y). lra.
  - intros x. cbn [ssum fst snd].
    assert (Hc' : forall h, Rabs (c h - l h x) <= M + a).
    { intros h. apply Rabs_le. pose proof (Rabs_between _ _ (Hc h)). pose proof (losses h x). lra. }
    specialize (IH (fun h => c h - l h x) (M + a) Hc').
    assert (Ext : forall k (Y1 Y2 : @sample Z k -> R), (forall D,
      Y1 D = Y2 D) -> differences a k Y1 -> differences a k Y2).
    { induction k as [ | k IHk]; intros Y1 Y2 H H1; cbn in *; [ exact I | ]. destruct H1 as [A B]. split.
      - intros u v D. rewrite <- !H. apply A.
      - intros u. apply (IHk (fun D => Y1 (u, D))); auto. }
    apply (Ext _ (fun D => supremum (fun h => c h - l h x - ssum (l h) m D))); [ | exact IH ].
    intros D. apply supremum_ext. intros h. ring.
Qed.

Theorem equation_1_sharp : forall delta, 0 < delta < 1 ->
  En E n (fun D => ind (rleb (2 * En E n (rademacher n l) + a * sqrt (- ln delta / (2 * INR n)))
    (supremum (fun h => E (l h) - ssum (l h) n D / INR n)))) <= delta.
Proof.
  intros delta Hd. assert (HN : 0 < INR n) by (apply (lt_INR 0 n); exact samples). pose proof (ln_neg delta Hd) as Ld.
  pose proof (En_expectation E samples_law n) as HE. set (u := a * sqrt (- ln delta / (2 * INR n))).
  assert (Hr : 0 <= - ln delta / (2 * INR n)) by (apply Rdiv_le_0_compat; lra).
  assert (Hu : 0 <= u) by (apply Rmult_le_pos; [ lra | apply sqrt_pos ]).
  assert (Bl : forall h z, Rabs (l h z) <= a) by (intros h z; apply Rabs_le; specialize (losses h z); lra).
  set (Y := fun D => supremum (fun h => INR n * E (l h) - ssum (l h) n D)).
  assert (Em : forall h, Rabs (INR n * E (l h)) <= INR n * a).
  { intros h. rewrite Rabs_mult, (Rabs_pos_eq (INR n)) by lra. apply Rmult_le_compat_l; [ lra | ].
    apply (e_abs E samples_law), Bl. }
  assert (UY : forall D h, Rabs (INR n * E (l h) - ssum (l h) n D) <= 2 * (INR n * a)).
  { intros D h. apply Rabs_le. pose proof (Rabs_between _ _ (Em h)).
    pose proof (Rabs_between _ _ (ssum_bound (l h) a (Bl h) n D)). lra. }
  assert (BY : bounded Y) by (exists (2 * (INR n * a)); intros D; apply (supremum_abs member), UY).
  pose proof (symmetrisation E samples_law member n samples l a Bl exchange) as Sy. fold Y in Sy.
  pose proof (one_sided E samples_law n Y a BY (excess_differences n (fun h => INR n * E (l h)) (INR n * a) Em) a_pos
    samples 1 (INR n * u) (or_introl eq_refl) ltac:(apply Rmult_le_pos; lra)) as T.
  eapply Rle_trans; [ | eapply Rle_trans; [ exact T | ] ].
  - apply (e_mono _ HE); [ bnd | bnd | ]. intros D. set (r := En E n (rademacher n l)) in *.
    assert (G : INR n * supremum (fun h => E (l h) - ssum (l h) n D / INR n) <= Y D).
    { assert (supremum (fun h => E (l h) - ssum (l h) n D / INR n) <= Y D / INR n).
      { apply (supremum_least member). intros h. apply Rmult_le_reg_l with (INR n); [ exact HN | ].
        replace (INR n * (Y D / INR n)) with (Y D) by (field; lra).
        replace (INR n * (E (l h) - ssum (l h) n D / INR n)) with (INR n * E (l h) - ssum (l h) n D) by (field; lra).
        apply (supremum_upper member (fun h => INR n * E (l h) - ssum (l h) n D) (2 * (INR n * a))).
        intros h'. apply Rabs_between, UY. }
      apply Rmult_le_compat_l with (r := INR n) in H; [ | lra ].
      replace (INR n * (Y D / INR n)) with (Y D) in H by (field; lra). exact H. }
    unfold ind, rleb. destruct (Rle_dec _ (supremum _)) as [H | H]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec _ _) as [ | H']; [ lra | exfalso; apply H' ].
    apply Rmult_le_compat_l with (r := INR n) in H; [ | lra ]. lra.
  - apply Rle_trans with (exp (ln delta)); [ | rewrite exp_ln; lra ]. apply exp_le, Req_le. unfold u.
    rewrite !Rpow_mult_distr, pow2_sqrt by exact Hr. field. split; lra.
Qed.

End Deviation.
