(** Lemma 6, Equation (7) and Theorem 3 of "No Free Prune": the law of robustness for a finite class.

    The components' posterior is independent of the labels given x; every function of the class, centred on its
    component means, has the tail of Definition 1. Proved with the printed constants and in a sharper form. *)
From NoFreePrune Require Export Proxy Lemma1 Lemma4.
From Coquelicot Require Import Rcomplements.

Section Isoperimetric.
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex).
Context (K : X -> (Y -> R) -> R) (HK : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat).
Hypothesis labels : forall y, -1 <= lab y <= 1.
Hypothesis components : forall x, (component x < k)%nat.
Variables (c d L : R).
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d. Hypothesis L_pos : 0 < L.

(** Definition 1 for a function with component means [mean]: P(|f - mean| >= r) <= 2 exp(-d r^2/(2 c L^2)). *)
Definition isoperimetric (f : X -> R) (mean : nat -> R) : Prop := forall r, 0 <= r ->
  Ex (fun x => ind (rleb r (Rabs (f x - mean (component x))))) <= 2 * exp (- (d * r ^ 2 / (2 * c * L ^ 2))).

(** B.1.3, sharper: the variance proxy of (f - mean) z is 4 c L^2/d, where the paper has 72 c L^2/d. *)
Lemma proxy : forall f mean s, (forall x, -1 <= f x <= 1) -> (forall l, -1 <= mean l <= 1) ->
  isoperimetric f mean -> 0 <= s ->
  E1 Ex K (fun w => exp (s * ((f (fst w) - mean (component (fst w))) * noise K lab w)))
    <= exp (4 * (c * L ^ 2 / d) * s ^ 2 / 2).
Proof.
  intros f mean s Hf Hm Hi Hs. unfold E1, two_stage, noise. cbn [fst snd].
  assert (HcL : 0 < c * L ^ 2) by (apply Rmult_lt_0_compat; [ exact c_pos | apply pow_lt, L_pos ]).
  set (Yd := fun x => f x - mean (component x)).
  assert (BY : bounded Yd).
  { apply (bounded_between _ (-2) 2). intros x. unfold Yd. specialize (Hf x). specialize (Hm (component x)). lra. }
  assert (Hsig : 0 < sqrt (c * L ^ 2 / d)) by (apply sqrt_lt_R0, Rdiv_lt_0_compat; assumption).
  assert (Hsq : sqrt (c * L ^ 2 / d) ^ 2 = c * L ^ 2 / d)
    by (apply pow2_sqrt; left; apply Rdiv_lt_0_compat; assumption).
  rewrite <- Hsq. apply (noise_product Ex HEx K HK lab labels Yd (sqrt (c * L ^ 2 / d)) Hsig BY); [ | exact Hs ].
  intros r Hr. rewrite Hsq. eapply Rle_trans; [ apply (Hi r Hr) | ].
  apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Req_le. field.
  repeat split; try lra; apply Rgt_not_eq; assumption.
Qed.

Section Class.
Variable n : nat.
Context {T : Type} (ts : list T) (f : T -> X -> R) (e : T -> nat -> R) (p : T -> @sample (X * Y) n -> R).
Hypothesis learns : learner ts p.
Hypothesis values : forall t x, -1 <= f t x <= 1.
Hypothesis means : forall t l, -1 <= e t l <= 1.
Hypothesis isoperimetry : forall t, In t ts -> isoperimetric (f t) (e t).
Variable epsilon : R.
Hypothesis epsilon_pos : 0 < epsilon.
Hypothesis samples : (0 < n)%nat.
Let N := INR n.
Let E := En (E1 Ex K) n.
Let HN : expectation E := En_expectation _ (HE1 Ex HEx K HK) n.
Let I := information E ts p.

(** n d epsilon^2/(c L^2) *)
Let ratio := N * d * epsilon ^ 2 / (c * L ^ 2).

Lemma ratio_pos : 0 < ratio.
Proof.
  assert (0 < N) by (apply (lt_INR 0 n); exact samples). unfold ratio.
  apply Rdiv_lt_0_compat; repeat apply Rmult_lt_0_compat; lra.
Qed.

(** P(X_W >= epsilon/8) <= delta as soon as (I + h(delta))/delta <= n d epsilon^2/(512 c L^2) *)
Lemma correlation_small : forall delta, 0 < delta < 1 -> (I + h2 delta) / delta <= ratio / 512 ->
  selected E ts p (fun t => E_f K lab component n epsilon (f t) (e t)) <= delta.
Proof.
  intros delta Hd HI. apply (selected_small E HN ts p learns _ (exp (- (ratio / 512))) delta (exp_pos _) Hd).
  - rewrite ln_exp. fold I. lra.
  - intros t Ht. unfold E_f. eapply Rle_trans.
    + apply (correlation_tail Ex HEx K HK lab component labels n ts f e (4 * (c * L ^ 2 / d)) )
      with (tau := epsilon / 8);
        try assumption; try lra.
      * apply Rmult_lt_0_compat; [ lra | apply Rdiv_lt_0_compat; [ | assumption ] ].
        apply Rmult_lt_0_compat; [ assumption | apply pow_lt; assumption ].
      * intros u s Hu Hs. apply proxy; auto.
    + apply exp_le, Req_le. unfold ratio. fold N. field. repeat split; lra.
Qed.

(** Equation (7), corrected: delta* = max(2^7 a_1^2 C_0 I/epsilon^2, 2 exp(-epsilon^2/(2^7 a_1^2 C_0))), a_1^2 = 72,
    C_0 = 144 c L^2/(n d); 2^7 * 72 * 144 = 1327104. *)
Definition delta_star : R := Rmax (1327104 * I / ratio) (2 * exp (- (ratio / 1327104))).

Theorem equation_7 : selected E ts p (fun t => E_f K lab component n epsilon (f t) (e t)) <= delta_star.
Proof.
  pose proof ratio_pos as HR. pose proof (information_nonneg E HN ts p learns) as HI. fold I in HI.
  assert (H1 : 1327104 * I / ratio <= delta_star) by apply Rmax_l.
  assert (H2 : 2 * exp (- (ratio / 1327104)) <= delta_star) by apply Rmax_r.
  pose proof (exp_pos (- (ratio / 1327104))). set (delta := delta_star) in *.
  destruct (Rle_lt_dec 1 delta) as [Hd | Hd].
  - eapply Rle_trans; [ apply (selected_range E HN ts p learns) | exact Hd ].
  - apply correlation_small; [ lra | ]. set (y := ratio / 1327104) in *.
    assert (Hy : 0 < y) by (unfold y; lra). pose proof ln_2_ge.
    assert (A1 : ln 2 - ln delta <= y).
    { rewrite <- ln_div by lra. rewrite <- (ln_exp y).
      assert (2 / delta <= exp y); [ | destruct H3 as [H3 | ->]; [ left; apply ln_increasing;
      [ apply Rdiv_lt_0_compat; lra | exact H3 ] | lra ] ].
      apply Rmult_le_reg_r with delta; [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
      rewrite exp_Ropp in H2. pose proof (exp_pos y).
      apply Rmult_le_compat_l with (r := exp y) in H2; [ | lra ].
      replace (exp y * (2 * / exp y)) with 2 in H2 by (field; lra). lra. }
    assert (A2 : I / delta <= y).
    { apply Rmult_le_reg_r with delta; [ lra | ]. replace (I / delta * delta) with I by (field; lra).
      replace (1327104 * I / ratio) with (I / y) in H1 by (unfold y; field; lra).
      apply Rmult_le_compat_r with (r := y) in H1; [ | lra ]. replace (I / y * y) with I in H1 by (field; lra). lra. }
    assert (A3 : h2 delta / delta <= 1 - ln delta).
    { pose proof (h2_le delta ltac:(lra)). apply Rmult_le_reg_r with delta; [ lra | ].
      replace (h2 delta / delta * delta) with (h2 delta) by (field; lra). lra. }
    pose proof (ln_neg delta ltac:(lra)).
    replace ((I + h2 delta) / delta) with (I / delta + h2 delta / delta) by (field; lra).
    replace (ratio / 512) with (2592 * y) by (unfold y; field). lra.
Qed.

(** Theorem 3 as printed, under the repairs: with probability at most (2k + 2) exp(-n epsilon^2/(8^3 k)) + delta* the
    learner returns a function with MSE at most sigma^2 - epsilon. *)
Theorem theorem_3_printed :
  selected E ts p (fun t => mse_at_most lab n (f t) (sigma2 Ex K lab - epsilon))
    <= (2 * INR k + 2) * exp (- (N * epsilon ^ 2 / (8 ^ 3 * INR k))) + delta_star.
Proof.
  eapply Rle_trans; [ apply (lemma_2_printed Ex HEx K HK lab k component n epsilon labels components) | ].
  - lra.
  - exact learns.
  - exact means.
  - apply Rplus_le_compat_l. exact equation_7.
Qed.

(** Theorem 3, sharper: P with kl(P || q) <= I in place of delta*, q = exp(-n d epsilon^2/(128 c L^2)), and the
    exponent 1/34 without k. *)
Theorem theorem_3_sharp : let q := exp (- (ratio / 128)) in
  exists P, selected E ts p (fun t => mse_at_most lab n (f t) (sigma2 Ex K lab - epsilon))
      <= 2 ^ k * exp (- (N * epsilon ^ 2 / 34)) + P
    /\ 0 <= P <= 1 /\ (P <= q \/ (P < 1 /\ kl P q <= I) \/ (P = 1 /\ - ln q <= I)).
Proof.
  intros q. assert (HcL : 0 < c * L ^ 2) by (apply Rmult_lt_0_compat; [ exact c_pos | apply pow_lt, L_pos ]).
  assert (0 < N) by (apply (lt_INR 0 n); exact samples).
  destruct (finite_class_kl Ex HEx K HK lab k component labels components n ts f e (4 * (c * L ^ 2 / d)) p)
  with (eps := epsilon)
    as [P HP]; try assumption.
  - apply Rmult_lt_0_compat; [ lra | apply Rdiv_lt_0_compat; assumption ].
  - intros t s Ht Hs. apply proxy; auto.
  - exists P. replace q with (exp (- (INR n * epsilon ^ 2 / (32 * (4 * (c * L ^ 2 / d)))))); [ exact HP | ].
    unfold q, ratio. f_equal. fold N. field. repeat split; lra.
Qed.

End Class.

End Isoperimetric.
