(** Lemmas 2, 4 and 5 and Equation (5) of "No Free Prune" with the printed constants, and sharper ones.

    Inputs x with the index of their component, which is drawn from the posterior given x, so that E[z | x, l] = 0:
    the hypothesis that the paper needs and does not state. Labels y lie in [-1, 1], g(x) = E[y | x], z = y - g(x). *)
From NoFreePrune Require Export FiniteClass.

(** Hoeffding's inequality for the lower tail of a sum. *)
Lemma hoeffding_lower : forall {Z : Type} (E : (Z -> R) -> R) (HE : expectation E) (f : Z -> R) a b u n,
  (forall z, a <= f z <= b) -> a < b -> 0 <= u ->
  En E n (fun D => ind (rleb (ssum f n D) (INR n * (E f - u)))) <= exp (- (2 * INR n * u ^ 2 / (b - a) ^ 2)).
Proof.
  intros Z E HE f a b u n Hf Hab Hu. pose proof (En_expectation E HE n) as HN.
  assert (Bf : bounded f) by (apply (bounded_between _ a b), Hf).
  rewrite (e_ext _ HN _ (fun D => ind (rleb (INR n * u) (ssum (fun z => E f - f z) n D)))).
  2:{ intros D. f_equal. replace (ssum (fun z => E f - f z) n D) with (INR n * E f - ssum f n D).
      - unfold rleb. destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra.
      - rewrite <- (ssum_const (E f) n D). replace (ssum (fun _ => E f) n D - ssum f n D)
          with (ssum (fun _ => E f) n D + -1 * ssum f n D) by ring.
        rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros z. ring. }
  assert (0 < (b - a) ^ 2) by (apply pow_lt; lra).
  eapply Rle_trans; [ apply (chernoff E HE (fun z => E f - f z) ((b - a) ^ 2 / 4) u n); [ bnd | lra | lra | ] | ].
  - intros s _. pose proof (hoeffding E HE f a b (- s) Hf) as M.
    rewrite (e_ext E HE _ (fun z => exp (- s * (f z - E f)))) by (intros; f_equal; ring).
    eapply Rle_trans; [ exact M | ]. apply exp_le, Req_le. field.
  - apply exp_le, Req_le. field. lra.
Qed.

Section Samples.
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex).
Context (K : X -> (Y -> R) -> R) (HK : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat) (n : nat) (epsilon : R).
Hypothesis labels : forall y, -1 <= lab y <= 1.
Hypothesis components : forall x, (component x < k)%nat.
Hypothesis epsilon_pos : 0 <= epsilon.
Let N := INR n.
Let E := E1 Ex K.
Let HE : expectation E := HE1 Ex HEx K HK.
Let HN : expectation (En E n) := En_expectation E HE n.
Let sigma2 := sigma2 Ex K lab.
Let z := noise K lab.
Let g1 (w : X * Y) : R := g K lab (fst w).

(** ** The noise given the input *)

Lemma z_range : forall w, -2 <= z w <= 2.
Proof.
  intros [x y]. unfold z, noise. cbn [fst snd]. pose proof (labels y). pose proof (g_range K HK lab labels x). lra.
Qed.

Lemma mean_z : forall x, K x (fun y => z (x, y)) = 0.
Proof.
  intros x. unfold z, noise. cbn [fst snd]. pose proof (bounded_lab lab labels).
  rewrite (e_minus _ (HK x)), (e_const _ (HK x)) by bnd. unfold g. ring.
Qed.

Lemma mean_z2 : E (fun w => z w ^ 2) = sigma2.
Proof.
  unfold E, E1, two_stage, sigma2, FiniteClass.sigma2. apply (e_ext Ex HEx). intros x.
  unfold z, noise, var. cbn [fst snd]. pose proof (bounded_lab lab labels). set (m := g K lab x).
  rewrite (e_ext _ (HK x) _ (fun y => lab y ^ 2 - (2 * m * lab y - m ^ 2))) by (intros; ring).
  rewrite !(e_minus _ (HK x)), (e_scal _ (HK x)), (e_const _ (HK x)) by bnd. unfold m, g. ring.
Qed.

Lemma mean_zg : E (fun w => z w * g1 w) = 0.
Proof.
  unfold E, E1, two_stage. rewrite <- (e_const Ex HEx 0). apply (e_ext Ex HEx). intros x. unfold g1. cbn [fst].
  rewrite (e_ext _ (HK x) _ (fun y => g K lab x * z (x, y))) by (intros; ring).
  rewrite (e_scal _ (HK x)); [ rewrite mean_z; ring | ].
  apply (bounded_between _ (-2) 2). intros y. apply z_range.
Qed.

(** ** The events *)

(** A_f: MSE(f) <= sigma^2 - epsilon. B and C of Lemma 4, negated: the means of z^2 and of z g are small. *)
Definition A (f : X -> R) (D : @sample (X * Y) n) : bool := mse_at_most lab n f (sigma2 - epsilon) D.
Definition not_B (D : @sample (X * Y) n) : bool := rleb (ssum (fun w => z w ^ 2) n D) (N * (sigma2 - epsilon / 6)).
Definition not_C (D : @sample (X * Y) n) : bool := rleb (ssum (fun w => z w * g1 w) n D) (N * (0 - epsilon / 6)).

(** D_f, E_f, F: the mean of f z is at least epsilon/4; that of (f - E f) z, and the imbalance, at least epsilon/8. *)
Definition D_f (f : X -> R) (D : @sample (X * Y) n) : bool :=
  rleb (N * (epsilon / 4)) (ssum (fun w => f (fst w) * z w) n D).

Definition E_f (f : X -> R) (e : nat -> R) (D : @sample (X * Y) n) : bool :=
  correlates K lab component n f e (epsilon / 8) D.

Definition part (l : nat) (D : @sample (X * Y) n) : R :=
  ssum (fun w => ind (component (fst w) =? l)%nat * z w) n D.

Definition F (D : @sample (X * Y) n) : bool :=
  rleb (N * (epsilon / 8)) (rsum (fun l => Rabs (part l D)) (seq 0 k)).

(** ** Lemma 4 *)

Theorem lemma_4_implication : forall f D, A f D = true -> not_B D = false -> not_C D = false -> D_f f D = true.
Proof.
  intros f D. unfold A, not_B, not_C, D_f, mse_at_most, rleb. fold N.
  destruct (Rle_dec _ _) as [HA | ]; [ intros _ | discriminate ].
  destruct (Rle_dec _ _) as [ | HB]; [ discriminate | intros _ ].
  destruct (Rle_dec _ _) as [ | HC]; [ discriminate | intros _ ].
  destruct (Rle_dec _ _) as [ | HD]; [ reflexivity | exfalso; apply HD; clear HD ].
  assert (L : ssum (fun w => z w ^ 2 + (2 * (z w * g1 w) + -2 * (f (fst w) * z w))) n D <= ssum (sq_error lab f) n D).
  { apply ssum_le. intros w. unfold sq_error, z, g1, noise. pose proof (pow2_ge_0 (f (fst w) - g K lab (fst w))).
    nra. }
  rewrite !ssum_add, !ssum_scal in L. lra.
Qed.

Theorem lemma_4_probability : En E n (fun D => ind (not_B D || not_C D)) <= 2 * exp (- (N * epsilon ^ 2 / 8 ^ 3)).
Proof.
  assert (HNN : 0 <= N * epsilon ^ 2) by (apply Rmult_le_pos; [ apply pos_INR | apply pow2_ge_0 ]).
  assert (HB : En E n (fun D => ind (not_B D)) <= exp (- (N * epsilon ^ 2 / 8 ^ 3))).
  { unfold not_B. rewrite <- mean_z2.
    eapply Rle_trans; [ apply (hoeffding_lower E HE (fun w => z w ^ 2) 0 4 (epsilon / 6) n); [ | lra | lra ] | ].
    - intros w. pose proof (z_range w). nra.
    - apply exp_le. fold N. lra. }
  assert (HC : En E n (fun D => ind (not_C D)) <= exp (- (N * epsilon ^ 2 / 8 ^ 3))).
  { unfold not_C. rewrite <- mean_zg.
    eapply Rle_trans; [ apply (hoeffding_lower E HE (fun w => z w * g1 w) (-2) 2 (epsilon / 6) n);
    [ | lra | lra ] | ].
    - intros [x y]. pose proof (z_range (x, y)). pose proof (g_range K HK lab labels x). unfold g1. cbn [fst]. nra.
    - apply exp_le. fold N. lra. }
  apply Rle_trans with (En E n (fun D => ind (not_B D) + ind (not_C D))).
  - apply (e_mono _ HN); [ bnd | bnd | ]. intros D. destruct (not_B D), (not_C D); cbn; lra.
  - rewrite (e_add _ HN) by bnd. lra.
Qed.

(** ** Lemma 5 *)

Lemma weighted : forall (c : nat -> R) D, ssum (fun w => c (component (fst w)) * z w) n D = rsum (fun l => c l *
  part l D) (seq 0 k).
Proof.
  intros c D. transitivity (ssum (fun w => rsum (fun l => c l * (ind (component (fst w) =? l)%nat * z w)) (seq 0 k))
  n D).
  - apply ssum_ext. intros w. specialize (components (fst w)). generalize dependent (component (fst w)). intros j Hj.
    transitivity (c j * z w * rsum (fun l => ind (j =? l)%nat) (seq 0 k)).
    + rewrite indicator_sum by exact Hj. ring.
    + rewrite <- rsum_scal. apply rsum_ext. intros l _. destruct (Nat.eqb_spec j l) as [-> | ]; cbn; ring.
  - rewrite ssum_rsum. apply rsum_ext. intros l _. unfold part. rewrite <- ssum_scal. reflexivity.
Qed.

Theorem lemma_5_implication : forall f e D, (forall l, -1 <= e l <= 1) -> D_f f D = true ->
  E_f f e D = true \/ F D = true.
Proof.
  intros f e D He. unfold D_f, E_f, F, correlates, rleb. fold z N.
  destruct (Rle_dec _ _) as [HD | ]; [ intros _ | discriminate ].
  destruct (Rle_dec _ _) as [ | HE']; [ left; reflexivity | right ].
  destruct (Rle_dec _ _) as [ | HF]; [ reflexivity | exfalso ].
  assert (S : ssum (fun w => f (fst w) * z w) n D = ssum (fun w => (f (fst w) - e (component (fst w))) * z w) n D
    + rsum (fun l => e l * part l D) (seq 0 k)).
  { rewrite <- weighted, <- ssum_add. apply ssum_ext. intros w. ring. }
  assert (L : rsum (fun l => e l * part l D) (seq 0 k) <= rsum (fun l => Rabs (part l D)) (seq 0 k)).
  { apply rsum_le. intros l _. specialize (He l). unfold Rabs. destruct (Rcase_abs (part l D)); nra. }
  lra.
Qed.

(** F holds only if some signs of the components correlate with the noise. *)
Definition aligned (bs : list bool) (D : @sample (X * Y) n) : bool :=
  rleb (N * (epsilon / 8)) (ssum (fun w => sg bs (component (fst w)) * z w) n D).

Lemma imbalance_aligned : forall D, F D = true -> exists bs, In bs (vectors k) /\ aligned bs D = true.
Proof.
  intros D. unfold F, aligned, rleb. destruct (Rle_dec _ _) as [HF | ]; [ intros _ | discriminate ].
  destruct (best_sign K lab k component components n (fun l => if Rle_dec 0 (part l D) then 1 else -1) D) as [bs
  [Hin Hbs]].
  { intros l. destruct (Rle_dec 0 (part l D)); lra. }
  exists bs. split; [ exact Hin | ]. destruct (Rle_dec _ _) as [ | Hno]; [ reflexivity | exfalso; apply Hno ].
  eapply Rle_trans; [ exact HF | ]. eapply Rle_trans; [ | exact Hbs ]. fold z.
  rewrite (weighted (fun l => if Rle_dec 0 (part l D) then 1 else -1)). apply Req_le, rsum_ext. intros l _.
  destruct (Rle_dec 0 (part l D)); [ rewrite Rabs_pos_eq by assumption | rewrite Rabs_left by lra ]; ring.
Qed.

Lemma aligned_probability : forall bs, En E n (fun D => ind (aligned bs D)) <= exp (- (N * epsilon ^ 2 / 128)).
Proof.
  intros bs. unfold aligned.
  assert (B : bounded (fun w => sg bs (component (fst w)) * z w)).
  { apply (bounded_between _ (-2) 2). intros w. pose proof (z_range w).
    destruct (sg_pm bs (component (fst w))) as [-> | ->]; lra. }
  eapply Rle_trans; [ apply (chernoff E HE _ 1 (epsilon / 8) n B); [ lra | lra | ] | apply exp_le; fold N; lra ].
  intros s _. unfold E, E1, two_stage.
  assert (Bx : bounded (fun x => K x (fun y => exp (s * (sg bs (component (fst (x, y))) * z (x, y)))))).
  { apply (inner_bounded K HK (fun w => exp (s * (sg bs (component (fst w)) * z w)))). bnd. }
  apply (e_le_const Ex HEx); [ exact Bx | ]. intros x. cbn [fst]. set (c := sg bs (component x)).
  pose proof (hoeffding (K x) (HK x) lab (-1) 1 (s * c) labels) as H.
  rewrite (e_ext _ (HK x) _ (fun y => exp (s * c * (lab y - K x lab)))).
  2:{ intros y. f_equal. unfold z, noise, g. cbn [fst snd]. ring. }
  eapply Rle_trans; [ exact H | ]. apply exp_le. unfold c.
  destruct (sg_pm bs (component x)) as [-> | ->]; apply Req_le; field.
Qed.

(** Sharper than printed: 2^k in place of 2k, and an exponent without k. *)
Theorem lemma_5_sharp : En E n (fun D => ind (F D)) <= 2 ^ k * exp (- (N * epsilon ^ 2 / 128)).
Proof.
  apply Rle_trans with (En E n (fun D => rsum (fun bs => ind (aligned bs D)) (vectors k))).
  - apply (e_mono _ HN); [ bnd | apply bounded_rsum; intros; bnd | ]. intros D.
    assert (P : forall bs, In bs (vectors k) -> 0 <= ind (aligned bs D)) by (intros bs _; destruct (aligned bs D);
    cbn; lra).
    destruct (F D) eqn:HF; cbn [ind]; [ | apply rsum_nonneg, P ].
    destruct (imbalance_aligned D HF) as [bs [Hin Hbs]].
    eapply Rle_trans; [ | apply (rsum_member _ _ bs Hin P) ]. rewrite Hbs. cbn. lra.
  - rewrite (e_rsum _ HN (fun bs D => ind (aligned bs D))) by (intros; bnd).
    eapply Rle_trans; [ apply (rsum_le _ (fun _ => exp (- (N * epsilon ^ 2 / 128)))) | ].
    + intros bs _. apply aligned_probability.
    + rewrite rsum_const, vectors_length, pow_INR. apply Req_le. reflexivity.
Qed.

Lemma N_eps_nonneg : 0 <= N * epsilon ^ 2.
Proof. apply Rmult_le_pos; [ apply pos_INR | apply pow2_ge_0 ]. Qed.

Lemma components_exist : (0 < k)%nat.
Proof.
  destruct k as [ | k']; [ exfalso | lia ].
  assert (H : Ex (fun _ => 1) = Ex (fun _ => 0)) by (apply (e_ext Ex HEx); intros x; specialize (components x); lia).
  rewrite !(e_const Ex HEx) in H. lra.
Qed.

(** As printed; where the printed bound is at least 1 there is nothing to show. *)
Theorem lemma_5_printed : En E n (fun D => ind (F D)) <= 2 * INR k * exp (- (N * epsilon ^ 2 / (8 ^ 3 * INR k))).
Proof.
  pose proof N_eps_nonneg as Hx. set (x := N * epsilon ^ 2) in *.
  assert (Hk : 1 <= INR k) by (change 1 with (INR 1); apply le_INR, components_exist).
  destruct (Rle_lt_dec 1 (2 * INR k * exp (- (x / (8 ^ 3 * INR k))))) as [H1 | H1].
  - apply Rle_trans with 1; [ | exact H1 ].
    apply (e_le_const _ HN); [ bnd | ]. intros D. destruct (F D); cbn; lra.
  - eapply Rle_trans; [ apply lemma_5_sharp | ]. fold x.
    assert (H2k : 2 ^ k = exp (INR k * ln 2)) by (rewrite <- Rpower_pow by lra; reflexivity).
    rewrite H2k, <- exp_plus. rewrite <- (exp_ln (2 * INR k)) in H1 |- * by lra. rewrite <- exp_plus in H1 |- *.
    assert (L : ln (2 * INR k) < x / (8 ^ 3 * INR k)).
    { rewrite <- exp_0 in H1. apply exp_lt_inv in H1. lra. }
    apply exp_le. rewrite ln_mult in L |- * by lra.
    assert (0 <= ln (INR k)) by (destruct Hk as [Hk | <-]; [ rewrite <- ln_1; left; apply ln_increasing;
    lra | rewrite ln_1; lra ]).
    assert (0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
    assert (E1' : x = x / (8 ^ 3 * INR k) * (512 * INR k)) by (field; lra).
    set (v := x / (8 ^ 3 * INR k)) in *. nra.
Qed.

(** ** Equation (5) and Lemma 2 *)

Theorem equation_5 : forall f e D, (forall l, -1 <= e l <= 1) -> A f D = true ->
  not_B D = true \/ not_C D = true \/ E_f f e D = true \/ F D = true.
Proof.
  intros f e D He HA. destruct (not_B D) eqn:HB; [ auto | ]. destruct (not_C D) eqn:HC; [ auto | ].
  right. right. apply (lemma_5_implication f e D He), lemma_4_implication; assumption.
Qed.

Section Learner.
Context {T : Type} (ts : list T) (f : T -> X -> R) (e : T -> nat -> R) (p : T -> @sample (X * Y) n -> R).
Hypothesis learns : learner ts p.
Hypothesis means : forall t l, -1 <= e t l <= 1.
Let P := selected (En E n) ts p.

(** P(MSE(f^W) <= sigma^2 - epsilon) <= (2k + 2) exp(-n epsilon^2/(8^3 k)) + P(X_W >= epsilon/8) *)
Theorem lemma_2_printed :
  P (fun t => A (f t)) <= (2 * INR k + 2) * exp (- (N * epsilon ^ 2 / (8 ^ 3 * INR k))) + P (fun t => E_f (f t) (e
  t)).
Proof.
  set (G := fun D => ind (not_B D || not_C D)). set (H := fun D => ind (F D)).
  assert (BG : bounded G) by (unfold G; bnd). assert (BH : bounded H) by (unfold H; bnd).
  assert (BP : bounded (fun D => rsum (fun t => p t D * ind (E_f (f t) (e t) D)) ts)).
  { apply bounded_rsum. intros t. pose proof (bounded_p ts p learns t). bnd. }
  apply Rle_trans with (En E n (fun D => G D + H D + rsum (fun t => p t D * ind (E_f (f t) (e t) D)) ts)).
  - apply (e_mono _ HN); [ | bnd | ].
    + apply bounded_rsum. intros t. pose proof (bounded_p ts p learns t). bnd.
    + intros D. assert (0 <= G D) by (unfold G, ind; destruct (_ || _); lra).
      assert (0 <= H D) by (unfold H, ind; destruct (F D); lra).
      rewrite <- (Rmult_1_r (G D + H D)), <- (p_sum ts p learns D), <- rsum_scal, <- rsum_add. apply rsum_le.
      intros t _. pose proof (p_range ts p learns t D) as Hp.
      assert (0 <= ind (E_f (f t) (e t) D) <= 1) by (unfold ind; destruct (E_f _ _ D); lra).
      destruct (A (f t) D) eqn:HA; cbn [ind]; [ | nra ].
      destruct (equation_5 (f t) (e t) D (means t) HA) as [C | [C | [C | C]]].
      * assert (G D = 1) by (unfold G; rewrite C; reflexivity). nra.
      * assert (G D = 1) by (unfold G; rewrite C, orb_true_r; reflexivity). nra.
      * rewrite C. cbn [ind]. nra.
      * assert (H D = 1) by (unfold H; rewrite C; reflexivity). nra.
  - rewrite !(e_add _ HN) by bnd. apply Rplus_le_compat_r.
    pose proof lemma_4_probability as L4. pose proof lemma_5_printed as L5. fold G in L4. fold H in L5.
    assert (Hk : 1 <= INR k) by (change 1 with (INR 1); apply le_INR, components_exist).
    pose proof N_eps_nonneg as Hx.
    assert (exp (- (N * epsilon ^ 2 / 8 ^ 3)) <= exp (- (N * epsilon ^ 2 / (8 ^ 3 * INR k)))); [ | lra ].
    apply exp_le, Ropp_le_contravar. unfold Rdiv. apply Rmult_le_compat_l; [ exact Hx | ].
    apply Rinv_le_contravar; lra.
Qed.

End Learner.

End Samples.
