(** Abstract expectations: positive linear normalised functionals on bounded functions.

    Every probability space gives one, so that what is proved here holds for every law; measurability is not used.
    Independent samples come from iterating an expectation, labels given inputs from composing it with a kernel. *)
From Coq Require Export Reals Lra Lia Psatz List Bool Arith.

Export ListNotations.
Open Scope R_scope.

Lemma Rabs_between : forall x M, Rabs x <= M -> - M <= x <= M.
Proof. intros x M. unfold Rabs. destruct (Rcase_abs x); lra. Qed.

Definition bounded {X : Type} (f : X -> R) : Prop := exists M, forall x, Rabs (f x) <= M.
Definition ind (b : bool) : R := if b then 1 else 0.
Definition rleb (a b : R) : bool := if Rle_dec a b then true else false.

Record expectation {X : Type} (E : (X -> R) -> R) : Prop := {
  e_ext  : forall f g, (forall x, f x = g x) -> E f = E g;
  e_add  : forall f g, bounded f -> bounded g -> E (fun x => f x + g x) = E f + E g;
  e_scal : forall c f, bounded f -> E (fun x => c * f x) = c * E f;
  e_one  : E (fun _ => 1) = 1;
  e_pos  : forall f, bounded f -> (forall x, 0 <= f x) -> 0 <= E f }.

(** ** Bounded functions *)
Section Bounded.
Context {X : Type}.
Implicit Types f g : X -> R.

Lemma bounded_const : forall c, bounded (fun _ : X => c).
Proof. intros c. exists (Rabs c). intros _. lra. Qed.

Lemma bounded_plus : forall f g, bounded f -> bounded g -> bounded (fun x => f x + g x).
Proof. intros f g [M HM] [N HN]. exists (M + N). intros x. eapply Rle_trans; [ apply Rabs_triang | ].
specialize (HM x). specialize (HN x). lra. Qed.

Lemma bounded_opp : forall f, bounded f -> bounded (fun x => - f x).
Proof. intros f [M HM]. exists M. intros x. rewrite Rabs_Ropp. apply HM. Qed.

Lemma bounded_minus : forall f g, bounded f -> bounded g -> bounded (fun x => f x - g x).
Proof. intros f g Hf Hg. apply bounded_plus; [ exact Hf | apply bounded_opp; exact Hg ]. Qed.

Lemma bounded_mult : forall f g, bounded f -> bounded g -> bounded (fun x => f x * g x).
Proof.
  intros f g [M HM] [N HN]. exists (M * N). intros x. rewrite Rabs_mult. specialize (HM x). specialize (HN x).
  pose proof (Rabs_pos (f x)). pose proof (Rabs_pos (g x)). apply Rmult_le_compat; lra.
Qed.

Lemma bounded_div : forall f c, bounded f -> bounded (fun x => f x / c).
Proof. intros f c Hf. apply bounded_mult; [ exact Hf | apply bounded_const ]. Qed.

Lemma bounded_pow : forall f n, bounded f -> bounded (fun x => f x ^ n).
Proof. intros f n Hf. induction n; cbn; [ apply bounded_const | apply bounded_mult; assumption ]. Qed.

Lemma bounded_exp : forall f, bounded f -> bounded (fun x => exp (f x)).
Proof.
  intros f [M HM]. exists (exp M). intros x. rewrite Rabs_pos_eq by (apply Rlt_le, exp_pos).
  specialize (HM x). apply Rabs_between in HM. destruct (Req_dec (f x) M) as [->|]; [ lra | ]. left.
  apply exp_increasing. lra.
Qed.

Lemma bounded_ind : forall A : X -> bool, bounded (fun x => ind (A x)).
Proof. intros A. exists 1. intros x. unfold ind. destruct (A x); rewrite Rabs_pos_eq; lra. Qed.

Lemma bounded_between : forall f a b, (forall x, a <= f x <= b) -> bounded f.
Proof. intros f a b H. exists (Rabs a + Rabs b). intros x. specialize (H x). unfold Rabs.
repeat destruct Rcase_abs; lra. Qed.

Lemma bounded_ext : forall f g, (forall x, f x = g x) -> bounded f -> bounded g.
Proof. intros f g H [M HM]. exists M. intros x. rewrite <- H. apply HM. Qed.

Lemma bounded_comp : forall {Y : Type} (f : Y -> R) (u : X -> Y), bounded f -> bounded (fun x => f (u x)).
Proof. intros Y f u [M HM]. exists M. intros x. apply HM. Qed.

End Bounded.

Ltac bnd := repeat first
  [ assumption | apply bounded_const | apply bounded_ind | apply bounded_plus | apply bounded_minus
  | apply bounded_mult
  | apply bounded_opp | apply bounded_div | apply bounded_pow | apply bounded_exp ].

(** ** Consequences *)
Section Consequences.
Context {X : Type} (E : (X -> R) -> R) (HE : expectation E).

Lemma e_const : forall c, E (fun _ => c) = c.
Proof.
  intros c. transitivity (E (fun _ => c * 1)); [ apply (e_ext E HE); intros; ring | ].
  rewrite (e_scal E HE) by bnd. rewrite (e_one E HE). ring.
Qed.

Lemma e_minus : forall f g, bounded f -> bounded g -> E (fun x => f x - g x) = E f - E g.
Proof.
  intros f g Hf Hg. transitivity (E f + E (fun x => -1 * g x)).
  - rewrite <- (e_add E HE) by bnd. apply (e_ext E HE). intros; ring.
  - rewrite (e_scal E HE) by bnd. ring.
Qed.

Lemma e_mono : forall f g, bounded f -> bounded g -> (forall x, f x <= g x) -> E f <= E g.
Proof.
  intros f g Hf Hg H. assert (0 <= E (fun x => g x - f x)) as P.
  { apply (e_pos E HE); [ bnd | ]. intros x. specialize (H x). lra. }
  rewrite e_minus in P by assumption. lra.
Qed.

Lemma e_le_const : forall f c, bounded f -> (forall x, f x <= c) -> E f <= c.
Proof. intros f c Hf H. rewrite <- (e_const c). apply e_mono; bnd. Qed.

Lemma e_ge_const : forall f c, bounded f -> (forall x, c <= f x) -> c <= E f.
Proof. intros f c Hf H. rewrite <- (e_const c). apply e_mono; bnd. Qed.

Lemma e_abs : forall f M, (forall x, Rabs (f x) <= M) -> Rabs (E f) <= M.
Proof.
  intros f M H. assert (bounded f) by (exists M; exact H).
  apply Rabs_le. split; [ apply e_ge_const | apply e_le_const ]; auto; intros x; specialize (H x);
  apply Rabs_between in H; lra.
Qed.

(** a nonnegative function of mean zero kills every bounded multiple *)
Lemma e_null : forall f g, bounded f -> bounded g -> (forall x, 0 <= f x) -> E f = 0 -> E (fun x => f x * g x) = 0.
Proof.
  intros f g Hf [M HM] Hpos H0. assert (bounded g) by (exists M; exact HM).
  apply Rle_antisym.
  - apply Rle_trans with (E (fun x => M * f x)); [ apply e_mono; bnd | rewrite (e_scal E HE) by bnd; rewrite H0;
    lra ].
    intros x. specialize (HM x). specialize (Hpos x). apply Rabs_between in HM. nra.
  - apply Rle_trans with (E (fun x => - M * f x)); [ rewrite (e_scal E HE) by bnd; rewrite H0; lra | apply e_mono;
    bnd ].
    intros x. specialize (HM x). specialize (Hpos x). apply Rabs_between in HM. nra.
Qed.

End Consequences.

(** ** Finite sums *)
Section Sums.
Context {T : Type}.

Fixpoint rsum (f : T -> R) (ts : list T) : R := match ts with [] => 0 | t :: ts' => f t + rsum f ts' end.

Lemma rsum_ext : forall f g ts, (forall t, In t ts -> f t = g t) -> rsum f ts = rsum g ts.
Proof. induction ts as [|t ts IH]; cbn; intros H; [ reflexivity | rewrite H, IH; auto ]. Qed.

Lemma rsum_add : forall f g ts, rsum (fun t => f t + g t) ts = rsum f ts + rsum g ts.
Proof. induction ts as [|t ts IH]; cbn; [ ring | rewrite IH; ring ]. Qed.

Lemma rsum_scal : forall c f ts, rsum (fun t => c * f t) ts = c * rsum f ts.
Proof. induction ts as [|t ts IH]; cbn; [ ring | rewrite IH; ring ]. Qed.

Lemma rsum_minus : forall f g ts, rsum (fun t => f t - g t) ts = rsum f ts - rsum g ts.
Proof. induction ts as [|t ts IH]; cbn; [ ring | rewrite IH; ring ]. Qed.

Lemma rsum_le : forall f g ts, (forall t, In t ts -> f t <= g t) -> rsum f ts <= rsum g ts.
Proof. induction ts as [|t ts IH]; cbn; intros H; [ lra | ]. specialize (IH (fun u Hu => H u (or_intror Hu))).
specialize (H t (or_introl eq_refl)). lra. Qed.

Lemma rsum_const : forall c ts, rsum (fun _ => c) ts = INR (length ts) * c.
Proof. induction ts as [|t ts IH]; [ cbn; ring | ]. cbn [rsum length]. rewrite S_INR, IH. ring. Qed.

Lemma rsum_nonneg : forall f ts, (forall t, In t ts -> 0 <= f t) -> 0 <= rsum f ts.
Proof. intros f ts H. rewrite <- (Rmult_0_r (INR (length ts))), <- rsum_const. apply rsum_le. exact H. Qed.

Lemma rsum_member : forall f ts t, In t ts -> (forall u, In u ts -> 0 <= f u) -> f t <= rsum f ts.
Proof.
  induction ts as [|u ts IH]; cbn; intros t Ht H; [ contradiction | ]. destruct Ht as [->|Ht].
  - assert (0 <= rsum f ts) by (apply rsum_nonneg; auto). lra.
  - specialize (IH t Ht (fun v Hv => H v (or_intror Hv))). specialize (H u (or_introl eq_refl)). lra.
Qed.

Lemma bounded_rsum : forall {X : Type} (f : T -> X -> R) ts, (forall t, bounded (f t)) ->
  bounded (fun x => rsum (fun t => f t x) ts).
Proof. intros X f ts H. induction ts as [|t ts IH]; cbn; [ apply bounded_const | apply bounded_plus;
[ apply H | exact IH ] ]. Qed.

Lemma e_rsum : forall {X : Type} (E : (X -> R) -> R) (HE : expectation E) (f : T -> X ->
  R) ts, (forall t, bounded (f t)) ->
  E (fun x => rsum (fun t => f t x) ts) = rsum (fun t => E (f t)) ts.
Proof.
  intros X E HE f ts H. induction ts as [|t ts IH]; cbn; [ apply (e_const E HE) | ].
  rewrite (e_add E HE) by (try apply bounded_rsum; auto). rewrite IH. reflexivity.
Qed.

End Sums.

Lemma rsum_swap : forall {S T : Type} (f : S -> T -> R) ss ts,
  rsum (fun s => rsum (f s) ts) ss = rsum (fun t => rsum (fun s => f s t) ss) ts.
Proof.
  intros S T f ss ts. induction ss as [|s ss IH]; cbn; [ rewrite rsum_const; ring | ]. rewrite IH, <- rsum_add.
  reflexivity.
Qed.

Lemma rsum_app : forall {T : Type} (f : T -> R) a b, rsum f (a ++ b) = rsum f a + rsum f b.
Proof. intros T f a b. induction a as [|x a IH]; cbn; [ ring | rewrite IH; ring ]. Qed.

Lemma rsum_map : forall {S T : Type} (f : T -> R) (u : S -> T) ss, rsum f (map u ss) = rsum (fun s => f (u s)) ss.
Proof. intros S T f u ss. induction ss as [|x ss IH]; cbn; [ reflexivity | rewrite IH; reflexivity ]. Qed.

Lemma rsum_flat_map : forall {S T : Type} (f : T -> R) (u : S ->
  list T) ss, rsum f (flat_map u ss) = rsum (fun s => rsum f (u s)) ss.
Proof. intros S T f u ss. induction ss as [|x ss IH]; cbn; [ reflexivity | rewrite rsum_app, IH; reflexivity ]. Qed.

(** Of a list of consecutive numbers, at most one is j. *)
Lemma indicator_sum_between : forall a len j : nat,
  rsum (fun i => ind (j =? i)%nat) (seq a len) = if ((a <=? j) && (j <? a + len))%nat then 1 else 0.
Proof.
  intros a len j. revert a. induction len as [|len IH]; intros a; cbn [seq rsum].
  - destruct (Nat.leb_spec a j), (Nat.ltb_spec j (a + 0)); cbn; (reflexivity || lia).
  - rewrite IH. destruct (Nat.eqb_spec j a), (Nat.leb_spec (S a) j), (Nat.ltb_spec j (S a + len)),
      (Nat.leb_spec a j), (Nat.ltb_spec j (a + S len)); cbn; (lra || lia).
Qed.

Lemma indicator_sum : forall len j, (j < len)%nat -> rsum (fun i => ind (j =? i)%nat) (seq 0 len) = 1.
Proof.
  intros len j H. rewrite indicator_sum_between.
  destruct (Nat.leb_spec 0 j), (Nat.ltb_spec j (0 + len)); cbn; (reflexivity || lia).
Qed.

(** ** Two stages, and n independent samples *)
Section TwoStage.
Context {X Y : Type} (E : (X -> R) -> R) (HE : expectation E) (K : X -> (Y -> R) ->
  R) (HK : forall x, expectation (K x)).

Definition two_stage (f : X * Y -> R) : R := E (fun x => K x (fun y => f (x, y))).

Lemma inner_bounded : forall f : X * Y -> R, bounded f -> bounded (fun x => K x (fun y => f (x, y))).
Proof. intros f [M HM]. exists M. intros x. apply (e_abs (K x) (HK x)). intros y. apply HM. Qed.

Lemma two_stage_expectation : expectation two_stage.
Proof.
  unfold two_stage. constructor.
  - intros f g H. apply (e_ext E HE). intros x. apply (e_ext (K x) (HK x)). intros y. apply H.
  - intros f g Hf Hg. rewrite <- (e_add E HE) by (apply inner_bounded; assumption). apply (e_ext E HE). intros x.
    apply (e_add (K x) (HK x)); apply (bounded_comp _ (fun y => (x, y))); assumption.
  - intros c f Hf. rewrite <- (e_scal E HE) by (apply inner_bounded; assumption). apply (e_ext E HE). intros x.
    apply (e_scal (K x) (HK x)); apply (bounded_comp _ (fun y => (x, y))); assumption.
  - rewrite <- (e_one E HE) at 1. apply (e_ext E HE). intros x. apply (e_one (K x) (HK x)).
  - intros f Hf H. apply (e_pos E HE); [ apply inner_bounded; exact Hf | ]. intros x.
    apply (e_pos (K x) (HK x)); [ apply (bounded_comp _ (fun y => (x, y))); exact Hf | ]. intros y. apply H.
Qed.

End TwoStage.

Section Samples.
Context {Z : Type} (E : (Z -> R) -> R) (HE : expectation E).

Fixpoint sample (n : nat) : Type := match n with O => unit | S n' => (Z * sample n')%type end.

Fixpoint En (n : nat) : (sample n -> R) -> R :=
  match n with O => fun f => f tt | S n' => fun f => E (fun z => En n' (fun D => f (z, D))) end.

Lemma En_expectation : forall n, expectation (En n).
Proof.
  induction n as [|n IH]; cbn [En].
  - constructor; auto.
  - exact (two_stage_expectation E HE (fun _ => En n) (fun _ => IH)).
Qed.

Fixpoint ssum (h : Z -> R) (n : nat) : sample n -> R :=
  match n with O => fun _ => 0 | S n' => fun D => h (fst D) + ssum h n' (snd D) end.

Lemma bounded_ssum : forall h n, bounded h -> bounded (ssum h n).
Proof.
  intros h n Hh. induction n as [|n IH]; cbn; [ apply bounded_const | ].
  apply bounded_plus; [ apply (bounded_comp h fst Hh) | apply (bounded_comp (ssum h n) snd IH) ].
Qed.

Lemma ssum_ext : forall h k n D, (forall z, h z = k z) -> ssum h n D = ssum k n D.
Proof. induction n as [|n IH]; cbn; intros D H; [ reflexivity | rewrite H, IH; auto ]. Qed.

Lemma ssum_add : forall h k n D, ssum (fun z => h z + k z) n D = ssum h n D + ssum k n D.
Proof. induction n as [|n IH]; cbn; intros D; [ ring | rewrite IH; ring ]. Qed.

Lemma ssum_scal : forall c h n D, ssum (fun z => c * h z) n D = c * ssum h n D.
Proof. induction n as [|n IH]; cbn; intros D; [ ring | rewrite IH; ring ]. Qed.

Lemma ssum_const : forall c n D, ssum (fun _ => c) n D = INR n * c.
Proof. induction n as [|n IH]; [ intros; cbn; ring | ]. intros D. cbn [ssum]. rewrite IH, S_INR. ring. Qed.

Lemma ssum_le : forall h k n D, (forall z, h z <= k z) -> ssum h n D <= ssum k n D.
Proof. induction n as [|n IH]; intros D H; cbn [ssum]; [ apply Rle_refl | ].
apply Rplus_le_compat; [ apply H | apply IH, H ]. Qed.

Lemma ssum_rsum : forall {T : Type} (h : T -> Z -> R) (ts : list T) n D,
  ssum (fun z => rsum (fun t => h t z) ts) n D = rsum (fun t => ssum (h t) n D) ts.
Proof.
  intros T h ts n D. induction ts as [|t ts IH]; cbn; [ rewrite ssum_const; ring | ]. rewrite ssum_add, IH.
  reflexivity.
Qed.

(** independence: the moment generating function of a sum *)
Lemma En_exp_ssum : forall h n, bounded h -> En n (fun D => exp (ssum h n D)) = E (fun z => exp (h z)) ^ n.
Proof.
  intros h n Hh. induction n as [|n IH]; cbn; [ apply exp_0 | ].
  transitivity (E (fun z => E (fun z0 => exp (h z0)) ^ n * exp (h z))).
  - apply (e_ext E HE). intros z. rewrite <- IH.
    transitivity (En n (fun D => exp (h z) * exp (ssum h n D))).
    + apply (e_ext _ (En_expectation n)). intros D. apply exp_plus.
    + rewrite (e_scal _ (En_expectation n)) by (apply bounded_exp, bounded_ssum, Hh). ring.
  - rewrite (e_scal E HE) by (apply bounded_exp, Hh). ring.
Qed.

End Samples.
