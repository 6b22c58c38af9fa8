(** Theorem 4 of "No Free Prune", repaired, for any randomised learner with finitely many masks, from the variance
    proxy of its net points: rounding keeps the mask, and a margin of epsilon becomes one of 3 epsilon/4. *)
From NoFreePrune Require Export Exponents Refinement.

Section Theorem4.
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex) (K : X -> (Y -> R) ->
  R) (HK : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat).
Hypothesis Hlab : forall y, -1 <= lab y <= 1.
Hypothesis Hcomp : forall x, (component x < k)%nat.
Variable n : nat.
Let N := INR n.
Let Data := @sample (X * Y) n.
Let En1 : (Data -> R) -> R := En (E1 Ex K) n.
Let s2 := sigma2 Ex K lab.

(** the learner: given the data a law on Wt, functions F w, mask w, and the event smooth w (Lip (F w) <= L) *)
Context {Wt : Type} (F : Wt -> X -> R) (mask : Wt -> nat) (masks : nat) (smooth : Wt -> bool).
Hypothesis Hmask : forall w, (mask w < masks)%nat.
Variable learn : Data -> (Wt -> R) -> R.
Hypothesis Hlearn : forall D, expectation (learn D).

(** the net of each mask, and the rounding, which keeps the mask *)
Variables (size : nat -> nat) (point : nat -> nat -> X -> R) (mean : nat -> nat -> nat -> R) (round : Wt -> nat).
Variables (eps proxy : R).
Hypothesis Heps : 0 <= eps <= 1.
Hypothesis Hproxy : 0 < proxy.
Hypothesis Hround : forall w, (round w < size (mask w))%nat.
Hypothesis Hclose : forall w x, smooth w = true -> Rabs (F w x - point (mask w) (round w) x) <= eps / 8.
Hypothesis Hsize : forall m, (m < masks)%nat -> (0 < size m)%nat.
Hypothesis Hpoint : forall m j x, -1 <= point m j x <= 1.
Hypothesis Hmean : forall m j l, -1 <= mean m j l <= 1.

(** isoperimetry, through [Isoperimetry] *)
Hypothesis Hiso : forall m j s, (m < masks)%nat -> (j < size m)%nat -> 0 <= s ->
  E1 Ex K (fun w => exp (s * ((point m j (fst w) - mean m j (component (fst w))) * noise K lab w))) <= exp (proxy *
  s ^ 2 / 2).

Definition p_mask (m : nat) (D : Data) : R := learn D (fun w => ind (mask w =? m)%nat).
Definition p_net (mj : nat * nat) (D : Data) : R := learn D (fun w => ind ((mask w =? fst mj)%nat && (round w =? snd
  mj)%nat)).
Let ms := seq 0 masks.
Let js (m : nat) := seq 0 (size m).
Let ts := flat_map (fun m => map (pair m) (js m)) ms.

Definition mask_information : R := information En1 ms p_mask.
Definition mean_log_net : R := rsum (fun m => En1 (p_mask m) * ln (INR (size m))) ms.
Definition p_eff : R := mask_information + mean_log_net.

Lemma prob_range : forall D (A : Wt -> bool), 0 <= learn D (fun w => ind (A w)) <= 1.
Proof.
  intros D A. split; [ apply (e_ge_const _ (Hlearn D)) | apply (e_le_const _ (Hlearn D)) ]; try apply bounded_ind;
    intros w; unfold ind; destruct (A w); lra.
Qed.

Lemma ind_and : forall a b, ind (a && b) = ind a * ind b.
Proof. intros [] []; cbn; ring. Qed.

Lemma mask_learner : learner ms p_mask.
Proof.
  constructor.
  - intros m D. apply prob_range.
  - intros D. unfold p_mask. rewrite <- (e_rsum (learn D) (Hlearn D) (fun m w => ind (mask w =? m)%nat)) by (intros;
    apply bounded_ind).
    rewrite <- (e_one _ (Hlearn D)). apply (e_ext _ (Hlearn D)). intros w. apply indicator_sum, Hmask.
Qed.

Lemma net_sum : forall m D, In m ms -> rsum (fun j => p_net (m, j) D) (js m) = p_mask m D.
Proof.
  intros m D Hm. unfold p_net, p_mask, js. cbn [fst snd].
  rewrite <- (e_rsum (learn D) (Hlearn D) (fun j w => ind ((mask w =? m)%nat && (round w =? j)%nat))) by (intros;
  apply bounded_ind).
  apply (e_ext _ (Hlearn D)). intros w.
  rewrite (rsum_ext _ (fun j => ind (mask w =? m)%nat * ind (round w =? j)%nat)) by (intros; apply ind_and).
  rewrite rsum_scal.
  destruct (Nat.eqb_spec (mask w) m) as [Hw | Hw]; cbn [ind]; [ rewrite indicator_sum; [ ring | rewrite <- Hw;
  apply Hround ] | ring ].
Qed.

Lemma net_learner : learner ts p_net.
Proof.
  constructor.
  - intros mj D. apply (prob_range D (fun w => (mask w =? fst mj)%nat && (round w =? snd mj)%nat)).
  - intros D. unfold ts. rewrite rsum_flat_map, <- (p_sum ms p_mask mask_learner D). apply rsum_ext. intros m Hm.
    rewrite rsum_map. apply net_sum, Hm.
Qed.

Lemma net_information : information En1 ts p_net <= p_eff.
Proof.
  unfold p_eff, mask_information, mean_log_net.
  pose proof (lemma_3 En1 (En_expectation _ (HE1 Ex HEx K HK) n) ms js p_net p_mask net_learner mask_learner
  net_sum) as H.
  rewrite (rsum_ext (fun m => En1 (p_mask m) * ln (INR (length (js m)))) (fun m => En1 (p_mask m) * ln (INR (size
  m)))) in H
    by (intros m _; unfold js; rewrite seq_length; reflexivity).
  apply H. intros m Hm. unfold js. rewrite seq_length. apply Hsize. unfold ms in Hm. apply in_seq in Hm. lia.
Qed.

(** rounding: a margin of eps becomes one of 3 eps/4 *)
Lemma rounding : forall w D, smooth w = true -> mse_at_most lab n (F w) (s2 - eps) D = true ->
  mse_at_most lab n (point (mask w) (round w)) (s2 - 3 / 4 * eps) D = true.
Proof.
  intros w D Hs. unfold mse_at_most, rleb. destruct (Rle_dec _ _) as [H|]; [ | discriminate ]. intros _.
  destruct (Rle_dec _ _) as [|Hno]; [ reflexivity | exfalso; apply Hno ]. clear Hno.
  assert (Hs2 : s2 <= 1).
  { unfold s2, sigma2. apply (e_le_const Ex HEx); [ apply (bounded_var K HK lab Hlab)
    | apply (var_range K HK lab Hlab) ]. }
  set (S := ssum (sq_error lab (F w)) n D) in *.
  apply Rle_trans with ((1 + eps / 8) * S + INR n * (eps / 8 + eps ^ 2 / 64)).
  - unfold S. rewrite <- (ssum_const (eps / 8 + eps ^ 2 / 64) n D), <- ssum_scal, <- ssum_add. apply ssum_le.
    intros [x y].
    unfold sq_error; cbn [fst snd]. pose proof (Hclose w x Hs) as C. apply Rabs_between in C.
    set (a := F w x) in *. set (b := point (mask w) (round w) x) in *. set (c := lab y).
    pose proof (pow2_ge_0 (a - c - 1)). pose proof (pow2_ge_0 (a - c + 1)). destruct (Rle_lt_dec 0 (a - c)); nra.
  - assert (0 <= INR n) by apply pos_INR. assert (0 <= S).
    { unfold S. rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros v. apply pow2_ge_0. }
    apply Rle_trans with ((1 + eps / 8) * (INR n * (s2 - eps)) + INR n * (eps / 8 + eps ^ 2 / 64)); [ nra | ].
    assert ((1 + eps / 8) * (s2 - eps) + (eps / 8 + eps ^ 2 / 64) <= s2 - 3 / 4 * eps) by nra. nra.
Qed.

(** the probability that the learner fits below the noise level by eps with a smooth function *)
Definition fits_smoothly : R := En1 (fun D => learn D (fun w => ind (mse_at_most lab n (F w) (s2 - eps) D && smooth
  w))).

Theorem masked_learner_exponent : forall delta R0, 0 < delta < 1 ->
  136 * ((INR k + 1) * ln 2 - ln delta) <= N * eps ^ 2 ->
  exponent En1 ts p_net R0 (delta / 2) -> R0 <= N * (eps / 4) ^ 2 / (2 * proxy) ->
  fits_smoothly <= delta.
Proof.
  intros delta R0 Hd Hn Hexp HR. pose proof (En_expectation _ (HE1 Ex HEx K HK) n) as HN.
  pose proof net_learner as HLn.
  apply Rle_trans with (selected En1 ts p_net (fun mj => mse_at_most lab n (point (fst mj) (snd mj)) (s2 - 3 / 4 *
  eps))).
  - unfold fits_smoothly, selected. apply (e_mono _ HN).
    + exists 1. intros D. apply Rabs_le. pose proof (prob_range D (fun w => mse_at_most lab n (F w) (s2 - eps) D &&
      smooth w)). lra.
    + apply bounded_rsum. intros mj. pose proof (bounded_p ts p_net HLn mj). bnd.
    + intros D. unfold p_net.
      set (A := fun mj : nat * nat => ind (mse_at_most lab n (point (fst mj) (snd mj)) (s2 - 3 / 4 * eps) D)).
      apply Rle_trans with (rsum (fun mj => learn D (fun w => A mj * ind ((mask w =? fst mj)%nat && (round w =? snd
      mj)%nat))) ts).
      2:{ apply Req_le, rsum_ext. intros mj _. rewrite (e_scal _ (Hlearn D)) by bnd. unfold A. ring. }
      rewrite <- (e_rsum _ (Hlearn D) (fun mj w => A mj * ind ((mask w =? fst mj)%nat && (round w =? snd mj)%nat)))
      by (intros; bnd).
      apply (e_mono _ (Hlearn D)); [ apply bounded_ind | apply bounded_rsum; intros; bnd | ]. intros w.
      assert (Hin : In (mask w, round w) ts).
      { unfold ts, ms, js. apply in_flat_map. exists (mask w). split; [ apply in_seq; specialize (Hmask w); lia | ].
        apply in_map, in_seq. specialize (Hround w). lia. }
      assert (Hnn : forall mj, In mj ts -> 0 <= A mj * ind ((mask w =? fst mj)%nat && (round w =? snd mj)%nat)).
      { intros mj _. unfold A, ind. destruct (mse_at_most _ _ _ _ D), ((_ && _)%bool); lra. }
      destruct (mse_at_most lab n (F w) (s2 - eps) D) eqn:Hfit, (smooth w) eqn:Hsm; cbn [andb ind];
        try (apply rsum_nonneg; exact Hnn).
      eapply Rle_trans; [ | apply (rsum_member _ ts (mask w, round w) Hin Hnn) ].
      unfold A; cbn [fst snd]. rewrite (rounding w D Hsm Hfit), !Nat.eqb_refl. cbn. lra.
  - assert (Hiso' : forall mj s, In mj ts -> 0 <= s -> E1 Ex K (fun w => exp (s * ((point (fst mj) (snd mj) (fst w)
      - mean (fst mj) (snd mj) (component (fst w))) * noise K lab w))) <= exp (proxy * s ^ 2 / 2)).
    { intros [m j] s Hin Hs. cbn [fst snd]. unfold ts, ms, js in Hin. apply in_flat_map in Hin.
      destruct Hin as [m' [H1 H2]]. apply in_map_iff in H2. destruct H2 as [j' [H2 H3]]. injection H2 as <- <-.
      apply in_seq in H1. apply in_seq in H3. apply Hiso; [ lia | lia | exact Hs ]. }
    eapply Rle_trans; [ apply (fit_split Ex HEx K HK lab k component Hlab Hcomp n ts
      (fun mj => point (fst mj) (snd mj)) (fun mj => mean (fst mj) (snd mj)) p_net) with (tau := eps / 4) | ].
    + intros. apply Hmean.
    + exact HLn.
    + lra.
    + lra.
    + assert (Hc : selected (En (E1 Ex K) n) ts p_net (fun mj => correlates K lab component n (point (fst mj) (snd
      mj))
        (mean (fst mj) (snd mj)) (eps / 4)) <= delta / 2).
      { apply Hexp. intros mj Hin. eapply Rle_trans; [ apply (correlation_tail Ex HEx K HK lab component Hlab n ts
          (fun mj => point (fst mj) (snd mj)) (fun mj => mean (fst mj) (snd mj)) proxy) | ];
          [ assumption | intros; apply Hpoint | intros; apply Hmean | exact Hiso' | lra | exact Hin | ].
        apply exp_le. fold N. lra. }
      fold N. replace (2 * N * (3 / 4 * eps - 2 * (eps / 4)) ^ 2 / 17) with (N * eps ^ 2 / 136) by field.
      assert (2 ^ k * exp (- (N * eps ^ 2 / 136)) <= delta / 2); [ | lra ].
      assert (H2k : 2 ^ k = exp (INR k * ln 2)) by (rewrite <- Rpower_pow by lra; reflexivity).
      rewrite H2k, <- exp_plus. rewrite <- (exp_ln (delta / 2)) by lra. apply exp_le.
      rewrite ln_div by lra. lra.
Qed.

(** From the information of the mask: closed form, and sharp with kl(delta/2 || exp(-R)) = p_eff. *)
Theorem masked_learner : forall delta, 0 < delta < 1 ->
  136 * ((INR k + 1) * ln 2 - ln delta) <= N * eps ^ 2 ->
  (p_eff + h2 (delta / 2)) / (delta / 2) <= N * (eps / 4) ^ 2 / (2 * proxy) ->
  fits_smoothly <= delta.
Proof.
  intros delta Hd Hn HI. pose proof (En_expectation _ (HE1 Ex HEx K HK) n) as HN.
  apply (masked_learner_exponent delta _ Hd Hn (exponent_information En1 HN ts p_net net_learner (delta / 2)
    ltac:(lra))).
  eapply Rle_trans; [ | exact HI ].
  apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat; lra | apply Rplus_le_compat_r; exact net_information ].
Qed.

Theorem masked_learner_kl : forall delta R0, 0 < delta < 1 ->
  136 * ((INR k + 1) * ln 2 - ln delta) <= N * eps ^ 2 ->
  exp (- R0) < delta / 2 -> p_eff <= kl (delta / 2) (exp (- R0)) -> R0 <= N * (eps / 4) ^ 2 / (2 * proxy) ->
  fits_smoothly <= delta.
Proof.
  intros delta R0 Hd Hn Hq HI HR. pose proof (En_expectation _ (HE1 Ex HEx K HK) n) as HN.
  apply (masked_learner_exponent delta R0 Hd Hn); [ | exact HR ].
  apply (exponent_kl En1 HN ts p_net net_learner (delta / 2) ltac:(lra) R0 Hq).
  eapply Rle_trans; [ exact net_information | exact HI ].
Qed.

End Theorem4.
