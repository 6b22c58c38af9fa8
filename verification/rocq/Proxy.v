(** B.1.3 of "No Free Prune", sharper: the variance proxy of (f - E f) z is 4 c L^2/d, by three ranges of the tilt. *)
From NoFreePrune Require Export GaussianIntegral.
From Coquelicot Require Import Coquelicot.
From NoFreePrune Require Import Intervals.

(** ** The tail function *)
Definition q (t : R) : R := 2 * exp (- (t ^ 2 / 2)).

Lemma is_derive_q : forall t, is_derive q t (- (2 * t * exp (- (t ^ 2 / 2)))).
Proof. intros t. unfold q. auto_derive; [ exact I | replace (t * (t * 1)) with (t ^ 2) by ring; unfold Rdiv;
field ]. Qed.

Lemma q_t0 : q t0 = 1.
Proof. unfold q. rewrite t0_sq. replace (2 * ln 2 / 2) with (ln 2) by field. rewrite exp_Ropp, exp_ln by lra.
field. Qed.

Lemma q_lip : forall a b, t0 <= a -> a <= b -> 0 <= q a - q b <= 2 * (b - a).
Proof.
  intros a b Ha Hab. pose proof t0_range as T0. split.
  - assert (- q a <= - q b); [ | lra ].
    apply (mono_le (fun t => - q t) (fun t => 2 * t * exp (- (t ^ 2 / 2)))); [ exact Hab | | ].
    + intros t _. replace (2 * t * exp (- (t ^ 2 / 2))) with (- - (2 * t * exp (- (t ^ 2 / 2)))) by ring.
      apply (is_derive_opp q), is_derive_q.
    + intros t Ht. pose proof (exp_pos (- (t ^ 2 / 2))). apply Rmult_le_pos; lra.
  - assert (q a + 2 * a <= q b + 2 * b); [ | lra ].
    apply (mono_le (fun t => q t + 2 * t) (fun t => - (2 * t * exp (- (t ^ 2 / 2))) + 2)); [ exact Hab | | ].
    + intros t _. apply (is_derive_plus q (fun t => 2 * t)); [ apply is_derive_q | auto_derive; [ exact I | ring ] ].
    + intros t Ht. assert (t * exp (- (t ^ 2 / 2)) <= 1); [ | lra ].
      pose proof (exp_ineq1_le (t ^ 2 / 2)) as A1. rewrite exp_Ropp. pose proof (exp_pos (t ^ 2 / 2)) as A2.
      apply Rmult_le_reg_r with (exp (t ^ 2 / 2)); [ exact A2 | ]. rewrite Rmult_assoc, Rinv_l by lra. nra.
Qed.

(** ** One piece of the antiderivative *)
Section Piece.
Variables lambda tj : R.
Hypothesis Hl : 0 < lambda. Hypothesis Htj : t0 <= tj.
Let phi (t : R) : R := W (2 * lambda * t).

Definition piece (t : R) : R := w (2 * lambda * tj) / lambda * (exp (2 * lambda ^ 2) * gs (t - 2 * lambda) - gs t).

Lemma piece_bound : forall a b, tj <= a -> a <= b -> phi a * (q a - q b) <= piece b - piece a.
Proof.
  intros a b Ha Hab. pose proof t0_range as T0. set (wj := w (2 * lambda * tj)). set (c := phi a).
  assert (H : piece a + c * q a <= piece b + c * q b); [ | lra ].
  apply (mono_le (fun t => piece t + c * q t)
     (fun t => wj / lambda * (exp (2 * lambda ^ 2) * exp (- ((t - 2 * lambda) ^ 2 / 2)) - exp (- (t ^ 2 / 2))) + c *
     - (2 * t * exp (- (t ^ 2 / 2))))); [ exact Hab | | ].
  - intros t _. apply (is_derive_plus piece (fun t => c * q t)); [ | apply (is_derive_scal q), is_derive_q ].
    unfold piece. fold wj. apply (is_derive_scal (fun t => exp (2 * lambda ^ 2) * gs (t - 2 * lambda) - gs t)).
    apply (is_derive_minus (fun t => exp (2 * lambda ^ 2) * gs (t - 2 * lambda)) gs); [ | apply is_derive_gs ].
    apply (is_derive_scal (fun t => gs (t - 2 * lambda))).
    replace (exp (- ((t - 2 * lambda) ^ 2 / 2))) with (1 * exp (- ((t - 2 * lambda) ^ 2 / 2))) by ring.
    apply (is_derive_comp gs (fun t => t - 2 * lambda)); [ apply is_derive_gs | auto_derive; [ exact I | ring ] ].
  - intros t Ht. assert (Hh : 0 < 2 * lambda * t) by nra. pose proof (exp_gt1 _ Hh) as He.
    assert (Hc : c <= (exp (2 * lambda * t) - 1) / (2 * lambda * t) * wj).
    { apply Rle_trans with (W (2 * lambda * t)); [ apply W_mono; nra | ]. unfold W.
      apply Rmult_le_compat_l; [ apply Rdiv_le_0_compat; lra | ]. apply w_decreasing; nra. }
    replace (exp (2 * lambda ^ 2) * exp (- ((t - 2 * lambda) ^ 2 / 2)))
    with (exp (2 * lambda * t) * exp (- (t ^ 2 / 2)))
      by (rewrite <- !exp_plus; f_equal; field).
    replace (wj / lambda * (exp (2 * lambda * t) * exp (- (t ^ 2 / 2)) - exp (- (t ^ 2 / 2))) + c * - (2 * t * exp
    (- (t ^ 2 / 2))))
      with (2 * t * exp (- (t ^ 2 / 2)) * ((exp (2 * lambda * t) - 1) / (2 * lambda * t) * wj - c)) by (field; lra).
    apply Rmult_le_pos; [ | lra ]. pose proof (exp_pos (- (t ^ 2 / 2))). apply Rmult_le_pos; lra.
Qed.

End Piece.

Section Iso.
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex) (K : X -> (Y -> R) ->
  R) (HK : forall x, expectation (K x)).
Variable lab : Y -> R. Hypothesis Hlab : forall y, -1 <= lab y <= 1.
Variables (Yd : X -> R) (sigma : R).         (* f - mean of f on the component of x; sigma^2 = c L^2/d *)
Hypothesis Hs : 0 < sigma.
Hypothesis BY : bounded Yd.
Hypothesis Htail : forall r, 0 <= r -> Ex (fun x => ind (rleb r (Rabs (Yd x)))) <= 2 * exp (- (r ^ 2 / (2 * sigma ^
  2))).
Variable s : R. Hypothesis Hs0 : 0 <= s.
Let lambda := s * sigma.
Let V (x : X) : R := Rabs (Yd x) / sigma.
Let fhat (x : X) : R := K x (fun y => exp (s * (Yd x * (lab y - K x lab)))).

Lemma fhat_bounded : bounded fhat.
Proof.
  unfold fhat. apply (inner_bounded K HK (fun v => exp (s * (Yd (fst v) * (lab (snd v) - K (fst v) lab))))).
  pose proof (bounded_comp Yd (@fst X Y) BY). pose proof (bounded_comp lab (@snd X Y) (bounded_lab lab Hlab)).
  pose proof (bounded_comp (fun x => K x lab) (@fst X Y) (bounded_g K HK lab Hlab)). bnd.
Qed.

Lemma V_bounded : exists M, forall x, V x <= M.
Proof.
  destruct BY as [M HM]. exists (M / sigma). intros x. unfold V, Rdiv.
  apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat, Hs | apply HM ].
Qed.

Lemma V_tail : forall t, 0 <= t -> Ex (fun x => ind (rleb t (V x))) <= q t.
Proof.
  intros t Ht. apply Rle_trans with (2 * exp (- ((t * sigma) ^ 2 / (2 * sigma ^ 2)))).
  - rewrite (e_ext Ex HEx _ (fun x => ind (rleb (t * sigma) (Rabs (Yd x))))); [ apply Htail; nra | ].
    intros x. unfold V, rleb. f_equal. destruct (Rle_dec t _) as [H | H], (Rle_dec (t * sigma) _) as [H' | H'];
    try reflexivity; exfalso.
    + apply H'. apply Rmult_le_compat_r with (r := sigma) in H; [ | lra ]. unfold Rdiv in H.
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r in H by lra. exact H.
    + apply H. apply Rmult_le_reg_r with sigma; [ exact Hs | ]. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. exact H'.
  - unfold q. apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Req_le. field. lra.
Qed.

(** the two bounds on the inner expectation *)
Lemma fhat_parabola : forall x b, V x <= b -> fhat x <= exp (lambda ^ 2 * b ^ 2 / 2).
Proof.
  intros x b Hb. unfold fhat. pose proof (hoeffding (K x) (HK x) lab (-1) 1 (s * Yd x) Hlab) as H.
  rewrite (e_ext _ (HK x) _ (fun y => exp (s * Yd x * (lab y - K x lab)))) by (intros; f_equal; ring).
  eapply Rle_trans; [ exact H | ]. apply exp_le.
  assert (Hy : Yd x ^ 2 <= sigma ^ 2 * b ^ 2).
  { rewrite <- (pow2_abs (Yd x)). replace (Rabs (Yd x)) with (sigma * V x) by (unfold V; field; lra).
    assert (0 <= V x) by (unfold V; apply Rdiv_le_0_compat; [ apply Rabs_pos | lra ]).
    rewrite Rpow_mult_distr. apply Rmult_le_compat_l; [ apply pow2_ge_0 | ]. apply pow_incr. lra. }
  unfold lambda. replace ((s * Yd x) ^ 2 * (1 - -1) ^ 2 / 8) with (s ^ 2 * Yd x ^ 2 / 2) by field.
  replace ((s * sigma) ^ 2 * b ^ 2 / 2) with (s ^ 2 * (sigma ^ 2 * b ^ 2) / 2) by field.
  pose proof (pow2_ge_0 s). nra.
Qed.

Lemma fhat_W : forall x b, 0 < lambda -> 0 < b -> V x <= b -> fhat x <= W (2 * lambda * b).
Proof.
  intros x b Hl Hb HV.
  assert (Hp : exists p, 0 <= p <= 1 /\ fhat x <= TP p (2 * (s * Rabs (Yd x)))).
  { unfold fhat. pose proof (bounded_lab lab Hlab) as Bl. destruct (Rle_lt_dec 0 (Yd x)) as [Hy | Hy].
    - destruct (noise_two_point (K x) (HK x) lab Hlab) as [p [Hp H]]. exists p. split; [ exact Hp | ].
      rewrite Rabs_pos_eq by exact Hy. rewrite (e_ext _ (HK x) _ (fun y => exp (s * Yd x * (lab y - K x lab))))
      by (intros; f_equal; ring).
      apply H. nra.
    - destruct (noise_two_point (K x) (HK x) (fun y => - lab y) ltac:(intros y; specialize (Hlab y);
      lra)) as [p [Hp H]]. exists p. split; [ exact Hp | ].
      rewrite Rabs_left by exact Hy.
      assert (Hn : K x (fun y => - lab y) = - K x lab).
      { rewrite (e_ext _ (HK x) _ (fun y => -1 * lab y)) by (intros; ring). rewrite (e_scal _ (HK x)) by bnd. ring. }
      rewrite Hn in H. rewrite (e_ext _ (HK x) _ (fun y => exp (s * - Yd x * (- lab y - - K x lab)))) by (intros;
      f_equal; ring).
      apply H. nra. }
  destruct Hp as [p [Hp H]]. eapply Rle_trans; [ exact H | ].
  replace (s * Rabs (Yd x)) with (lambda * V x) by (unfold lambda, V; field; lra).
  assert (0 <= V x) by (unfold V; apply Rdiv_le_0_compat; [ apply Rabs_pos | lra ]).
  eapply Rle_trans; [ apply (TP_mono p _ (2 * lambda * b)); [ exact Hp | nra | nra ] | ].
  apply TP_W; [ exact Hp | nra ].
Qed.

(** *** lambda <= 3/5 *)
Lemma small_tilt : lambda <= 3 / 5 -> Ex fhat <= exp (2 * lambda ^ 2).
Proof.
  intros Hl. assert (Hl0 : 0 <= lambda) by (unfold lambda; nra). set (l := lambda ^ 2).
  assert (Hl2 : 0 <= l <= 9 / 25) by (unfold l; nra).
  pose proof t0_range as T0. destruct V_bounded as [M HM]. set (B := Rmax t0 M).
  set (phi := fun t => exp (l * t ^ 2 / 2)). set (G := fun t => - (2 / (1 - l)) * exp (- ((1 - l) * t ^ 2 / 2))).
  assert (HB : t0 <= B) by apply Rmax_l.
  assert (Hphi : forall a b, t0 <= a -> a <= b -> phi a <= phi b).
  { intros a b Ha Hab. apply exp_le. assert (a ^ 2 <= b ^ 2) by nra. nra. }
  apply Rle_trans with (G B - G t0 + phi B * q B).
  - apply (layer_cake Ex HEx V t0 B phi q G 2); auto.
    + intros x. eapply Rle_trans; [ apply HM | apply Rmax_r ].
    + apply q_t0.
    + intros t Ht. apply V_tail. lra.
    + intros a b Ha Hab _. apply q_lip; assumption.
    + intros a b Ha Hab _. assert (H : G a + phi a * q a <= G b + phi a * q b); [ | lra ].
      apply (mono_le (fun t => G t + phi a * q t) (fun t => 2 * t * exp (- ((1 - l) * t ^ 2 / 2)) + phi a * - (2 * t
      * exp (- (t ^ 2 / 2))))); [ exact Hab | | ].
      * intros t _. apply (is_derive_plus G (fun t => phi a * q t)); [ | apply (is_derive_scal q), is_derive_q ].
        unfold G. auto_derive; [ exact I | ]. replace (t * (t * 1)) with (t ^ 2) by ring. unfold Rdiv, Rminus.
        field. lra.
      * intros t Ht. assert (phi a <= phi t) by (apply Hphi; lra).
        replace (exp (- ((1 - l) * t ^ 2 / 2))) with (phi t * exp (- (t ^ 2 / 2))) by (unfold phi;
        rewrite <- exp_plus; f_equal; field).
        pose proof (exp_pos (- (t ^ 2 / 2))). replace (2 * t * (phi t * exp (- (t ^ 2 / 2))) + phi a * - (2 * t *
        exp (- (t ^ 2 / 2)))) with (2 * t * exp (- (t ^ 2 / 2)) * (phi t - phi a)) by ring.
        apply Rmult_le_pos; [ apply Rmult_le_pos; lra | lra ].
    + apply fhat_bounded.
    + intros x b Hb HV. apply fhat_parabola, HV.
    + left; apply exp_pos.
  - assert (H1 : G B + phi B * q B <= 0).
    { unfold G, phi, q. replace (exp (l * B ^ 2 / 2) * (2 * exp (- (B ^ 2 / 2))))
      with (2 * exp (- ((1 - l) * B ^ 2 / 2))).
      2:{ rewrite (Rmult_comm (exp _)), Rmult_assoc, <- exp_plus. do 2 f_equal. field. }
      pose proof (exp_pos (- ((1 - l) * B ^ 2 / 2))). assert (1 <= / (1 - l)).
      { rewrite <- Rinv_1 at 1. apply Rinv_le_contravar; lra. } unfold Rdiv. nra. }
    assert (H2 : - G t0 <= exp (2 * l)); [ | unfold l in *; lra ].
    unfold G. rewrite t0_sq. replace ((1 - l) * (2 * ln 2) / 2) with ((1 - l) * ln 2) by field.
    assert (0 < 2 / (1 - l)) by (apply Rdiv_lt_0_compat; lra).
    replace (- (- (2 / (1 - l)) * exp (- ((1 - l) * ln 2)))) with (exp (ln (2 / (1 - l)) + - ((1 - l) * ln 2)))
    by (rewrite exp_plus, exp_ln by assumption; ring).
    apply exp_le. rewrite ln_div by lra.
    assert (0 <= 2 * l - l * ln 2 + ln (1 - l)); [ | lra ].
    destruct (Rle_lt_dec l (1 / 5)) as [Hc | Hc].
    + replace 0 with ((fun l => 2 * l - l * ln 2 + ln (1 - l)) 0) by (cbn; rewrite Rminus_0_r, ln_1; ring).
      apply (mono_le (fun l => 2 * l - l * ln 2 + ln (1 - l)) (fun l => 2 - ln 2 - / (1 - l))); [ lra | | ].
      * intros u Hu. auto_derive; [ lra | unfold Rminus; field; lra ].
      * intros u Hu. assert (0 <= u <= 1 / 5) by lra. interval with (i_prec 40).
    + interval with (i_prec 40, i_bisect l).
Qed.

(** *** lambda >= 3/5: the tail beyond a large B is negligible *)
Let B0 := 4 * lambda + 40.

Lemma far : forall B, 0 < lambda -> B0 <= B -> W (2 * lambda * B) * q B <= 1 / 1000000.
Proof.
  intros B Hl HB. unfold B0 in HB. assert (0 < 2 * lambda * B) by nra.
  apply Rle_trans with (exp (2 * lambda * B) * (2 * exp (- (B ^ 2 / 2)))).
  - unfold q. apply Rmult_le_compat_r; [ pose proof (exp_pos (- (B ^ 2 / 2))); lra | apply W_exp; assumption ].
  - apply Rle_trans with (2 * exp (- 20)).
    + rewrite (Rmult_comm (exp _)), Rmult_assoc, <- exp_plus. apply Rmult_le_compat_l; [ lra | ]. apply exp_le. nra.
    + interval with (i_prec 40).
Qed.

Lemma large_tilt : 5 / 4 <= lambda -> Ex fhat <= exp (2 * lambda ^ 2).
Proof.
  intros Hl. pose proof t0_range as T0. destruct V_bounded as [M HM]. set (B := Rmax B0 M).
  assert (HB : t0 <= B). { apply Rle_trans with B0; [ unfold B0; lra | apply Rmax_l ]. }
  set (phi := fun t => W (2 * lambda * t)).
  apply Rle_trans with (piece lambda t0 B - piece lambda t0 t0 + phi B * q B).
  - apply (layer_cake Ex HEx V t0 B phi q (piece lambda t0) 2); auto.
    + intros x. eapply Rle_trans; [ apply HM | apply Rmax_r ].
    + intros a b Ha Hab _. apply W_mono; nra.
    + apply q_t0.
    + intros t Ht. apply V_tail. lra.
    + intros a b Ha Hab _. apply q_lip; assumption.
    + intros a b Ha Hab _. apply piece_bound; lra.
    + apply fhat_bounded.
    + intros x b Hb HV. apply fhat_W; lra.
    + unfold phi, W. assert (0 < 2 * lambda * B) by nra. pose proof (exp_gt1 _ H).
      apply Rmult_le_pos; [ apply Rdiv_le_0_compat; lra | left; apply exp_pos ].
  - assert (F : phi B * q B <= 1 / 1000000) by (apply far; [ lra | apply Rmax_l ]).
    assert (P : piece lambda t0 B - piece lambda t0 t0 <= 9 / 10 * exp (2 * lambda ^ 2)).
    { unfold piece. set (w0 := w (2 * lambda * t0)).
      assert (Hw0 : 0 <= w0 <= 434 / 1000).
      { unfold w0. split; [ left; apply exp_pos | ]. apply Rle_trans with (w (2 * (5 / 4) * t0));
        [ apply w_decreasing; nra | ].
        unfold w, t0. interval with (i_prec 50). }
      assert (gs t0 <= gs B) by (apply gs_mono, HB). pose proof (gs_le (B - 2 * lambda)).
      pose proof (gs_ge (t0 - 2 * lambda)).
      set (e2 := exp (2 * lambda ^ 2)). assert (0 < e2) by apply exp_pos.
      assert (0 <= w0 / lambda <= 3472 / 10000).
      { split; [ apply Rdiv_le_0_compat; lra | ]. apply Rmult_le_reg_r with lambda; [ lra | ].
        unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l by lra. nra. }
      replace (w0 / lambda * (e2 * gs (B - 2 * lambda) - gs B) - w0 / lambda * (e2 * gs (t0 - 2 * lambda) - gs t0))
        with (w0 / lambda * (e2 * (gs (B - 2 * lambda) - gs (t0 - 2 * lambda)) - (gs B - gs t0))) by ring.
      apply Rle_trans with (w0 / lambda * (e2 * (250664 / 100000))); [ apply Rmult_le_compat_l;
      [ lra | nra ] | nra ]. }
    assert (1 <= exp (2 * lambda ^ 2)) by (pose proof (exp_ineq1_le (2 * lambda ^ 2)); nra). lra.
Qed.

(** *** 3/5 <= lambda <= 5/4: three pieces *)
Lemma box : forall la e0 e1 e2 k0 k1 k2 k5, 3 / 5 <= la <= 5 / 4 -> -1/50000 <= e0 <= 1/50000 ->
  -1/50000 <= e1 <= 1/50000 -> -1/50000 <= e2 <= 1/50000 ->
  953731 / 1000000 <= k0 <= 953733 / 1000000 -> 1152900 / 1000000 <= k1 <= 1152901 / 1000000 ->
  1237748 / 1000000 <= k2 <= 1237749 / 1000000 ->
  1253312 / 1000000 <= k5 <= 1253315 / 1000000 ->
  (w (2 * la * t0) * (((P15 (7 / 4 - 2 * la) + e1) - (P15 (t0 - 2 * la) + e0)) - exp (- (2 * la ^ 2)) * (k1 - k0))
   + w (2 * la * (7 / 4)) * (((P15 (5 / 2 - 2 * la) + e2) - (P15 (7 / 4 - 2 * la) + e1)) - exp (- (2 * la ^ 2)) *
     (k2 - k1))
   + w (2 * la * (5 / 2)) * ((125332 / 100000 - (P15 (5 / 2 - 2 * la) + e2)) - exp (- (2 * la ^ 2)) * (k5 - k2))) /
     la <= 9999 / 10000.
Proof. intros. unfold w, P15, t0. interval with (i_prec 40, i_bisect la, i_depth 14). Qed.

Lemma gs_74 : 1152900 / 1000000 <= gs (7 / 4) <= 1152901 / 1000000.
Proof. unfold gs. split; integral with (i_prec 40). Qed.

Lemma gs_52 : 1237748 / 1000000 <= gs (5 / 2) <= 1237749 / 1000000.
Proof. unfold gs. split; integral with (i_prec 40). Qed.

Lemma middle_tilt : 3 / 5 <= lambda <= 5 / 4 -> Ex fhat <= exp (2 * lambda ^ 2).
Proof.
  intros Hl. pose proof t0_range as T0. destruct V_bounded as [M HM]. set (B := Rmax B0 M).
  assert (HB : 40 <= B). { apply Rle_trans with B0; [ unfold B0; lra | apply Rmax_l ]. }
  set (phi := fun t => W (2 * lambda * t)).
  set (c1 := fun t => Rmin t (7 / 4)). set (c2 := fun t => Rmax (7 / 4) (Rmin t (5 / 2))).
  set (c3 := fun t => Rmax t (5 / 2)).
  set (G := fun t => piece lambda t0 (c1 t) + piece lambda (7 / 4) (c2 t) + piece lambda (5 / 2) (c3 t)).
  assert (Hphi : forall a b, t0 <= a -> a <= b -> phi a <= phi b) by (intros a b Ha Hab; apply W_mono; nra).
  assert (Hphi0 : forall a, t0 <= a -> 0 <= phi a).
  { intros a Ha. unfold phi, W. assert (0 < 2 * lambda * a) by nra. pose proof (exp_gt1 _ H).
    apply Rmult_le_pos; [ apply Rdiv_le_0_compat; lra | left; apply exp_pos ]. }
  apply Rle_trans with (G B - G t0 + phi B * q B).
  - apply (layer_cake Ex HEx V t0 B phi q G 2); auto.
    + lra.
    + intros x. eapply Rle_trans; [ apply HM | apply Rmax_r ].
    + apply q_t0.
    + intros t Ht. apply V_tail. lra.
    + intros a b Ha Hab _. apply q_lip; assumption.
    + intros a b Ha Hab _.
      assert (Hstep : forall tj c, t0 <= tj -> (forall x y, t0 <= x -> x <= y -> c x <= c y) ->
      (forall x, t0 <= x -> tj <= c x) ->
        (c a = c b \/ a <= c a) -> phi a * (q (c a) - q (c b)) <= piece lambda tj (c b) - piece lambda tj (c a)).
      { intros tj c Htj Hmono Hge Hca. specialize (Hmono a b Ha Hab). pose proof (Hge a Ha) as Hga.
        destruct Hca as [Hca | Hca]; [ rewrite Hca; lra | ].
        eapply Rle_trans; [ | apply (piece_bound lambda tj); lra ].
        apply Rmult_le_compat_r; [ apply (q_lip (c a) (c b)); lra | apply Hphi; lra ]. }
      assert (Hsum : q a - q b = (q (c1 a) - q (c1 b)) + (q (c2 a) - q (c2 b)) + (q (c3 a) - q (c3 b))).
      { assert (Q : forall t, q (c1 t) + q (c2 t) + q (c3 t) = q t + q (7 / 4) + q (5 / 2)).
        { intros t. destruct (Rle_lt_dec t (7 / 4)) as [T1 | T1]; [ | destruct (Rle_lt_dec t (5 / 2)) as [T2 | T2] ].
          - assert (c1 t = t /\ c2 t = 7 / 4 /\ c3 t = 5 / 2) as [-> [-> ->]]; [ | lra ].
            unfold c1, c2, c3. rewrite (Rmin_left t (7 / 4)), (Rmin_left t (5 / 2)), (Rmax_left (7 / 4) t),
            (Rmax_right t (5 / 2)) by lra. auto.
          - assert (c1 t = 7 / 4 /\ c2 t = t /\ c3 t = 5 / 2) as [-> [-> ->]]; [ | lra ].
            unfold c1, c2, c3. rewrite (Rmin_right t (7 / 4)), (Rmin_left t (5 / 2)), (Rmax_right (7 / 4) t),
            (Rmax_right t (5 / 2)) by lra. auto.
          - assert (c1 t = 7 / 4 /\ c2 t = 5 / 2 /\ c3 t = t) as [-> [-> ->]]; [ | lra ].
            unfold c1, c2, c3. rewrite (Rmin_right t (7 / 4)), (Rmin_right t (5 / 2)), (Rmax_right (7 / 4) (5 / 2)),
            (Rmax_left t (5 / 2)) by lra. auto. }
        pose proof (Q a). pose proof (Q b). lra. }
      rewrite Hsum, !Rmult_plus_distr_l. unfold G.
      pose proof (Hstep t0 c1 ltac:(lra)) as S1. pose proof (Hstep (7 / 4) c2 ltac:(lra)) as S2. pose proof (Hstep
      (5 / 2) c3 ltac:(lra)) as S3.
      assert (phi a * (q (c1 a) - q (c1 b)) <= piece lambda t0 (c1 b) - piece lambda t0 (c1 a)).
      { apply S1; unfold c1, Rmin; intros; repeat (destruct (Rle_dec _ _)); try lra. }
      assert (phi a * (q (c2 a) - q (c2 b)) <= piece lambda (7 / 4) (c2 b) - piece lambda (7 / 4) (c2 a)).
      { apply S2; unfold c2, Rmin, Rmax; intros; repeat (destruct (Rle_dec _ _)); try lra. }
      assert (phi a * (q (c3 a) - q (c3 b)) <= piece lambda (5 / 2) (c3 b) - piece lambda (5 / 2) (c3 a)).
      { apply S3; unfold c3, Rmax; intros; repeat (destruct (Rle_dec _ _)); try lra. }
      lra.
    + apply fhat_bounded.
    + intros x b Hb HV. apply fhat_W; lra.
    + apply Hphi0. lra.
  - assert (F : phi B * q B <= 1 / 1000000) by (apply far; [ lra | apply Rmax_l ]).
    assert (c1 B = 7 / 4 /\ c2 B = 5 / 2 /\ c3 B = B) as [C1 [C2 C3]] by (unfold c1, c2, c3, Rmin, Rmax;
    repeat split; repeat (destruct (Rle_dec _ _); try lra)).
    assert (c1 t0 = t0 /\ c2 t0 = 7 / 4 /\ c3 t0 = 5 / 2) as [D1 [D2 D3]] by (unfold c1, c2, c3, Rmin, Rmax;
    repeat split; repeat (destruct (Rle_dec _ _); try lra)).
    unfold G. rewrite C1, C2, C3, D1, D2, D3.
    destruct (gs_close (t0 - 2 * lambda) ltac:(lra)) as [e0 [He0 E0]].
    destruct (gs_close (7 / 4 - 2 * lambda) ltac:(lra)) as [e1 [He1 E1']].
    destruct (gs_close (5 / 2 - 2 * lambda) ltac:(lra)) as [e2 [He2 E2]].
    pose proof (box lambda e0 e1 e2 (gs t0) (gs (7 / 4)) (gs (5 / 2)) (gs 5) Hl He0 He1 He2 gs_t0 gs_74 gs_52 gs5)
    as BX.
    rewrite <- E0, <- E1', <- E2 in BX. unfold piece.
    pose proof (gs_le (B - 2 * lambda)) as GB1. pose proof (gs_mono 5 B ltac:(lra)) as GB2.
    set (x2 := exp (2 * lambda ^ 2)) in *. assert (Hx2 : 0 < x2) by apply exp_pos.
    assert (Hx1 : 1 <= x2) by (pose proof (exp_ineq1_le (2 * lambda ^ 2)); unfold x2; nra).
    assert (Hinv : exp (- (2 * lambda ^ 2)) = / x2) by (unfold x2; apply exp_Ropp).
    rewrite Hinv in BX.
    set (w0 := w (2 * lambda * t0)) in *. set (w1 := w (2 * lambda * (7 / 4))) in *.
    set (w2 := w (2 * lambda * (5 / 2))) in *.
    assert (Hw2 : 0 < w2) by apply exp_pos.
    apply Rmult_le_compat_r with (r := x2) in BX; [ | lra ].
    assert (Hil : 0 < / lambda) by (apply Rinv_0_lt_compat; lra).
    assert (Hlast : w2 / lambda * (x2 * gs (B - 2 * lambda) - gs B) <= w2 / lambda * (x2 * (125332 / 100000) - gs 5)).
    { apply Rmult_le_compat_l; [ apply Rdiv_le_0_compat; lra | nra ]. }
    match type of BX with ?l <= _ => replace l with
      (w0 / lambda * (x2 * gs (7 / 4 - 2 * lambda) - gs (7 / 4)) - w0 / lambda * (x2 * gs (t0 - 2 * lambda) - gs t0)
       + (w1 / lambda * (x2 * gs (5 / 2 - 2 * lambda) - gs (5 / 2)) - w1 / lambda * (x2 * gs (7 / 4 - 2 * lambda) -
         gs (7 / 4)))
       + (w2 / lambda * (x2 * (125332 / 100000) - gs 5) - w2 / lambda * (x2 * gs (5 / 2 - 2 * lambda) - gs (5 /
         2)))) in BX by (field; lra) end.
    lra.
Qed.

(** *** all tilts: Proposition "noise product" with proxy 4 sigma^2 *)
Theorem noise_product : Ex fhat <= exp (4 * sigma ^ 2 * s ^ 2 / 2).
Proof.
  replace (4 * sigma ^ 2 * s ^ 2 / 2) with (2 * lambda ^ 2) by (unfold lambda; field).
  destruct (Rle_lt_dec lambda (3 / 5)) as [H1 | H1]; [ apply small_tilt, H1 | ].
  destruct (Rle_lt_dec lambda (5 / 4)) as [H2 | H2]; [ apply middle_tilt; lra | apply large_tilt; lra ].
Qed.

End Iso.
