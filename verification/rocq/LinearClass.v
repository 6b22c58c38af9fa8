(** The law for classes linear in their weights (sharpened form): f_{m,w} = sum_{j in m} w_j phi_j + a constant.

    The weights need no net of their own, so that J, W and the ball that holds the inputs are gone, and only the mask
    is paid for. With probability 1 - delta, a learned f with MSE(f) <= sigma^2 - epsilon has

      Lip(f) > (1 - eta) tau sqrt(n d/(8 c (M log(1 + 2/eta) + R))),

    tau the exact threshold, R an exponent of the dependence of the mask on the data, M the largest number of
    weights. *)
From NoFreePrune Require Export LinearNet MaskLaw Theorem4 Fluctuations.
From Coquelicot Require Import Rcomplements.

Section Law.
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (lab : Y -> R) (k : nat) (component : X -> nat) (n : nat).
Hypothesis labels : forall y, -1 <= lab y <= 1.
Hypothesis components : forall x, (component x < k)%nat.
Hypothesis samples : (0 < n)%nat.
Variables (c d L : R).
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d. Hypothesis L_pos : 0 < L.

(** Features, their component means, the weights that a mask keeps, and Lip(f_{m,w}) as a seminorm in w: its unit balls
    have nets of N_m points within eta, and their functions deviate from their means by at most B (the diameter of the
    inputs: no constant of the law depends on it). *)
Variables (phi : nat -> X -> R) (mean : nat -> nat -> R) (kept : nat -> list nat).
Variables (Lip : nat -> (nat -> R) -> R) (eta B : R) (size : nat -> nat) (point : nat -> nat -> nat -> R) (M : nat).
Hypothesis homogeneous : forall m w a, 0 < a -> Lip m (fun j => a * w j) = a * Lip m w.
Hypothesis eta_range : 0 < eta < 1.
Hypothesis diameter : forall m w x, Lip m w <= 1 -> Rabs (deviation component phi mean kept m w x) <= B.
Hypothesis nets : forall m w, Lip m w <= 1 ->
  exists i, (i < size m)%nat /\ Lip m (fun j => w j - point m i j) <= eta.
Hypothesis net_in_ball : forall m i, (i < size m)%nat -> Lip m (point m i) <= 1.
Hypothesis nets_not_empty : forall m, (0 < size m)%nat.
Hypothesis net_size : forall m, INR (size m) <= exp (INR M * ln (1 + 2 / eta)).

(** Definition 1 at the net points, which are 1-Lipschitz. *)
Hypothesis isoperimetry : forall m i, (i < size m)%nat ->
  isoperimetric Ex component c d 1 (combination phi kept m (point m i)) (combined_mean mean kept m (point m i)).

(** The learner: given the data a law of mask, weights and constant. *)
Context {Wt : Type} (mask : Wt -> nat) (masks : nat) (weights : Wt -> nat -> R) (constant : Wt -> R).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

Let f (w : Wt) (x : X) : R := combination phi kept (mask w) (weights w) x + constant w.
Let f_mean (w : Wt) (l : nat) : R := combined_mean mean kept (mask w) (weights w) l + constant w.
Let smooth (w : Wt) : bool := rleb (Lip (mask w) (weights w)) L.
Let N := INR n.
Let E := E1 Ex K.
Let HE : expectation E := HE1 Ex inputs K labels_given.
Let HN : expectation (En E n) := En_expectation E HE n.
Let z := noise K lab.
Let s2 := sigma2 Ex K lab.
Let correlated := correlation (@fst X Y) z component n phi mean kept.
Let largest := largest_correlation (@fst X Y) z component n phi mean kept Lip.
Let hit (tau : R) (m : nat) (D : @sample (X * Y) n) : bool := rleb (N * tau) (L * largest m D).

Lemma n_pos : 0 < N.
Proof. apply (lt_INR 0 n). exact samples. Qed.

Lemma z_bound : forall v, Rabs (z v) <= 2.
Proof. intros v. apply Rabs_le, (z_range K labels_given lab labels). Qed.

(** P(X_w >= u) <= exp(-n d u^2/(8 c)) for a net point *)
Lemma net_point_tail : forall m i u, (i < size m)%nat -> 0 <= u ->
  En E n (fun D => ind (rleb (N * u) (correlated m (point m i) D))) <= exp (- (N * d * u ^ 2 / (8 * c))).
Proof.
  intros m i u Hi Hu. set (dev := deviation component phi mean kept m (point m i)).
  assert (BY : bounded dev) by (exists B; intros x; apply diameter, net_in_ball, Hi).
  assert (Bz : bounded z) by apply (bounded_z K labels_given lab labels).
  assert (Hcd : 0 < c / d) by (apply Rdiv_lt_0_compat; assumption).
  assert (Hsig : 0 < sqrt (c / d)) by (apply sqrt_lt_R0; assumption).
  assert (Hsq : sqrt (c / d) ^ 2 = c / d) by (apply pow2_sqrt; lra).
  eapply Rle_trans; [ apply (chernoff E HE (fun v => dev (fst v) * z v) (4 * (c / d)) u n) | ].
  - apply bounded_mult; [ apply (bounded_comp _ fst BY) | exact Bz ].
  - lra.
  - exact Hu.
  - intros s Hs. unfold E, E1, two_stage. cbn [fst]. rewrite <- Hsq.
    apply (noise_product Ex inputs K labels_given lab labels dev (sqrt (c / d)) Hsig BY); [ | exact Hs ].
    intros r Hr. rewrite Hsq. eapply Rle_trans; [ apply (isoperimetry m i Hi r Hr) | ].
    apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Req_le. field. lra.
  - apply exp_le, Req_le. unfold N. field. lra.
Qed.

(** P(sup over {Lip <= L} of X >= tau) <= N_m exp(-(1 - eta)^2 tau^2 n d/(8 c L^2)) *)
Lemma supremum_tail : forall tau m, 0 <= tau -> En E n (fun D => ind (hit tau m D))
  <= INR (size m) * exp (- ((1 - eta) ^ 2 * tau ^ 2 * (N * d) / (8 * c * L ^ 2))).
Proof.
  intros tau m Htau. set (u := (1 - eta) * tau / L).
  assert (Hu : 0 <= u) by (apply Rdiv_le_0_compat; [ apply Rmult_le_pos; lra | exact L_pos ]).
  set (far := fun i D => rleb (N * u) (correlated m (point m i) D)).
  apply Rle_trans with (En E n (fun D => ind (existsb (fun i => far i D) (seq 0 (size m))))).
  - apply (e_mono _ HN); [ bnd | bnd | ]. intros D. unfold ind at 1, hit, rleb.
    destruct (Rle_dec _ _) as [H | ]; [ | apply ind_range ].
    destruct (net_point_hit (@fst X Y) z component n z_bound phi mean kept Lip eta B size point homogeneous eta_range
      diameter nets net_in_ball nets_not_empty m D (N * u)) as [i [Hi Hc]].
    + apply Rmult_le_reg_l with L; [ exact L_pos | ]. replace (L * (N * u)) with ((1 - eta) * (N * tau))
        by (unfold u; field; lra).
      replace (L * ((1 - eta) * _)) with ((1 - eta) * (L * largest m D)) by (unfold largest; ring).
      apply Rmult_le_compat_l; lra.
    + replace (existsb (fun i => far i D) (seq 0 (size m))) with true; [ cbn; lra | symmetry ]. apply existsb_exists.
      exists i. split; [ apply in_seq; lia | ]. unfold far, rleb.
      destruct (Rle_dec _ _) as [ | Hno]; [ reflexivity | ].
      exfalso. apply Hno, Hc.
  - replace (INR (size m)) with (INR (length (seq 0 (size m)))) by (rewrite seq_length; reflexivity).
    apply (union_bound _ HN). intros i Hi. apply in_seq in Hi.
    eapply Rle_trans; [ apply net_point_tail; [ lia | exact Hu ] | ]. apply exp_le, Req_le. unfold u. field.
    split; lra.
Qed.

Lemma law_of_events : forall epsilon tau R0 delta1 delta2 (bad : @sample (X * Y) n -> bool), 0 <= tau ->
  exponent (En E n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 < INR M * ln (1 + 2 / eta) + R0 ->
  L <= (1 - eta) * tau * sqrt (INR n * d / (8 * c * (INR M * ln (1 + 2 / eta) + R0))) ->
  En E n (fun D => ind (bad D)) <= delta1 ->
  (forall w D, mse_at_most lab n (f w) (s2 - epsilon) D = true -> bad D = false ->
    N * tau <= ssum (fun v => (f w (fst v) - f_mean w (component (fst v))) * z v) n D) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta1 + delta2.
Proof.
  intros epsilon tau R0 delta1 delta2 bad Htau Hexp HR HLb Hbad Himp. pose proof n_pos as HNp.
  apply (law_of_masks (En E n) HN mask masks finitely_many_masks learn learns
    (fun w D => mse_at_most lab n (f w) (s2 - epsilon) D && smooth w) bad (hit tau)) with (R0 := R0); try assumption.
  - intros w D Hfit Hb. apply andb_true_iff in Hfit. destruct Hfit as [Hfit Hsm].
    specialize (Himp w D Hfit Hb). unfold smooth, rleb in Hsm. destruct (Rle_dec _ L) as [HL | ]; [ | discriminate ].
    pose proof (smooth_below_largest (@fst X Y) z component n z_bound phi mean kept Lip B size point homogeneous
      diameter net_in_ball nets_not_empty L (mask w) (weights w) D L_pos HL) as S.
    unfold hit, rleb. destruct (Rle_dec _ _) as [ | Hno]; [ reflexivity | exfalso; apply Hno ].
    eapply Rle_trans; [ exact Himp | ]. eapply Rle_trans; [ | exact S ]. apply Req_le. unfold correlation.
    apply ssum_ext. intros v. f_equal. unfold f, f_mean, deviation. ring.
  - intros m _. eapply Rle_trans; [ apply (supremum_tail tau m Htau) | ].
    set (A := INR M * ln (1 + 2 / eta)) in *. set (Q := (1 - eta) ^ 2 * tau ^ 2 * (N * d) / (8 * c * L ^ 2)).
    assert (HQ : A + R0 <= Q).
    { unfold Q, N in *. assert (HcL : 0 < 8 * c * L ^ 2) by (apply Rmult_lt_0_compat; [ lra | apply pow_lt, L_pos ]).
      assert (Hnd : 0 < INR n * d) by (apply Rmult_lt_0_compat; assumption).
      assert (Hq : L ^ 2 <= ((1 - eta) * tau) ^ 2 * (INR n * d / (8 * c * (A + R0)))).
      { assert (0 <= INR n * d / (8 * c * (A + R0))).
        { apply Rdiv_le_0_compat; [ lra | apply Rmult_lt_0_compat; lra ]. }
        apply Rle_trans with (((1 - eta) * tau * sqrt (INR n * d / (8 * c * (A + R0)))) ^ 2); [ apply pow_incr;
          lra | ].
        rewrite Rpow_mult_distr, pow2_sqrt by assumption. lra. }
      apply Rmult_le_reg_r with (8 * c * L ^ 2); [ exact HcL | ].
      replace ((1 - eta) ^ 2 * tau ^ 2 * (INR n * d) / (8 * c * L ^ 2) * (8 * c * L ^ 2))
        with ((1 - eta) ^ 2 * tau ^ 2 * (INR n * d)) by (field; split; lra).
      apply Rmult_le_compat_l with (r := 8 * c * (A + R0)) in Hq; [ | apply Rmult_le_pos; lra ].
      replace (8 * c * (A + R0) * (((1 - eta) * tau) ^ 2 * (INR n * d / (8 * c * (A + R0)))))
        with ((1 - eta) ^ 2 * tau ^ 2 * (INR n * d)) in Hq by (field; split; lra). lra. }
    apply Rle_trans with (exp A * exp (- Q)).
    + apply Rmult_le_compat_r; [ left; apply exp_pos | apply net_size ].
    + rewrite <- exp_plus. apply exp_le. lra.
Qed.

(** Component means in [-1, 1]; v0 = sigma^2 - t, t the fluctuation that has probability delta1. *)
Theorem linear_class : forall epsilon delta1 delta2 R0 v0,
  (forall w l, -1 <= f_mean w l <= 1) -> 0 < delta1 < 1 ->
  exponent (En E n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 < INR M * ln (1 + 2 / eta) + R0 ->
  v0 = s2 - sqrt (17 / 2 * (INR k * ln 2 - ln delta1) / INR n) -> 0 <= s2 - epsilon <= v0 -> 0 < v0 ->
  L <= (1 - eta) * (v0 - sqrt (v0 * (s2 - epsilon))) * sqrt (INR n * d / (8 * c * (INR M * ln (1 + 2 / eta) + R0))) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 v0 Hmean Hd1 Hexp HR Hv0 Hs Hv0p HLb. pose proof n_pos as HNp.
  set (t := sqrt (17 / 2 * (INR k * ln 2 - ln delta1) / INR n)) in *. assert (Ht : 0 <= t) by apply sqrt_pos.
  set (s := s2 - epsilon) in *. set (kappa := 1 - sqrt (s / v0) / 2).
  assert (Hr : 0 <= sqrt (s / v0) <= 1).
  { split; [ apply sqrt_pos | ]. rewrite <- sqrt_1. apply sqrt_le_1_alt.
    apply Rmult_le_reg_r with v0; [ exact Hv0p | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
  assert (Hk : 1 / 2 <= kappa <= 1) by (unfold kappa; lra).
  assert (Hkv : kappa * v0 = v0 - sqrt (v0 * s) / 2).
  { unfold kappa. rewrite sqrt_div_alt, sqrt_mult by lra. set (b := sqrt v0). set (r := sqrt s).
    assert (Hb : b ^ 2 = v0) by (apply pow2_sqrt; lra). assert (0 < b) by (apply sqrt_lt_R0; lra).
    rewrite <- Hb. field. lra. }
  set (U := fun bs (w : X * Y) => kappa * z w ^ 2 + z w * (g K lab (fst w) - sg bs (component (fst w)))).
  set (low := fun bs D => rleb (ssum (U bs) n D) (N * (kappa * v0))).
  set (bad := fun D => existsb (fun bs => low bs D) (vectors k)).
  apply (law_of_events epsilon (v0 - sqrt (v0 * s)) R0 delta1 delta2 bad); try assumption.
  - rewrite sqrt_mult by lra. assert (Hb : sqrt v0 ^ 2 = v0) by (apply pow2_sqrt; lra).
    assert (sqrt s <= sqrt v0) by (apply sqrt_le_1_alt; lra). pose proof (sqrt_pos v0). nra.
  - eapply Rle_trans; [ apply (union_bound _ HN low (exp (- (2 * N * t ^ 2 / 17))) (vectors k)) | ].
    + intros bs _. unfold low. rewrite Hv0.
      apply (joint_fluctuation Ex inputs K labels_given lab n labels kappa (fun x => sg bs (component x)) Hk);
        [ | exact Ht ].
      intros x. destruct (sg_pm bs (component x)) as [-> | ->]; lra.
    + rewrite vectors_length, pow_INR. cbn [INR]. replace (1 + 1) with 2 by ring.
      assert (H2k : 2 ^ k = exp (INR k * ln 2)) by (rewrite <- Rpower_pow by lra; reflexivity).
        rewrite H2k, <- exp_plus. rewrite <- (exp_ln delta1) by lra. apply exp_le.
        assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra). pose proof (ln_neg delta1 Hd1).
        pose proof (pos_INR k). unfold t. rewrite pow2_sqrt.
        -- apply Req_le. unfold N. field. unfold N in HNp. lra.
        -- apply Rdiv_le_0_compat; [ nra | exact HNp ].
  - intros w D Hfit Hgood.
    pose proof (exact_threshold K lab n samples (f w) s D ltac:(lra) Hfit) as Th.
    destruct (best_sign K lab k component components n (f_mean w) D (Hmean w)) as [bs [Hin Hbs]].
    assert (Hlow : low bs D = false).
    { destruct (low bs D) eqn:Hl; [ | reflexivity ]. rewrite <- Hgood. symmetry. apply existsb_exists. exists bs.
    auto. }
    unfold low, rleb in Hlow. destruct (Rle_dec _ _) as [ | HU]; [ discriminate | clear Hlow ].
    pose proof (tangent (v K lab n D) s v0 (v_nonneg K lab n samples D) ltac:(lra) Hv0p) as T. fold kappa in T.
    assert (EU : ssum (U bs) n D = N * (kappa * v K lab n D + zg K lab n D)
      - ssum (fun v => sg bs (component (fst v)) * z v) n D).
    { unfold v, zg, mean_of. fold N. replace (N * (kappa * (_ / N) + _ / N)) with
        (kappa * ssum (fun w => noise K lab w ^ 2) n D + ssum (fun w => noise K lab w * g K lab (fst w)) n D) by
          (field; lra).
      replace (_ - ssum (fun v => sg bs (component (fst v)) * z v) n D) with (kappa * ssum (fun w => noise K lab w ^
        2) n D
        + ssum (fun w => noise K lab w * g K lab (fst w)) n D + -1 * ssum (fun v => sg bs (component (fst v)) * z v)
          n D) by ring.
      rewrite <- !ssum_scal, <- !ssum_add. apply ssum_ext. intros v. unfold U, z. ring. }
    assert (EF : ssum (fun v => (f w (fst v) - f_mean w (component (fst v))) * z v) n D
      = N * zf K lab n (f w) D - ssum (fun v => f_mean w (component (fst v)) * z v) n D).
    { unfold zf, mean_of. fold N. replace (N * (_ / N)) with (ssum (fun v => noise K lab v * f w (fst v)) n D) by
      (field; lra).
      replace (_ - ssum (fun v => f_mean w (component (fst v)) * z v) n D) with (ssum (fun v => noise K lab v * f w
        (fst v)) n D
        + -1 * ssum (fun v => f_mean w (component (fst v)) * z v) n D) by ring.
      rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros v. unfold z. ring. }
    rewrite EF. fold z in Hbs.
    assert (N * (v0 - sqrt (v0 * s)) <= N * (kappa * v0 - sqrt (v0 * s) / 2)) by (apply Rmult_le_compat_l; lra).
    assert (N * (zg K lab n D + (kappa * v K lab n D - sqrt (v0 * s) / 2)) <= N * zf K lab n (f w) D)
      by (apply Rmult_le_compat_l; lra).
    lra.
Qed.

(** Labels that are fair signs whatever the input, and features with component means zero: nothing fluctuates. *)
Theorem linear_class_signs : forall epsilon delta R0,
  (forall y, lab y = 1 \/ lab y = -1) -> (forall x, g K lab x = 0) -> (forall w l, f_mean w l = 0) ->
  exponent (En E n) (seq 0 masks) (chosen mask learn) R0 delta -> 0 < INR M * ln (1 + 2 / eta) + R0 ->
  0 <= epsilon <= 1 ->
  L <= (1 - eta) * (1 - sqrt (1 - epsilon)) * sqrt (INR n * d / (8 * c * (INR M * ln (1 + 2 / eta) + R0))) ->
  fits_smoothly Ex K lab n f smooth learn epsilon <= delta.
Proof.
  intros epsilon delta R0 Hsign Hg Hmean Hexp HR He HLb. pose proof n_pos as HNp.
  assert (Hz : forall w, z w ^ 2 = 1).
  { intros w. unfold z, noise. rewrite Hg, Rminus_0_r. destruct (Hsign (snd w)) as [-> | ->]; ring. }
  assert (Hs2 : s2 = 1).
  { unfold s2. rewrite <- (mean_z2 Ex inputs K labels_given lab labels).
    transitivity (E (fun _ => 1)); [ apply (e_ext E HE), Hz | apply (e_one E HE) ]. }
  assert (0 <= sqrt (1 - epsilon) <= 1).
  { split; [ apply sqrt_pos | rewrite <- sqrt_1 at 2; apply sqrt_le_1_alt; lra ]. }
  rewrite <- (Rplus_0_l delta).
  apply (law_of_events epsilon (1 - sqrt (1 - epsilon)) R0 0 delta (fun _ => false)); try assumption; try lra.
  - cbn [ind]. rewrite (e_const _ HN). lra.
  - intros w D Hfit _.
    pose proof (exact_threshold K lab n samples (f w) (s2 - epsilon) D ltac:(lra) Hfit) as Th. rewrite Hs2 in Th.
    assert (Hv : v K lab n D = 1).
    { unfold v, mean_of. fold N z. rewrite (ssum_ext _ (fun _ => 1)) by exact Hz. rewrite ssum_const. fold N. field.
    lra. }
    assert (Hzg : zg K lab n D = 0).
    { unfold zg, mean_of. rewrite (ssum_ext _ (fun _ => 0)) by (intros v; rewrite Hg; ring). rewrite ssum_const.
    fold N. field. lra. }
    rewrite Hv, Hzg, Rmult_1_l in Th.
    assert (EF : ssum (fun v => (f w (fst v) - f_mean w (component (fst v))) * z v) n D = N * zf K lab n (f w) D).
    { unfold zf, mean_of. fold N. replace (N * (_ / N)) with (ssum (fun v => noise K lab v * f w (fst v)) n D) by
      (field; lra).
      apply ssum_ext. intros v. rewrite Hmean. unfold z. ring. }
    rewrite EF. apply Rmult_le_compat_l; lra.
Qed.

End Law.
