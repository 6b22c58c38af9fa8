(** Sauer's lemma, which Theorem 5 of "No Free Prune" uses: a class of VC dimension at most d has at most
    sum_{i <= d} C(m, i) patterns on m points, and that is at most (e m/d)^d for 1 <= d <= m. *)
From NoFreePrune Require Export Expectation.
From Coq Require Import Classical.

(** sum_{i <= d} C(m, i), by Pascal's rule *)
Fixpoint patterns (m d : nat) : nat :=
  match m with O => 1 | S m' => patterns m' d + match d with O => 0 | S d' => patterns m' d' end end.

(** (d/m)^d sum_{i <= d} C(m, i) <= (1 + d/m)^m <= e^d *)
Lemma patterns_weighted : forall x, 0 < x <= 1 -> forall m d, x ^ d * INR (patterns m d) <= (1 + x) ^ m.
Proof.
  intros x Hx. induction m as [ | m IH]; intros d; cbn [patterns].
  - rewrite Rmult_1_r. change (x ^ d <= 1). rewrite <- (pow1 d). apply pow_incr. lra.
  - rewrite plus_INR, Rmult_plus_distr_l. cbn [pow]. pose proof (IH d) as I1.
    assert (0 < (1 + x) ^ m) by (apply pow_lt; lra).
    destruct d as [ | d]; [ cbn [INR] in *; nra | ]. specialize (IH d). cbn [pow] in *. nra.
Qed.

Lemma patterns_bound : forall m d, (0 < d <= m)%nat ->
  INR (patterns m d) <= exp (INR d * ln (exp 1 * INR m / INR d)).
Proof.
  intros m d Hd. assert (D : 0 < INR d) by (apply (lt_INR 0 d); lia).
  assert (M : INR d <= INR m) by (apply le_INR; lia). set (x := INR d / INR m).
  assert (Hx : 0 < x <= 1).
  { unfold x. split; [ apply Rmult_lt_0_compat; [ exact D | apply Rinv_0_lt_compat; lra ] | ].
    apply Rmult_le_reg_r with (INR m); [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  pose proof (patterns_weighted x Hx m d) as W.
  assert (P : (1 + x) ^ m <= exp (INR d)).
  { replace (INR d) with (INR m * x) by (unfold x; field; lra). rewrite <- Rpower_pow by lra. unfold Rpower.
    assert (L : ln (1 + x) <= x).
    { rewrite <- (ln_exp x) at 2. destruct (Rle_lt_or_eq_dec _ _ (exp_ineq1_le x)) as [H | H];
        [ left; apply ln_increasing; lra | rewrite H; lra ]. }
    destruct (Req_dec (INR m * ln (1 + x)) (INR m * x)) as [-> | N]; [ lra | left; apply exp_increasing ].
    assert (INR m * ln (1 + x) <= INR m * x) by (apply Rmult_le_compat_l; lra). lra. }
  assert (0 < x ^ d) by (apply pow_lt; lra).
  apply Rmult_le_reg_l with (x ^ d); [ assumption | ]. eapply Rle_trans; [ exact W | ].
  eapply Rle_trans; [ exact P | ]. apply Req_le. rewrite <- Rpower_pow by lra. unfold Rpower. rewrite <- exp_plus.
  f_equal.
  replace (exp 1 * INR m / INR d) with (exp 1 * / x) by (unfold x; field; lra).
  rewrite ln_mult, ln_Rinv, ln_exp by (try apply exp_pos; try apply Rinv_0_lt_compat; lra). ring.
Qed.

(** ** Patterns that are shattered *)

(** the entries of a pattern at the chosen positions *)
Fixpoint pick (chosen v : list bool) : list bool :=
  match chosen, v with
  | c :: chosen', b :: v' => if c then b :: pick chosen' v' else pick chosen' v' | _, _ => [] end.

Definition count (chosen : list bool) : nat := length (filter (fun c => c) chosen).

Definition shattered (family : list bool -> Prop) (chosen : list bool) : Prop :=
  forall bs, length bs = count chosen -> exists v, family v /\ pick chosen v = bs.

Lemma one_extension : forall (family : list bool -> Prop) tails, exists vs, length vs = length tails /\
  forall v, In v tails -> (family (true :: v) -> In (true :: v) vs) /\
    (~ family (true :: v) -> In (false :: v) vs).
Proof.
  intros family. induction tails as [ | v tails [vs [Hl Hvs]]]; [ exists []; split; [ reflexivity | intros v [] ] | ].
  destruct (classic (family (true :: v))) as [T | T]; [ exists ((true :: v) :: vs) | exists ((false :: v) :: vs) ];
    (split; [ cbn; congruence | ]); intros u [<- | Hu]; try (specialize (Hvs u Hu) as [A1 A2]);
    split; intros B; try contradiction; cbn; auto.
Qed.

Theorem sauer : forall m d (family : list bool -> Prop), (forall v, family v -> length v = m) ->
  (forall chosen, length chosen = m -> shattered family chosen -> (count chosen <= d)%nat) ->
  exists vs, (length vs <= patterns m d)%nat /\ forall v, family v -> In v vs.
Proof.
  induction m as [ | m IH]; intros d family Hl Hd.
  - exists [ [] ]. split; [ cbn; lia | ]. intros v Hv. specialize (Hl v Hv).
  destruct v; [ left; reflexivity | discriminate ].
  - (* patterns of the tail, and those that occur with both heads *)
    set (some := fun v => family (true :: v) \/ family (false :: v)).
    set (both := fun v => family (true :: v) /\ family (false :: v)).
    destruct (IH d some) as [tails [Lt Ht]].
    { intros v [H | H]; apply Hl in H; cbn in H; lia. }
    { intros chosen Lc Sc. apply (Hd (false :: chosen)); [ cbn; congruence | ]. intros bs Hbs.
      destruct (Sc bs Hbs) as [v [[H | H] Hp]]; eexists; split; try exact H; exact Hp. }
    assert (B : exists twice, (length twice <= match d with O => 0 | S d' => patterns m d' end)%nat /\
      forall v, both v -> In v twice).
    { assert (Sb : forall chosen, length chosen = m -> shattered both chosen -> (S (count chosen) <= d)%nat).
      { intros chosen Lc Sc. apply (Hd (true :: chosen)); [ cbn; congruence | ].
      intros [ | b bs] Hbs; [ discriminate | ].
        destruct (Sc bs) as [v [[H1 H2] Hp]]; [ cbn in Hbs; unfold count in *; cbn in Hbs; lia | ].
        exists (b :: v). split; [ destruct b; assumption | cbn; rewrite Hp; reflexivity ]. }
      destruct d as [ | d'].
      - exists []. split; [ cbn; lia | ]. intros v Hv. exfalso.
        assert (H : (S (count (repeat false m)) <= 0)%nat); [ | lia ]. apply Sb; [ apply repeat_length | ].
        assert (C : count (repeat false m) = 0%nat) by (clear; unfold count; induction m;
          [ reflexivity | exact IHm ]).
        intros bs Hbs. rewrite C in Hbs. exists v. split; [ exact Hv | ].
        destruct bs; [ clear; revert v; induction m as [ | k J]; intros [ | x v]; cbn; auto | discriminate ].
      - apply IH; [ intros v [H _]; apply Hl in H; cbn in H; lia | ]. intros chosen Lc Sc.
      specialize (Sb chosen Lc Sc). lia. }
    destruct B as [twice [L2 H2]]. destruct (one_extension family tails) as [vs [Lv Hv]].
    exists (vs ++ map (cons false) twice). split; [ rewrite app_length, map_length; cbn [patterns]; lia | ].
    intros v Fv. destruct v as [ | b v]; [ specialize (Hl [] Fv); discriminate | ]. apply in_or_app.
    destruct b.
    + left. apply (Hv v); [ apply Ht; left; exact Fv | exact Fv ].
    + destruct (classic (family (true :: v))) as [T | T].
      * right. apply in_map, H2. split; assumption.
      * left. apply (Hv v); [ apply Ht; right; exact Fv | exact T ].
Qed.

(** ** Classes *)
Section Dimension.
Context {Z F : Type} (error : F -> Z -> bool).

(** The errors take every pattern on the points. *)
Definition all_patterns (zs : list Z) : Prop :=
  forall bs, length bs = length zs -> exists h, map (error h) zs = bs.

Definition vc_dimension_at_most (d : nat) : Prop := forall zs, all_patterns zs -> (length zs <= d)%nat.

Theorem patterns_of_class : forall d zs, vc_dimension_at_most d ->
  exists vs, (length vs <= patterns (length zs) d)%nat /\ forall h, In (map (error h) zs) vs.
Proof.
  intros d zs Hd. destruct (sauer (length zs) d (fun v => exists h, v = map (error h) zs)) as [vs [Hl Hv]].
  - intros v [h ->]. apply map_length.
  - intros chosen Lc Sc.
    (* the chosen points *)
    assert (P : exists ys, length ys = count chosen /\ forall h, pick chosen (map (error h) zs) = map (error h) ys).
    { clear - Lc. revert chosen Lc. induction zs as [ | z zs IH]; intros [ | c chosen] Lc; try discriminate.
      - exists []. split; reflexivity.
      - destruct (IH chosen) as [ys [Ly Hy]]; [ cbn in Lc; congruence | ]. destruct c.
        + exists (z :: ys). split; [ unfold count in *; cbn; congruence | ]. intros h. cbn. rewrite Hy. reflexivity.
        + exists ys. split; [ exact Ly | exact Hy ]. }
    destruct P as [ys [Ly Hy]]. rewrite <- Ly. apply Hd. intros bs Hbs. rewrite Ly in Hbs.
    destruct (Sc bs Hbs) as [v [[h ->] Hp]]. exists h. rewrite <- Hy. exact Hp.
  - exists vs. split; [ exact Hl | ]. intros h. apply Hv. exists h. reflexivity.
Qed.

End Dimension.

(** The errors of classifiers, on inputs with labels, have the VC dimension of the classifiers. *)
Lemma vc_dimension_of_errors : forall {X F : Type} (classify : F -> X -> bool) d, vc_dimension_at_most classify d ->
  vc_dimension_at_most (fun h (z : X * bool) => xorb (classify h (fst z)) (snd z)) d.
Proof.
  intros X F classify d H zs All. rewrite <- (map_length fst zs). apply H. intros bs L. rewrite map_length in L.
  destruct (All (map (fun p => xorb (fst p) (snd (snd p))) (combine bs zs))) as [h Hh].
  { rewrite map_length, combine_length, L. apply Nat.min_id. }
  exists h. clear All H. revert bs L Hh. induction zs as [ | z zs IH]; intros [ | b bs] L Hh; try discriminate;
    [ reflexivity | ].
  cbn in Hh. injection Hh as H1 H2. cbn. rewrite (IH bs ltac:(cbn in L; congruence) H2). f_equal.
  destruct (classify h (fst z)), (snd z), b; cbn in H1; congruence.
Qed.
