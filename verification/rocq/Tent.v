(** For the law of pruned classifiers ("The Price of Robustness"): the moments of the tent T = max(0, 1 - h_f/gamma),
    of which only the tail P(T >= t) <= 2 exp(-s^2 (1 - theta + theta t)^2/2) for t in (0, 1] is used. *)
From NoFreePrune Require Export GaussianIntegral.
From Coquelicot Require Import Coquelicot.

(** ** Layer cake from a tail that need not be one at the start *)
Section LayerCake.
Context {X : Type} (E : (X -> R) -> R) (HE : expectation E) (V : X -> R) (t0 B : R) (phi q H : R -> R) (Lphi Lq : R).
Hypothesis order : t0 <= B.
Hypothesis below : forall x, V x <= B.
Hypothesis slopes : 0 <= Lphi /\ 0 <= Lq.
Hypothesis phi_mono : forall a b, t0 <= a -> a <= b -> b <= B -> 0 <= phi b - phi a <= Lphi * (b - a).
Hypothesis q_mono : forall a b, t0 <= a -> a <= b -> b <= B -> 0 <= q a - q b <= Lq * (b - a).
Hypothesis tail : forall t, t0 < t <= B -> E (fun x => ind (rleb t (V x))) <= q t.
Hypothesis antiderivative : forall a b, t0 <= a -> a <= b -> b <= B -> (phi b - phi a) * q b <= H b - H a.
Hypothesis H_mono : forall a b, t0 <= a -> a <= b -> b <= B -> H a <= H b.

Lemma layer_cake_from : forall f : X -> R, bounded f ->
  (forall x b, t0 <= b <= B -> V x <= b -> f x <= phi b) -> E f <= phi t0 + (H B - H t0).
Proof.
  intros f Bf Hf. apply le_epsilon. intros e He.
  set (A := (B - t0) * (Lphi + Lq * (phi B - phi t0))).
  assert (HA : 0 <= A).
  { unfold A. apply Rmult_le_pos; [ lra | ]. pose proof (phi_mono t0 B). apply Rplus_le_le_0_compat; [ lra | ].
    apply Rmult_le_pos; lra. }
  destruct (nfloor_ex (A / e)) as [m0 Hm0]; [ apply Rdiv_le_0_compat; lra | ]. set (m := S m0).
  assert (Hm : A / e < INR m) by (unfold m; rewrite S_INR; lra). assert (Hm1 : (1 <= m)%nat) by (unfold m; lia).
  clearbody m. clear Hm0 m0. assert (Hm0 : 0 < INR m) by (apply (lt_INR 0 m); lia).
  set (d := (B - t0) / INR m). assert (Hd : 0 <= d) by (apply Rdiv_le_0_compat; lra).
  set (t := fun j => t0 + d * INR j).
  assert (Htm : t m = B) by (unfold t, d; field; lra).
  assert (HtS : forall j, t (S j) = t j + d) by (intros j; unfold t; rewrite S_INR; ring).
  assert (Htr : forall j, (j <= m)%nat -> t0 <= t j <= B).
  { intros j Hj. split; [ unfold t; pose proof (pos_INR j); nra | ]. rewrite <- Htm. unfold t. apply le_INR in Hj.
  nra. }
  destruct (Req_dec d 0) as [Zd | Nd].
  { (* a point *)
    assert (EB : t0 = B) by (rewrite <- Htm; unfold t; rewrite Zd; ring).
    assert (E f <= phi B) by (apply (e_le_const E HE); [ exact Bf | intros x; apply Hf; [ lra | apply below ] ]).
    rewrite EB in *. lra. }
  set (step := fun j x => (phi (t (S j)) - phi (t j)) * ind (rleb (t j) (V x))).
  assert (Bst : forall j, bounded (step j)) by (intros j; unfold step; bnd).
  assert (Stair : forall x len j0, (j0 + len <= m)%nat -> V x <= t (j0 + len)%nat ->
    f x <= phi (t j0) + rsum (fun j => step j x) (seq j0 len)).
  { intros x. induction len as [ | len IH]; intros j0 H1 H2; cbn [seq rsum].
    - rewrite Nat.add_0_r in *. rewrite Rplus_0_r. apply Hf; [ apply Htr; lia | exact H2 ].
    - destruct (Rle_lt_dec (V x) (t j0)) as [Hv | Hv].
      + assert (f x <= phi (t j0)) by (apply Hf; [ apply Htr; lia | exact Hv ]).
        assert (0 <= step j0 x + rsum (fun j => step j x) (seq (S j0) len)); [ | lra ].
        change (0 <= rsum (fun j => step j x) (seq j0 (S len))). apply rsum_nonneg. intros j Hj. apply in_seq in Hj.
        unfold step. apply Rmult_le_pos; [ | unfold ind; destruct (rleb _ _); lra ].
        apply phi_mono; [ apply Htr; lia | rewrite HtS; lra | apply Htr; lia ].
      + assert (Hind : step j0 x = phi (t (S j0)) - phi (t j0)).
        { unfold step, ind, rleb. destruct (Rle_dec (t j0) (V x)); [ ring | exfalso; lra ]. }
        rewrite Hind. specialize (IH (S j0) ltac:(lia)).
        replace (S j0 + len)%nat with (j0 + S len)%nat in IH by lia. specialize (IH H2). lra. }
  apply Rle_trans with (phi (t 1%nat) + rsum (fun j => (phi (t (S j)) - phi (t j)) * q (t j)) (seq 1 (m - 1))).
  { apply Rle_trans with (E (fun x => phi (t 1%nat) + rsum (fun j => step j x) (seq 1 (m - 1)))).
    - apply (e_mono E HE); [ exact Bf | apply bounded_plus; [ apply bounded_const | apply bounded_rsum, Bst ] | ].
      intros x. apply Stair; [ lia | ]. replace (1 + (m - 1))%nat with m by lia. rewrite Htm. apply below.
    - rewrite (e_add E HE), (e_const E HE), (e_rsum E HE) by (try apply bounded_rsum; try apply bounded_const;
      apply Bst).
      apply Rplus_le_compat_l, rsum_le. intros j Hj. apply in_seq in Hj. unfold step.
      rewrite (e_scal E HE) by apply bounded_ind. apply Rmult_le_compat_l.
      + apply phi_mono; [ apply Htr; lia | rewrite HtS; lra | apply Htr; lia ].
      + apply tail. split; [ | apply Htr; lia ]. unfold t.
      assert (1 <= INR j) by (change 1 with (INR 1); apply le_INR; lia). nra. }
  assert (Sum : forall len j0, (j0 + len <= m)%nat ->
    rsum (fun j => (phi (t (S j)) - phi (t j)) * q (t j)) (seq j0 len)
      <= H (t (j0 + len)%nat) - H (t j0) + Lq * d * (phi (t (j0 + len)%nat) - phi (t j0))).
  { induction len as [ | len IH]; intros j0 H1; cbn [seq rsum]; [ rewrite Nat.add_0_r; lra | ].
    specialize (IH (S j0) ltac:(lia)). replace (S j0 + len)%nat with (j0 + S len)%nat in IH by lia.
    pose proof (Htr j0 ltac:(lia)) as R0. pose proof (Htr (S j0) ltac:(lia)) as R1. pose proof (HtS j0) as S0.
    pose proof (antiderivative (t j0) (t (S j0)) ltac:(lra) ltac:(lra) ltac:(lra)) as A1.
    pose proof (phi_mono (t j0) (t (S j0)) ltac:(lra) ltac:(lra) ltac:(lra)) as P1.
    pose proof (q_mono (t j0) (t (S j0)) ltac:(lra) ltac:(lra) ltac:(lra)) as Q1.
    replace (t (S j0) - t j0) with d in * by lra.
    assert ((phi (t (S j0)) - phi (t j0)) * (q (t j0) - q (t (S j0))) <= (phi (t (S j0)) - phi (t j0)) * (Lq * d))
      by (apply Rmult_le_compat_l; lra). lra. }
  specialize (Sum (m - 1)%nat 1%nat ltac:(lia)). replace (1 + (m - 1))%nat with m in Sum by lia. rewrite Htm in Sum.
  pose proof (Htr 1%nat Hm1) as R1. assert (Ht1 : t 1%nat = t0 + d) by (unfold t; cbn; ring).
  pose proof (phi_mono t0 (t 1%nat) ltac:(lra) ltac:(lra) ltac:(lra)) as P1.
  pose proof (phi_mono (t 1%nat) B ltac:(lra) ltac:(lra) ltac:(lra)) as P2.
  pose proof (H_mono t0 (t 1%nat) ltac:(lra) ltac:(lra) ltac:(lra)) as G1.
  assert (Small : d * (Lphi + Lq * (phi B - phi t0)) <= e).
  { replace (d * (Lphi + Lq * (phi B - phi t0))) with (A / INR m) by (unfold A, d; field; lra).
    apply Rmult_le_reg_r with (INR m); [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
    apply Rmult_lt_compat_r with (r := e) in Hm; [ | lra ]. unfold Rdiv in Hm.
    rewrite Rmult_assoc, Rinv_l, Rmult_1_r in Hm by lra. lra. }
  replace (t 1%nat - t0) with d in P1 by lra.
  assert (Lq * d * (phi B - phi (t 1%nat)) <= Lq * d * (phi B - phi t0)) by (apply Rmult_le_compat_l; [ nra | lra ]).
  lra.
Qed.

End LayerCake.

(** ** The tent *)
Section Tent.
Context {X : Type} (E : (X -> R) -> R) (HE : expectation E) (T : X -> R) (s theta : R).
Hypothesis s_pos : 0 < s.
Hypothesis theta_range : 0 < theta < 1.
Hypothesis T_range : forall x, 0 <= T x <= 1.
Let edge (t : R) : R := s * (1 - theta + theta * t).
Hypothesis tent_tail : forall t, 0 < t <= 1 -> E (fun x => ind (rleb t (T x))) <= 2 * exp (- (edge t ^ 2 / 2)).
Let qt (t : R) : R := 2 * exp (- (edge t ^ 2 / 2)).

Lemma is_derive_qt : forall t, is_derive qt t (- (2 * (s * theta) * edge t * exp (- (edge t ^ 2 / 2)))).
Proof.
  intros t. unfold qt, edge. auto_derive; [ exact I | ].
  replace (s * (1 - theta + theta * t) * (s * (1 - theta + theta * t) * 1)) with ((s * (1 - theta + theta * t)) ^ 2)
    by ring.
  unfold Rdiv, Rminus. field.
Qed.

Lemma qt_mono : forall a b, 0 <= a -> a <= b -> b <= 1 -> 0 <= qt a - qt b <= 2 * (s * theta) * s * (b - a).
Proof.
  intros a b Ha Hab Hb. assert (Hst : 0 < s * theta) by (apply Rmult_lt_0_compat; lra).
  assert (Ed : forall t, 0 <= t -> t <= 1 -> 0 <= edge t <= s) by (intros t H0 H1; unfold edge; split; nra). split.
  - assert (- qt a <= - qt b); [ | lra ].
    apply (mono_le (fun t => - qt t) (fun t => - - (2 * (s * theta) * edge t * exp (- (edge t ^ 2 / 2)))));
      [ exact Hab | | ].
    + intros t _. apply (is_derive_opp qt), is_derive_qt.
    + intros t Ht. pose proof (exp_pos (- (edge t ^ 2 / 2))). specialize (Ed t ltac:(lra) ltac:(lra)).
      rewrite Ropp_involutive. apply Rmult_le_pos; [ | lra ]. apply Rmult_le_pos; lra.
  - assert (qt a + 2 * (s * theta) * s * a <= qt b + 2 * (s * theta) * s * b); [ | lra ].
    apply (mono_le (fun t => qt t + 2 * (s * theta) * s * t)
      (fun t => - (2 * (s * theta) * edge t * exp (- (edge t ^ 2 / 2))) + 2 * (s * theta) * s)); [ exact Hab | | ].
    + intros t _. apply (is_derive_plus qt (fun t => 2 * (s * theta) * s * t)); [ apply is_derive_qt | ].
      auto_derive; [ exact I | ring ].
    + intros t Ht. specialize (Ed t ltac:(lra) ltac:(lra)).
      assert (exp (- (edge t ^ 2 / 2)) <= 1) by (rewrite <- exp_0; apply exp_le; pose proof (pow2_ge_0 (edge t));
        lra).
      pose proof (exp_pos (- (edge t ^ 2 / 2))). set (x := exp (- (edge t ^ 2 / 2))) in *.
      assert (edge t * x <= s * 1) by (apply Rmult_le_compat; lra).
      assert (2 * (s * theta) * (edge t * x) <= 2 * (s * theta) * s) by (apply Rmult_le_compat_l; lra). lra.
Qed.

(** E T <= (2/(s theta)) (gs(s) - gs(s (1 - theta))), gs(x) the integral of exp(-u^2/2) from 0 to x *)
Lemma tent_mean : E T <= 2 / (s * theta) * (gs s - gs (s * (1 - theta))).
Proof.
  assert (Hst : 0 < s * theta) by (apply Rmult_lt_0_compat; lra).
  set (H := fun t => 2 / (s * theta) * gs (edge t)).
  assert (DH : forall t, is_derive H t (qt t)).
  { intros t. unfold H, qt. replace (2 * exp (- (edge t ^ 2 / 2))) with (2 / (s * theta) * (s * theta * exp (- (edge
    t ^ 2 / 2))))
      by (field; lra).
    apply (is_derive_scal (fun t => gs (edge t))). apply (is_derive_comp gs edge); [ apply is_derive_gs | ].
    unfold edge. auto_derive; [ exact I | ring ]. }
  assert (Pq : forall t, 0 < qt t) by (intros t; unfold qt; pose proof (exp_pos (- (edge t ^ 2 / 2))); lra).
  assert (C : E T <= 0 + (H 1 - H 0)).
  { apply (layer_cake_from E HE T 0 1 (fun t => t) qt H 1 (2 * (s * theta) * s)); auto.
    - lra.
    - intros x. apply T_range.
    - split; [ lra | nra ].
    - intros a b _ Hab _. lra.
    - intros a b Ha Hab Hb. apply qt_mono; assumption.
    - intros a b Ha Hab Hb. assert (K : H a - a * qt b <= H b - b * qt b); [ | lra ].
      apply (mono_le (fun t => H t - t * qt b) (fun t => qt t - qt b)); [ exact Hab | | ].
      + intros t _. apply (is_derive_minus H (fun t => t * qt b)); [ apply DH | auto_derive; [ exact I | ring ] ].
      + intros t Ht. pose proof (qt_mono t b ltac:(lra) ltac:(lra) Hb). lra.
    - intros a b _ Hab _. apply (mono_le H qt); [ exact Hab | intros; apply DH | intros t _; left; apply Pq ].
    - apply (bounded_between _ 0 1), T_range. }
  unfold H, edge in C. replace (s * (1 - theta + theta * 1)) with s in C by ring.
  replace (s * (1 - theta + theta * 0)) with (s * (1 - theta)) in C by ring. lra.
Qed.

(** E exp(lambda T) <= M at lambda = s^2 theta (1 - theta) *)
Definition tent_moment : R := 1 + 2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * gs (s * theta).

Lemma tent_mgf : E (fun x => exp (s ^ 2 * theta * (1 - theta) * T x)) <= tent_moment.
Proof.
  assert (Hst : 0 < s * theta) by (apply Rmult_lt_0_compat; lra). set (lambda := s ^ 2 * theta * (1 - theta)).
  assert (Hl : 0 < lambda) by (unfold lambda; apply Rmult_lt_0_compat; [ apply Rmult_lt_0_compat;
    [ apply pow_lt | ] | ]; lra).
  set (phi := fun t => exp (lambda * t)). set (x0 := exp (- ((s * (1 - theta)) ^ 2 / 2))).
  set (H := fun t => 2 * s * (1 - theta) * x0 * gs (s * theta * t)).
  assert (Pq : forall t, 0 < qt t) by (intros t; unfold qt; pose proof (exp_pos (- (edge t ^ 2 / 2))); lra).
  assert (DH : forall t, is_derive H t (lambda * phi t * qt t)).
  { intros t. replace (lambda * phi t * qt t) with (2 * s * (1 - theta) * x0 * (s * theta * exp (- ((s * theta * t)
    ^ 2 / 2)))).
    - unfold H. apply (is_derive_scal (fun t => gs (s * theta * t))).
    apply (is_derive_comp gs (fun t => s * theta * t));
        [ apply is_derive_gs | auto_derive; [ exact I | ring ] ].
    - unfold phi, qt, x0, lambda.
      replace (2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * (s * theta * exp (- ((s * theta * t) ^ 2
        / 2))))
        with (2 * (s ^ 2 * theta * (1 - theta)) * (exp (- ((s * (1 - theta)) ^ 2 / 2)) * exp (- ((s * theta * t) ^ 2
          / 2)))) by ring.
      replace (s ^ 2 * theta * (1 - theta) * exp (s ^ 2 * theta * (1 - theta) * t) * (2 * exp (- (edge t ^ 2 / 2))))
        with (2 * (s ^ 2 * theta * (1 - theta)) * (exp (s ^ 2 * theta * (1 - theta) * t) * exp (- (edge t ^ 2 /
          2)))) by ring.
      rewrite <- !exp_plus. do 2 f_equal. unfold edge. field. }
  assert (Dphi : forall t, is_derive phi t (lambda * phi t)) by (intros t; unfold phi; auto_derive;
    [ exact I | ring ]).
  assert (Pphi : forall t, 0 <= t -> t <= 1 -> 1 <= phi t <= exp lambda).
  { intros t H0 H1. unfold phi. split; [ rewrite <- exp_0; apply exp_le; nra | apply exp_le; nra ]. }
  assert (C : E (fun x => phi (T x)) <= phi 0 + (H 1 - H 0)).
  { apply (layer_cake_from E HE T 0 1 phi qt H (lambda * exp lambda) (2 * (s * theta) * s)); auto.
    - lra.
    - intros x. apply T_range.
    - split; [ pose proof (exp_pos lambda); nra | nra ].
    - intros a b Ha Hab Hb. split.
      + assert (phi a <= phi b); [ | lra ]. apply exp_le. nra.
      + assert (lambda * exp lambda * a - phi a <= lambda * exp lambda * b - phi b); [ | lra ].
        apply (mono_le (fun t => lambda * exp lambda * t - phi t) (fun t => lambda * exp lambda - lambda * phi t));
          [ exact Hab | | ].
        * intros t _. apply (is_derive_minus (fun t => lambda * exp lambda * t) phi); [ auto_derive;
          [ exact I | ring ] | apply Dphi ].
        * intros t Ht. specialize (Pphi t ltac:(lra) ltac:(lra)). nra.
    - intros a b Ha Hab Hb. apply qt_mono; assumption.
    - intros a b Ha Hab Hb. assert (K : H a - phi a * qt b <= H b - phi b * qt b); [ | lra ].
      apply (mono_le (fun t => H t - phi t * qt b) (fun t => lambda * phi t * qt t - lambda * phi t * qt b));
        [ exact Hab | | ].
      + intros t _. apply (is_derive_minus H (fun t => phi t * qt b)); [ apply DH | ].
        unfold phi. auto_derive; [ exact I | ring ].
      + intros t Ht. pose proof (qt_mono t b ltac:(lra) ltac:(lra) Hb). specialize (Pphi t ltac:(lra) ltac:(lra)).
        replace (lambda * phi t * qt t - lambda * phi t * qt b) with (lambda * phi t * (qt t - qt b)) by ring.
        apply Rmult_le_pos; [ nra | lra ].
    - intros a b Ha Hab Hb. apply (mono_le H (fun t => lambda * phi t * qt t)); [ exact Hab | intros; apply DH | ].
      intros t Ht. specialize (Pphi t ltac:(lra) ltac:(lra)). specialize (Pq t). apply Rmult_le_pos; [ nra | lra ].
    - apply (bounded_between _ 1 (exp lambda)). intros x. apply Pphi; apply T_range.
    - intros x b Hb Hx. apply exp_le. apply Rmult_le_compat_l; lra. }
  unfold H, phi in C. rewrite !Rmult_0_r, exp_0, gs_0, Rmult_1_r in C. unfold tent_moment. fold x0. lra.
Qed.

Lemma tent_moment_ge_1 : 1 <= tent_moment.
Proof.
  unfold tent_moment. assert (0 <= gs (s * theta)) by (rewrite <- gs_0; apply gs_mono; nra).
  pose proof (exp_pos (- ((s * (1 - theta)) ^ 2 / 2))).
  assert (0 <= 2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * gs (s * theta)); [ | lra ].
  repeat apply Rmult_le_pos; lra.
Qed.

End Tent.
