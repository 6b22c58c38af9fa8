(** Lemmas 2 and 5 and Theorem 3 of "No Free Prune" in their repaired, sharper form: the law for a finite class, for
    functions whose correlation with the noise has a given variance proxy. *)
From NoFreePrune Require Export Chernoff.

Fixpoint vectors (k : nat) : list (list bool) :=
  match k with O => [[]] | S k' => map (cons true) (vectors k') ++ map (cons false) (vectors k') end.

Lemma vectors_length : forall k, length (vectors k) = (2 ^ k)%nat.
Proof. induction k as [|k IH]; cbn; [ reflexivity | ]. rewrite app_length, !map_length, IH. lia. Qed.

Lemma vectors_complete : forall bs, In bs (vectors (length bs)).
Proof.
  induction bs as [|b bs IH]; cbn; [ left; reflexivity | ]. apply in_or_app.
  destruct b; [ left | right ]; apply in_map; exact IH.
Qed.

Section Model.

(** inputs x with the index of their component (drawn anew from the posterior), labels y given x in [-1, 1] *)
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex) (K : X -> (Y -> R) ->
  R) (HK : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat).
Hypothesis Hlab : forall y, -1 <= lab y <= 1.
Hypothesis Hcomp : forall x, (component x < k)%nat.

Definition g (x : X) : R := K x lab.                                  (* E[y | x] *)
Definition var (x : X) : R := K x (fun y => lab y ^ 2) - g x ^ 2.      (* Var(y | x) *)
Definition sigma2 : R := Ex var.                                      (* noise level *)
Definition E1 : (X * Y -> R) -> R := two_stage Ex K.                   (* one labelled sample *)
Definition noise (w : X * Y) : R := lab (snd w) - g (fst w).
Definition sq_error (f : X -> R) (w : X * Y) : R := (f (fst w) - lab (snd w)) ^ 2.

Lemma HE1 : expectation E1. Proof. apply two_stage_expectation; assumption. Qed.

Lemma bounded_lab : bounded lab. Proof. apply (bounded_between _ (-1) 1), Hlab. Qed.

Lemma g_range : forall x, -1 <= g x <= 1.
Proof.
  intros x. pose proof bounded_lab.
  split; [ apply (e_ge_const _ (HK x)) | apply (e_le_const _ (HK x)) ]; auto; intros y; apply Hlab.
Qed.

Lemma bounded_g : bounded g. Proof. apply (bounded_between _ (-1) 1), g_range. Qed.

Lemma var_range : forall x, 0 <= var x <= 1.
Proof.
  intros x. pose proof bounded_lab. unfold var. split.
  - assert (H0 : 0 <= K x (fun y => lab y ^ 2 - (2 * g x * lab y - g x ^ 2))).
    { apply (e_pos _ (HK x)); [ bnd | ]. intros y. pose proof (pow2_ge_0 (lab y - g x)). nra. }
    rewrite !(e_minus _ (HK x)), (e_scal _ (HK x)), (e_const _ (HK x)) in H0 by bnd. unfold g in *. nra.
  - assert (H1 : K x (fun y => lab y ^ 2) <= 1).
    { apply (e_le_const _ (HK x)); [ bnd | ]. intros y. specialize (Hlab y). nra. }
    pose proof (pow2_ge_0 (g x)). lra.
Qed.

Lemma bounded_var : bounded var. Proof. apply (bounded_between _ 0 1), var_range. Qed.

Lemma bounded_noise : bounded noise.
Proof. unfold noise. apply bounded_minus; [ apply (bounded_comp lab snd bounded_lab)
| apply (bounded_comp g fst bounded_g) ]. Qed.

(** ** Concentration over sign vectors *)
Definition sg (bs : list bool) (l : nat) : R := if nth l bs true then 1 else -1.

Lemma sg_pm : forall bs l, sg bs l = 1 \/ sg bs l = -1.
Proof. intros bs l. unfold sg. destruct (nth l bs true); auto. Qed.

Definition score (bs : list bool) (w : X * Y) : R :=
  (lab (snd w) - sg bs (component (fst w))) ^ 2 - (g (fst w) - sg bs (component (fst w))) ^ 2.

Lemma bounded_sg : forall bs, bounded (fun w : X * Y => sg bs (component (fst w))).
Proof. intros bs. apply (bounded_between _ (-1) 1). intros w.
destruct (sg_pm bs (component (fst w))) as [-> | ->]; lra. Qed.

Lemma bounded_lab_snd : bounded (fun w : X * Y => lab (snd w)). Proof. exact (bounded_comp lab snd bounded_lab). Qed.

Lemma bounded_g_fst : bounded (fun w : X * Y => g (fst w)). Proof. exact (bounded_comp g fst bounded_g). Qed.

Lemma bounded_score : forall bs, bounded (score bs).
Proof. intros bs. pose proof (bounded_sg bs). pose proof bounded_lab_snd. pose proof bounded_g_fst. unfold score.
bnd. Qed.

Lemma score_mgf : forall bs s, E1 (fun w => exp (s * (sigma2 - score bs w))) <= exp (17 / 4 * s ^ 2 / 2).
Proof.
  intros bs s. pose proof bounded_lab as Bl. pose proof bounded_var as Bv. unfold E1, two_stage.
  apply Rle_trans with (Ex (fun x => exp (2 * s ^ 2) * exp (- s * (var x - sigma2)))).
  - apply (e_mono Ex HEx).
    + apply (inner_bounded K HK (fun w => exp (s * (sigma2 - score bs w)))). pose proof (bounded_score bs). bnd.
    + bnd.
    + intros x. set (c := sg bs (component x)).
      assert (Hm : K x (fun y => (lab y - c) ^ 2) = var x + (g x - c) ^ 2).
      { rewrite (e_ext _ (HK x) _ (fun y => lab y ^ 2 - (2 * c * lab y - c ^ 2))) by (intros; ring).
        rewrite !(e_minus _ (HK x)), (e_scal _ (HK x)), (e_const _ (HK x)) by bnd. unfold var, g. ring. }
      pose proof (hoeffding (K x) (HK x) (fun y => (lab y - c) ^ 2) 0 4 (- s)) as H.
      rewrite Hm in H. specialize (H ltac:(intros y; specialize (Hlab y); unfold c;
      destruct (sg_pm bs (component x)) as [-> | ->]; nra)).
      rewrite (e_ext _ (HK x) _ (fun y => exp (- s * (var x - sigma2)) * exp (- s * ((lab y - c) ^ 2 - (var x + (g x
      - c) ^ 2))))).
      2:{ intros y. rewrite <- exp_plus. f_equal. unfold score. cbn [fst snd]. fold c. ring. }
      rewrite (e_scal _ (HK x)) by bnd. rewrite Rmult_comm. apply Rmult_le_compat_r; [ left; apply exp_pos | ].
      eapply Rle_trans; [ exact H | ]. apply exp_le. apply Req_le. field.
  - rewrite (e_scal Ex HEx) by bnd.
    pose proof (hoeffding Ex HEx var 0 1 (- s) var_range) as H. fold sigma2 in H.
    eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact H ] | ].
    rewrite <- exp_plus. apply exp_le, Req_le. field.
Qed.
Variable n : nat.
Let N := INR n.

Definition low_score (t : R) (bs : list bool) (D : sample n) : bool := rleb (N * t) (ssum (fun w => sigma2 - score
  bs w) n D).

Lemma sign_concentration : forall t bs, 0 <= t -> En E1 n (fun D => ind (low_score t bs D)) <= exp (- (2 * N * t ^ 2
  / 17)).
Proof.
  intros t bs Ht. pose proof (bounded_score bs). unfold low_score.
  eapply Rle_trans; [ apply (chernoff E1 HE1 (fun w => sigma2 - score bs w) (17 / 4) t n) | ];
  [ bnd | lra | lra | | ].
  - intros s _. apply score_mgf.
  - apply exp_le, Req_le. fold N. field.
Qed.

(** ** A function that fits correlates with the noise, or some sign vector has a low score *)
Lemma best_sign : forall (e : nat -> R) (D : sample n), (forall l, -1 <= e l <= 1) -> exists bs, In bs (vectors k) /\
  ssum (fun w => e (component (fst w)) * noise w) n D <= ssum (fun w => sg bs (component (fst w)) * noise w) n D.
Proof.
  intros e D He. set (S := fun l => ssum (fun w => ind (component (fst w) =? l)%nat * noise w) n D).
  set (bs := map (fun l => rleb 0 (S l)) (seq 0 k)).
  assert (Hlen : length bs = k) by (unfold bs; rewrite map_length, seq_length; reflexivity).
  exists bs. split; [ rewrite <- Hlen at 1; apply vectors_complete | ].
  assert (Split : forall c : nat -> R, ssum (fun w => c (component (fst w)) * noise w) n D = rsum (fun l => c l * S
  l) (seq 0 k)).
  { intros c. transitivity (ssum (fun w => rsum (fun l => c l * (ind (component (fst w) =? l)%nat * noise w)) (seq 0
    k)) n D).
    - apply ssum_ext. intros w. specialize (Hcomp (fst w)). set (j := component (fst w)) in *. clearbody j.
      assert (G : forall a len, (a <= j < a + len)%nat ->
      c j * noise w = rsum (fun l => c l * (ind (j =? l)%nat * noise w)) (seq a len)).
      { intros a len. revert a. induction len as [|len IH]; intros a Ha; [ lia | ]. cbn [seq rsum].
        destruct (Nat.eq_dec j a) as [-> | Hn].
        - rewrite Nat.eqb_refl. unfold ind at 1. rewrite (rsum_ext _ (fun _ => 0)); [ rewrite rsum_const; ring | ].
          intros l Hl. apply in_seq in Hl. destruct (Nat.eqb_spec a l); [ lia | unfold ind; ring ].
        - rewrite <- IH by lia. destruct (Nat.eqb_spec j a); [ lia | unfold ind; ring ]. }
      apply G. lia.
    - rewrite ssum_rsum. apply rsum_ext. intros l _. unfold S. rewrite <- ssum_scal. reflexivity. }
  rewrite !Split. apply rsum_le. intros l Hl. apply in_seq in Hl.
  assert (Hs : sg bs l = if rleb 0 (S l) then 1 else -1).
  { unfold sg, bs. rewrite (nth_indep _ true (rleb 0 (S 0%nat))) by (fold bs; lia).
    rewrite (map_nth (fun l => rleb 0 (S l)) (seq 0 k) 0%nat l), seq_nth by lia. reflexivity. }
  rewrite Hs. specialize (He l). unfold rleb. destruct (Rle_dec 0 (S l)); nra.
Qed.

Definition mse_at_most (f : X -> R) (level : R) (D : sample n) : bool := rleb (ssum (sq_error f) n D) (N * level).
Definition correlates (f : X -> R) (e : nat -> R) (tau : R) (D : sample n) : bool :=
  rleb (N * tau) (ssum (fun w => (f (fst w) - e (component (fst w))) * noise w) n D).

Lemma fit_implies : forall f e eps tau D, (forall l, -1 <= e l <= 1) -> mse_at_most f (sigma2 - eps) D = true ->
  correlates f e tau D = true \/ exists bs, In bs (vectors k) /\ low_score (eps - 2 * tau) bs D = true.
Proof.
  intros f e eps tau D He Hfit. destruct (correlates f e tau D) eqn:Hc; [ left; reflexivity | right ].
  destruct (best_sign e D He) as [bs [Hin Hbs]]. exists bs. split; [ exact Hin | ].
  unfold low_score, mse_at_most, correlates, rleb in *.
  destruct (Rle_dec (ssum (sq_error f) n D) (N * (sigma2 - eps))) as [Hf|]; [ | discriminate ].
  destruct (Rle_dec (N * tau) _) as [|Hx] in Hc; [ discriminate | ]. clear Hc Hfit.
  destruct (Rle_dec _ _) as [|Hno]; [ reflexivity | exfalso; apply Hno ].
  set (A := ssum (fun w => (f (fst w) - e (component (fst w))) * noise w) n D) in *.
  set (B := ssum (fun w => e (component (fst w)) * noise w) n D) in *.
  set (C := ssum (fun w => sg bs (component (fst w)) * noise w) n D) in *.
  set (Q := ssum (fun w => (f (fst w) - g (fst w)) ^ 2) n D).
  set (V := ssum (fun w => lab (snd w) ^ 2 - g (fst w) ^ 2) n D).
  assert (HQ : 0 <= Q). { unfold Q. rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros w.
  apply pow2_ge_0. }
  assert (E2 : ssum (sq_error f) n D = Q + (V + (-2 * A + -2 * B))).
  { unfold Q, V, A, B. rewrite <- !ssum_scal, <- !ssum_add. apply ssum_ext. intros w. unfold sq_error, noise. ring. }
  assert (E3 : ssum (fun w => sigma2 - score bs w) n D = N * sigma2 + (-1 * V + 2 * C)).
  { unfold V, C, N. rewrite <- (ssum_const sigma2 n D), <- !ssum_scal, <- !ssum_add. apply ssum_ext. intros w.
    unfold score, noise.
    destruct (sg_pm bs (component (fst w))) as [-> | ->]; ring. }
  rewrite E3. rewrite E2 in Hf. lra.
Qed.

(** ** The law for a finite class *)
Section Class.
Context {T : Type} (ts : list T) (f : T -> X -> R) (e : T -> nat -> R).
Variables (proxy : R) (p : T -> @sample (X * Y) n -> R).
Hypothesis Hproxy : 0 < proxy.
Hypothesis Hf : forall t x, -1 <= f t x <= 1.
Hypothesis He : forall t l, -1 <= e t l <= 1.

(** isoperimetry and bounded noise, in the form of a moment generating function; see [Isoperimetry] *)
Hypothesis Hiso : forall t s, In t ts -> 0 <= s ->
  E1 (fun w => exp (s * ((f t (fst w) - e t (component (fst w))) * noise w))) <= exp (proxy * s ^ 2 / 2).
Hypothesis HL : learner ts p.

Let corr (tau : R) (t : T) : sample n -> bool := correlates (f t) (e t) tau.

(** P(X_t >= tau) <= q for every fixed t *)
Lemma correlation_tail : forall tau t, 0 <= tau -> In t ts ->
  En E1 n (fun D => ind (corr tau t D)) <= exp (- (N * tau ^ 2 / (2 * proxy))).
Proof.
  intros tau t Htau Ht. apply (chernoff E1 HE1 (fun w => (f t (fst w) - e t (component (fst w))) * noise w) proxy
  tau n); auto.
  pose proof bounded_noise. apply bounded_mult; [ | assumption ].
  apply (bounded_between _ (-2) 2). intros w. specialize (Hf t (fst w)). specialize (He t (component (fst w))). lra.
Qed.

Lemma fit_split : forall eps tau, 0 <= tau -> 2 * tau <= eps ->
  selected (En E1 n) ts p (fun t => mse_at_most (f t) (sigma2 - eps))
    <= 2 ^ k * exp (- (2 * N * (eps - 2 * tau) ^ 2 / 17)) + selected (En E1 n) ts p (corr tau).
Proof.
  intros eps tau Htau Heps. pose proof (En_expectation E1 HE1 n) as HN.
  set (low := fun bs D => ind (low_score (eps - 2 * tau) bs D)).
  assert (HS : En E1 n (fun D => rsum (fun bs => low bs D) (vectors k)) <= 2 ^ k * exp (- (2 * N * (eps - 2 * tau) ^
  2 / 17))).
  { rewrite (e_rsum _ HN) by (intros; apply bounded_ind).
    eapply Rle_trans; [ apply (rsum_le _ (fun _ => exp (- (2 * N * (eps - 2 * tau) ^ 2 / 17)))) | ].
    - intros bs _. apply sign_concentration. lra.
    - rewrite rsum_const, vectors_length, pow_INR. cbn [INR]. apply Req_le. reflexivity. }
  apply Rle_trans with (En E1 n (fun D => rsum (fun bs => low bs D) (vectors k) + rsum (fun t => p t D * ind (corr
  tau t D)) ts)).
  - assert (Bp : forall t, bounded (p t)) by (apply (bounded_p ts p HL)).
    apply (e_mono _ HN).
    + apply bounded_rsum. intros t. specialize (Bp t). bnd.
    + apply bounded_plus; apply bounded_rsum; intros t; [ apply bounded_ind | specialize (Bp t); bnd ].
    + intros D. set (Sg := rsum (fun bs => low bs D) (vectors k)).
      assert (0 <= Sg) by (apply rsum_nonneg; intros bs _; unfold low, ind; destruct (low_score _ bs D); lra).
      rewrite <- (Rmult_1_r Sg), <- (p_sum ts p HL D), <- rsum_scal, <- rsum_add. apply rsum_le. intros t _.
      pose proof (p_range ts p HL t D) as Hp. unfold ind at 1. destruct (mse_at_most (f t) (sigma2 - eps) D) eqn:Hfit.
      * destruct (fit_implies (f t) (e t) eps tau D (He t) Hfit) as [H1 | [bs [Hin H1]]].
        -- unfold corr. rewrite H1. cbn [ind]. nra.
        -- assert (1 <= Sg). { unfold Sg. replace 1 with (low bs D) by (unfold low; rewrite H1; reflexivity).
             apply (rsum_member (fun bs => low bs D)); [ exact Hin | ]. intros u _. unfold low, ind.
             destruct (low_score _ u D); lra. }
           unfold ind. destruct (corr tau t D); nra.
      * unfold ind. destruct (corr tau t D); nra.
  - rewrite (e_add _ HN).
    + apply Rplus_le_compat_r, HS.
    + apply bounded_rsum. intros. apply bounded_ind.
    + apply bounded_rsum. intros t. pose proof (bounded_p ts p HL t). bnd.
Qed.

(** closed form *)
Theorem finite_class : forall eps tau delta, 0 <= tau -> 2 * tau <= eps -> 0 < delta < 1 ->
  (information (En E1 n) ts p + h2 delta) / delta <= N * tau ^ 2 / (2 * proxy) ->
  selected (En E1 n) ts p (fun t => mse_at_most (f t) (sigma2 - eps))
    <= 2 ^ k * exp (- (2 * N * (eps - 2 * tau) ^ 2 / 17)) + delta.
Proof.
  intros eps tau delta Htau Heps Hd HI. eapply Rle_trans; [ apply (fit_split eps tau Htau Heps) | ].
  apply Rplus_le_compat_l.
  apply (selected_small (En E1 n) (En_expectation E1 HE1 n) ts p HL (corr tau) (exp (- (N * tau ^ 2 / (2 * proxy))))
  delta); [ apply exp_pos | exact Hd | | ].
  - rewrite ln_exp. lra.
  - intros t Ht. apply correlation_tail; assumption.
Qed.

(** the sharp form, as the repaired Theorem 3 states it: a P with kl(P || q) <= I, unless P <= q already *)
Theorem finite_class_kl : forall eps, 0 < eps -> 0 < N ->
  let q := exp (- (N * eps ^ 2 / (32 * proxy))) in
  exists P, selected (En E1 n) ts p (fun t => mse_at_most (f t) (sigma2 - eps)) <= 2 ^ k * exp (- (N * eps ^ 2 /
  34)) + P /\ 0 <= P <= 1 /\
    (P <= q \/ (P < 1 /\ kl P q <= information (En E1 n) ts p) \/ (P = 1 /\ - ln q <= information (En E1 n) ts p)).
Proof.
  intros eps Heps Hn q. pose proof (En_expectation E1 HE1 n) as HN. exists (selected (En E1 n) ts p (corr (eps / 4))).
  assert (Hq : 0 < q < 1).
  { unfold q. split; [ apply exp_pos | ]. rewrite <- exp_0. apply exp_increasing.
    assert (0 < N * eps ^ 2 / (32 * proxy)); [ | lra ].
    apply Rdiv_lt_0_compat; [ apply Rmult_lt_0_compat; [ exact Hn | nra ] | lra ]. }
  assert (HA : forall t, In t ts -> En E1 n (fun D => ind (corr (eps / 4) t D)) <= q).
  { intros t Ht. eapply Rle_trans; [ apply correlation_tail; [ lra | exact Ht ] | ]. apply exp_le, Req_le. field.
    lra. }
  pose proof (selected_range (En E1 n) HN ts p HL (corr (eps / 4))) as HP. repeat split; try apply HP.
  - eapply Rle_trans; [ apply (fit_split eps (eps / 4)); lra | ].
    apply Rplus_le_compat_r, Rmult_le_compat_l; [ apply pow_le; lra | ].
    apply exp_le, Req_le. field.
  - destruct (Rle_lt_dec (selected (En E1 n) ts p (corr (eps / 4))) q) as [H | H]; [ left; exact H | right ].
    destruct (Req_dec (selected (En E1 n) ts p (corr (eps / 4))) 1) as [H1 | H1].
    + right. split; [ exact H1 | ]. exact (kl_bound_one (En E1 n) HN ts p HL (corr (eps / 4)) q Hq HA H1).
    + left. split; [ lra | ]. apply (kl_bound (En E1 n) HN ts p HL (corr (eps / 4)) q Hq HA). lra.
Qed.

End Class.

End Model.
