(** From events to a law for a learner with masks: a fit of low loss forces an event that depends on the mask and the
    data alone, unless the sample is bad; only the mask is paid for, with an exponent of its dependence on the data.
    *)
From NoFreePrune Require Export Exponents Refinement.

Section MaskLaw.
Context {Data Wt : Type} (E : (Data -> R) -> R) (HE : expectation E).
Variables (mask : Wt -> nat) (masks : nat).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Variable learn : Data -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

(** the probability of a mask, given the data *)
Definition chosen (m : nat) (D : Data) : R := learn D (fun w => ind (mask w =? m)%nat).

Lemma learned_range : forall D (A : Wt -> bool), 0 <= learn D (fun w => ind (A w)) <= 1.
Proof.
  intros D A. split; [ apply (e_ge_const _ (learns D)) | apply (e_le_const _ (learns D)) ]; try apply bounded_ind;
    intros w; unfold ind; destruct (A w); lra.
Qed.

Lemma chosen_learner : learner (seq 0 masks) chosen.
Proof.
  constructor.
  - intros m D. apply learned_range.
  - intros D. unfold chosen. rewrite <- (e_rsum (learn D) (learns D) (fun m w => ind (mask w =? m)%nat))
      by (intros; apply bounded_ind).
    transitivity (learn D (fun _ => 1)); [ | apply (e_one _ (learns D)) ].
    apply (e_ext _ (learns D)). intros w. apply indicator_sum, finitely_many_masks.
Qed.

Variables (fits : Wt -> Data -> bool) (bad : Data -> bool) (hit : nat -> Data -> bool).
Hypothesis forced : forall w D, fits w D = true -> bad D = false -> hit (mask w) D = true.

Lemma law_of_masks : forall R0 delta1 delta2, exponent E (seq 0 masks) chosen R0 delta2 ->
  (forall m, (m < masks)%nat -> E (fun D => ind (hit m D)) <= exp (- R0)) -> E (fun D => ind (bad D)) <= delta1 ->
  E (fun D => learn D (fun w => ind (fits w D))) <= delta1 + delta2.
Proof.
  intros R0 delta1 delta2 Hexp Hhit Hbad. pose proof chosen_learner as HL.
  assert (Hsel : selected E (seq 0 masks) chosen hit <= delta2).
  { apply Hexp. intros m Hm. apply in_seq in Hm. apply Hhit. lia. }
  assert (BP : forall m, bounded (chosen m)) by apply (bounded_p _ _ HL).
  apply Rle_trans with (E (fun D => ind (bad D) + rsum (fun m => chosen m D * ind (hit m D)) (seq 0 masks))).
  - apply (e_mono E HE).
    + exists 1. intros D. apply Rabs_le. pose proof (learned_range D (fun w => fits w D)). lra.
    + apply bounded_plus; [ bnd | apply bounded_rsum; intros m; specialize (BP m); bnd ].
    + intros D. unfold chosen.
      rewrite (rsum_ext (fun m => learn D (fun w => ind (mask w =? m)%nat) * ind (hit m D))
        (fun m => learn D (fun w => ind (hit m D) * ind (mask w =? m)%nat)))
        by (intros m _; rewrite (e_scal _ (learns D)) by bnd; ring).
      rewrite <- (e_rsum _ (learns D) (fun m w => ind (hit m D) * ind (mask w =? m)%nat)) by (intros; bnd).
      rewrite <- (e_const _ (learns D) (ind (bad D))), <- (e_add _ (learns D)) by (bnd; apply bounded_rsum; intros;
        bnd).
      apply (e_mono _ (learns D)); [ bnd | bnd; apply bounded_rsum; intros; bnd | ]. intros w.
      assert (P : forall m, In m (seq 0 masks) -> 0 <= ind (hit m D) * ind (mask w =? m)%nat).
      { intros m _. unfold ind. destruct (hit m D), (mask w =? m)%nat; lra. }
      pose proof (rsum_nonneg _ _ P) as P0. pose proof (ind_range (bad D)) as Pb.
      destruct (fits w D) eqn:Hfit; cbn [ind]; [ | lra ]. destruct (bad D) eqn:Hb; cbn [ind]; [ lra | ].
      pose proof (rsum_member _ _ (mask w) (proj2 (in_seq masks 0 (mask w))
        ltac:(specialize (finitely_many_masks w); lia)) P) as Q.
      cbv beta in Q. rewrite (forced w D Hfit Hb), Nat.eqb_refl in Q. cbn [ind] in Q. lra.
  - rewrite (e_add E HE) by (bnd; apply bounded_rsum; intros m; specialize (BP m); bnd).
    apply Rplus_le_compat; [ exact Hbad | exact Hsel ].
Qed.

(** A union of finitely many events of the same bound. *)
Lemma union_bound : forall {T : Type} (B : T -> Data -> bool) q ts, (forall t,
  In t ts -> E (fun D => ind (B t D)) <= q) ->
  E (fun D => ind (existsb (fun t => B t D) ts)) <= INR (length ts) * q.
Proof.
  intros T B q ts Hq. apply Rle_trans with (E (fun D => rsum (fun t => ind (B t D)) ts)).
  - apply (e_mono E HE); [ bnd | apply bounded_rsum; intros; bnd | ]. intros D.
    assert (P : forall t, In t ts -> 0 <= ind (B t D)) by (intros t _; apply ind_range).
    destruct (existsb _ ts) eqn:Hb; cbn [ind]; [ | apply rsum_nonneg, P ].
    apply existsb_exists in Hb. destruct Hb as [t [Hin Hb]].
    pose proof (rsum_member (fun t => ind (B t D)) _ t Hin P) as Q. cbv beta in Q. rewrite Hb in Q. exact Q.
  - rewrite (e_rsum E HE (fun t D => ind (B t D))) by (intros; bnd). rewrite <- rsum_const. apply rsum_le. exact Hq.
Qed.

Lemma union_at_most : forall A B a b, E (fun D => ind (A D)) <= a -> E (fun D => ind (B D)) <= b ->
  E (fun D => ind (A D || B D)) <= a + b.
Proof.
  intros A B a b Ha Hb. apply Rle_trans with (E (fun D => ind (A D) + ind (B D))).
  - apply (e_mono E HE); [ bnd | bnd | ]. intros D. destruct (A D), (B D); cbn; lra.
  - rewrite (e_add E HE) by bnd. lra.
Qed.

End MaskLaw.
