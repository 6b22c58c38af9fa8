(** Classifiers with a large class stability ("The Price of Robustness"): Lemma 18, the ramp, Fact 2 repaired.

    f: X -> {true, false} on a bounded metric space; h_f(x) is the distance from x to the points of the other class,
    S(f) = E h_f. With gamma = theta S(f), F = f min(1, h_f/gamma) is (ell/gamma)-Lipschitz and differs from f by the
    tent T = max(0, 1 - h_f/gamma). *)
From NoFreePrune Require Export Symmetrisation.
From Coquelicot Require Import Rcomplements.

Section Margin.
Context {X : Type} (dist : X -> X -> R) (diameter : R).
Hypothesis dist_range : forall x y, 0 <= dist x y <= diameter.
Hypothesis dist_sym : forall x y, dist x y = dist y x.
Hypothesis triangle : forall x y z, dist x z <= dist x y + dist y z.
Variables (f : X -> bool) (a b : X).
Hypothesis not_constant : f a = true /\ f b = false.

Definition sgn (c : bool) : R := if c then 1 else -1.
Definition others (x : X) : Type := {z : X | f z <> f x}.

Definition one_other (x : X) : others x.
Proof.
  destruct (f x) eqn:Hx; [ exists b | exists a ]; destruct not_constant as [Ha Hb]; congruence.
Defined.

(** h_f(x), an infimum *)
Definition margin (x : X) : R := - supremum (fun z : others x => - dist x (proj1_sig z)).

Lemma margin_le : forall x z, f z <> f x -> margin x <= dist x z.
Proof.
  intros x z Hz. unfold margin.
  pose proof (supremum_upper (one_other x) (fun z : others x => - dist x (proj1_sig z)) 0 (exist _ z Hz)) as U.
  cbn [proj1_sig] in U. specialize (U ltac:(intros [y Hy]; cbn; specialize (dist_range x y); lra)). lra.
Qed.

Lemma margin_ge : forall x c, (forall z, f z <> f x -> c <= dist x z) -> c <= margin x.
Proof.
  intros x c Hc. unfold margin. assert (supremum (fun z : others x => - dist x (proj1_sig z)) <= - c); [ | lra ].
  apply (supremum_least (one_other x)). intros [z Hz]. cbn. specialize (Hc z Hz). lra.
Qed.

Lemma margin_range : forall x, 0 <= margin x <= diameter.
Proof.
  intros x. split; [ apply margin_ge; intros z _; apply dist_range | ].
  destruct (one_other x) as [z Hz]. pose proof (margin_le x z Hz). specialize (dist_range x z). lra.
Qed.

(** Lemma 18: h_f is 1-Lipschitz. *)
Theorem lemma_18 : forall x y, Rabs (margin x - margin y) <= 1 * dist x y.
Proof.
  assert (H : forall x y, margin x <= margin y + dist x y).
  { intros x y. destruct (bool_dec (f y) (f x)) as [E | N].
    - assert (margin x - dist x y <= margin y); [ | lra ]. apply margin_ge. intros z Hz.
      pose proof (margin_le x z ltac:(congruence)). pose proof (triangle x y z). lra.
    - pose proof (margin_le x y N). pose proof (margin_range y). lra. }
  intros x y. apply Rabs_le. pose proof (H x y). pose proof (H y x). rewrite (dist_sym y x) in *. lra.
Qed.

(** The signed margin is 2-Lipschitz in any domain (1-Lipschitz in a convex one: ell below). *)
Theorem signed_margin : forall x y, f x <> f y -> margin x + margin y <= 2 * dist x y.
Proof.
  intros x y N. pose proof (margin_le x y ltac:(congruence)). pose proof (margin_le y x N).
  rewrite (dist_sym y x) in *. lra.
Qed.

Section Ramp.
Variables (gamma ell : R).
Hypothesis gamma_pos : 0 < gamma.
Hypothesis ell_ge_1 : 1 <= ell.
Hypothesis slope : forall x y, f x <> f y -> margin x + margin y <= ell * dist x y.

Definition height (x : X) : R := Rmin 1 (margin x / gamma).
Definition ramp (x : X) : R := sgn (f x) * height x.
Definition tent (x : X) : R := 1 - height x.

Lemma height_range : forall x, 0 <= height x <= 1.
Proof.
  intros x. unfold height. pose proof (margin_range x) as [Hm _].
  assert (0 <= margin x / gamma) by (apply Rdiv_le_0_compat; lra). unfold Rmin. destruct (Rle_dec _ _); lra.
Qed.

Lemma tent_range : forall x, 0 <= tent x <= 1.
Proof. intros x. unfold tent. pose proof (height_range x). lra. Qed.

Lemma ramp_range : forall x, -1 <= ramp x <= 1.
Proof. intros x. unfold ramp, sgn. pose proof (height_range x). destruct (f x); lra. Qed.

Lemma ramp_differs : forall x, Rabs (sgn (f x) - ramp x) = tent x.
Proof.
  intros x. unfold ramp, tent, sgn. pose proof (height_range x).
  destruct (f x); [ rewrite Rabs_pos_eq; lra | rewrite Rabs_left1; lra ].
Qed.

Lemma tent_high : forall t x, 0 < t -> t <= tent x -> margin x <= gamma * (1 - t).
Proof.
  intros t x Ht H. unfold tent, height in H. unfold Rmin in H. destruct (Rle_dec _ _) as [ | Hn]; [ lra | ].
  apply Rmult_le_reg_r with (/ gamma); [ apply Rinv_0_lt_compat, gamma_pos | ].
  replace (gamma * (1 - t) * / gamma) with (1 - t) by (field; lra). unfold Rdiv in H. lra.
Qed.

Lemma ramp_lipschitz : forall x y, Rabs (ramp x - ramp y) <= ell / gamma * dist x y.
Proof.
  intros x y. pose proof (lemma_18 x y) as L. apply Rabs_between in L. pose proof (dist_range x y) as Hd.
  assert (G : 0 < / gamma) by (apply Rinv_0_lt_compat, gamma_pos).
  assert (Scale : forall u v, u <= v -> u * / gamma <= v * / gamma) by (intros u v Huv; apply Rmult_le_compat_r; lra).
  pose proof (Scale (margin x) (margin y + dist x y) ltac:(lra)) as S1.
  pose proof (Scale (margin y) (margin x + dist x y) ltac:(lra)) as S2.
  assert (Hle : dist x y * / gamma <= ell * (dist x y * / gamma)).
  { rewrite <- (Rmult_1_l (dist x y * / gamma)) at 1. apply Rmult_le_compat_r; [ apply Rmult_le_pos; lra | lra ]. }
  replace (ell / gamma * dist x y) with (ell * (dist x y * / gamma)) by (unfold Rdiv; ring).
  pose proof (height_range x) as Rx. pose proof (height_range y) as Ry. unfold ramp.
  destruct (bool_dec (f x) (f y)) as [E | N].
  - rewrite E. apply Rle_trans with (dist x y * / gamma); [ | exact Hle ].
    assert (Rabs (height x - height y) <= dist x y * / gamma).
    { apply Rabs_le. unfold height, Rdiv, Rmin in *. repeat destruct (Rle_dec _ _); lra. }
    apply Rabs_between in H. apply Rabs_le. destruct (f y); unfold sgn; lra.
  - pose proof (Scale _ _ (slope x y N)) as S3. rewrite Rmult_plus_distr_r, Rmult_assoc in S3.
    assert (height x + height y <= ell * (dist x y * / gamma)).
    { unfold height, Rdiv, Rmin in *. repeat destruct (Rle_dec _ _); lra. }
    apply Rabs_le. destruct (f x), (f y); unfold sgn; try congruence; lra.
Qed.

End Ramp.

(** ** Class stability *)
Section Stability.
Variables (Ex : (X -> R) -> R) (c d : R).
Hypothesis inputs : expectation Ex.
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d.

(** Definition 3: both tails of every bounded L-Lipschitz function about its mean. *)
Definition isoperimetric_space : Prop := forall (g : X -> R) L r, 0 < L -> bounded g ->
  (forall x y, Rabs (g x - g y) <= L * dist x y) -> 0 <= r ->
  Ex (fun x => ind (rleb r (Rabs (g x - Ex g)))) <= 2 * exp (- (d * r ^ 2 / (2 * c * L ^ 2))).

Hypothesis isoperimetry : isoperimetric_space.

Definition stability : R := Ex margin.

Lemma bounded_margin : bounded margin.
Proof. apply (bounded_between _ 0 diameter), margin_range. Qed.

(** Fact 2, repaired: P(h_f <= theta S(f)) <= 2 exp(-(1 - theta)^2 d S^2/(2 c)). *)
Theorem fact_2_repaired : forall theta, theta <= 1 -> 0 <= stability ->
  Ex (fun x => ind (rleb (margin x) (theta * stability))) <= 2 * exp (- ((1 - theta) ^ 2 * d * stability ^ 2 / (2 *
    c))).
Proof.
  intros theta Ht HS. set (r := (1 - theta) * stability).
  apply Rle_trans with (Ex (fun x => ind (rleb r (Rabs (margin x - Ex margin))))).
  - apply (e_mono Ex inputs); [ apply bounded_ind | apply bounded_ind | ]. intros x. unfold ind, rleb.
    destruct (Rle_dec (margin x) _) as [H | ]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec _ _) as [ | Hn]; [ lra | exfalso; apply Hn ]. unfold r. fold stability.
    rewrite Rabs_left1 by nra. lra.
  - eapply Rle_trans; [ apply (isoperimetry margin 1 r Rlt_0_1 bounded_margin lemma_18) | ].
    + unfold r. apply Rmult_le_pos; lra.
    + apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Req_le. unfold r. field. lra.
Qed.

End Stability.

End Margin.
