(** The law for learners of classifiers with masks (for "The Price of Robustness"), from surrogates: every classifier f
    has a function F with |f - F| at most a tent T; F is subgaussian about its mean, T is seldom large.

    Without symmetrisation: y f differs from y F by at most T, and y F = y (F - E F) + y E F, so that a fit below the
    noise level forces a deviation of the mean of y (F - E F), of y or of T. *)
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

(** Labels given inputs, n samples; s, theta and ell as in the laws. *)
Context {X Y : Type} (Ex : (X -> R) -> R) (inputs : expectation Ex).
Context (K : X -> (Y -> R) -> R) (labels_given : forall x, expectation (K x)).
Variables (lab : Y -> bool) (n : nat).
Hypothesis samples : (0 < n)%nat.
Let N := INR n.
Let E := E1 Ex K.
Let HE : expectation E := HE1 Ex inputs K labels_given.
Let HN : expectation (En E n) := En_expectation E HE n.
Let y (w : X * Y) : R := sgn (lab (snd w)).

(** 0-1 error *)
Definition err (f : X -> bool) (w : X * Y) : R := ind (xorb (f (fst w)) (lab (snd w))).
Definition risk (f : X -> bool) : R := E (err f).

Variables (ell theta s : R).
Hypothesis ell_ge_1 : 1 <= ell.
Hypothesis theta_range : 0 < theta < 1.
Hypothesis s_pos : 0 < s.

Lemma N_pos : 0 < N.
Proof. apply (lt_INR 0 n). exact samples. Qed.

Lemma y_sign : forall w, y w = 1 \/ y w = -1.
Proof. intros w. unfold y, sgn. destruct (lab (snd w)); auto. Qed.

Lemma bounded_y : bounded y.
Proof. apply (bounded_between _ (-1) 1). intros w. destruct (y_sign w) as [-> | ->]; lra. Qed.

Lemma function_of_input : forall g : X -> R, E (fun w => g (fst w)) = Ex g.
Proof. intros g. unfold E, E1, two_stage. apply (e_ext Ex inputs). intros x. cbn [fst].
  apply (e_const _ (labels_given x)).
Qed.

(** ** One classifier of stability at least S0 *)
(** ** One classifier and its surrogate *)
Section Surrogate.
Variables (f : X -> bool) (F T : X -> R).
Let omega := ell / (theta * s).
Let M := tent_moment s theta.
Hypothesis F_range : forall x, -1 <= F x <= 1.
Hypothesis T_range : forall x, 0 <= T x <= 1.
Hypothesis near : forall x, Rabs (sgn (f x) - F x) <= T x.
Hypothesis smooth : forall t, 0 <= t -> Ex (fun x => ind (rleb t (Rabs (F x - Ex F) / omega))) <= q t.
Hypothesis seldom : forall t, 0 < t <= 1 ->
  Ex (fun x => ind (rleb t (T x))) <= 2 * exp (- ((s * (1 - theta + theta * t)) ^ 2 / 2)).

Lemma bounded_F : bounded F.
Proof. apply (bounded_between _ (-1) 1), F_range. Qed.

Lemma omega_pos : 0 < omega.
Proof. unfold omega. apply Rdiv_lt_0_compat; [ lra | apply Rmult_lt_0_compat; lra ]. Qed.

(** y (F - E F) *)
Definition smooth_part (w : X * Y) : R := y w * (F (fst w) - Ex F).

Lemma smooth_tail : forall t, 0 <= t -> E (fun w => ind (rleb t (Rabs (F (fst w) - Ex F) / omega))) <= q t.
Proof.
  intros t Ht. rewrite (function_of_input (fun x => ind (rleb t (Rabs (F x - Ex F) / omega)))). apply smooth, Ht.
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
Proof. intros t Ht. rewrite (function_of_input (fun x => ind (rleb t (T x)))). apply seldom, Ht. Qed.

(** P(mean T >= (e/n + log M)/(s^2 theta (1 - theta))) <= exp(-e) *)
Lemma tent_deviation : forall e,
  En E n (fun D => ind (rleb (N * ((e / N + ln M) / (s ^ 2 * theta * (1 - theta)))) (ssum (fun w => T (fst w)) n D)))
    <= exp (- e).
Proof.
  intros e. pose proof N_pos as HNp. set (lambda := s ^ 2 * theta * (1 - theta)).
  assert (Hl : 0 < lambda) by (unfold lambda; apply Rmult_lt_0_compat; [ apply Rmult_lt_0_compat;
    [ apply pow_lt | ] | ]; lra).
  eapply Rle_trans; [ apply (markov_sum E HE (fun w => T (fst w)) lambda M) | ].
  - apply (bounded_between _ 0 1). intros w. apply T_range.
  - exact Hl.
  - apply (tent_moment_ge_1 s theta s_pos theta_range).
  - apply (tent_mgf E HE (fun w => T (fst w)) s theta s_pos theta_range); [ intros w;
    apply T_range | exact tent_tail ].
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

(** ** A fit forces a deviation: 2 epsilon <= U + t + mean T + E T + 2 rho

    [learned] is what the learner returned; f may be a classifier near it, of which only the risk matters. *)
Lemma fit_forces : forall (learned : X -> bool) rho Rstar epsilon t D,
  (forall x, Rabs (sgn (learned x) - F x) <= T x + 2 * rho) -> Rstar <= risk f ->
  ssum (err learned) n D <= N * (Rstar - epsilon) -> Rabs (ssum (fun w => y w - E y) n D) <= N * t ->
  N * (2 * epsilon) <= ssum (fun w => smooth_part w - E smooth_part) n D + N * t + ssum (fun w => T (fst w)) n D
    + N * Ex T + N * (2 * rho).
Proof.
  intros learned rho Rstar epsilon t D Hclose Hbest Hfit Hy. pose proof N_pos as HNp. pose proof bounded_F as BF.
  pose proof bounded_y as By.
  pose proof (bounded_comp F (@fst X Y) BF) as BF1. cbv beta in BF1.
  assert (BT : bounded T) by (apply (bounded_between _ 0 1), T_range).
  assert (BT1 : bounded (fun w : X * Y => T (fst w))) by (apply (bounded_between _ 0 1); intros w; apply T_range).
  assert (Bsg : forall h : X -> bool, bounded (fun w : X * Y => sgn (h (fst w)))).
  { intros h. apply (bounded_between _ (-1) 1). intros w. unfold sgn. destruct (h (fst w)); lra. }
  set (yh := fun (h : X -> bool) w => y w * sgn (h (fst w))).
  assert (Byf : bounded (yh f)) by (specialize (Bsg f); unfold yh; bnd).
  assert (Err : forall h w, err h w = 1 / 2 + (-1 / 2) * yh h w).
  { intros h w. unfold err, yh, y, sgn. destruct (h (fst w)), (lab (snd w)); cbn; field. }
  assert (Erisk : risk f = 1 / 2 + (-1 / 2) * E (yh f)).
  { unfold risk. rewrite (e_ext E HE _ _ (Err f)), (e_add E HE), (e_const E HE), (e_scal E HE) by bnd. reflexivity. }
  assert (Esum : ssum (err learned) n D = N * (1 / 2) + (-1 / 2) * ssum (yh learned) n D).
  { rewrite (ssum_ext _ _ n D (Err learned)), ssum_add, ssum_const, ssum_scal. reflexivity. }
  assert (Turn : forall h w r, Rabs (sgn (h (fst w)) - F (fst w)) <= r -> Rabs (yh h w - y w * F (fst w)) <= r).
  { intros h w r Hr. unfold yh.
    replace (y w * sgn (h (fst w)) - y w * F (fst w)) with (y w * (sgn (h (fst w)) - F (fst w))) by ring.
    rewrite Rabs_mult.
    destruct (y_sign w) as [-> | ->]; [ rewrite (Rabs_pos_eq 1) by lra | rewrite (Rabs_left (-1)) by lra ]; lra. }
  (* sample and mean *)
  assert (EF : -1 <= Ex F <= 1) by (split; [ apply (e_ge_const Ex inputs) | apply (e_le_const Ex inputs) ]; auto;
    intros x; apply F_range).
  assert (Es : E smooth_part = E (fun w => y w * F (fst w)) - Ex F * E y).
  { unfold smooth_part. rewrite (e_ext E HE _ (fun w => y w * F (fst w) - Ex F * y w)) by (intros; ring).
    rewrite (e_minus E HE), (e_scal E HE) by bnd. reflexivity. }
  assert (Up : ssum (yh learned) n D <= ssum (fun w => y w * F (fst w)) n D
    + (ssum (fun w => T (fst w)) n D + N * (2 * rho))).
  { unfold N. rewrite <- (ssum_const (2 * rho) n D), <- !ssum_add. apply ssum_le. intros w.
    pose proof (Rabs_between _ _ (Turn learned w _ (Hclose (fst w)))). lra. }
  assert (Low : E (fun w => y w * F (fst w)) - Ex T <= E (yh f)).
  { rewrite <- (function_of_input T), <- (e_minus E HE) by bnd. apply (e_mono E HE); [ bnd | bnd | ]. intros w.
    pose proof (Rabs_between _ _ (Turn f w _ (near (fst w)))). lra. }
  assert (Sum : ssum (fun w => y w * F (fst w)) n D - N * E (fun w => y w * F (fst w))
    = ssum (fun w => smooth_part w - E smooth_part) n D + Ex F * ssum (fun w => y w - E y) n D).
  { rewrite Es. unfold N. rewrite <- (ssum_const (E (fun w => y w * F (fst w))) n D), <- ssum_scal, <- ssum_add.
    replace (ssum (fun w => y w * F (fst w)) n D - ssum (fun _ => E (fun w => y w * F (fst w))) n D)
      with (ssum (fun w => y w * F (fst w)) n D + -1 * ssum (fun _ => E (fun w => y w * F (fst w))) n D) by ring.
    rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros w. unfold smooth_part. ring. }
  assert (Yt : Ex F * ssum (fun w => y w - E y) n D <= N * t).
  { pose proof (Rabs_between _ _ Hy). nra. }
  assert (N * (E (fun w => y w * F (fst w)) - Ex T) <= N * E (yh f)) by (apply Rmult_le_compat_l; lra).
  assert (N * Rstar <= N * risk f) by (apply Rmult_le_compat_l; lra).
  rewrite Esum in Hfit. rewrite Erisk in *. lra.
Qed.

End Surrogate.

(** ** The law *)
Variables (size : nat -> nat) (f : nat -> nat -> X -> bool) (F T : nat -> nat -> X -> R) (good : nat -> nat -> bool).
Variables (p Rstar rho : R).
Hypothesis F_range : forall m j x, (j < size m)%nat -> good m j = true -> -1 <= F m j x <= 1.
Hypothesis T_range : forall m j x, (j < size m)%nat -> good m j = true -> 0 <= T m j x <= 1.
Hypothesis near : forall m j x, (j < size m)%nat -> good m j = true -> Rabs (sgn (f m j x) - F m j x) <= T m j x.
Hypothesis smooth : forall m j t, (j < size m)%nat -> good m j = true -> 0 <= t ->
  Ex (fun x => ind (rleb t (Rabs (F m j x - Ex (F m j)) / (ell / (theta * s))))) <= q t.
Hypothesis seldom : forall m j t, (j < size m)%nat -> good m j = true -> 0 < t <= 1 ->
  Ex (fun x => ind (rleb t (T m j x))) <= 2 * exp (- ((s * (1 - theta + theta * t)) ^ 2 / 2)).
Hypothesis best : forall m j, (j < size m)%nat -> good m j = true -> Rstar <= risk (f m j).
Hypothesis count : forall m, INR (size m) <= exp p.

(** The learner: given the data a law of mask and classifier; a stable one is near a good one of its mask. *)
Context {Wt : Type} (mask : Wt -> nat) (learned : Wt -> X -> bool) (round : Wt -> nat) (stable : Wt -> bool) (masks
  : nat).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Hypothesis rounds : forall w, stable w = true -> (round w < size (mask w))%nat /\ good (mask w) (round w) = true.
Hypothesis close : forall w x, stable w = true ->
  Rabs (sgn (learned w x) - F (mask w) (round w) x) <= T (mask w) (round w) x + 2 * rho.
Variable learn : @sample (X * Y) n -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

Definition fits (epsilon : R) (w : Wt) (D : @sample (X * Y) n) : bool :=
  rleb (ssum (err (learned w)) n D) (N * (Rstar - epsilon)) && stable w.

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

Lemma law_of_surrogates : forall epsilon delta1 delta2 R0, 0 < delta1 < 1 ->
  exponent (En E n) (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 <= p + R0 ->
  sqrt (2 * (ln 2 - ln delta1) / INR n) + ell / (theta * s) * sqrt (61 / 5 * (p + R0 + ln 2) / INR n)
    + ((p + R0 + ln 2) / INR n + ln (tent_moment s theta)) / (s ^ 2 * theta * (1 - theta))
    + Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta)))) + 2 * rho <= 2 * epsilon ->
  En E n (fun D => learn D (fun w => ind (fits epsilon w D))) <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 Hd Hexp Hp Hbudget. pose proof N_pos as HNp.
  assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  set (e := p + R0 + ln 2) in *. set (t := sqrt (2 * (ln 2 - ln delta1) / INR n)) in *.
  set (u := ell / (theta * s) * sqrt (61 / 5 * e / INR n)) in *.
  set (rest := Rmin 1 (2 / (s * theta) * (gs s - gs (s * (1 - theta))))) in *.
  set (v := (e / INR n + ln (tent_moment s theta)) / (s ^ 2 * theta * (1 - theta))) in *.
  set (far := fun (m j : nat) (D : @sample (X * Y) n) => good m j
    && (rleb (N * u) (ssum (fun w => smooth_part (F m j) w - E (smooth_part (F m j))) n D)
      || rleb (N * v) (ssum (fun w => T m j (fst w)) n D))).
  apply (law_of_masks (En E n) HN mask masks finitely_many_masks learn learns (fits epsilon)
    (fun D => rleb (N * t) (Rabs (ssum (fun w => y w - E y) n D)))
    (fun m D => existsb (fun j => far m j D) (seq 0 (size m)))) with (R0 := R0).
  - intros w D Hfit Hgood. unfold fits in Hfit. apply andb_true_iff in Hfit. destruct Hfit as [Hfit Hst].
    destruct (rounds w Hst) as [Hj Hg]. apply existsb_exists. exists (round w). split; [ apply in_seq; lia | ].
    unfold far. rewrite Hg. cbn [andb]. unfold rleb in Hfit, Hgood.
    destruct (Rle_dec _ (N * (Rstar - epsilon))) as [Hr | ] in Hfit; [ | discriminate ].
    destruct (Rle_dec (N * t) _) as [ | Hy] in Hgood; [ discriminate | ].
    set (m := mask w) in *. set (j := round w) in *. set (Ys := ssum (fun w => y w - E y) n D) in *.
    pose proof (fit_forces (f m j) (F m j) (T m j) (fun x => F_range m j x Hj Hg) (fun x => T_range m j x Hj Hg)
      (fun x => near m j x Hj Hg) (learned w) rho Rstar epsilon (Rabs Ys / N) D (fun x => close w x Hst) (best m j
        Hj Hg) Hr)
      as FF.
    replace (N * (Rabs Ys / N)) with (Rabs Ys) in FF by (field; lra). specialize (FF (Rle_refl _)).
    pose proof (tent_mean_bound (T m j) (fun x => T_range m j x Hj Hg) (fun t => seldom m j t Hj Hg)) as TM.
    fold rest in TM. unfold rleb. destruct (Rle_dec (N * u) _) as [ | N1]; [ reflexivity | ].
    destruct (Rle_dec (N * v) _) as [ | N2]; [ reflexivity | exfalso ].
    assert (N * (t + u + v + rest + 2 * rho) <= N * (2 * epsilon)) by (apply Rmult_le_compat_l; lra).
    assert (N * Ex (T m j) <= N * rest) by (apply Rmult_le_compat_l; lra). lra.
  - exact Hexp.
  - intros m _. apply Rle_trans with (INR (length (seq 0 (size m))) * (2 * exp (- e))).
    + apply (union_bound _ HN). intros j Hj. apply in_seq in Hj. unfold far.
      destruct (good m j) eqn:Hg; cbn [andb ind].
      2:{ rewrite (e_const _ HN). pose proof (exp_pos (- e)). lra. }
      replace (2 * exp (- e)) with (exp (- e) + exp (- e)) by ring. apply (union_at_most _ HN).
      * apply (smooth_deviation (F m j) (fun x => F_range m j x ltac:(lia) Hg) (fun t => smooth m j t ltac:(lia) Hg)
        e).
        unfold e. lra.
      * apply (tent_deviation (T m j) (fun x => T_range m j x ltac:(lia) Hg) (fun t => seldom m j t ltac:(lia) Hg) e).
    + rewrite seq_length. apply Rle_trans with (exp p * (2 * exp (- e))).
      * apply Rmult_le_compat_r; [ pose proof (exp_pos (- e)); lra | apply count ].
      * rewrite <- (exp_ln 2) at 1 by lra. rewrite <- !exp_plus. apply exp_le. unfold e. lra.
  - apply (labels_deviate delta1 Hd).
Qed.

End Model.
