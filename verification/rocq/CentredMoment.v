(** For the law of pruned classifiers ("The Price of Robustness", von Berg, Fono, Datres, Maskey and Kutyniok): a
    variable U with |U| <= V, P(V >= t) <= 2 exp(-t^2/2), has the variance proxy 61/10 about its mean.

    With G = E(exp(u V) - 1 - u V) and m = E V, log E exp(u (U - E U)) is at most G, and at most log(1 + G - u m) + u
    m; the first serves for u <= 13/20, the second beyond. *)
From NoFreePrune Require Export Proxy.
From NoFreePrune Require Import Intervals.
From Coquelicot Require Import Coquelicot.

(** exp(v) - 1 - v *)
Definition excess (v : R) : R := exp v - 1 - v.

Lemma excess_nonneg : forall v, 0 <= excess v.
Proof. intros v. unfold excess. pose proof (exp_ineq1_le v). lra. Qed.

Lemma excess_mono : forall v w, 0 <= v -> v <= w -> excess v <= excess w.
Proof.
  intros v w Hv Hw. apply (mono_le excess (fun t => exp t - 1)); [ exact Hw | | ].
  - intros t _. unfold excess. auto_derive; [ exact I | ring ].
  - intros t Ht. pose proof (exp_ineq1_le t). lra.
Qed.

Lemma excess_abs : forall v, excess v <= excess (Rabs v).
Proof.
  intros v. unfold Rabs. destruct (Rcase_abs v) as [Hv | Hv]; [ | lra ].
  assert (H : (fun w => exp w - exp (- w) - 2 * w) 0 <= (fun w => exp w - exp (- w) - 2 * w) (- v)).
  { apply (mono_le (fun w => exp w - exp (- w) - 2 * w) (fun w => exp w + exp (- w) - 2)); [ lra | | ].
    - intros t _. auto_derive; [ exact I | ring ].
    - intros t _. pose proof (exp_ineq1_le t). pose proof (exp_ineq1_le (- t)). lra. }
  cbv beta in H. rewrite Ropp_0, Ropp_involutive, exp_0 in H. unfold excess. lra.
Qed.

(** excess(v)/v^2 increases *)
Lemma excess_scaled : forall t v w, 0 <= t -> 0 < v -> v <= w -> excess (v * t) <= (v / w) ^ 2 * excess (w * t).
Proof.
  intros t v w Ht Hv Hw. destruct Ht as [Ht | <-].
  2:{ unfold excess. rewrite !Rmult_0_r, exp_0. lra. }
  set (h := fun x => excess x / x ^ 2).
  assert (H : h (v * t) <= h (w * t)).
  { apply (mono_le h (fun x => ((x - 2) * exp x + x + 2) / x ^ 3)).
    - apply Rmult_le_compat_r; lra.
    - intros x Hx. assert (0 < x) by nra. unfold h, excess. auto_derive; [ nra | field; lra ].
    - intros x Hx. assert (0 < x) by nra. apply Rdiv_le_0_compat; [ | apply pow_lt; assumption ].
      assert (K : (fun y => (y - 2) * exp y + y + 2) 0 <= (fun y => (y - 2) * exp y + y + 2) x).
      { apply (mono_le (fun y => (y - 2) * exp y + y + 2) (fun y => (y - 1) * exp y + 1)); [ lra | | ].
        - intros y _. auto_derive; [ exact I | ring ].
        - intros y _. pose proof (exp_ineq1_le (- y)) as P. rewrite exp_Ropp in P. pose proof (exp_pos y).
          apply Rmult_le_compat_r with (r := exp y) in P; [ | lra ]. rewrite Rinv_l in P by lra. lra. }
      cbv beta in K. rewrite exp_0 in K. lra. }
  unfold h in H. assert (0 < v * t) by (apply Rmult_lt_0_compat; lra).
  assert (0 < w * t) by (apply Rmult_lt_0_compat; lra).
  apply Rmult_le_compat_r with (r := (v * t) ^ 2) in H; [ | apply pow2_ge_0 ].
  replace (excess (v * t) / (v * t) ^ 2 * (v * t) ^ 2) with (excess (v * t)) in H by (field; lra).
  replace (excess (w * t) / (w * t) ^ 2 * (v * t) ^ 2) with ((v / w) ^ 2 * excess (w * t)) in H by (field; lra).
  exact H.
Qed.

Section Moments.
Context {X : Type} (E : (X -> R) -> R) (HE : expectation E) (V : X -> R).
Hypothesis V_nonneg : forall x, 0 <= V x.
Hypothesis V_bounded : bounded V.
Hypothesis V_tail : forall t, 0 <= t -> E (fun x => ind (rleb t (V x))) <= q t.

Lemma V_below : exists B, 5 <= B /\ forall x, V x <= B.
Proof.
  destruct V_bounded as [B0 HB]. exists (Rmax 5 B0). split; [ apply Rmax_l | ]. intros x. specialize (HB x).
  apply Rabs_between in HB. eapply Rle_trans; [ apply HB | apply Rmax_r ].
Qed.

(** m = E V <= t0 + 2 (gs(infinity) - gs(t0)) *)
Lemma mean_bound : E V <= 17767 / 10000.
Proof.
  destruct V_below as [B [HB HV]]. pose proof t0_range as T0.
  apply Rle_trans with ((- (B * q B) + 2 * gs B) - (- (t0 * q t0) + 2 * gs t0) + B * q B).
  - apply (layer_cake E HE V t0 B (fun t => t) q (fun t => - (t * q t) + 2 * gs t) 2); auto; try lra.
    + apply q_t0.
    + intros t Ht. apply V_tail. lra.
    + intros a b Ha Hab _. apply q_lip; assumption.
    + intros a b Ha Hab _. assert (H : - (a * q a) + 2 * gs a + a * q a <= - (b * q b) + 2 * gs b + a * q b);
      [ | lra ].
      apply (mono_le (fun t => - (t * q t) + 2 * gs t + a * q t) (fun t => (t - a) * (2 * t * exp (- (t ^ 2 /
        2))))); [ exact Hab | | ].
      * intros t _. replace ((t - a) * (2 * t * exp (- (t ^ 2 / 2)))) with
          (- (1 * q t + t * - (2 * t * exp (- (t ^ 2 / 2)))) + 2 * exp (- (t ^ 2 / 2)) + a * - (2 * t * exp (- (t ^
            2 / 2))))
          by (unfold q; ring).
        apply (is_derive_plus (fun t => - (t * q t) + 2 * gs t) (fun t => a * q t));
          [ | apply (is_derive_scal q), is_derive_q ].
        apply (is_derive_plus (fun t => - (t * q t)) (fun t => 2 * gs t));
          [ | apply (is_derive_scal gs), is_derive_gs ].
        unfold q. auto_derive; [ exact I | ]. replace (t * (t * 1)) with (t ^ 2) by ring. unfold Rdiv. field.
      * intros t Ht. pose proof (exp_pos (- (t ^ 2 / 2))). apply Rmult_le_pos; [ lra | apply Rmult_le_pos; lra ].
  - rewrite q_t0. pose proof (gs_le B). pose proof gs_t0. lra.
Qed.

(** The bound on G = E excess(u V), by the layer cake. *)
Definition excess_bound (u x k0 : R) : R :=
  exp (u * t0) - 1 - u * t0 + 2 * u * (exp (u ^ 2 / 2) * (125332 / 100000 + x) - (1253312 / 1000000 - k0)).

Lemma excess_mean : forall u, 0 < u -> E (fun x => excess (u * V x)) <= excess_bound u (gs (u - t0)) (gs t0).
Proof.
  intros u Hu. destruct V_below as [B [HB HV]]. pose proof t0_range as T0.
  set (phi := fun t => excess (u * t)). set (J := fun t => 2 * u * (exp (u ^ 2 / 2) * gs (t - u) - gs t)).
  assert (Hphi : forall a b, t0 <= a -> a <= b -> phi a <= phi b) by (intros a b Ha Hab; apply excess_mono; nra).
  apply Rle_trans with ((- (phi B * q B) + J B) - (- (phi t0 * q t0) + J t0) + phi B * q B).
  - apply (layer_cake E HE V t0 B phi q (fun t => - (phi t * q t) + J t) 2); auto; try lra.
    + apply q_t0.
    + intros t Ht. apply V_tail. lra.
    + intros a b Ha Hab _. apply q_lip; assumption.
    + intros a b Ha Hab _. cbv beta. assert (H : - (phi a * q a) + J a + phi a * q a <= - (phi b * q b) + J b + phi
      a * q b); [ | lra ].
      apply (mono_le (fun t => - (phi t * q t) + J t + phi a * q t)
        (fun t => (phi t - phi a) * (2 * t * exp (- (t ^ 2 / 2))))); [ exact Hab | | ].
      * intros t _. assert (Ex : exp (u ^ 2 / 2) * exp (- ((t - u) ^ 2 / 2)) = exp (u * t) * exp (- (t ^ 2 / 2))).
        { rewrite <- !exp_plus. f_equal. field. }
        replace ((phi t - phi a) * (2 * t * exp (- (t ^ 2 / 2)))) with
          (- (u * (exp (u * t) - 1) * q t + phi t * - (2 * t * exp (- (t ^ 2 / 2))))
           + 2 * u * (exp (u ^ 2 / 2) * exp (- ((t - u) ^ 2 / 2)) - exp (- (t ^ 2 / 2)))
           + phi a * - (2 * t * exp (- (t ^ 2 / 2)))) by (rewrite Ex; unfold q; ring).
        apply (is_derive_plus (fun t => - (phi t * q t) + J t) (fun t => phi a * q t));
          [ | apply (is_derive_scal q), is_derive_q ].
        apply (is_derive_plus (fun t => - (phi t * q t)) J).
        -- unfold phi, excess, q. auto_derive; [ exact I | ]. replace (t * (t * 1)) with (t ^ 2) by ring.
        unfold Rdiv. field.
        -- apply (is_derive_scal (fun t => exp (u ^ 2 / 2) * gs (t - u) - gs t)).
           apply (is_derive_minus (fun t => exp (u ^ 2 / 2) * gs (t - u)) gs); [ | apply is_derive_gs ].
           apply (is_derive_scal (fun t => gs (t - u))).
           replace (exp (- ((t - u) ^ 2 / 2))) with (1 * exp (- ((t - u) ^ 2 / 2))) by ring.
           apply (is_derive_comp gs (fun t => t - u)); [ apply is_derive_gs | auto_derive; [ exact I | ring ] ].
      * intros t Ht. assert (phi a <= phi t) by (apply Hphi; lra). pose proof (exp_pos (- (t ^ 2 / 2))).
        apply Rmult_le_pos; [ lra | apply Rmult_le_pos; lra ].
    + destruct V_bounded as [M HM]. apply (bounded_between _ 0 (excess (u * M))). intros x.
    split; [ apply excess_nonneg | ].
      specialize (HM x). apply Rabs_between in HM. specialize (V_nonneg x). apply excess_mono; nra.
    + intros x b Hb Hx. specialize (V_nonneg x). apply excess_mono; nra.
    + apply excess_nonneg.
  - rewrite q_t0. unfold J, phi, excess_bound, excess. pose proof (gs_le (B - u)) as G1.
  pose proof (gs_mono 5 B HB) as G2.
    pose proof gs5 as G5. replace (t0 - u) with (- (u - t0)) by ring. rewrite gs_opp.
    pose proof (exp_pos (u ^ 2 / 2)). set (x2 := exp (u ^ 2 / 2)) in *.
    assert (2 * u * (x2 * gs (B - u) - gs B) <= 2 * u * (x2 * (125332 / 100000) - 1253312 / 1000000)).
    { apply Rmult_le_compat_l; [ lra | ]. apply Rplus_le_compat; [ apply Rmult_le_compat_l; lra | lra ]. }
    lra.
Qed.

Variable U : X -> R.
Hypothesis dominated : forall x, Rabs (U x) <= V x.

Lemma U_bounded : bounded U.
Proof. destruct V_bounded as [M HM]. exists M. intros x. specialize (HM x). apply Rabs_between in HM.
specialize (dominated x). lra. Qed.

Lemma exponential_bound : forall u, 0 < u -> E (fun x => exp (u * U x)) <= 1 + u * E U + E (fun x => excess (u * V
  x)).
Proof.
  intros u Hu. pose proof U_bounded as BU. pose proof V_bounded as BV.
  assert (BE : bounded (fun x => excess (u * V x))) by (unfold excess; bnd).
  rewrite <- (e_scal E HE u U BU), <- (e_one E HE), <- !(e_add E HE) by bnd.
  apply (e_mono E HE); [ bnd | bnd | ]. intros x.
  assert (excess (u * U x) <= excess (u * V x)); [ | unfold excess in *; lra ].
  eapply Rle_trans; [ apply excess_abs | ]. apply excess_mono; [ apply Rabs_pos | ].
  rewrite Rabs_mult, Rabs_pos_eq by lra. apply Rmult_le_compat_l; [ lra | apply dominated ].
Qed.

(** log(1 + xi + G) - xi at xi = u E U >= -u m *)
Lemma centred_bound : forall u G m, 0 < u -> E V <= m -> E (fun x => excess (u * V x)) <= G -> u * m <= G ->
  E (fun x => exp (u * (U x - E U))) <= exp (ln (1 + G - u * m) + u * m).
Proof.
  intros u G m Hu Hm HG Hge. pose proof U_bounded as BU. pose proof (exponential_bound u Hu) as HX.
  assert (Hxi : - (u * m) <= u * E U).
  { assert (- E V <= E U); [ | nra ]. replace (- E V) with (E (fun x => -1 * V x)) by (rewrite (e_scal E HE) by
    assumption; ring).
    apply (e_mono E HE); [ bnd | exact BU | ]. intros x. pose proof (Rabs_between _ _ (dominated x)). lra. }
  set (xi := u * E U) in *.
  rewrite (e_ext E HE _ (fun x => exp (- xi) * exp (u * U x))).
  2:{ intros x. rewrite <- exp_plus. f_equal. unfold xi. ring. }
  rewrite (e_scal E HE) by bnd.
  apply Rle_trans with (exp (- xi) * exp (ln (1 + xi + G))).
  - rewrite exp_ln by lra. apply Rmult_le_compat_l; [ left; apply exp_pos | lra ].
  - rewrite <- exp_plus. apply exp_le. set (x0 := 1 + G - u * m).
    assert (Hx0 : 1 <= x0) by (unfold x0; lra).
    assert (L : ln ((1 + xi + G) / x0) <= (1 + xi + G) / x0 - 1) by (apply ln_le_minus1, Rdiv_lt_0_compat; lra).
    rewrite ln_div in L by lra. assert ((1 + xi + G) / x0 - 1 <= xi + u * m); [ | lra ].
    replace ((1 + xi + G) / x0 - 1) with ((xi + u * m) / x0) by (unfold x0; field; unfold x0 in Hx0; lra).
    apply Rmult_le_reg_r with x0; [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra.
    assert (0 <= xi + u * m) by lra. nra.
Qed.

Lemma small_at : excess_bound (13 / 20) (gs (13 / 20 - t0)) (gs t0) <= 61 / 10 * (13 / 20) ^ 2 / 2.
Proof.
  destruct (gs_close (13 / 20 - t0)) as [e [He ->]]; [ pose proof t0_range; lra | ]. pose proof gs_t0 as G.
  set (k0 := gs t0) in *. unfold excess_bound, P15, t0. interval with (i_prec 40).
Qed.

Lemma middle_box : forall u e k0, 13 / 20 <= u <= 5 / 2 -> -1/50000 <= e <= 1/50000 -> 953731 / 1000000 <= k0 <=
  953733 / 1000000 ->
  0 <= excess_bound u (P15 (u - t0) + e) k0 - u * (17767 / 10000)
  /\ ln (1 + excess_bound u (P15 (u - t0) + e) k0 - u * (17767 / 10000)) + u * (17767 / 10000) - 61 / 10 * u ^ 2 / 2
    <= 0.
Proof.
  intros u e k0 Hu He Hk. unfold excess_bound, P15, t0. split; interval with (i_prec 40, i_bisect u, i_depth 16).
Qed.

Theorem centred_moment : forall u, 0 <= u -> E (fun x => exp (u * (U x - E U))) <= exp (61 / 10 * u ^ 2 / 2).
Proof.
  intros u [Hu | <-].
  2:{ rewrite (e_ext E HE _ (fun _ => 1)) by (intros; rewrite Rmult_0_l; apply exp_0). rewrite (e_one E HE).
      rewrite <- exp_0 at 1. apply exp_le. lra. }
  pose proof U_bounded as BU. pose proof mean_bound as Hm. pose proof t0_range as T0. pose proof gs_t0 as G0.
  destruct (Rle_lt_dec u (13 / 20)) as [H1 | H1].
  - (* at most G *)
    assert (HG : E (fun x => excess (u * V x)) <= 61 / 10 * u ^ 2 / 2).
    { pose proof V_bounded as BV.
      apply Rle_trans with (E (fun x => (u / (13 / 20)) ^ 2 * excess (13 / 20 * V x))).
      - apply (e_mono E HE); [ unfold excess; bnd | unfold excess; bnd | ]. intros x. apply excess_scaled; auto; lra.
      - rewrite (e_scal E HE) by (unfold excess; bnd).
        pose proof (excess_mean (13 / 20) ltac:(lra)) as M. pose proof small_at as S.
        assert (E (fun x => excess (13 / 20 * V x)) <= 61 / 10 * (13 / 20) ^ 2 / 2) by lra.
        eapply Rle_trans; [ apply Rmult_le_compat_l; [ apply pow2_ge_0 | exact H ] | ]. apply Req_le. field. }
    pose proof (exponential_bound u Hu) as HX. set (xi := u * E U) in *.
    rewrite (e_ext E HE _ (fun x => exp (- xi) * exp (u * U x))).
    2:{ intros x. rewrite <- exp_plus. f_equal. unfold xi. ring. }
    rewrite (e_scal E HE) by bnd.
    apply Rle_trans with (exp (- xi) * exp (xi + 61 / 10 * u ^ 2 / 2)).
    + apply Rmult_le_compat_l; [ left; apply exp_pos | ].
      pose proof (exp_ineq1_le (xi + 61 / 10 * u ^ 2 / 2)). lra.
    + rewrite <- exp_plus. apply exp_le. lra.
  - pose proof (excess_mean u Hu) as HG. destruct (Rle_lt_dec u (5 / 2)) as [H2 | H2].
    + destruct (gs_close (u - t0)) as [e [He Eg]]; [ lra | ]. rewrite Eg in HG.
      destruct (middle_box u e (gs t0) ltac:(lra) He G0) as [B1 B2].
      eapply Rle_trans; [ apply (centred_bound u _ (17767 / 10000) Hu Hm HG); lra | ]. apply exp_le. lra.
    + set (G := excess_bound u (gs (u - t0)) (gs t0)) in *.
      assert (Gs : 0 <= gs (u - t0)) by (rewrite <- gs_0; apply gs_mono; lra). pose proof (gs_le (u - t0)) as Gs2.
      assert (X4 : 4 <= exp (u ^ 2 / 2)) by (pose proof (exp_ineq1_le (u ^ 2 / 2)); nra).
      set (x2 := exp (u ^ 2 / 2)) in *.
      assert (XP : x2 * (125332 / 100000) <= x2 * (125332 / 100000 + gs (u - t0)) <= x2 * (250664 / 100000)) by
        (split; apply Rmult_le_compat_l; lra).
      assert (Et : 1 + u * t0 <= exp (u * t0) <= x2).
      { split; [ apply exp_ineq1_le | apply exp_le; nra ]. }
      assert (GL : u * (17767 / 10000) <= G).
      { unfold G, excess_bound. fold x2. assert (u * 8 <= 2 * u * (x2 * (125332 / 100000 + gs (u - t0)) - (1253312 /
        1000000 - gs t0))) by nra. lra. }
      eapply Rle_trans; [ apply (centred_bound u G (17767 / 10000) Hu Hm HG GL) | ]. apply exp_le.
      assert (GU : 1 + G - u * (17767 / 10000) <= (1 + 6 * u) * x2).
      { unfold G, excess_bound. fold x2.
        assert (2 * u * (x2 * (125332 / 100000 + gs (u - t0)) - (1253312 / 1000000 - gs t0)) <= 2 * u * (x2 *
          (250664 / 100000)))
          by (apply Rmult_le_compat_l; lra). nra. }
      assert (LU : ln (1 + G - u * (17767 / 10000)) <= ln (1 + 6 * u) + u ^ 2 / 2).
      { replace (u ^ 2 / 2) with (ln x2) by (unfold x2; apply ln_exp). rewrite <- ln_mult by lra.
        destruct GU as [GU | ->]; [ left; apply ln_increasing; lra | lra ]. }
      assert (L6 : ln (1 + 6 * u) <= (1 + 6 * u) / 2).
      { pose proof (ln_le_minus1 ((1 + 6 * u) / 2) ltac:(lra)) as L. rewrite ln_div in L by lra.
        assert (ln 2 <= 1) by (pose proof (ln_le_minus1 2 ltac:(lra)); lra). lra. }
      nra.
Qed.

End Moments.
