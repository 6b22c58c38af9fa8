(** Logarithms: the inequality of Gibbs, x log x, the binary entropy and relative entropy of Bernoulli laws.

    [ln 0 = 0] in Rocq, so that 0 log 0 = 0 needs no case of its own. *)
From NoFreePrune Require Export Expectation.

Lemma ln_le_minus1 : forall x, 0 < x -> ln x <= x - 1.
Proof. intros x Hx. pose proof (exp_ineq1_le (ln x)) as H. rewrite exp_ln in H by exact Hx. lra. Qed.

Lemma ln_0 : ln 0 = 0.
Proof. unfold ln. destruct (Rlt_dec 0 0) as [H|H]; [ exfalso; exact (Rlt_irrefl 0 H) | reflexivity ]. Qed.

Lemma ln_div : forall x y, 0 < x -> 0 < y -> ln (x / y) = ln x - ln y.
Proof. intros x y Hx Hy. unfold Rdiv. rewrite ln_mult, ln_Rinv by (try apply Rinv_0_lt_compat; assumption). ring. Qed.

Lemma pos_ne : forall x, 0 <= x -> x <> 0 -> 0 < x.
Proof. intros x [H|H] N; [ exact H | exfalso; apply N; symmetry; exact H ]. Qed.

(** a log(a/b) >= a - b *)
Lemma gibbs : forall a b, 0 <= a -> 0 < b -> a - b <= a * ln (a / b).
Proof.
  intros a b Ha Hb. destruct (Req_dec a 0) as [->|Hn]; [ rewrite Rmult_0_l; lra | ].
  assert (0 < a) by (apply pos_ne; assumption). assert (0 < b / a) by (apply Rdiv_lt_0_compat; lra).
  pose proof (ln_le_minus1 (b / a) ltac:(assumption)) as L.
  replace (a / b) with (/ (b / a)) by (field; lra). rewrite ln_Rinv by assumption.
  replace (a - b) with (a * (1 - b / a)) by (field; lra). apply Rmult_le_compat_l; lra.
Qed.

(** bounded: x log x on the unit interval *)
Lemma xlnx_bound : forall x c, 0 <= x <= 1 -> 0 < c -> Rabs (x * ln (x / c)) <= 1 + c + / c.
Proof.
  intros x c Hx Hc. assert (0 < / c) by (apply Rinv_0_lt_compat; exact Hc). apply Rabs_le. split.
  - pose proof (gibbs x c (proj1 Hx) Hc). lra.
  - destruct (Req_dec x 0) as [->|Hn]; [ rewrite Rmult_0_l; lra | ].
    assert (0 < x) by (apply pos_ne; [ apply Hx | exact Hn ]).
    assert (Hxc : 0 < x / c) by (apply Rdiv_lt_0_compat; lra). pose proof (ln_le_minus1 _ Hxc) as L.
    assert (x / c <= / c) by (unfold Rdiv; rewrite <- (Rmult_1_l (/ c)) at 2; apply Rmult_le_compat_r; lra). nra.
Qed.

(** kl(P || q), the relative entropy of Bernoulli laws *)
Definition kl (P q : R) : R := P * ln (P / q) + (1 - P) * ln ((1 - P) / (1 - q)).

(** h(delta), the binary entropy in nats *)
Definition h2 (delta : R) : R := - delta * ln delta - (1 - delta) * ln (1 - delta).

Lemma ln_neg : forall x, 0 < x < 1 -> ln x < 0.
Proof. intros x Hx. rewrite <- ln_1. apply ln_increasing; lra. Qed.
