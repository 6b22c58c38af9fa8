(** The middle ranges of Theorem 1 of "No Free Prune", repaired, and of masked-law of "The Price of Robustness":
    inequalities with the error function.

    Between -0.95 and 0.95 the error function is an explicit polynomial up to 1/50000: interval arithmetic bounds the
    difference of the derivatives, and the mean value theorem that of the functions. *)
From Obligations Require Import Portfolio.

(** ** The error function by a polynomial *)

Definition gauss (y : R) : R := RInt (fun t : R => exp (- t ^ 2)) 0 y.
Definition taylor (y : R) : R :=
  y - y^3/3 + y^5/10 - y^7/42 + y^9/216 - y^11/1320 + y^13/9360 - y^15/75600.
Definition taylor' (y : R) : R := 1 - y^2 + y^4/2 - y^6/6 + y^8/24 - y^10/120 + y^12/720 - y^14/5040.

Lemma is_derive_gauss : forall x, is_derive gauss x (exp (- x ^ 2)).
Proof.
  intros x. unfold gauss.
  apply (is_derive_RInt (fun t => exp (- t ^ 2)) (fun y => RInt (fun t => exp (- t ^ 2)) 0 y) 0 x).
  - apply filter_forall. intros b. apply (@RInt_correct R_CompleteNormedModule).
    apply (@ex_RInt_continuous R_CompleteNormedModule). intros z _.
    apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
  - apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
Qed.

Lemma is_derive_difference : forall x, is_derive (fun x => gauss x - taylor x) x (exp (- x ^ 2) - taylor' x).
Proof.
  intros x. apply (is_derive_minus gauss taylor); [ apply is_derive_gauss | ].
  unfold taylor, taylor'. auto_derive; [ exact I | field ].
Qed.

Lemma slopes_close : forall x, -95/100 <= x <= 95/100 -> Rabs (taylor' x - exp (- x ^ 2)) <= 1/50000.
Proof. intros. unfold taylor'. interval with (i_bisect x, i_taylor x). Qed.

Lemma gauss_close : forall y, -95/100 <= y <= 95/100 -> Rabs (gauss y - taylor y) <= 1/50000.
Proof.
  intros y Hy.
  destruct (MVT_gen (fun x => gauss x - taylor x) 0 y (fun x => exp (- x ^ 2) - taylor' x)) as [c [Hc E]].
  - intros x _. apply is_derive_difference.
  - intros x _. apply derivable_continuous_pt. eexists. apply is_derive_Reals, is_derive_difference.
  - assert (gauss 0 = 0) by (unfold gauss; apply (@RInt_point R_CompleteNormedModule)).
    assert (taylor 0 = 0) by (unfold taylor; field).
    replace (gauss y - taylor y) with ((exp (- c ^ 2) - taylor' c) * (y - 0)) by (rewrite <- E; lra).
    assert (Hr : -95/100 <= c <= 95/100). { destruct Hc. unfold Rmin, Rmax in *. destruct (Rle_dec 0 y); lra. }
    pose proof (slopes_close c Hr) as Q. rewrite Rabs_mult, Rabs_minus_sym.
    assert (Rabs (y - 0) <= 1) by (apply Rabs_le; lra).
    pose proof (Rabs_pos (taylor' c - exp (- c ^ 2))). pose proof (Rabs_pos (y - 0)). nra.
Qed.

Lemma erf_close : forall y, -95/100 <= y <= 95/100 ->
  exists e, -1/50000 <= e <= 1/50000 /\ erf y = 2 / sqrt PI * (taylor y + e).
Proof.
  intros y Hy. exists (gauss y - taylor y). pose proof (gauss_close y Hy) as A. split.
  - unfold Rabs in A. destruct (Rcase_abs (gauss y - taylor y)); lra.
  - change (erf y) with (2 / sqrt PI * gauss y). f_equal. ring.
Qed.

(** ** The obligation *)

(** Three values; the integrals are enclosed by interval arithmetic. *)
Lemma gauss_at_5 : 875220 / 1000000 <= gauss (5 / 4 * sqrt 2) <= 875221 / 1000000.
Proof. unfold gauss. split; integral with (i_prec 40, i_fuel 200). Qed.
Lemma gauss_at_7 : 815223 / 1000000 <= gauss (7 / 8 * sqrt 2) <= 815224 / 1000000.
Proof. unfold gauss. split; integral with (i_prec 40, i_fuel 200). Qed.
Lemma gauss_at_ln_2 : 674390 / 1000000 <= gauss (sqrt (ln 2)) <= 674391 / 1000000.
Proof. unfold gauss. split; integral with (i_prec 40, i_fuel 200). Qed.


(** The tilted tail between two points, divided by sqrt 2; [F] is [gauss] at the shifted and [k] at the plain points. *)
Definition piece (l F k : R) (h : R) : R := (F - exp (- (2 * l ^ 2)) * k) * exp (- 1 + h / (- 1 + exp h)).

Lemma pieces_below_1 : forall l e0 e1 e2 k0 k1 k2, 3 / 5 <= l <= 5 / 4 ->
  -1/50000 <= e0 <= 1/50000 -> -1/50000 <= e1 <= 1/50000 -> -1/50000 <= e2 <= 1/50000 ->
  674390 / 1000000 <= k0 <= 674391 / 1000000 -> 815223 / 1000000 <= k1 <= 815224 / 1000000 -> 875220 / 1000000 <= k2 <= 875221 / 1000000 ->
  sqrt 2 * (piece l (sqrt PI / 2 - (taylor (sqrt 2 * (5 / 2 - 2 * l) / 2) + e2)) (sqrt PI / 2 - k2) (5 * l)
    + piece l (taylor (sqrt 2 * (5 / 2 - 2 * l) / 2) + e2 - (taylor (sqrt 2 * (7 / 4 - 2 * l) / 2) + e1)) (k2 - k1) (7 / 2 * l)
    + piece l (taylor (sqrt 2 * (7 / 4 - 2 * l) / 2) + e1 - (taylor (sqrt 2 * (- (2 * l) + sqrt 2 * sqrt (ln 2)) / 2) + e0)) (k1 - k0)
        (2 * l * sqrt 2 * sqrt (ln 2))) / l < 1.
Proof. intros. unfold piece, taylor. interval with (i_bisect l, i_depth 15). Qed.

Lemma erf_gauss : forall y, erf y = 2 / sqrt PI * gauss y.
Proof. reflexivity. Qed.

(** Theorem 1, repaired: the bound of the middle range of the tilt. *)
Lemma middle_range : forall lambda : R, 0 < lambda -> lambda >= 3 / 5 -> lambda <= 5 / 4 ->
  ((sqrt 2 * sqrt PI * (1 - erf (sqrt 2 * (5 / 2 - 2 * lambda) / 2)) / 2
     - sqrt 2 * sqrt PI * (1 - erf (5 / 4 * sqrt 2)) * exp (- (2 * lambda ^ 2)) / 2)
    * exp (- 1 + 5 * lambda / (- 1 + exp (5 * lambda)))
  + (sqrt 2 * sqrt PI
       * (- erf (sqrt 2 * (7 / 4 - 2 * lambda) / 2) + erf (sqrt 2 * (5 / 2 - 2 * lambda) / 2)) / 2
     - sqrt 2 * sqrt PI * (- erf (7 / 8 * sqrt 2) + erf (5 / 4 * sqrt 2)) * exp (- (2 * lambda ^ 2)) / 2)
    * exp (- 1 + 7 / 2 * lambda / (- 1 + exp (7 / 2 * lambda)))
  + (sqrt 2 * sqrt PI
       * (- erf (sqrt 2 * (- (2 * lambda) + sqrt 2 * sqrt (ln 2)) / 2)
          + erf (sqrt 2 * (7 / 4 - 2 * lambda) / 2)) / 2
     - sqrt 2 * sqrt PI * (- erf (sqrt (ln 2)) + erf (7 / 8 * sqrt 2)) * exp (- (2 * lambda ^ 2)) / 2)
    * exp (- 1 + 2 * lambda * sqrt 2 * sqrt (ln 2) / (- 1 + exp (2 * lambda * sqrt 2 * sqrt (ln 2))))) / lambda < 1.
Proof.
  intros l Hl Ha Hb. rewrite (erf_gauss (5 / 4 * sqrt 2)), (erf_gauss (7 / 8 * sqrt 2)), (erf_gauss (sqrt (ln 2))).
  destruct (erf_close (sqrt 2 * (5 / 2 - 2 * l) / 2)) as [e2 [B2 ->]]; [ split; interval | ].
  destruct (erf_close (sqrt 2 * (7 / 4 - 2 * l) / 2)) as [e1 [B1 ->]]; [ split; interval | ].
  destruct (erf_close (sqrt 2 * (- (2 * l) + sqrt 2 * sqrt (ln 2)) / 2)) as [e0 [B0 ->]]; [ split; interval | ].
  eapply Rle_lt_trans; [ apply Req_le | apply (pieces_below_1 l e0 e1 e2 _ _ _ ltac:(lra) B0 B1 B2 gauss_at_ln_2 gauss_at_7 gauss_at_5) ].
  assert (0 < sqrt PI) by (apply sqrt_lt_R0, PI_RGT_0). unfold piece. field. split; lra.
Qed.

(** masked-law of "The Price of Robustness", the middle range: the argument of the logarithm is positive, and the
    bound of the cumulant. *)
Lemma middle_argument : forall u : R, 0 < u -> u >= 13 / 20 -> u <= 5 / 2 ->
  - (2 * u * (sqrt 2 * sqrt (ln 2) + sqrt 2 * sqrt PI * (1 - erf (sqrt (ln 2)))))
  + u * sqrt 2 * sqrt PI * (1 + erf (sqrt 2 * (u - sqrt 2 * sqrt (ln 2)) / 2)) * exp (u ^ 2 / 2)
  + exp (u * sqrt 2 * sqrt (ln 2)) > 0.
Proof.
  intros u H Ha Hb. rewrite (erf_gauss (sqrt (ln 2))). pose proof gauss_at_ln_2 as G. set (k := gauss _) in *. clearbody k.
  destruct (erf_close (sqrt 2 * (u - sqrt 2 * sqrt (ln 2)) / 2)) as [e [B ->]]; [ split; interval | ].
  unfold taylor. apply Rlt_gt. interval with (i_bisect u).
Qed.

Lemma middle_cumulant : forall u : R, 0 < u -> u >= 13 / 20 -> u <= 5 / 2 ->
  u * (sqrt 2 * sqrt (ln 2) + sqrt 2 * sqrt PI * (1 - erf (sqrt (ln 2))))
  + ln (- (2 * u * (sqrt 2 * sqrt (ln 2) + sqrt 2 * sqrt PI * (1 - erf (sqrt (ln 2)))))
        + u * sqrt 2 * sqrt PI * (1 + erf (sqrt 2 * (u - sqrt 2 * sqrt (ln 2)) / 2)) * exp (u ^ 2 / 2)
        + exp (u * sqrt 2 * sqrt (ln 2))) <= 61 / 20 * u ^ 2.
Proof.
  intros u H Ha Hb. rewrite (erf_gauss (sqrt (ln 2))). pose proof gauss_at_ln_2 as G. set (k := gauss _) in *. clearbody k.
  destruct (erf_close (sqrt 2 * (u - sqrt 2 * sqrt (ln 2)) / 2)) as [e [B ->]]; [ split; interval | ].
  unfold taylor. apply Rminus_le. interval with (i_bisect u, i_depth 18).
Qed.
