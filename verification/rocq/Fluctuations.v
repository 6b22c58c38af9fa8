(** How far the noise of a sample strays from its mean: the sharper Lemma 4 of "No Free Prune", and the exact threshold
    with its probability (sharpened form).

    Labels y in [-1, 1], g(x) = E[y | x], z = y - g(x), sigma^2 = E Var(y | x); no other hypothesis is used. *)
From NoFreePrune Require Export Threshold.
From Coquelicot Require Import Coquelicot.

Lemma exp_below_parabola : forall x, 0 <= x -> exp (- x) <= 1 - x + x ^ 2 / 2.
Proof.
  intros x Hx. assert (H : (fun t => 1 - t + t ^ 2 / 2 - exp (- t)) 0 <= (fun t => 1 - t + t ^ 2 / 2 - exp (- t)) x).
  { apply (mono_le (fun t => 1 - t + t ^ 2 / 2 - exp (- t)) (fun t => -1 + t + exp (- t))); [ exact Hx | | ].
    - intros t _. auto_derive; [ exact I | field ].
    - intros t _. pose proof (exp_ineq1_le (- t)). lra. }
  cbv beta in H. rewrite Ropp_0, exp_0 in H. lra.
Qed.

Section Noise.
Context {X Y : Type} (Ex : (X -> R) -> R) (HEx : expectation Ex).
Context (K : X -> (Y -> R) -> R) (HK : forall x, expectation (K x)).
Variables (lab : Y -> R) (n : nat).
Hypothesis labels : forall y, -1 <= lab y <= 1.
Let N := INR n.
Let E := E1 Ex K.
Let HE : expectation E := HE1 Ex HEx K HK.
Let HN : expectation (En E n) := En_expectation E HE n.
Let sigma2 := sigma2 Ex K lab.
Let z := noise K lab.
Let g1 (w : X * Y) : R := g K lab (fst w).
Let zr := z_range K HK lab labels.
Let Bl : bounded lab := bounded_lab lab labels.

Lemma bounded_z : bounded z.
Proof. apply (bounded_between _ (-2) 2), zr. Qed.

Lemma bounded_g1 : bounded g1.
Proof. apply (bounded_between _ (-1) 1). intros w. apply (g_range K HK lab labels). Qed.

(** E[z^4 | x] <= (1 - g^2)(1 + 3 g^2) <= 4/3: the chord over y = -1, 1 *)
Lemma fourth_moment : forall x, K x (fun y => z (x, y) ^ 4) <= 4 / 3.
Proof.
  intros x. unfold z, noise. cbn [fst snd]. set (m := g K lab x). pose proof (g_range K HK lab labels x) as Hm.
  fold m in Hm.
  apply Rle_trans with (K x (fun y => ((1 - m) ^ 4 - (1 + m) ^ 4) / 2 * lab y + ((1 - m) ^ 4 + (1 + m) ^ 4) / 2)).
  - apply (e_mono _ (HK x)); [ bnd | bnd | ]. intros y. pose proof (labels y) as Hy. set (t := lab y) in *.
    assert (0 <= (1 - t) * (1 + t) * ((t - 2 * m) ^ 2 + 1 + 2 * m ^ 2)); [ | nra ].
    apply Rmult_le_pos; [ apply Rmult_le_pos; lra | pose proof (pow2_ge_0 (t - 2 * m)); nra ].
  - rewrite (e_add _ (HK x)), (e_scal _ (HK x)), (e_const _ (HK x)) by bnd. fold (g K lab x). fold m.
    pose proof (pow2_ge_0 (3 * m ^ 2 - 1)). nra.
Qed.

Lemma ssum_deviation : forall (h : X * Y -> R) c D, N * c - ssum h n D = ssum (fun w => c - h w) n D.
Proof.
  intros h c D. unfold N. rewrite <- (ssum_const c n D).
  replace (ssum (fun _ => c) n D - ssum h n D) with (ssum (fun _ => c) n D + -1 * ssum h n D) by ring.
  rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros w. ring.
Qed.

(** ** The mean of z^2 *)
Theorem second_moment : forall t, 0 <= t ->
  En E n (fun D => ind (rleb (ssum (fun w => z w ^ 2) n D) (N * (sigma2 - t)))) <= exp (- (3 * N * t ^ 2 / 8)).
Proof.
  intros t Ht. pose proof bounded_z as Bz.
  rewrite (e_ext _ HN _ (fun D => ind (rleb (INR n * t) (ssum (fun w => sigma2 - z w ^ 2) n D)))).
  2:{ intros D. f_equal. rewrite <- (ssum_deviation (fun w => z w ^ 2)). unfold rleb, N.
  destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra. }
  eapply Rle_trans; [ apply (chernoff E HE (fun w => sigma2 - z w ^ 2) (4 / 3) t n); [ bnd | lra | exact Ht | ] | ].
  - intros s Hs. apply Rle_trans with (E (fun w => exp (s * sigma2) * (1 - s * z w ^ 2 + s ^ 2 / 2 * z w ^ 4))).
    + apply (e_mono E HE); [ bnd | bnd | ]. intros w.
      replace (s * (sigma2 - z w ^ 2)) with (s * sigma2 + - (s * z w ^ 2)) by ring. rewrite exp_plus.
      apply Rmult_le_compat_l; [ left; apply exp_pos | ]. pose proof (pow2_ge_0 (z w)).
      pose proof (exp_below_parabola (s * z w ^ 2) ltac:(apply Rmult_le_pos; assumption)) as P.
      replace (1 - s * z w ^ 2 + s ^ 2 / 2 * z w ^ 4) with (1 - s * z w ^ 2 + (s * z w ^ 2) ^ 2 / 2) by field.
      exact P.
    + rewrite (e_scal E HE), (e_add E HE), (e_minus E HE), (e_one E HE), !(e_scal E HE) by bnd.
      pose proof (mean_z2 Ex HEx K HK lab labels) as M2. fold z E sigma2 in M2. rewrite M2.
      assert (M4 : E (fun w => z w ^ 4) <= 4 / 3).
      { unfold E, E1, two_stage. apply (e_le_const Ex HEx).
        - apply (inner_bounded K HK (fun w => z w ^ 4)). bnd.
        - intros x. apply fourth_moment. }
      assert (0 <= s ^ 2 / 2) by (pose proof (pow2_ge_0 s); lra).
      apply Rle_trans with (exp (s * sigma2) * exp (- (s * sigma2) + s ^ 2 / 2 * (4 / 3))).
      * apply Rmult_le_compat_l; [ left; apply exp_pos | ].
        pose proof (exp_ineq1_le (- (s * sigma2) + s ^ 2 / 2 * (4 / 3))). nra.
      * rewrite <- exp_plus. apply exp_le. lra.
  - apply exp_le, Req_le. unfold N. field.
Qed.

(** ** The mean of z (g - e), e(x) in [-1, 1] *)
Lemma cross_term : forall (e : X -> R) b t, (forall x, Rabs (e x) <= 1) -> 0 < b ->
  (forall x, (g K lab x - e x) ^ 2 <= b) -> 0 <= t ->
  En E n (fun D => ind (rleb (ssum (fun w => z w * (g1 w - e (fst w))) n D) (N * (0 - t)))) <= exp (- (N * t ^ 2 /
    (2 * b))).
Proof.
  intros e b t He Hb Hge Ht. pose proof bounded_z as Bz. pose proof bounded_g1 as Bg.
  assert (Be : bounded (fun w : X * Y => e (fst w))) by (exists 1; intros w; apply He).
  rewrite (e_ext _ HN _ (fun D => ind (rleb (INR n * t) (ssum (fun w => -1 * (z w * (g1 w - e (fst w)))) n D)))).
  2:{ intros D. f_equal. rewrite ssum_scal. unfold rleb, N.
      destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra. }
  apply (chernoff E HE (fun w => -1 * (z w * (g1 w - e (fst w)))) b t n); [ bnd | exact Hb | exact Ht | ].
  intros s _. unfold E, E1, two_stage. apply (e_le_const Ex HEx).
  - apply (inner_bounded K HK (fun w => exp (s * (-1 * (z w * (g1 w - e (fst w))))))). bnd.
  - intros x. unfold g1. cbn [fst]. set (a := g K lab x - e x).
    pose proof (hoeffding (K x) (HK x) lab (-1) 1 (- s * a) labels) as H.
    rewrite (e_ext _ (HK x) _ (fun y => exp (- s * a * (lab y - K x lab)))).
    2:{ intros y. f_equal. unfold z, noise, g. cbn [fst snd]. ring. }
    eapply Rle_trans; [ exact H | ]. apply exp_le. specialize (Hge x). fold a in Hge. pose proof (pow2_ge_0 s). nra.
Qed.

(** ** Lemma 4, sharper *)

(** The exponents 1/96 and 1/72 of B and C in place of 1/8^3. *)
Theorem lemma_4_exponents : forall epsilon, 0 <= epsilon ->
  En E n (fun D => ind (not_B Ex K lab n epsilon D || not_C K lab n epsilon D))
    <= exp (- (N * epsilon ^ 2 / 96)) + exp (- (N * epsilon ^ 2 / 72)).
Proof.
  intros epsilon He.
  apply Rle_trans with (En E n (fun D => ind (not_B Ex K lab n epsilon D) + ind (not_C K lab n epsilon D))).
  - apply (e_mono _ HN); [ bnd | bnd | ]. intros D. destruct (not_B _ _ _ _ _ D), (not_C _ _ _ _ D); cbn; lra.
  - rewrite (e_add _ HN) by bnd. apply Rplus_le_compat.
    + eapply Rle_trans; [ apply (second_moment (epsilon / 6)); lra | ]. apply exp_le. lra.
    + pose proof (cross_term (fun _ => 0) 1 (epsilon / 6)) as C.
      eapply Rle_trans; [ | eapply Rle_trans; [ apply C | ] ].
      * apply Req_le, (e_ext _ HN). intros D. unfold not_C. do 2 f_equal. apply ssum_ext. intros w. unfold g1.
      cbv beta.
        fold z. ring.
      * intros x. rewrite Rabs_R0. lra.
      * lra.
      * intros x. pose proof (g_range K HK lab labels x). nra.
      * lra.
      * apply exp_le. lra.
Qed.

(** One event for both, the mean of y^2 - g^2 is small: MSE(f) <= sigma^2 - epsilon forces mean f z >= epsilon/4 for
    all f at once, except with probability exp(-n epsilon^2/4). *)
Definition low_noise (epsilon : R) (D : @sample (X * Y) n) : bool :=
  rleb (ssum (fun w => lab (snd w) ^ 2 - g1 w ^ 2) n D) (N * (sigma2 - epsilon / 2)).

Theorem lemma_4_sharp_implication : forall epsilon f D, A Ex K lab n epsilon f D = true ->
  low_noise epsilon D = false -> D_f K lab n epsilon f D = true.
Proof.
  intros epsilon f D. unfold A, low_noise, D_f, mse_at_most, rleb. fold N sigma2 z.
  destruct (Rle_dec _ _) as [HA | ]; [ intros _ | discriminate ].
  destruct (Rle_dec _ _) as [ | HV]; [ discriminate | intros _ ].
  destruct (Rle_dec _ _) as [ | HD]; [ reflexivity | exfalso; apply HD; clear HD ].
  assert (L : ssum (fun w => lab (snd w) ^ 2 - g1 w ^ 2 + -2 * (f (fst w) * z w)) n D <= ssum (sq_error lab f) n D).
  { apply ssum_le. intros w. unfold sq_error, z, g1, noise. pose proof (pow2_ge_0 (f (fst w) - g K lab (fst w))).
  nra. }
  rewrite ssum_add, ssum_scal in L. lra.
Qed.

Theorem lemma_4_sharp : forall epsilon, 0 <= epsilon ->
  En E n (fun D => ind (low_noise epsilon D)) <= exp (- (N * epsilon ^ 2 / 4)).
Proof.
  intros epsilon He. unfold low_noise. pose proof bounded_g1 as Bg.
  assert (B2 : bounded (fun w : X * Y => lab (snd w))) by exact (bounded_lab_snd lab labels).
  rewrite (e_ext _ HN _ (fun D => ind (rleb (INR n * (epsilon / 2))
    (ssum (fun w => sigma2 - (lab (snd w) ^ 2 - g1 w ^ 2)) n D)))).
  2:{ intros D. f_equal. rewrite <- (ssum_deviation (fun w => lab (snd w) ^ 2 - g1 w ^ 2)). unfold rleb, N.
      destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra. }
  eapply Rle_trans; [ apply (chernoff E HE _ (1 / 2) (epsilon / 2) n); [ bnd | lra | lra | ] | apply exp_le;
    unfold N; lra ].
  intros s _. unfold E, E1, two_stage. pose proof (bounded_var K HK lab labels) as Bv.
  apply Rle_trans with (Ex (fun x => exp (s ^ 2 / 8) * exp (- s * (FiniteClass.var K lab x - sigma2)))).
  - apply (e_mono Ex HEx).
    + apply (inner_bounded K HK (fun w => exp (s * (sigma2 - (lab (snd w) ^ 2 - g1 w ^ 2))))). bnd.
    + bnd.
    + intros x. pose proof (hoeffding (K x) (HK x) (fun y => lab y ^ 2) 0 1 (- s)) as H.
      specialize (H ltac:(intros y; pose proof (labels y); cbv beta; nra)).
      rewrite (e_ext _ (HK x) _ (fun y => exp (- s * (FiniteClass.var K lab x - sigma2))
        * exp (- s * (lab y ^ 2 - K x (fun y => lab y ^ 2))))).
      2:{ intros y. rewrite <- exp_plus. f_equal. unfold g1, FiniteClass.var. cbn [fst snd]. ring. }
      rewrite (e_scal _ (HK x)) by bnd. rewrite Rmult_comm. apply Rmult_le_compat_r; [ left; apply exp_pos | ].
      eapply Rle_trans; [ exact H | ]. apply exp_le, Req_le. field.
  - rewrite (e_scal Ex HEx) by bnd.
    pose proof (hoeffding Ex HEx (FiniteClass.var K lab) 0 1 (- s) (var_range K HK lab labels)) as H.
    fold (FiniteClass.sigma2 Ex K lab) in H. fold sigma2 in H.
    eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact H ] | ].
    rewrite <- exp_plus. apply exp_le, Req_le. field.
Qed.

(** ** The exact threshold in probability

    U = kappa z^2 + z (g - e), kappa in [1/2, 1], lies given x in an interval of length 4 kappa and has mean kappa
    Var(y | x). *)
Section Joint.
Variables (kappa : R) (e : X -> R).
Hypothesis kappa_range : 1 / 2 <= kappa <= 1.
Hypothesis means : forall x, -1 <= e x <= 1.
Let U (w : X * Y) : R := kappa * z w ^ 2 + z w * (g1 w - e (fst w)).

Lemma U_range : forall x y, let lowest := - ((g K lab x - e x) ^ 2 / (4 * kappa)) in
  lowest <= U (x, y) <= lowest + 4 * kappa.
Proof.
  intros x y lowest. unfold lowest, U, g1, z, noise. cbn [fst snd]. pose proof (labels y) as Hy.
  pose proof (means x) as He.
  pose proof (g_range K HK lab labels x) as Hg. set (t := lab y) in *. set (m := g K lab x) in *. set (u := e x) in *.
  set (q := / (2 * kappa)). assert (Hq : 1 / 2 <= q <= 1).
  { unfold q. split; apply Rmult_le_reg_r with (2 * kappa); try lra; rewrite Rinv_l by lra; lra. }
  assert (Kq : kappa * q = 1 / 2) by (unfold q; field; lra).
  assert (S : kappa * (t - m) ^ 2 + (t - m) * (m - u) = kappa * (t - m * (1 - q) - u * q) ^ 2 - (m - u) ^ 2 / (4 *
    kappa)).
  { unfold q. field. lra. }
  rewrite S. set (h := t - m * (1 - q) - u * q). assert (Hh : -2 <= h <= 2) by (unfold h; nra).
  assert (0 <= h ^ 2 <= 4) by nra. split; nra.
Qed.

Lemma bounded_U : bounded U.
Proof.
  pose proof bounded_z. pose proof bounded_g1.
  assert (bounded (fun w : X * Y => e (fst w))) by (apply (bounded_between _ (-1) 1); intros w; apply means).
  unfold U. bnd.
Qed.

Lemma joint_fluctuation : forall t, 0 <= t ->
  En E n (fun D => ind (rleb (ssum U n D) (N * (kappa * (sigma2 - t))))) <= exp (- (2 * N * t ^ 2 / 17)).
Proof.
  intros t Ht. pose proof bounded_U as BU. pose proof (bounded_var K HK lab labels) as Bv.
  rewrite (e_ext _ HN _ (fun D => ind (rleb (INR n * (kappa * t)) (ssum (fun w => kappa * sigma2 - U w) n D)))).
  2:{ intros D. f_equal. rewrite <- (ssum_deviation U). unfold rleb, N.
  destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra. }
  eapply Rle_trans; [ apply (chernoff E HE (fun w => kappa * sigma2 - U w) (17 / 4 * kappa ^ 2) (kappa * t) n);
    [ bnd | nra | nra | ] | ].
  - intros s _. unfold E, E1, two_stage.
    apply Rle_trans with (Ex (fun x => exp (2 * (s * kappa) ^ 2) * exp (- (s * kappa) * (FiniteClass.var K lab x -
      sigma2)))).
    + apply (e_mono Ex HEx).
      * apply (inner_bounded K HK (fun w => exp (s * (kappa * sigma2 - U w)))). bnd.
      * bnd.
      * intros x. set (lowest := - ((g K lab x - e x) ^ 2 / (4 * kappa))).
        pose proof (hoeffding (K x) (HK x) (fun y => U (x, y)) lowest (lowest + 4 * kappa) (- s) (U_range x)) as H.
        assert (HM : K x (fun y => U (x, y)) = kappa * FiniteClass.var K lab x).
        { unfold U, g1, z, noise, FiniteClass.var. cbn [fst snd]. set (m := g K lab x).
          rewrite (e_ext _ (HK x) _ (fun y => kappa * lab y ^ 2 + ((m - e x - 2 * kappa * m) * lab y
            + (kappa * m ^ 2 - m * (m - e x))))) by (intros; ring).
          rewrite !(e_add _ (HK x)), !(e_scal _ (HK x)), (e_const _ (HK x)) by bnd. fold (g K lab x). fold m. ring. }
        rewrite HM in H.
        assert (BUx : bounded (fun y => U (x, y))) by (apply (bounded_comp U (fun y => (x, y)) BU)).
        rewrite (e_ext _ (HK x) _ (fun y => exp (- (s * kappa) * (FiniteClass.var K lab x - sigma2))
          * exp (- s * (U (x, y) - kappa * FiniteClass.var K lab x)))) by (intros y; rewrite <- exp_plus; f_equal;
            ring).
        rewrite (e_scal _ (HK x)) by bnd. rewrite Rmult_comm. apply Rmult_le_compat_r; [ left; apply exp_pos | ].
        eapply Rle_trans; [ exact H | ]. apply exp_le, Req_le. field.
    + rewrite (e_scal Ex HEx) by bnd.
      pose proof (hoeffding Ex HEx (FiniteClass.var K lab) 0 1 (- (s * kappa)) (var_range K HK lab labels)) as H.
      fold (FiniteClass.sigma2 Ex K lab) in H. fold sigma2 in H.
      eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact H ] | ].
      rewrite <- exp_plus. apply exp_le, Req_le. field.
  - apply exp_le, Req_le. unfold N. field. lra.
Qed.

End Joint.

(** v - sqrt(v s) >= kappa v - sqrt(s v0)/2 at kappa = 1 - sqrt(s/v0)/2 *)
Lemma tangent : forall v s v0, 0 <= v -> 0 <= s -> 0 < v0 ->
  (1 - sqrt (s / v0) / 2) * v - sqrt (v0 * s) / 2 <= v - sqrt (v * s).
Proof.
  intros v s v0 Hv Hs Hv0. rewrite sqrt_div_alt, !sqrt_mult by lra. set (a := sqrt v). set (r := sqrt s).
  set (b := sqrt v0).
  assert (Ha : a ^ 2 = v) by (apply pow2_sqrt; lra). assert (Hb : b ^ 2 = v0) by (apply pow2_sqrt; lra).
  assert (0 < b) by (apply sqrt_lt_R0; lra). assert (0 <= r) by apply sqrt_pos. assert (0 <= a) by apply sqrt_pos.
  rewrite <- Ha. assert (a * r <= (r / b * a ^ 2 + b * r) / 2); [ | unfold Rdiv in *; lra ].
  replace ((r / b * a ^ 2 + b * r) / 2) with (a * r + r / b * (a - b) ^ 2 / 2) by (field; lra).
  assert (0 <= r / b) by (apply Rdiv_le_0_compat; lra). pose proof (pow2_ge_0 (a - b)). nra.
Qed.

End Noise.
