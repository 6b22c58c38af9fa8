(** Suprema over a class, its empirical Rademacher average, symmetrisation and contraction: what Theorems 5 and 6 of
    "No Free Prune" rest on.

    Expectations here are of all bounded functions, so that the order of two of them may matter. Symmetrisation
    exchanges the samples z_i with ghost samples z'_i; that this leaves the mean of the supremum as it is, is the
    hypothesis [exchangeable]: by Fubini it holds where the supremum is measurable, and it cannot be left out (initial
    segments of a well-ordering have VC dimension 1 and a gap of 1). *)
From NoFreePrune Require Export Equation12 Equation13.
From Coquelicot Require Import Coquelicot.

(** ** Suprema *)
Section Supremum.
Context {F : Type} (member : F).

Definition supremum (f : F -> R) : R := real (Lub_Rbar (fun r => exists h, r = f h)).

Lemma supremum_is_lub : forall f c, (forall h, f h <= c) -> is_lub_Rbar (fun r => exists h, r = f h) (supremum f).
Proof.
  intros f c Hc. unfold supremum. pose proof (Lub_Rbar_correct (fun r => exists h, r = f h)) as L.
  pose proof (proj1 L (f member) (ex_intro _ member eq_refl)) as Low.
  assert (Up : Rbar_le (Lub_Rbar (fun r => exists h, r = f h)) c).
  { apply (proj2 L). intros r [h ->]. apply Hc. }
  destruct (Lub_Rbar (fun r => exists h, r = f h)) as [r | | ]; [ exact L | contradiction | contradiction ].
Qed.

Lemma supremum_upper : forall f c h, (forall h, f h <= c) -> f h <= supremum f.
Proof. intros f c h Hc. apply (proj1 (supremum_is_lub f c Hc)). exists h. reflexivity. Qed.

Lemma supremum_least : forall f c, (forall h, f h <= c) -> supremum f <= c.
Proof. intros f c Hc. apply (proj2 (supremum_is_lub f c Hc) c). intros r [h ->]. apply Hc. Qed.

Lemma supremum_abs : forall f c, (forall h, Rabs (f h) <= c) -> Rabs (supremum f) <= c.
Proof.
  intros f c Hc. assert (U : forall h, f h <= c) by (intros h; specialize (Hc h); apply Rabs_between in Hc; lra).
  apply Rabs_le. split; [ | apply supremum_least, U ].
  apply Rle_trans with (f member); [ specialize (Hc member); apply Rabs_between in Hc; lra | ].
  apply (supremum_upper f c member U).
Qed.

Lemma supremum_move : forall f g c e, (forall h, g h <= c) -> (forall h, f h <= g h + e) ->
  supremum f <= supremum g + e.
Proof.
  intros f g c e Hc Hm. apply supremum_least. intros h. eapply Rle_trans; [ apply Hm | ].
  apply Rplus_le_compat_r, (supremum_upper g c h Hc).
Qed.

Lemma supremum_ext : forall f g, (forall h, f h = g h) -> supremum f = supremum g.
Proof.
  intros f g H. unfold supremum. f_equal. apply Lub_Rbar_eqset. intros r. split; intros [h ->]; exists h; auto.
Qed.

End Supremum.

(** ** Signs *)
Definition signs (v : list R) : Prop := forall s, In s v -> s = 1 \/ s = -1.

Lemma signs_cons : forall s v, s = 1 \/ s = -1 -> signs v -> signs (s :: v).
Proof. intros s v Hs Hv t [<- | Ht]; [ exact Hs | apply Hv, Ht ]. Qed.

Lemma flips_le : forall m f g, (forall v, length v = m -> signs v -> f v <= g v) -> flips m f <= flips m g.
Proof.
  induction m as [ | m IH]; intros f g H; cbn [flips]; [ apply H; [ reflexivity | intros s [] ] | ].
  assert (flips m (fun v => f (1 :: v)) <= flips m (fun v => g (1 :: v))).
  { apply IH. intros v Hl Hv. apply H; [ cbn; congruence | apply signs_cons; [ auto | exact Hv ] ]. }
  assert (flips m (fun v => f (-1 :: v)) <= flips m (fun v => g (-1 :: v))); [ | lra ].
  apply IH. intros v Hl Hv. apply H; [ cbn; congruence | apply signs_cons; [ auto | exact Hv ] ].
Qed.

Lemma flips_eq : forall m f g, (forall v, length v = m -> signs v -> f v = g v) -> flips m f = flips m g.
Proof. intros m f g H. apply Rle_antisym; apply flips_le; intros v Hl Hv; rewrite H by assumption; lra. Qed.

Lemma flips_add : forall m f g, flips m (fun v => f v + g v) = flips m f + flips m g.
Proof. induction m as [ | m IH]; intros f g; cbn [flips]; [ reflexivity | rewrite !IH; field ]. Qed.

Lemma flips_scal : forall m c f, flips m (fun v => c * f v) = c * flips m f.
Proof. induction m as [ | m IH]; intros c f; cbn [flips]; [ reflexivity | rewrite !IH; field ]. Qed.

Lemma flips_constant : forall m c, flips m (fun _ => c) = c.
Proof. induction m as [ | m IH]; intros c; cbn [flips]; [ reflexivity | rewrite !IH; field ]. Qed.

(** -sigma has the law of sigma *)
Lemma flips_opposite : forall m f, flips m (fun v => f (map Ropp v)) = flips m f.
Proof.
  induction m as [ | m IH]; intros f; cbn [flips map]; [ reflexivity | ].
  rewrite (IH (fun v => f (Ropp 1 :: v))), (IH (fun v => f (Ropp (-1) :: v))).
  replace (Ropp (-1)) with 1 by ring. replace (Ropp 1) with (-1) by ring. field.
Qed.

Lemma flips_expected : forall {D : Type} (E : (D -> R) -> R) (HE : expectation E) m (f : list R -> D -> R),
  (forall v, bounded (f v)) -> E (fun d => flips m (fun v => f v d)) = flips m (fun v => E (f v))
  /\ bounded (fun d => flips m (fun v => f v d)).
Proof.
  intros D E HE. induction m as [ | m IH]; intros f B; cbn [flips]; [ split; [ reflexivity | apply B ] | ].
  destruct (IH (fun v => f (1 :: v)) (fun v => B _)) as [E1 B1].
  destruct (IH (fun v => f (-1 :: v)) (fun v => B _)) as [E2 B2]. split; [ | bnd ].
  rewrite (e_ext E HE _ (fun d => / 2 * (flips m (fun v => f (1 :: v) d) + flips m (fun v => f (-1 :: v) d))))
    by (intros; field).
  rewrite (e_scal E HE), (e_add E HE), E1, E2 by bnd. field.
Qed.

(** ** Values on a sample *)
Section Values.
Context {Z : Type}.

Fixpoint values (l : Z -> R) (m : nat) : @sample Z m -> list R :=
  match m with O => fun _ => [] | S m' => fun D => l (fst D) :: values l m' (snd D) end.

Lemma values_length : forall l m D, length (values l m D) = m.
Proof. induction m as [ | m IH]; intros D; cbn; [ reflexivity | rewrite IH; reflexivity ]. Qed.

Lemma values_ext : forall l k m D, (forall z, l z = k z) -> values l m D = values k m D.
Proof. intros l k m D H. induction m as [ | m IH]; cbn; [ reflexivity | rewrite H, IH; reflexivity ]. Qed.

Lemma dot_values_bound : forall l b, (forall z, Rabs (l z) <= b) -> forall m D v,
  Rabs (dot (values l m D) v) <= INR m * b.
Proof.
  intros l b Hb. induction m as [ | m IH]; intros D v.
  - cbn. rewrite Rabs_R0. lra.
  - rewrite S_INR. destruct v as [ | s v]; cbn [values dot].
    + rewrite Rabs_R0. pose proof (pos_INR m). pose proof (Rabs_pos (l (fst D))). specialize (Hb (fst D)). nra.
    + eapply Rle_trans; [ apply Rabs_triang | ]. specialize (IH (snd D) v). rewrite Rabs_mult.
      assert (Rabs (cut s) <= 1) by (apply Rabs_le, cut_range). specialize (Hb (fst D)).
      pose proof (Rabs_pos (l (fst D))). pose proof (Rabs_pos (cut s)). nra.
Qed.

Lemma ssum_bound : forall l b, (forall z, Rabs (l z) <= b) -> forall m (D : @sample Z m),
  Rabs (ssum l m D) <= INR m * b.
Proof.
  intros l b Hb. induction m as [ | m IH]; intros D; [ cbn; rewrite Rabs_R0; lra | ].
  rewrite S_INR. cbn [ssum]. eapply Rle_trans; [ apply Rabs_triang | ].
  specialize (IH (snd D)). specialize (Hb (fst D)). lra.
Qed.

Lemma cut_opp : forall s, cut (- s) = - cut s.
Proof. intros s. unfold cut, Rmax, Rmin. repeat destruct Rle_dec; lra. Qed.

Lemma dot_opposite : forall a v, dot a (map Ropp v) = - dot a v.
Proof.
  induction a as [ | x a IH]; intros [ | s v]; cbn [dot map]; try ring. rewrite IH, cut_opp. ring.
Qed.

Lemma dot_opp_values : forall l m D v, dot (values (fun z => - l z) m D) v = - dot (values l m D) v.
Proof.
  induction m as [ | m IH]; intros D [ | s v]; cbn [values dot]; try ring. rewrite IH. ring.
Qed.

Lemma En_ssum : forall (E : (Z -> R) -> R) (HE : expectation E) l m, bounded l -> En E m (ssum l m) = INR m * E l.
Proof.
  intros E HE l m B. pose proof (bounded_ssum l) as BS. induction m as [ | m IH]; [ cbn; ring | ].
  pose proof (En_expectation E HE m) as HN. cbn [En ssum fst snd].
  rewrite (e_ext E HE _ (fun z => l z + INR m * E l)).
  - rewrite (e_add E HE), (e_const E HE), S_INR by bnd. ring.
  - intros z. rewrite (e_add _ HN), (e_const _ HN), IH by (try apply BS; bnd). reflexivity.
Qed.

End Values.

(** ** Rademacher averages *)
Section Class.
Context {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) (member : F) (m : nat).
Hypothesis samples : (0 < m)%nat.
Variables (l : F -> Z -> R) (b : R).
Hypothesis losses : forall h z, Rabs (l h z) <= b.
Let EN := En E m.
Let HN : expectation EN := En_expectation E HE m.

(** Rad_D(l) = E sup_h mean sigma_i l_h(z_i), without an absolute value *)
Definition rademacher (D : @sample Z m) : R :=
  flips m (fun v => supremum (fun h => dot (values (l h) m D) v)) / INR m.

(** E_D E_D' sup_h sum_i sigma_i (l_h(z'_i) - l_h(z_i)) is the same for all signs sigma. *)
Definition exchangeable : Prop := forall v, length v = m -> signs v ->
  En E m (fun D => En E m (fun D' => supremum (fun h => dot (values (l h) m D') v - dot (values (l h) m D) v)))
  = En E m (fun D => En E m (fun D' => supremum (fun h => ssum (l h) m D' - ssum (l h) m D))).

Lemma b_nonneg : inhabited Z -> 0 <= b.
Proof. intros [z]. pose proof (losses member z). pose proof (Rabs_pos (l member z)). lra. Qed.

Lemma bounded_loss : forall h, bounded (l h).
Proof. intros h. exists b. apply losses. Qed.

Lemma bounded_sup_dot : forall v, bounded (fun D : @sample Z m => supremum (fun h => dot (values (l h) m D) v)).
Proof.
  intros v. exists (INR m * b). intros D. apply (supremum_abs member). intros h. apply dot_values_bound, losses.
Qed.

Lemma bounded_rademacher : bounded rademacher.
Proof.
  apply bounded_div. apply (flips_expected EN HN m (fun v D => supremum (fun h => dot (values (l h) m D) v))).
  intros v. apply bounded_sup_dot.
Qed.

Theorem symmetrisation : exchangeable ->
  EN (fun D => supremum (fun h => INR m * E (l h) - ssum (l h) m D)) <= 2 * INR m * EN rademacher.
Proof.
  intros X. assert (HM : 0 < INR m) by (apply (lt_INR 0 m); exact samples).
  assert (Bl : forall h D, Rabs (ssum (l h) m D) <= INR m * b) by (intros h D; apply ssum_bound, losses).
  set (G := fun v (D D' : @sample Z m) => supremum (fun h => dot (values (l h) m D') v - dot (values (l h) m D) v)).
  set (S := fun v (D : @sample Z m) => supremum (fun h => dot (values (l h) m D) v)).
  assert (BG : forall v D D', Rabs (G v D D') <= 2 * (INR m * b)).
  { intros v D D'. apply (supremum_abs member). intros h. apply Rabs_le.
    pose proof (Rabs_between _ _ (dot_values_bound (l h) b (losses h) m D v)).
    pose proof (Rabs_between _ _ (dot_values_bound (l h) b (losses h) m D' v)). lra. }
  assert (BG1 : forall v D, bounded (G v D)) by (intros v D; exists (2 * (INR m * b)); apply BG).
  assert (BG2 : forall v, bounded (fun D => EN (G v D))).
  { intros v. exists (2 * (INR m * b)). intros D. apply (e_abs EN HN), BG. }
  (* a ghost sample *)
  apply Rle_trans with (EN (fun D => EN (fun D' => supremum (fun h => ssum (l h) m D' - ssum (l h) m D)))).
  { assert (BU : forall D D', Rabs (supremum (fun h => ssum (l h) m D' - ssum (l h) m D)) <= 2 * (INR m * b)).
    { intros D D'. apply (supremum_abs member). intros h. apply Rabs_le.
      pose proof (Rabs_between _ _ (Bl h D)). pose proof (Rabs_between _ _ (Bl h D')). lra. }
    apply (e_mono EN HN).
    - exists (2 * (INR m * b)). intros D. apply (supremum_abs member). intros h.
      pose proof (e_abs E HE (l h) b (losses h)) as A. apply Rabs_between in A.
      pose proof (Rabs_between _ _ (Bl h D)).
      apply Rabs_le. nra.
    - exists (2 * (INR m * b)). intros D. apply (e_abs EN HN), BU.
    - intros D. apply (supremum_least member). intros h.
      rewrite <- (En_ssum E HE (l h) m (bounded_loss h)). fold EN.
      rewrite <- (e_const EN HN (ssum (l h) m D)) at 1.
      assert (bounded (ssum (l h) m)) by (exists (INR m * b); apply Bl).
      rewrite <- (e_minus EN HN) by bnd.
      apply (e_mono EN HN); [ bnd | exists (2 * (INR m * b)); apply BU | ].
      intros D'. apply (supremum_upper member (fun h => ssum (l h) m D' - ssum (l h) m D) (2 * (INR m * b))).
      intros h'. pose proof (Rabs_between _ _ (Bl h' D)). pose proof (Rabs_between _ _ (Bl h' D')). lra. }
  (* signs *)
  apply Rle_trans with (flips m (fun v => EN (fun D => EN (G v D)))).
  { set (A := EN (fun D => EN (fun D' => supremum (fun h => ssum (l h) m D' - ssum (l h) m D)))).
    apply Req_le. transitivity (flips m (fun _ => A)); [ symmetry; apply flips_constant | ].
    apply flips_eq. intros v Hl Hv. symmetry. apply (X v Hl Hv). }
  (* both halves *)
  apply Rle_trans with (flips m (fun v => EN (S v) + EN (S (map Ropp v)))).
  { apply flips_le. intros v _ _. pose proof (bounded_sup_dot v) as B1.
  pose proof (bounded_sup_dot (map Ropp v)) as B2.
    fold (S v) in B1. fold (S (map Ropp v)) in B2.
    rewrite <- (e_const EN HN (EN (S v))), <- (e_add EN HN) by bnd.
    apply (e_mono EN HN); [ apply BG2 | bnd | ]. intros D.
    rewrite <- (e_const EN HN (S (map Ropp v) D)), <- (e_add EN HN) by bnd.
    apply (e_mono EN HN); [ apply BG1 | bnd | ]. intros D'. unfold G. apply (supremum_least member). intros h.
    assert (A1 : dot (values (l h) m D') v <= S v D').
    { apply (supremum_upper member (fun h => dot (values (l h) m D') v) (INR m * b)). intros h'.
      apply Rabs_between. apply dot_values_bound, losses. }
    assert (A2 : dot (values (l h) m D) (map Ropp v) <= S (map Ropp v) D).
    { apply (supremum_upper member (fun h => dot (values (l h) m D) (map Ropp v)) (INR m * b)). intros h'.
      apply Rabs_between. apply dot_values_bound, losses. }
    rewrite dot_opposite in A2. lra. }
  apply Req_le. rewrite flips_add, (flips_opposite m (fun v => EN (S v))).
  unfold rademacher. pose proof (flips_expected EN HN m S bounded_sup_dot) as [C1 C2].
  rewrite (e_ext EN HN _ (fun D => / INR m * flips m (fun v => S v D))) by (intros D; unfold Rdiv; apply Rmult_comm).
  rewrite (e_scal EN HN), C1 by exact C2. field. lra.
Qed.

(** -l has the Rademacher average of l, and is exchangeable with it. *)
Lemma rademacher_opposite : forall D,
  flips m (fun v => supremum (fun h => dot (values (fun z => - l h z) m D) v)) / INR m = rademacher D.
Proof.
  intros D. unfold rademacher. f_equal.
  rewrite <- (flips_opposite m (fun v => supremum (fun h => dot (values (l h) m D) v))).
  apply flips_eq. intros v _ _. apply supremum_ext. intros h. rewrite dot_opp_values, dot_opposite. reflexivity.
Qed.

End Class.

Lemma signs_opposite : forall v, signs v -> signs (map Ropp v).
Proof.
  intros v Hv s Hs. apply in_map_iff in Hs. destruct Hs as [t [<- Ht]].
  destruct (Hv t Ht) as [-> | ->]; [ right | left ]; ring.
Qed.

Lemma dot_ones : forall {Z : Type} (l : Z -> R) m D, dot (values l m D) (repeat 1 m) = ssum l m D.
Proof.
  induction m as [ | m IH]; intros D; [ reflexivity | ]. cbn [values repeat dot ssum]. rewrite cut_1, IH. ring.
Qed.

Lemma exchangeable_opposite : forall {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) m (l : F -> Z -> R),
  exchangeable E m l -> exchangeable E m (fun h z => - l h z).
Proof.
  intros Z F E HE m l X. pose proof (En_expectation E HE m) as HN.
  assert (S1 : signs (repeat 1 m)) by (intros s Hs; apply repeat_spec in Hs; left; exact Hs).
  assert (Y : forall v, length v = m -> signs v ->
    En E m (fun D => En E m (fun D' => supremum (fun h => dot (values (fun z => - l h z) m D') v
      - dot (values (fun z => - l h z) m D) v)))
    = En E m (fun D => En E m (fun D' => supremum (fun h => ssum (l h) m D' - ssum (l h) m D)))).
  { intros v Hl Hv. rewrite <- (X (map Ropp v)); [ | rewrite map_length; exact Hl | apply signs_opposite, Hv ].
    apply (e_ext _ HN). intros D. apply (e_ext _ HN). intros D'. apply supremum_ext. intros h.
    rewrite !dot_opp_values, !dot_opposite. ring. }
  intros v Hl Hv. rewrite (Y v Hl Hv), <- (Y (repeat 1 m) (repeat_length 1 m) S1).
  apply (e_ext _ HN). intros D. apply (e_ext _ HN). intros D'. apply supremum_ext. intros h.
  rewrite !dot_ones. reflexivity.
Qed.

(** ** Contraction: a loss that is 1-Lipschitz in the prediction has at most its Rademacher average *)
Section Contraction.
Context {Z F : Type} (member : F) (prediction : F -> Z -> R) (phi : Z -> R -> R) (b : R).
Hypothesis predictions : forall h z, Rabs (prediction h z) <= b.
Hypothesis losses : forall h z, Rabs (phi z (prediction h z)) <= b.
Hypothesis lipschitz : forall z s t, Rabs (phi z s - phi z t) <= Rabs (s - t).
Let loss (h : F) (z : Z) : R := phi z (prediction h z).

(** one sign: sup (c + phi) + sup (c - phi) <= sup (c + s) + sup (c - s) *)
Lemma contraction_step : forall (c : F -> R) M z, (forall h, Rabs (c h) <= M) ->
  supremum (fun h => c h + loss h z) + supremum (fun h => c h - loss h z)
    <= supremum (fun h => c h + prediction h z) + supremum (fun h => c h - prediction h z).
Proof.
  intros c M z Hc. set (R1 := supremum (fun h => c h + prediction h z)).
  set (R2 := supremum (fun h => c h - prediction h z)).
  assert (U1 : forall h, c h + prediction h z <= R1).
  { intros h. apply (supremum_upper member (fun h => c h + prediction h z) (M + b)). intros h'.
    pose proof (Rabs_between _ _ (Hc h')). pose proof (Rabs_between _ _ (predictions h' z)). lra. }
  assert (U2 : forall h, c h - prediction h z <= R2).
  { intros h. apply (supremum_upper member (fun h => c h - prediction h z) (M + b)). intros h'.
    pose proof (Rabs_between _ _ (Hc h')). pose proof (Rabs_between _ _ (predictions h' z)). lra. }
  assert (P : forall h h', c h + loss h z + (c h' - loss h' z) <= R1 + R2).
  { intros h h'. pose proof (lipschitz z (prediction h z) (prediction h' z)) as Lp. fold (loss h z) (loss h' z) in Lp.
    pose proof (U1 h). pose proof (U2 h'). pose proof (U1 h'). pose proof (U2 h). apply Rabs_between in Lp.
    unfold Rabs in Lp. destruct (Rcase_abs _) in Lp; lra. }
  assert (supremum (fun h => c h + loss h z) <= R1 + R2 - supremum (fun h => c h - loss h z)); [ | lra ].
  apply (supremum_least member). intros h.
  assert (supremum (fun h => c h - loss h z) <= R1 + R2 - (c h + loss h z)); [ | lra ].
  apply (supremum_least member). intros h'. specialize (P h h'). lra.
Qed.

Lemma contraction_sum : forall m (a : F -> R) M D, (forall h, Rabs (a h) <= M) ->
  flips m (fun v => supremum (fun h => a h + dot (values (loss h) m D) v))
    <= flips m (fun v => supremum (fun h => a h + dot (values (prediction h) m D) v)).
Proof.
  induction m as [ | m IH]; intros a M D Ha; cbn [flips values dot]; [ apply Rle_refl | ].
  assert (Step : forall s, s = 1 \/ s = -1 ->
    flips m (fun v => supremum (fun h => a h + (s * loss h (fst D) + dot (values (loss h) m (snd D)) v)))
    <= flips m (fun v => supremum (fun h => a h + s * loss h (fst D) + dot (values (prediction h) m (snd D)) v))).
  { intros s Hs. rewrite (flips_eq m _ (fun v => supremum (fun h => a h + s * loss h (fst D)
      + dot (values (loss h) m (snd D)) v))).
    - apply (IH (fun h => a h + s * loss h (fst D)) (M + b) (snd D)). intros h.
    eapply Rle_trans; [ apply Rabs_triang | ].
      apply Rplus_le_compat; [ apply Ha | ]. rewrite Rabs_mult. pose proof (losses h (fst D)).
      fold (loss h (fst D)) in *.
      destruct Hs as [-> | ->]; [ rewrite Rabs_pos_eq by lra | rewrite Rabs_left by lra ]; lra.
    - intros v _ _. apply supremum_ext. intros h. ring. }
  rewrite cut_1, cut_m1. pose proof (Step 1 ltac:(auto)) as S1. pose proof (Step (-1) ltac:(auto)) as S2.
  apply Rle_trans with ((flips m (fun v => supremum (fun h => a h + 1 * loss h (fst D)
      + dot (values (prediction h) m (snd D)) v))
    + flips m (fun v => supremum (fun h => a h + -1 * loss h (fst D) + dot (values (prediction h) m (snd D)) v))) /
      2);
    [ lra | ].
  apply Rmult_le_compat_r; [ lra | ]. rewrite <- !flips_add. apply flips_le. intros v _ _.
  pose proof (contraction_step (fun h => a h + dot (values (prediction h) m (snd D)) v) (M + INR m * b) (fst D)) as C.
  eapply Rle_trans; [ | eapply Rle_trans; [ apply C | ] ].
  - apply Req_le. f_equal; apply supremum_ext; intros h; ring.
  - intros h. eapply Rle_trans; [ apply Rabs_triang | ]. apply Rplus_le_compat; [ apply Ha | ].
    apply dot_values_bound, predictions.
  - apply Req_le. f_equal; apply supremum_ext; intros h; ring.
Qed.

Theorem contraction : forall m D, (0 < m)%nat -> rademacher m loss D <= rademacher m prediction D.
Proof.
  intros m D Hm. assert (0 < INR m) by (apply (lt_INR 0 m); exact Hm). unfold rademacher.
  apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat; lra | ].
  pose proof (contraction_sum m (fun _ => 0) 0 D ltac:(intros; cbv beta; rewrite Rabs_R0; lra)) as C.
  rewrite (flips_eq m _ (fun v => supremum (fun h => 0 + dot (values (loss h) m D) v))),
    (flips_eq m (fun v => supremum (fun h => dot (values (prediction h) m D) v))
    (fun v => supremum (fun h => 0 + dot (values (prediction h) m D) v))); [ exact C | | ];
    intros v _ _; apply supremum_ext; intros h; ring.
Qed.

End Contraction.

(** ** Where the order of two expectations does not matter, every class is exchangeable *)
Section Fubini.
Context {Z F : Type} (E : (Z -> R) -> R) (HE : expectation E) (member : F).
Hypothesis fubini : forall (f : Z -> Z -> R) M, (forall z y, Rabs (f z y) <= M) ->
  E (fun z => E (fun y => f z y)) = E (fun y => E (fun z => f z y)).

Lemma fubini_samples : forall m (f : Z -> @sample Z m -> R) M, (forall z D, Rabs (f z D) <= M) ->
  E (fun z => En E m (fun D => f z D)) = En E m (fun D => E (fun z => f z D)).
Proof.
  induction m as [ | m IH]; intros f M B; cbn [En]; [ reflexivity | ].
  rewrite (fubini (fun z y => En E m (fun D => f z (y, D))) M).
  - apply (e_ext E HE). intros y. apply (IH (fun z D => f z (y, D)) M). intros; apply B.
  - intros z y. apply (e_abs _ (En_expectation E HE m)). intros; apply B.
Qed.

Variables (l : F -> Z -> R) (b : R).
Hypothesis losses : forall h z, Rabs (l h z) <= b.

Lemma fubini_sum : forall m v (a : F -> R) M, length v = m -> signs v -> (forall h, Rabs (a h) <= M) ->
  En E m (fun D => En E m (fun D' => supremum (fun h => a h + (dot (values (l h) m D') v - dot (values (l h) m D)
    v))))
  = En E m (fun D => En E m (fun D' => supremum (fun h => a h + (ssum (l h) m D' - ssum (l h) m D)))).
Proof.
  induction m as [ | m IH]; intros v a M Hl Hv Ha; [ destruct v; [ reflexivity | discriminate ] | ].
  destruct v as [ | s v]; [ discriminate | ]. cbn [En values dot ssum fst snd].
  pose proof (En_expectation E HE m) as HN.
  assert (Hs : s = 1 \/ s = -1) by (apply Hv; left; reflexivity).
  assert (Hv' : signs v) by (intros t Ht; apply Hv; right; exact Ht).
  assert (Hc : cut s = s) by (destruct Hs as [-> | ->]; [ apply cut_1 | apply cut_m1 ]). rewrite Hc.
  (* the sums over the other samples, for given z and z' *)
  set (rest := fun (c : F -> R) => En E m (fun D => En E m (fun D' => supremum (fun h => c h + (ssum (l h) m D' -
    ssum (l h) m D))))).
  assert (B1 : forall c M' D D', (forall h, Rabs (c h) <= M') ->
    Rabs (supremum (fun h => c h + (ssum (l h) m D' - ssum (l h) m D))) <= M' + 2 * (INR m * b)).
  { intros c M' D D' Hc'. apply (supremum_abs member). intros h. apply Rabs_le.
    pose proof (Rabs_between _ _ (Hc' h)). pose proof (Rabs_between _ _ (ssum_bound (l h) b (losses h) m D)).
    pose proof (Rabs_between _ _ (ssum_bound (l h) b (losses h) m D')). lra. }
  assert (B2 : forall c M' D D', (forall h, Rabs (c h) <= M') ->
    Rabs (supremum (fun h => c h + (dot (values (l h) m D') v - dot (values (l h) m D) v))) <= M' + 2 * (INR m * b)).
  { intros c M' D D' Hc'. apply (supremum_abs member). intros h. apply Rabs_le.
    pose proof (Rabs_between _ _ (Hc' h)). pose proof (Rabs_between _ _ (dot_values_bound (l h) b (losses h) m D v)).
    pose proof (Rabs_between _ _ (dot_values_bound (l h) b (losses h) m D' v)). lra. }
  set (c := fun t z y h => a h + t * (l h y - l h z)).
  assert (Bc : forall t, t = 1 \/ t = -1 -> forall z y h, Rabs (c t z y h) <= M + 2 * b).
  { intros t Ht z y h. unfold c. apply Rabs_le. pose proof (Rabs_between _ _ (Ha h)).
    pose proof (Rabs_between _ _ (losses h z)). pose proof (Rabs_between _ _ (losses h y)).
    destruct Ht as [-> | ->]; lra. }
  transitivity (E (fun z => E (fun y => rest (c s z y))));
    [ | transitivity (E (fun z => E (fun y => rest (c 1 z y)))) ].
  - apply (e_ext E HE). intros z.
    rewrite (e_ext E HE (fun y => rest (c s z y)) (fun y => En E m (fun D => En E m (fun D' =>
      supremum (fun h => c s z y h + (dot (values (l h) m D') v - dot (values (l h) m D) v)))))).
    + rewrite (fubini_samples m (fun y D => En E m (fun D' => supremum (fun h => c s z y h
        + (dot (values (l h) m D') v - dot (values (l h) m D) v)))) (M + 2 * b + 2 * (INR m * b))).
      * apply (e_ext _ HN). intros D. apply (e_ext E HE). intros y. apply (e_ext _ HN). intros D'.
        apply supremum_ext. intros h. unfold c. ring.
      * intros y D. apply (e_abs _ HN). intros D'. apply B2, Bc, Hs.
    + intros y. symmetry. apply (IH v (c s z y) (M + 2 * b)); [ cbn in Hl; congruence | exact Hv' | apply Bc, Hs ].
  - destruct Hs as [-> | ->]; [ reflexivity | ].
    rewrite (fubini (fun z y => rest (c (-1) z y)) (M + 2 * b + 2 * (INR m * b))).
    + apply (e_ext E HE). intros z. apply (e_ext E HE). intros y. unfold rest.
      apply (e_ext _ HN). intros D. apply (e_ext _ HN). intros D'. apply supremum_ext. intros h. unfold c. ring.
    + intros z y. apply (e_abs _ HN). intros D. apply (e_abs _ HN). intros D'. apply B1, Bc. auto.
  - apply (e_ext E HE). intros z. unfold rest.
    rewrite (fubini_samples m (fun y D => En E m (fun D' => supremum (fun h => c 1 z y h
        + (ssum (l h) m D' - ssum (l h) m D)))) (M + 2 * b + 2 * (INR m * b))).
    + apply (e_ext _ HN). intros D. apply (e_ext E HE). intros y. apply (e_ext _ HN). intros D'.
      apply supremum_ext. intros h. unfold c. ring.
    + intros y D. apply (e_abs _ HN). intros D'. apply B1, Bc. auto.
Qed.

Theorem fubini_exchangeable : forall m, exchangeable E m l.
Proof.
  intros m v Hl Hv. pose proof (En_expectation E HE m) as HN.
  pose proof (fubini_sum m v (fun _ => 0) 0 Hl Hv ltac:(intros; cbv beta; rewrite Rabs_R0; lra)) as S.
  transitivity (En E m (fun D => En E m (fun D' => supremum (fun h => 0
    + (dot (values (l h) m D') v - dot (values (l h) m D) v))))); [ | rewrite S ];
    apply (e_ext _ HN); intros D; apply (e_ext _ HN); intros D'; apply supremum_ext; intros h; ring.
Qed.

End Fubini.
