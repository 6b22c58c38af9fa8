(** The change of measure on one family of events, and its closed form: the core of Lemma 1 of "No Free Prune".

    D: data with an expectation E; a learner returns t with probability p t D; I is the mutual information of the
    returned index and the data in nats; A t is an event of probability at most q for every fixed t. *)
From NoFreePrune Require Export Logarithms.

Section Learner.
Context {D T : Type} (E : (D -> R) -> R) (HE : expectation E) (ts : list T) (p : T -> D -> R).

Record learner : Prop := { p_range : forall t d, 0 <= p t d <= 1; p_sum : forall d, rsum (fun t => p t d) ts = 1 }.
Hypothesis HL : learner.

Definition marginal (t : T) : R := E (p t).

(** I(W; D) in nats; Coq's conventions / 0 = 0 and ln 0 = 0 make a term with p = 0 or marginal 0 vanish *)
Definition information : R := E (fun d => rsum (fun t => p t d * ln (p t d / marginal t)) ts).

(** probability that the event of the returned index happens *)
Definition selected (A : T -> D -> bool) : R := E (fun d => rsum (fun t => p t d * ind (A t d)) ts).

Lemma bounded_p : forall t, bounded (p t).
Proof. intros t. apply (bounded_between _ 0 1). apply (p_range HL). Qed.

Lemma marginal_range : forall t, 0 <= marginal t <= 1.
Proof.
  intros t. split; [ apply (e_ge_const E HE) | apply (e_le_const E HE) ]; try apply bounded_p; apply (p_range HL).
Qed.

Lemma marginal_sum : rsum marginal ts = 1.
Proof.
  unfold marginal. rewrite <- (e_rsum E HE) by apply bounded_p.
  rewrite <- (e_one E HE). apply (e_ext E HE). intros d. apply (p_sum HL).
Qed.

Lemma bounded_term : forall t, bounded (fun d => p t d * ln (p t d / marginal t)).
Proof.
  intros t. destruct (Req_dec (marginal t) 0) as [H0|H0].
  - apply (bounded_ext (fun _ => 0)); [ | apply bounded_const ]. intros d. unfold Rdiv.
    rewrite H0, Rinv_0, Rmult_0_r, ln_0. ring.
  - exists (1 + marginal t + / marginal t). intros d. apply xlnx_bound; [ apply (p_range HL) | ].
    apply pos_ne; [ apply marginal_range | exact H0 ].
Qed.

Lemma information_sum : information = rsum (fun t => E (fun d => p t d * ln (p t d / marginal t))) ts.
Proof. apply (e_rsum E HE). apply bounded_term. Qed.

Lemma selected_sum : forall A, selected A = rsum (fun t => E (fun d => p t d * ind (A t d))) ts.
Proof. intros A. apply (e_rsum E HE). intros t. pose proof (bounded_p t). bnd. Qed.

Lemma selected_range : forall A, 0 <= selected A <= 1.
Proof.
  intros A. assert (bounded (fun d => rsum (fun t => p t d * ind (A t d)) ts)).
  { apply bounded_rsum. intros t. pose proof (bounded_p t). bnd. }
  split; [ apply (e_ge_const E HE) | apply (e_le_const E HE) ]; auto; intros d.
  - apply rsum_nonneg. intros t _. pose proof (p_range HL t d). unfold ind. destruct (A t d); lra.
  - rewrite <- (p_sum HL d). apply rsum_le. intros t _. pose proof (p_range HL t d). unfold ind.
    destruct (A t d); lra.
Qed.

(** one index: the pointwise inequality, integrated *)
Lemma change_one : forall (A : D -> bool) (t : T) (lambda M q : R), 0 <= lambda -> 0 < M ->
  E (fun d => ind (A d)) <= q ->
  1 - q + q * exp lambda <= M ->
  lambda * E (fun d => p t d * ind (A d)) <= E (fun d => p t d * ln (p t d / marginal t)) + marginal t * ln M.
Proof.
  intros A t lambda M q Hl HM HA HqM.
  pose proof (bounded_p t) as Bp. pose proof (bounded_term t) as Bt.
  destruct (Req_dec (marginal t) 0) as [H0|Hn].
  - (* a null index *)
    assert (E (fun d => p t d * ind (A d)) = 0) as ->.
    { apply (e_null E HE); bnd. intros d. apply (p_range HL). }
    assert (E (fun d => p t d * ln (p t d / marginal t)) = 0) as ->.
    { rewrite <- (e_const E HE 0). apply (e_ext E HE). intros d. unfold Rdiv.
      rewrite H0, Rinv_0, Rmult_0_r, ln_0. ring. }
    rewrite H0. lra.
  - pose proof (marginal_range t) as Hm. set (m := marginal t) in *.
    assert (Hmp : 0 < m) by (apply pos_ne; [ apply Hm | exact Hn ]).
    (* E exp(lambda 1_A) <= M *)
    assert (HX : E (fun d => exp (lambda * ind (A d))) <= M).
    { assert (E (fun d => exp (lambda * ind (A d))) = 1 + (exp lambda - 1) * E (fun d => ind (A d))) as ->.
      { transitivity (E (fun d => 1 + (exp lambda - 1) * ind (A d))).
        - apply (e_ext E HE). intros d. unfold ind. destruct (A d);
          [ rewrite Rmult_1_r | rewrite Rmult_0_r, exp_0 ]; ring.
        - rewrite (e_add E HE), (e_scal E HE), (e_one E HE) by bnd. reflexivity. }
      assert (1 <= exp lambda) by (pose proof (exp_ineq1_le lambda); lra). nra. }
    set (b := fun d => m * exp (lambda * ind (A d)) / M).
    assert (Hb : forall d, 0 < b d) by (intros d; apply Rdiv_lt_0_compat; [ apply Rmult_lt_0_compat;
    [ exact Hmp | apply exp_pos ] | exact HM ]).
    assert (HEb : E b <= m).
    { apply Rle_trans with (m / M * E (fun d => exp (lambda * ind (A d)))).
      - rewrite <- (e_scal E HE) by bnd. apply Req_le, (e_ext E HE). intros d. unfold b. field. lra.
      - assert (0 < m / M) by (apply Rdiv_lt_0_compat; lra). replace m with (m / M * M) at 2 by (field; lra).
        apply Rmult_le_compat_l; lra. }
    assert (Bb : bounded b) by (unfold b; bnd).
    assert (H : E (fun d => p t d - b d) <= E (fun d => p t d * ln (p t d / m) - lambda * (p t d * ind (A d)) + ln M
    * p t d)).
    { apply (e_mono E HE); bnd. intros d. pose proof (p_range HL t d) as Hp.
      pose proof (gibbs (p t d) (b d) (proj1 Hp) (Hb d)) as G.
      destruct (Req_dec (p t d) 0) as [Z|Z]; [ rewrite Z in *; pose proof (Hb d); nra | ].
      replace (ln (p t d / b d)) with (ln (p t d / m) - lambda * ind (A d) + ln M) in G; [ nra | ].
      unfold b. assert (0 < p t d) by (apply pos_ne; [ apply Hp | exact Z ]).
      pose proof (exp_pos (lambda * ind (A d))).
      rewrite !ln_div by (try apply Rdiv_lt_0_compat; try apply Rmult_lt_0_compat; lra).
      rewrite ln_mult, ln_exp by lra. ring. }
    rewrite (e_minus E HE) in H by bnd.
    rewrite (e_add E HE), (e_minus E HE), !(e_scal E HE) in H by bnd.
    assert (E (p t) = m) by reflexivity. nra.
Qed.

Theorem change_of_measure : forall (A : T -> D -> bool) (q lambda : R), 0 <= q <= 1 -> 0 <= lambda ->
  (forall t, In t ts -> E (fun d => ind (A t d)) <= q) ->
  lambda * selected A <= information + ln (1 - q + q * exp lambda).
Proof.
  intros A q lambda Hq Hl HA. set (M := 1 - q + q * exp lambda).
  assert (HM : 0 < M). { pose proof (exp_ineq1_le lambda). unfold M. nra. }
  rewrite selected_sum, information_sum, <- rsum_scal.
  replace (ln M) with (rsum (fun t => ln M * marginal t) ts) by (rewrite rsum_scal, marginal_sum; ring).
  rewrite <- rsum_add. apply rsum_le. intros t Ht. rewrite (Rmult_comm (ln M)).
  apply (change_one (A t) t lambda M q); auto. unfold M. lra.
Qed.

(** mutual information is nonnegative *)
Lemma information_nonneg : 0 <= information.
Proof.
  pose proof (change_of_measure (fun _ _ => false) 0 0 ltac:(lra) ltac:(lra)) as H.
  rewrite exp_0 in H. replace (1 - 0 + 0 * 1) with 1 in H by ring. rewrite ln_1 in H.
  assert (0 <= information + 0); [ | lra ]. eapply Rle_trans; [ | apply H ]; [ lra | ].
  intros t _. cbn. rewrite (e_const E HE). lra.
Qed.

Corollary kl_bound : forall (A : T -> D -> bool) (q : R), 0 < q < 1 -> (forall t, In t ts ->
  E (fun d => ind (A t d)) <= q) ->
  q < selected A < 1 -> kl (selected A) q <= information.
Proof.
  intros A q Hq HA HP. set (P := selected A) in *.
  set (r := P * (1 - q) / (q * (1 - P))).
  assert (Hr : 1 < r). { unfold r. apply Rmult_lt_reg_r with (q * (1 - P)); [ nra | ]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by nra. nra. }
  pose proof (change_of_measure A q (ln r) ltac:(lra)) as H. rewrite exp_ln in H by lra. fold P in H.
  specialize (H ltac:(rewrite <- ln_1; left; apply ln_increasing; lra) HA).
  replace (1 - q + q * r) with ((1 - q) / (1 - P)) in H by (unfold r; field; lra).
  unfold kl. unfold r in H.
  rewrite !ln_div, !ln_mult in H by nra. rewrite !ln_div by lra. lra.
Qed.

(** the same at P = 1, where kl(1 || q) = - ln q *)
Corollary kl_bound_one : forall (A : T -> D -> bool) (q : R), 0 < q < 1 -> (forall t, In t ts ->
  E (fun d => ind (A t d)) <= q) ->
  selected A = 1 -> - ln q <= information.
Proof.
  intros A q Hq HA HP. apply Rnot_lt_le. intros Hlt.
  assert (HI : 0 < exp (- information) - q).
  { assert (q < exp (- information)); [ | lra ]. rewrite <- (exp_ln q) by lra. apply exp_increasing. lra. }
  pose proof information_nonneg as I0. set (r := (exp (- information) - q) / (1 - q)) in *.
  assert (Hr : 0 < r) by (apply Rdiv_lt_0_compat; lra).
  assert (Hr1 : r <= 1). { unfold r. apply Rmult_le_reg_r with (1 - q); [ lra | ]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by lra.
    assert (exp (- information) <= 1); [ | lra ]. rewrite <- exp_0. destruct (Req_dec (- information) 0) as [-> | ];
    [ lra | left; apply exp_increasing; lra ]. }
  set (lam := - ln r + 1). assert (Hl : 0 <= lam).
  { unfold lam. assert (ln r <= 0); [ | lra ]. rewrite <- ln_1. destruct (Req_dec r 1) as [-> | ]; [ lra | left;
    apply ln_increasing; lra ]. }
  pose proof (change_of_measure A q lam ltac:(lra) Hl HA) as H. rewrite HP, Rmult_1_r in H.
  assert (Hs : exp (- lam) < r). { rewrite <- (exp_ln r) by exact Hr. apply exp_increasing. unfold lam. lra. }
  assert (Hb : 1 - q + q * exp lam < exp lam * exp (- information)).
  { replace (1 - q + q * exp lam) with (exp lam * ((1 - q) * exp (- lam) + q)) by (rewrite exp_Ropp; field;
    apply Rgt_not_eq, exp_pos).
    apply Rmult_lt_compat_l; [ apply exp_pos | ]. assert ((1 - q) * r = exp (- information) - q) by (unfold r;
    field; lra). nra. }
  assert (ln (1 - q + q * exp lam) < lam - information); [ | lra ].
  rewrite <- (ln_exp (lam - information)). apply ln_increasing; [ pose proof (exp_pos lam); nra | ].
  replace (exp (lam - information)) with (exp lam * exp (- information)); [ exact Hb | ]. rewrite <- exp_plus.
  reflexivity.
Qed.

(** the closed form: q = exp(-x) with x >= (I + h(delta))/delta *)
Theorem selected_small : forall (A : T -> D -> bool) (q delta : R), 0 < q -> 0 < delta < 1 ->
  (information + h2 delta) / delta <= - ln q -> (forall t, In t ts -> E (fun d => ind (A t d)) <= q) ->
  selected A <= delta.
Proof.
  intros A q delta Hq Hd Hx HA. pose proof information_nonneg as HI.
  pose proof (ln_neg delta Hd) as L1. pose proof (ln_neg (1 - delta) ltac:(lra)) as L2.
  assert (Hx' : information + h2 delta <= - delta * ln q).
  { apply Rmult_le_compat_l with (r := delta) in Hx; [ | lra ].
    replace (delta * ((information + h2 delta) / delta)) with (information + h2 delta) in Hx by (field; lra). lra. }
  unfold h2 in Hx'.
  assert (Hqd : q < delta). { apply ln_lt_inv; [ lra | lra | nra ]. }
  set (r := delta * (1 - q) / (q * (1 - delta))).
  assert (Hr : 1 < r). { unfold r. apply Rmult_lt_reg_r with (q * (1 - delta)); [ nra | ]. unfold Rdiv.
  rewrite Rmult_assoc, Rinv_l by nra. nra. }
  assert (0 < ln r) by (rewrite <- ln_1; apply ln_increasing; lra).
  pose proof (change_of_measure A q (ln r) ltac:(lra) ltac:(lra) HA) as H1. rewrite exp_ln in H1 by lra.
  replace (1 - q + q * r) with ((1 - q) / (1 - delta)) in H1 by (unfold r; field; lra).
  rewrite ln_div in H1 by lra.
  assert (L3 : ln (1 - q) < 0) by (apply ln_neg; lra).
  assert (E1 : ln r = ln delta + ln (1 - q) - (ln q + ln (1 - delta))) by (unfold r;
  rewrite ln_div, !ln_mult by nra; reflexivity).
  apply Rmult_le_reg_l with (ln r); [ assumption | ]. nra.
Qed.

End Learner.
