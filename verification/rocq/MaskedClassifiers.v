(** The law for pruned classifiers (with masks,
  for "The Price of Robustness"): a learner with masks that fits below the
    noise level has a small class stability. It sharpens Corollary 6 and asks nothing of the size of the class.

    With probability 1 - delta, no learned f with empirical risk at most R* - epsilon has S(f) >= S, once

      2 epsilon >= t + (ell/(theta s)) sqrt(61/5 (p_eff + log 2)/n) + ((p_eff + log 2)/n + log M)/(s^2 theta (1 -
        theta))
        + E T,

    s = S sqrt(d/c), t = sqrt(2 log(2/delta_1)/n),
      p_eff = p + R: p the logarithm of the number of classifiers of a mask,
    R an exponent of the dependence of the mask on the data at delta_2 = delta - delta_1. *)
From NoFreePrune Require Export StableClassifiers Tent CentredMoment MaskLaw Lemma4.
From Coquelicot Require Import Rcomplements.

Lemma markov_sum : forall {Z : Type} (E : (Z -> R) -> R) (HE : expectation E) (h : Z -> R) lambda M a n, bounded h ->
  0 < lambda -> 1 <= M -> E (fun z => exp (lambda * h z)) <= M ->
  En E n (fun D => ind (rleb a (ssum h n D))) <= exp (- (lambda * a - INR n * ln M)).
Proof.
  intros Z E HE h lambda M a n Bh Hl HM HE1. pose proof (En_expectation E HE n) as HN.
  pose proof (bounded_ssum h n Bh) as BS.
  apply Rle_trans with (En E n (fun D => exp (- (lambda * a)) * exp (lambda * ssum h n D))).
  - apply (e_mono _ HN); bnd. intros D. unfold ind, rleb. rewrite <- exp_plus.
    destruct (Rle_dec a (ssum h n D)); [ | left; apply exp_pos ]. rewrite <- exp_0 at 1. apply exp_le. nra.
  - rewrite (e_scal _ HN) by bnd. rewrite (e_ext _ HN _ (fun D => exp (ssum (fun z => lambda * h z) n D)))
      by (intros D; rewrite ssum_scal; reflexivity).
    rewrite (En_exp_ssum E HE) by bnd.
    replace (- (lambda * a - INR n * ln M)) with (- (lambda * a) + INR n * ln M) by ring. rewrite exp_plus.
    apply Rmult_le_compat_l; [ left; apply exp_pos | ].
    replace (exp (INR n * ln M)) with (M ^ n) by (rewrite <- Rpower_pow by lra; reflexivity).
    apply pow_incr. split; [ | exact HE1 ]. apply (e_ge_const E HE); [ bnd | intros; left; apply exp_pos ].
Qed.

Section Model.

(** Inputs in a bounded metric space with the isoperimetry of Definition 3, labels given inputs, n samples. *)
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (dist : X -> X -> R) (diameter c d : R) (lab : Y -> bool) (n : nat).
Hypothesis dist_range : forall x y, 0 <= dist x y <= diameter.
Hypothesis dist_sym : forall x y, dist x y = dist y x.
Hypothesis triangle : forall x y z, dist x z <= dist x y + dist y z.
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d.
Hypothesis isoperimetry : isoperimetric_space dist Ex c d.
Hypothesis samples : (0 < n)%nat.
Let N := INR n.
Let E := E1 Ex K.
Let HE : expectation E := HE1 Ex inputs K labels_given.
Let HN : expectation (En E n) := En_expectation E HE n.
Let y (w : X * Y) : R := sgn (lab (snd w)).

(** 0-1 error *)
Definition err (f : X -> bool) (w : X * Y) : R := ind (xorb (f (fst w)) (lab (snd w))).
Definition risk (f : X -> bool) : R := E (err f).

Variables (ell S0 theta s : R).
Hypothesis ell_ge_1 : 1 <= ell.
Hypothesis S_pos : 0 < S0.
Hypothesis theta_range : 0 < theta < 1.
Hypothesis s_is : s = S0 * sqrt (d / c).

Lemma N_pos : 0 < N.
Proof. apply (lt_INR 0 n). exact samples. Qed.

Lemma s_pos : 0 < s.
Proof. rewrite s_is. apply Rmult_lt_0_compat; [ exact S_pos | apply sqrt_lt_R0, Rdiv_lt_0_compat; assumption ]. Qed.

Lemma s_squared : s ^ 2 = S0 ^ 2 * (d / c).
Proof. rewrite s_is, Rpow_mult_distr, pow2_sqrt; [ reflexivity | left; apply Rdiv_lt_0_compat; assumption ]. Qed.

Lemma y_sign : forall w, y w = 1 \/ y w = -1.
Proof. intros w. unfold y, sgn. destruct (lab (snd w)); auto. Qed.

Lemma bounded_y : bounded y.
Proof. apply (bounded_between _ (-1) 1). intros w. destruct (y_sign w) as [-> | ->]; lra. Qed.

Lemma function_of_input : forall g : X -> R, E (fun w => g (fst w)) = Ex g.
Proof. intros g. unfold E, E1, two_stage. apply (e_ext Ex inputs). intros x. cbn [fst].
  apply (e_const _ (labels_given x)).
Qed.

(** ** One classifier of stability at least S0 *)
Section Classifier.
Variables (f : X -> bool) (a b : X).
Hypothesis not_constant : f a = true /\ f b = false.
Hypothesis slope : forall x x', f x <> f x' -> margin dist f x + margin dist f x' <= ell * dist x x'.
Hypothesis stable : S0 <= stability dist f Ex.
Let Sf := stability dist f Ex.
Let gamma := theta * Sf.
Let F := ramp dist f gamma.
Let T := tent dist f gamma.
Let omega := ell / (theta * s).
Let M := tent_moment s theta.

Lemma gamma_pos : 0 < gamma.
Proof. unfold gamma, Sf. apply Rmult_lt_0_compat; lra. Qed.

Lemma F_range : forall x, -1 <= F x <= 1.
Proof. apply (ramp_range dist diameter dist_range f a b not_constant gamma gamma_pos). Qed.

Lemma T_range : forall x, 0 <= T x <= 1.
Proof. apply (tent_range dist diameter dist_range f a b not_constant gamma gamma_pos). Qed.

Lemma bounded_F : bounded F.
Proof. apply (bounded_between _ (-1) 1), F_range. Qed.

Lemma omega_pos : 0 < omega.
Proof. unfold omega. pose proof s_pos. apply Rdiv_lt_0_compat; [ lra | apply Rmult_lt_0_compat; lra ]. Qed.

(** y (F - E F) *)
Definition smooth_part (w : X * Y) : R := y w * (F (fst w) - Ex F).

Lemma smooth_tail : forall t, 0 <= t -> E (fun w => ind (rleb t (Rabs (F (fst w) - Ex F) / omega))) <= q t.
Proof.
  intros t Ht. pose proof omega_pos as Ho. pose proof gamma_pos as Hg. pose proof s_pos as Hs.
  rewrite (function_of_input (fun x => ind (rleb t (Rabs (F x - Ex F) / omega)))).
  rewrite (e_ext Ex inputs _ (fun x => ind (rleb (omega * t) (Rabs (F x - Ex F))))).
  2:{ intros x. f_equal. unfold rleb. destruct (Rle_dec t _) as [H | H], (Rle_dec (omega * t) _) as [H' | H'];
    try reflexivity;
      exfalso.
      - apply H'. apply Rmult_le_compat_l with (r := omega) in H; [ | lra ].
        replace (omega * (Rabs (F x - Ex F) / omega)) with (Rabs (F x - Ex F)) in H by (field; lra). exact H.
      - apply H. apply Rmult_le_reg_l with omega; [ exact Ho | ].
        replace (omega * (Rabs (F x - Ex F) / omega)) with (Rabs (F x - Ex F)) by (field; lra). exact H'. }
  assert (HL : 0 < ell / gamma) by (apply Rdiv_lt_0_compat; lra).
  eapply Rle_trans; [ apply (isoperimetry F (ell / gamma) (omega * t) HL bounded_F) | ].
  - apply (ramp_lipschitz dist diameter dist_range dist_sym triangle f a b not_constant gamma ell gamma_pos ell_ge_1
    slope).
  - apply Rmult_le_pos; lra.
  - unfold q. apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
    assert (HSf : 0 < Sf) by (unfold Sf; lra).
    replace (d * (omega * t) ^ 2 / (2 * c * (ell / gamma) ^ 2)) with (t ^ 2 / 2 * (Sf ^ 2 * (d / c) / s ^ 2))
      by (unfold omega, gamma; field; repeat split; lra).
    rewrite s_squared. assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
    replace (Sf ^ 2 * (d / c) / (S0 ^ 2 * (d / c))) with (Sf ^ 2 / S0 ^ 2) by (field; repeat split; lra).
    assert (1 <= Sf ^ 2 / S0 ^ 2).
    { apply Rmult_le_reg_r with (S0 ^ 2); [ apply pow_lt, S_pos | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l
        by (apply Rgt_not_eq, pow_lt, S_pos). rewrite Rmult_1_l, Rmult_1_r. apply pow_incr. unfold Sf. lra. }
    pose proof (pow2_ge_0 t). nra.
Qed.

(** P(mean y (F - E F) - its mean >= omega sqrt(61/5 e/n)) <= exp(-e) *)
Lemma smooth_deviation : forall e, 0 <= e ->
  En E n (fun D => ind (rleb (N * (omega * sqrt (61 / 5 * e / N))) (ssum (fun w => smooth_part w - E smooth_part) n
    D)))
    <= exp (- e).
Proof.
  intros e He. pose proof omega_pos as Ho. pose proof N_pos as HNp. pose proof bounded_F as BF.
  assert (Bs : bounded smooth_part).
  { unfold smooth_part. pose proof bounded_y. pose proof (bounded_comp F (@fst X Y) BF). bnd. }
  assert (Hr : 0 <= 61 / 5 * e / N) by (apply Rdiv_le_0_compat; lra).
  eapply Rle_trans; [ apply (chernoff E HE (fun w => smooth_part w - E smooth_part) (61 / 10 * omega ^ 2)
    (omega * sqrt (61 / 5 * e / N)) n) | ].
  - bnd.
  - apply Rmult_lt_0_compat; [ lra | apply pow_lt, Ho ].
  - apply Rmult_le_pos; [ lra | apply sqrt_pos ].
  - intros t Ht. set (V := fun w : X * Y => Rabs (F (fst w) - Ex F) / omega).
  set (U := fun w => smooth_part w / omega).
    assert (BV : bounded V).
    { apply (bounded_between _ 0 (2 / omega)). intros w. pose proof (F_range (fst w)).
      assert (HEF : -1 <= Ex F <= 1) by (split; [ apply (e_ge_const Ex inputs) | apply (e_le_const Ex inputs) ]; auto;
        intros x; apply F_range).
      unfold V. split; [ apply Rdiv_le_0_compat; [ apply Rabs_pos | exact Ho ] | ].
      apply Rmult_le_compat_r; [ left; apply Rinv_0_lt_compat, Ho | apply Rabs_le; lra ]. }
    assert (EU : E U = E smooth_part / omega).
    { unfold U, Rdiv. rewrite (e_ext E HE _ (fun w => / omega * smooth_part w)) by (intros; ring).
      rewrite (e_scal E HE) by exact Bs. ring. }
    pose proof (centred_moment E HE V) as C.
    specialize (C ltac:(intros w; unfold V; apply Rdiv_le_0_compat; [ apply Rabs_pos | exact Ho ]) BV smooth_tail U).
    specialize (C ltac:(intros w; unfold U, V, smooth_part, Rdiv; rewrite !Rabs_mult, (Rabs_pos_eq (/ omega))
      by (left; apply Rinv_0_lt_compat, Ho); destruct (y_sign w) as [-> | ->];
      [ rewrite Rabs_pos_eq by lra | rewrite (Rabs_left (-1)) by lra ]; lra)).
    specialize (C (t * omega) ltac:(apply Rmult_le_pos; lra)).
    rewrite (e_ext E HE _ (fun w => exp (t * omega * (U w - E U)))).
    + eapply Rle_trans; [ exact C | ]. apply exp_le, Req_le. field.
    + intros w. f_equal. rewrite EU. unfold U. field. lra.
  - apply exp_le, Req_le. rewrite Rpow_mult_distr, pow2_sqrt by exact Hr. unfold N in *. field. split; lra.
Qed.

Lemma tent_tail : forall t, 0 < t <= 1 ->
  E (fun w => ind (rleb t (T (fst w)))) <= 2 * exp (- ((s * (1 - theta + theta * t)) ^ 2 / 2)).
Proof.
  intros t Ht. pose proof gamma_pos as Hg. rewrite (function_of_input (fun x => ind (rleb t (T x)))).
  set (r := Sf * (1 - theta + theta * t)). assert (Hr : 0 <= r) by (unfold r, Sf; apply Rmult_le_pos; [ lra | nra ]).
  apply Rle_trans with (Ex (fun x => ind (rleb r (Rabs (margin dist f x - Ex (margin dist f)))))).
  - apply (e_mono Ex inputs); [ bnd | bnd | ]. intros x. unfold ind, rleb.
    destruct (Rle_dec t _) as [H | ]; [ | destruct (Rle_dec _ _); lra ].
    destruct (Rle_dec r _) as [ | Hn]; [ lra | exfalso; apply Hn ].
    pose proof (tent_high dist f gamma gamma_pos t x ltac:(lra) H) as Hm.
    unfold r. fold (stability dist f Ex). fold Sf. unfold gamma in Hm.
    assert (HSf : 0 < Sf) by (unfold Sf; lra). assert (theta * (1 - t) <= 1) by nra.
    assert (Sf * (theta * (1 - t)) <= Sf * 1) by (apply Rmult_le_compat_l; lra).
    assert (theta * Sf * (1 - t) = Sf * (theta * (1 - t))) by ring.
    assert (Sf * (1 - theta + theta * t) = Sf - Sf * (theta * (1 - t))) by ring. rewrite Rabs_left1; lra.
  - eapply Rle_trans; [ apply (isoperimetry (margin dist f) 1 r Rlt_0_1) | ].
    + apply (bounded_margin dist diameter dist_range f a b not_constant).
    + apply (lemma_18 dist diameter dist_range dist_sym triangle f a b not_constant).
    + exact Hr.
    + apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Ropp_le_contravar.
      assert (Hdc : 0 < d / c) by (apply Rdiv_lt_0_compat; assumption).
      rewrite Rpow_mult_distr, s_squared. unfold r.
      replace (d * (Sf * (1 - theta + theta * t)) ^ 2 / (2 * c * 1 ^ 2))
        with (Sf ^ 2 * (d / c) * (1 - theta + theta * t) ^ 2 / 2) by (field; lra).
      assert (S0 ^ 2 <= Sf ^ 2) by (apply pow_incr; unfold Sf; lra).
      assert (S0 ^ 2 * (d / c) <= Sf ^ 2 * (d / c)) by (apply Rmult_le_compat_r; lra).
      pose proof (pow2_ge_0 (1 - theta + theta * t)). nra.
Qed.

(** P(mean T >= (e/n + log M)/(s^2 theta (1 - theta))) <= exp(-e) *)
Lemma tent_deviation : forall e,
  En E n (fun D => ind (rleb (N * ((e / N + ln M) / (s ^ 2 * theta * (1 - theta)))) (ssum (fun w => T (fst w)) n D)))
    <= exp (- e).
Proof.
  intros e. pose proof s_pos as Hs. pose proof N_pos as HNp. set (lambda := s ^ 2 * theta * (1 - theta)).
  assert (Hl : 0 < lambda) by (unfold lambda; apply Rmult_lt_0_compat; [ apply Rmult_lt_0_compat;
    [ apply pow_lt | ] | ]; lra).
  eapply Rle_trans; [ apply (markov_sum E HE (fun w => T (fst w)) lambda M) | ].
  - apply (bounded_between _ 0 1). intros w. apply T_range.
  - exact Hl.
  - apply (tent_moment_ge_1 s theta Hs theta_range).
  - apply (tent_mgf E HE (fun w => T (fst w)) s theta Hs theta_range); [ intros w; apply T_range | exact tent_tail ].
  - apply exp_le, Req_le. unfold N in *. field. split; lra.
Qed.

Lemma tent_mean_bound : Ex T <= Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta)))).
Proof.
  apply Rmin_glb; [ apply (e_le_const Ex inputs); [ apply (bounded_between _ 0 1), T_range | intros x;
    apply T_range ] | ].
  rewrite <- (function_of_input T).
  apply (tent_mean E HE (fun w => T (fst w)) s theta s_pos theta_range); [ intros w;
    apply T_range | exact tent_tail ].
Qed.

(** ** A fit forces a deviation: 2 epsilon <= U + t + mean T + E T *)
Lemma fit_forces : forall Rstar epsilon t D, Rstar <= risk f -> ssum (err f) n D <= N * (Rstar - epsilon) ->
  Rabs (ssum (fun w => y w - E y) n D) <= N * t ->
  N * (2 * epsilon) <= ssum (fun w => smooth_part w - E smooth_part) n D + N * t + ssum (fun w => T (fst w)) n D + N
    * Ex T.
Proof.
  intros Rstar epsilon t D Hbest Hfit Hy. pose proof N_pos as HNp. pose proof bounded_F as BF.
  pose proof bounded_y as By.
  pose proof (bounded_comp F (@fst X Y) BF) as BF1. cbv beta in BF1.
  assert (BT : bounded T) by (apply (bounded_between _ 0 1), T_range).
  assert (BT1 : bounded (fun w : X * Y => T (fst w))) by (apply (bounded_between _ 0 1); intros w; apply T_range).
  assert (Bsg : bounded (fun w : X * Y => sgn (f (fst w)))).
  { apply (bounded_between _ (-1) 1). intros w. unfold sgn. destruct (f (fst w)); lra. }
  set (yf := fun w => y w * sgn (f (fst w))).
  assert (Byf : bounded yf) by (unfold yf; bnd).
  assert (Err : forall w, err f w = 1 / 2 + (-1 / 2) * yf w).
  { intros w. unfold err, yf, y, sgn. destruct (f (fst w)), (lab (snd w)); cbn; field. }
  assert (Erisk : risk f = 1 / 2 + (-1 / 2) * E yf).
  { unfold risk. rewrite (e_ext E HE _ _ Err), (e_add E HE), (e_const E HE), (e_scal E HE) by bnd. reflexivity. }
  assert (Esum : ssum (err f) n D = N * (1 / 2) + (-1 / 2) * ssum yf n D).
  { rewrite (ssum_ext _ _ n D Err), ssum_add, ssum_const, ssum_scal. reflexivity. }
  assert (Near : forall w, Rabs (yf w - y w * F (fst w)) <= T (fst w)).
  { intros w. unfold yf. replace (y w * sgn (f (fst w)) - y w * F (fst w)) with (y w * (sgn (f (fst w)) - F (fst
    w))) by ring.
    rewrite Rabs_mult. unfold F, T. rewrite (ramp_differs dist diameter dist_range f a b not_constant gamma
      gamma_pos).
    destruct (y_sign w) as [-> | ->]; [ rewrite Rabs_pos_eq by lra | rewrite Rabs_left by lra ];
      pose proof (T_range (fst w)); unfold T in *; lra. }
  (* sample and mean *)
  assert (EF : -1 <= Ex F <= 1) by (split; [ apply (e_ge_const Ex inputs) | apply (e_le_const Ex inputs) ]; auto;
    intros x; apply F_range).
  assert (Es : E smooth_part = E (fun w => y w * F (fst w)) - Ex F * E y).
  { unfold smooth_part. rewrite (e_ext E HE _ (fun w => y w * F (fst w) - Ex F * y w)) by (intros; ring).
    rewrite (e_minus E HE), (e_scal E HE) by bnd. reflexivity. }
  assert (Up : ssum yf n D <= ssum (fun w => y w * F (fst w)) n D + ssum (fun w => T (fst w)) n D).
  { rewrite <- ssum_add. apply ssum_le. intros w. pose proof (Rabs_between _ _ (Near w)). lra. }
  assert (Low : E (fun w => y w * F (fst w)) - Ex T <= E yf).
  { rewrite <- (function_of_input T), <- (e_minus E HE) by bnd. apply (e_mono E HE); [ bnd | bnd | ]. intros w.
    pose proof (Rabs_between _ _ (Near w)). lra. }
  assert (Sum : ssum (fun w => y w * F (fst w)) n D - N * E (fun w => y w * F (fst w))
    = ssum (fun w => smooth_part w - E smooth_part) n D + Ex F * ssum (fun w => y w - E y) n D).
  { rewrite Es. unfold N. rewrite <- (ssum_const (E (fun w => y w * F (fst w))) n D), <- ssum_scal, <- ssum_add.
    replace (ssum (fun w => y w * F (fst w)) n D - ssum (fun _ => E (fun w => y w * F (fst w))) n D)
      with (ssum (fun w => y w * F (fst w)) n D + -1 * ssum (fun _ => E (fun w => y w * F (fst w))) n D) by ring.
    rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros w. unfold smooth_part. ring. }
  assert (Yt : Ex F * ssum (fun w => y w - E y) n D <= N * t).
  { pose proof (Rabs_between _ _ Hy). nra. }
  assert (N * (E (fun w => y w * F (fst w)) - Ex T) <= N * E yf) by (apply Rmult_le_compat_l; lra).
  assert (N * Rstar <= N * risk f) by (apply Rmult_le_compat_l; lra).
  rewrite Esum in Hfit. rewrite Erisk in *. lra.
Qed.

End Classifier.

(** ** The law *)
Variables (size : nat -> nat) (classifier : nat -> nat -> X -> bool) (up down : nat -> nat -> X) (p Rstar : R).
Hypothesis not_constant : forall m j, (j < size m)%nat ->
  classifier m j (up m j) = true /\ classifier m j (down m j) = false.
Hypothesis slope : forall m j x x', (j < size m)%nat -> classifier m j x <> classifier m j x' ->
  margin dist (classifier m j) x + margin dist (classifier m j) x' <= ell * dist x x'.
Hypothesis best : forall m j, (j < size m)%nat -> Rstar <= risk (classifier m j).
Hypothesis count : forall m, INR (size m) <= exp p.

(** The learner: given the data a law of mask and index. *)
Context {Wt : Type} (mask index : Wt -> nat) (masks : nat).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Hypothesis indices : forall w, (index w < size (mask w))%nat.
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).
Let f (w : Wt) : X -> bool := classifier (mask w) (index w).

Definition fits_stably (epsilon : R) (w : Wt) (D : @sample (X * Y) n) : bool :=
  rleb (ssum (err (f w)) n D) (N * (Rstar - epsilon)) && rleb S0 (stability dist (f w) Ex).

Lemma labels_deviate : forall delta1, 0 < delta1 < 1 ->
  En E n (fun D => ind (rleb (N * sqrt (2 * (ln 2 - ln delta1) / N)) (Rabs (ssum (fun w => y w - E y) n D)))) <=
    delta1.
Proof.
  intros delta1 Hd. pose proof N_pos as HNp. pose proof bounded_y as By. pose proof (ln_neg delta1 Hd).
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (t := sqrt (2 * (ln 2 - ln delta1) / N)). assert (Ht : 0 <= t) by apply sqrt_pos.
  assert (One : forall sg, sg = 1 \/ sg = -1 ->
    En E n (fun D => ind (rleb (N * t) (ssum (fun w => sg * (y w - E y)) n D))) <= delta1 / 2).
  { intros sg Hsg. eapply Rle_trans; [ apply (chernoff E HE (fun w => sg * (y w - E y)) 1 t n);
    [ bnd | lra | exact Ht | ] | ].
    - intros u _. pose proof (hoeffding E HE y (-1) 1 (u * sg)) as Hf.
      specialize (Hf ltac:(intros w; destruct (y_sign w) as [-> | ->]; lra)).
      rewrite (e_ext E HE _ (fun w => exp (u * sg * (y w - E y)))) by (intros; f_equal; ring).
      eapply Rle_trans; [ exact Hf | ]. apply exp_le. destruct Hsg as [-> | ->]; lra.
    - unfold t. rewrite pow2_sqrt by (apply Rdiv_le_0_compat; lra). rewrite <- (exp_ln (delta1 / 2)) by lra.
    apply exp_le.
      rewrite ln_div by lra. apply Req_le. unfold N in *. field. lra. }
  replace delta1 with (delta1 / 2 + delta1 / 2) by field.
  eapply Rle_trans; [ | apply (union_at_most _ HN _ _ _ _ (One 1 (or_introl eq_refl)) (One (-1) (or_intror
    eq_refl))) ].
  apply (e_mono _ HN); [ bnd | bnd | ]. intros D. rewrite !ssum_scal. unfold ind, rleb.
  destruct (Rle_dec (N * t) (Rabs _)) as [Ha | ]; [ | destruct (_ || _)%bool; lra ].
  destruct (Rle_dec (N * t) (1 * _)) as [ | N1], (Rle_dec (N * t) (-1 * _)) as [ | N2]; cbn [orb]; try lra.
  exfalso. unfold Rabs in Ha. destruct (Rcase_abs _); lra.
Qed.

Theorem masked_law : forall epsilon delta1 delta2 R0, 0 < delta1 < 1 ->
  exponent (En E n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 <= p + R0 ->
  sqrt (2 * (ln 2 - ln delta1) / INR n) + ell / (theta * s) * sqrt (61 / 5 * (p + R0 + ln 2) / INR n)
    + ((p + R0 + ln 2) / INR n + ln (1 + 2 * s * (1 - theta) * exp (- ((s * (1 - theta)) ^ 2 / 2)) * gs (s * theta)))
      / (s ^ 2 * theta * (1 - theta))
    + Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta)))) <= 2 * epsilon ->
  En E n (fun D => learn D (fun w => ind (fits_stably epsilon w D))) <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 Hd Hexp Hp Hbudget. pose proof N_pos as HNp.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (e := p + R0 + ln 2) in *. set (t := sqrt (2 * (ln 2 - ln delta1) / INR n)) in *.
  set (u := ell / (theta * s) * sqrt (61 / 5 * e / INR n)) in *.
  fold (tent_moment s theta) in Hbudget.
  set (rest := Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta))))) in *.
  set (v := (e / INR n + ln (tent_moment s theta)) / (s ^ 2 * theta * (1 - theta))) in *.
  set (far := fun (m j : nat) (D : @sample (X * Y) n) => rleb S0 (stability dist (classifier m j) Ex)
    && (rleb (N * u) (ssum (fun w => smooth_part (classifier m j) w - E (smooth_part (classifier m j))) n D)
      || rleb (N * v) (ssum (fun w => tent dist (classifier m j) (theta * stability dist (classifier m j) Ex) (fst
        w)) n D))).
  apply (law_of_masks (En E n) HN mask masks finitely_many_masks learn learns (fits_stably epsilon)
    (fun D => rleb (N * t) (Rabs (ssum (fun w => y w - E y) n D)))
    (fun m D => existsb (fun j => far m j D) (seq 0 (size m)))) with (R0 := R0).
  - intros w D Hfit Hgood. unfold fits_stably in Hfit. apply andb_true_iff in Hfit. destruct Hfit as [Hfit Hst].
    apply existsb_exists. exists (index w). split; [ apply in_seq; specialize (indices w); lia | ].
    unfold far. fold (f w). rewrite Hst. cbn [andb]. unfold rleb in Hst, Hfit, Hgood.
    destruct (Rle_dec S0 _) as [Hs | ] in Hst; [ | discriminate ].
    destruct (Rle_dec _ (N * (Rstar - epsilon))) as [Hr | ] in Hfit; [ | discriminate ].
    destruct (Rle_dec (N * t) _) as [ | Hy] in Hgood; [ discriminate | ].
    pose proof (fit_forces (f w) (up (mask w) (index w)) (down (mask w) (index w)) (not_constant _ _ (indices w)) Hs
      Rstar epsilon) as FF.
    set (Ys := ssum (fun w => y w - E y) n D) in *.
    specialize (FF (Rabs Ys / N) D (best _ _ (indices w)) Hr).
    replace (N * (Rabs Ys / N)) with (Rabs Ys) in FF by (field; lra). specialize (FF (Rle_refl _)).
    pose proof (tent_mean_bound (f w) (up (mask w) (index w)) (down (mask w) (index w)) (not_constant _ _ (indices
      w)) Hs) as TM.
    unfold rleb. destruct (Rle_dec (N * u) _) as [ | N1]; [ reflexivity | ].
    destruct (Rle_dec (N * v) _) as [ | N2]; [ reflexivity | exfalso ].
    assert (N * (t + u + v + rest) <= N * (2 * epsilon))
      by (apply Rmult_le_compat_l; lra).
    fold rest in TM. assert (N * Ex (tent dist (f w) (theta * stability dist (f w) Ex)) <= N * rest)
      by (apply Rmult_le_compat_l; lra).
    lra.
  - exact Hexp.
  - intros m _. apply Rle_trans with (INR (length (seq 0 (size m))) * (2 * exp (- e))).
    + apply (union_bound _ HN). intros j Hj. apply in_seq in Hj. unfold far.
      destruct (rleb S0 (stability dist (classifier m j) Ex)) eqn:Hst; cbn [andb ind].
      2:{ rewrite (e_const _ HN). pose proof (exp_pos (- e)). lra. }
      unfold rleb in Hst. destruct (Rle_dec _ _) as [Hs | ]; [ clear Hst | discriminate ].
      replace (2 * exp (- e)) with (exp (- e) + exp (- e)) by ring. apply (union_at_most _ HN).
      * apply (smooth_deviation (classifier m j) (up m j) (down m j) (not_constant m j ltac:(lia))
          (fun x x' => slope m j x x' ltac:(lia)) Hs e). unfold e. lra.
      * apply (tent_deviation (classifier m j) (up m j) (down m j) (not_constant m j ltac:(lia)) Hs e).
    + rewrite seq_length. apply Rle_trans with (exp p * (2 * exp (- e))).
      * apply Rmult_le_compat_r; [ pose proof (exp_pos (- e)); lra | apply count ].
      * rewrite <- (exp_ln 2) at 1 by lra. rewrite <- !exp_plus. apply exp_le. unfold e. lra.
  - apply (labels_deviate delta1 Hd).
Qed.

End Model.
