(** Inequalities from the value at one end of a range and the sign of the derivative: the mean value theorem. *)
From Obligations Require Export Cases.

Section Slopes.
Variables (f g : R -> R) (a b : R).
Hypothesis derivative : forall x, a <= x <= b -> is_derive f x (g x).

Lemma mean_value : a < b -> exists c, f b - f a = g c * (b - a) /\ a < c < b.
Proof. intros H. apply (MVT_cor2 f g a b H). intros c Hc. apply is_derive_Reals, derivative, Hc. Qed.

Lemma rises : a <= b -> (forall x, a < x < b -> 0 <= g x) -> f a <= f b.
Proof.
  intros [H | <-] S; [ | lra ]. destruct (mean_value H) as [c [E Hc]]. specialize (S c Hc). nra.
Qed.

Lemma rises_strictly : a < b -> (forall x, a < x < b -> 0 < g x) -> f a < f b.
Proof. intros H S. destruct (mean_value H) as [c [E Hc]]. specialize (S c Hc). nra. Qed.

Lemma falls : a <= b -> (forall x, a < x < b -> g x <= 0) -> f b <= f a.
Proof.
  intros [H | <-] S; [ | lra ]. destruct (mean_value H) as [c [E Hc]]. specialize (S c Hc). nra.
Qed.

Lemma falls_strictly : a < b -> (forall x, a < x < b -> g x < 0) -> f b < f a.
Proof. intros H S. destruct (mean_value H) as [c [E Hc]]. specialize (S c Hc). nra. Qed.
End Slopes.

(** ** Logarithms of products *)

Lemma ln_sqrt : forall x, 0 < x -> ln (sqrt x) = ln x / 2.
Proof.
  intros x H. assert (0 < sqrt x) by (apply sqrt_lt_R0; lra).
  assert (E : ln x = ln (sqrt x) + ln (sqrt x)); [ | lra ].
  rewrite <- ln_mult by lra. f_equal. symmetry. apply sqrt_sqrt. lra.
Qed.

Lemma ln_1_div : forall x, 0 < x -> ln (1 / x) = - ln x.
Proof. intros x H. unfold Rdiv. rewrite Rmult_1_l. apply ln_Rinv, H. Qed.

Ltac expand_logarithm := match goal with
  | |- context [ln 1] => rewrite ln_1
  | |- context [ln (exp ?a)] => rewrite (ln_exp a)
  | |- context [ln (Rpower ?a ?b)] => rewrite (ln_Rpower a b)
  | |- context [ln (?a * ?b)] => rewrite (ln_mult a b) by posit
  | |- context [ln (1 / ?b)] => rewrite (ln_1_div b) by posit
  | |- context [ln (?a / ?b)] => rewrite (ln_div a b) by posit
  | |- context [ln (/ ?a)] => rewrite (ln_Rinv a) by posit
  | |- context [ln (sqrt ?a)] => rewrite (ln_sqrt a) by posit
  end.
Ltac expand_logarithms := repeat expand_logarithm.
Ltac expand_hypotheses := repeat match goal with
  | H : context [ln (?a * ?b)] |- _ => rewrite (ln_mult a b) in H by posit
  | H : context [ln (?a / ?b)] |- _ => rewrite (ln_div a b) in H by posit
  end.

(** ** The parts of a script for a derivative *)

Ltac at_end := repeat match goal with
  | |- context [exp 0] => rewrite exp_0
  | |- context [ln 1] => rewrite ln_1
  | |- context [exp ?a] => let E := fresh "E" in assert (E : a = 0) by ring; rewrite E, exp_0; clear E
  | |- context [ln ?a] =>
      let E := fresh "E" in assert (E : a = 1) by (first [ lra | field; lra ]); rewrite E, ln_1; clear E
  end.
Ltac end_by_signs := first
  [ solve [lra]
  | solve [try unfold sinh, cosh; at_end; first [ lra | apply Req_le; field; nonzero | apply Req_le; ring | nra ]]
  | solve [interval]
  | solve [expand_logarithms; lra] ].
Ltac end_by_balls := first [ solve [lra] | solve [interval] | solve [interval with (i_prec 80)] ].
Ltac in_range := first [ lra | apply Rlt_le; posit | nra ].
Ltac differentiate :=
  pose_positive; try unfold sinh, cosh;
  auto_derive;
  [ repeat split; posit
  | unfold Rminus, Rdiv;
    first [ solve [field; nonzero] | solve [ring] | solve [rewrite exp_Ropp; field; nonzero] ] ].
Ltac use_level L x :=
  let h := fresh in pose proof (L x) as h;
  repeat match type of h with ?A -> _ => specialize (h ltac:(first [ assumption | lra | posit ])) end; lra.
Ltac slope_from L x := pose_positive; use_level L x.
Ltac slope_by_balls x := interval with (i_bisect x).
Ltac slope_by_signs x := pose_positive;
  first [ solve [lra] | solve [nra] | solve [posit] | solve [apply Rlt_le; posit] | solve [by_cases] ].
