(** How much an index that depends on the data can do beyond a fixed one, for four measures of dependence.

    [A t] is an event of probability at most [q] for every fixed index t; [selected A] is the probability that the
    event of the returned index happens. Mutual information is in [ChangeOfMeasure]; here maximal leakage, Sibson's
    information of order a, and the information density. *)
From NoFreePrune Require Export Chernoff.

Section Dependence.
Context {D T : Type} (E : (D -> R) -> R) (HE : expectation E) (ts : list T) (p : T -> D -> R).
Hypothesis HL : learner ts p.
Variables (A : T -> D -> bool) (q : R).
Hypothesis small : forall t, In t ts -> E (fun d => ind (A t d)) <= q.

Lemma bounded_chosen : forall t, bounded (fun d => p t d * ind (A t d)).
Proof. intros t. pose proof (bounded_p ts p HL t). bnd. Qed.

Lemma ind_range : forall b, 0 <= ind b <= 1.
Proof. intros []; cbn; lra. Qed.

(** ** Maximal leakage: the logarithm of sum_t max_d p(t | d) *)

Section Leakage.
Variable cover : T -> R.
Hypothesis covers : forall t d, In t ts -> p t d <= cover t.

Theorem leakage_bound : 0 <= q -> selected E ts p A <= rsum cover ts * q.
Proof.
  intros Hq. rewrite (selected_sum E HE ts p HL), Rmult_comm, <- rsum_scal. apply rsum_le. intros t Ht.
  apply Rle_trans with (E (fun d => cover t * ind (A t d))).
  - apply (e_mono E HE); [ apply bounded_chosen | bnd | ]. intros d.
    apply Rmult_le_compat_r; [ apply ind_range | apply covers, Ht ].
  - rewrite (e_scal E HE), Rmult_comm by bnd. destruct (Rle_lt_dec 0 (cover t)) as [Hc | Hc].
    + apply Rmult_le_compat_r; [ exact Hc | apply small, Ht ].
    + assert (H : E (p t) <= cover t).
      { apply (e_le_const E HE); [ apply (bounded_p ts p HL) | intros d; apply covers, Ht ]. }
      pose proof (marginal_range E HE ts p HL t) as M. unfold marginal in M. lra.
Qed.

End Leakage.

(** ** Information density: log(p(t | d) / p(t)) exceeds a level with probability at most s *)

Definition density (t : T) (d : D) : R := ln (p t d / marginal E p t).
Definition dense (level : R) (t : T) (d : D) : bool := negb (rleb (density t d) level).

Lemma density_one : forall level t, In t ts -> 0 <= q ->
  E (fun d => p t d * ind (A t d)) <= E (fun d => p t d * ind (dense level t d)) + exp level * q * marginal E p t.
Proof.
  intros level t Ht Hq. pose proof (bounded_p ts p HL t) as B. pose proof (p_range ts p HL t) as Hp.
  pose proof (marginal_range E HE ts p HL t) as M.
  destruct (Req_dec (marginal E p t) 0) as [Z | N].
  - rewrite (e_null E HE (p t) (fun d => ind (A t d))), Z by (try assumption; try bnd; apply Hp).
    rewrite (e_null E HE (p t) (fun d => ind (dense level t d))) by (try assumption; try bnd; apply Hp). lra.
  - assert (0 < marginal E p t) by (apply pos_ne; [ apply M | exact N ]). set (m := marginal E p t) in *.
    apply Rle_trans with (E (fun d => p t d * ind (dense level t d) + exp level * m * ind (A t d))).
    + apply (e_mono E HE); [ apply bounded_chosen | bnd | ]. intros d. specialize (Hp d).
      pose proof (exp_pos level). pose proof (ind_range (A t d)).
      assert (0 <= exp level * m * ind (A t d)) by (apply Rmult_le_pos; [ apply Rmult_le_pos; lra | lra ]).
      unfold dense, rleb. destruct (Rle_dec (density t d) level) as [Hd | Hd]; cbn [negb ind]; [ | nra ].
      rewrite Rmult_0_r, Rplus_0_l. apply Rmult_le_compat_r; [ lra | ].
      destruct (Req_dec (p t d) 0) as [Z | Z]; [ rewrite Z; apply Rmult_le_pos; lra | ].
      assert (0 < p t d) by (apply pos_ne; [ apply Hp | exact Z ]).
      unfold density in Hd. fold m in Hd. rewrite ln_div in Hd by lra.
      rewrite <- (exp_ln (p t d)), <- (exp_ln m) at 1 by lra. rewrite <- exp_plus. apply exp_le. lra.
    + rewrite (e_add E HE), (e_scal E HE) by bnd. apply Rplus_le_compat_l.
      replace (exp level * q * m) with (exp level * m * q) by ring.
      apply Rmult_le_compat_l; [ apply Rmult_le_pos; [ left; apply exp_pos | lra ] | apply small, Ht ].
Qed.

Theorem density_bound : forall level s, 0 <= q -> selected E ts p (dense level) <= s ->
  selected E ts p A <= exp level * q + s.
Proof.
  intros level s Hq Hs. rewrite (selected_sum E HE ts p HL) in Hs |- *.
  apply Rle_trans with (rsum (fun t => E (fun d => p t d * ind (dense level t d))) ts + exp level * q * 1); [ | lra ].
  rewrite <- (marginal_sum E HE ts p HL), <- rsum_scal, <- rsum_add. apply rsum_le.
  intros t Ht. apply density_one; assumption.
Qed.

(** ** Sibson's information of order a > 1: a/(a-1) log sum_t (E p(t | .)^a)^(1/a) *)

Variable a : R.
Hypothesis Ha : 1 < a.

(** x^a for x >= 0; [Rpower 0 a] is 1 in Rocq. *)
Definition power (x : R) : R := x * exp ((a - 1) * ln x).
Definition root (x : R) : R := if Req_EM_T x 0 then 0 else exp (ln x / a).

Lemma power_range : forall x, 0 <= x <= 1 -> 0 <= power x <= 1.
Proof.
  intros x Hx. unfold power. pose proof (exp_pos ((a - 1) * ln x)).
  destruct (Req_dec x 0) as [-> | N]; [ rewrite Rmult_0_l; lra | ].
  assert (0 < x) by (apply pos_ne; [ apply Hx | exact N ]). pose proof (ln_le_minus1 x ltac:(assumption)).
  assert (0 <= (a - 1) * - ln x) by (apply Rmult_le_pos; lra).
  assert (exp ((a - 1) * ln x) <= 1); [ | split; nra ].
  apply Rle_trans with (exp 0); [ apply exp_le; lra | rewrite exp_0; lra ].
Qed.

(** Young: x <= x^a c^(1-a) / a + (1 - 1/a) c *)
Lemma young : forall x c, 0 <= x -> 0 < c -> x <= power x * exp ((1 - a) * ln c) / a + (1 - / a) * c.
Proof.
  intros x c Hx Hc. assert (Ia : 0 < / a < 1).
  { split; [ apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_lt_contravar; lra ]. }
  destruct (Req_dec x 0) as [-> | N]; [ unfold power, Rdiv; rewrite !Rmult_0_l; nra | ].
  assert (0 < x) by (apply pos_ne; assumption).
  pose proof (chord (/ a) 0 (a * (ln x - ln c)) ltac:(lra)) as C. rewrite exp_0 in C.
  replace (/ a * (a * (ln x - ln c)) + (1 - / a) * 0) with (ln x - ln c) in C by (field; lra).
  apply Rmult_le_compat_r with (r := c) in C; [ | lra ].
  replace (exp (ln x - ln c) * c) with x in C.
  2:{ unfold Rminus. rewrite exp_plus, exp_Ropp, !exp_ln by lra. field. lra. }
  eapply Rle_trans; [ exact C | ]. apply Req_le. unfold power.
  replace (x * exp ((a - 1) * ln x) * exp ((1 - a) * ln c)) with (exp (a * (ln x - ln c)) * c); [ field; lra | ].
  rewrite <- (exp_ln x) at 2 by lra. rewrite <- (exp_ln c) at 2 by lra. rewrite <- !exp_plus. f_equal. ring.
Qed.

Lemma holder : forall t, In t ts -> 0 < q ->
  E (fun d => p t d * ind (A t d)) <= root (E (fun d => power (p t d))) * exp ((1 - / a) * ln q).
Proof.
  intros t Ht Hq. pose proof (p_range ts p HL t) as Hp. pose proof (bounded_chosen t) as Bc.
  assert (Bp : bounded (fun d => power (p t d))) by (apply (bounded_between _ 0 1); intros d; apply power_range, Hp).
  assert (Ia : 0 < / a < 1).
  { split; [ apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_lt_contravar; lra ]. }
  set (M := E (fun d => power (p t d))).
  assert (HM : 0 <= M) by (apply (e_pos E HE); [ exact Bp | intros d; apply power_range, Hp ]).
  assert (Y : forall c, 0 < c -> E (fun d => p t d * ind (A t d)) <= M * exp ((1 - a) * ln c) / a + (1 - / a) * c *
  q).
  { intros c Hc.
    apply Rle_trans with (E (fun d => exp ((1 - a) * ln c) / a * power (p t d) + (1 - / a) * c * ind (A t d))).
    - apply (e_mono E HE); [ exact Bc | bnd | ]. intros d. specialize (Hp d).
      pose proof (young (p t d) c (proj1 Hp) Hc) as Yd. pose proof (power_range (p t d) Hp).
      pose proof (exp_pos ((1 - a) * ln c)).
      assert (0 <= exp ((1 - a) * ln c) / a * power (p t d)).
      { apply Rmult_le_pos; [ apply Rlt_le, Rdiv_lt_0_compat; lra | lra ]. }
      unfold ind. destruct (A t d); [ | lra ]. unfold Rdiv in *. lra.
    - rewrite (e_add E HE), !(e_scal E HE) by bnd. fold M. specialize (small t Ht).
      assert (0 <= (1 - / a) * c) by (apply Rmult_le_pos; lra).
      apply Rplus_le_compat; [ apply Req_le; unfold Rdiv; ring | apply Rmult_le_compat_l; assumption ]. }
  destruct (Req_dec M 0) as [Z | N].
  - unfold root. fold M. destruct (Req_EM_T M 0) as [_ | ]; [ | contradiction ]. rewrite Rmult_0_l.
    apply le_epsilon. intros e He.
    specialize (Y (e / q) ltac:(apply Rdiv_lt_0_compat; lra)). rewrite Z in Y.
    replace ((1 - / a) * (e / q) * q) with ((1 - / a) * e) in Y by (field; lra).
    unfold Rdiv in Y. rewrite !Rmult_0_l in Y. nra.
  - assert (0 < M) by (apply pos_ne; assumption). specialize (Y (exp ((ln M - ln q) / a)) (exp_pos _)).
    rewrite ln_exp in Y. set (X := exp (ln M / a + (1 - / a) * ln q)).
    assert (E1 : M * exp ((1 - a) * ((ln M - ln q) / a)) = X).
    { unfold X. rewrite <- (exp_ln M) at 1 by assumption. rewrite <- exp_plus. f_equal. field. lra. }
    assert (E2 : exp ((ln M - ln q) / a) * q = X).
    { unfold X. rewrite <- (exp_ln q) at 2 by assumption. rewrite <- exp_plus. f_equal. field. lra. }
    rewrite E1, Rmult_assoc, E2 in Y. unfold root. fold M. destruct (Req_EM_T M 0); [ contradiction | ].
    rewrite <- exp_plus. fold X. replace X with (X / a + (1 - / a) * X) by (field; lra). exact Y.
Qed.

Definition sibson : R := a / (a - 1) * ln (rsum (fun t => root (E (fun d => power (p t d)))) ts).

Lemma root_nonneg : forall x, 0 <= root x.
Proof. intros x. unfold root. destruct (Req_EM_T x 0); [ lra | left; apply exp_pos ]. Qed.

Theorem sibson_bound : 0 < q -> selected E ts p A <= exp ((1 - / a) * (sibson + ln q)).
Proof.
  intros Hq. set (S := rsum (fun t => root (E (fun d => power (p t d)))) ts).
  assert (H : selected E ts p A <= S * exp ((1 - / a) * ln q)).
  { rewrite (selected_sum E HE ts p HL), Rmult_comm. unfold S. rewrite <- rsum_scal. apply rsum_le.
    intros t Ht. rewrite Rmult_comm. apply holder; assumption. }
  assert (HS : 0 <= S) by (apply rsum_nonneg; intros t _; apply root_nonneg).
  eapply Rle_trans; [ exact H | ]. unfold sibson. fold S. destruct (Req_dec S 0) as [Z | N].
  - rewrite Z, Rmult_0_l. left. apply exp_pos.
  - assert (0 < S) by (apply pos_ne; assumption). rewrite <- (exp_ln S) at 1 by assumption. rewrite <- exp_plus.
    apply exp_le, Req_le. field. lra.
Qed.

End Dependence.
