(** Classes linear in their weights (sharpened form): f_{m,w} = sum_{j in m} w_j phi_j + a constant.

    The supremum over {Lip <= L} of what correlates with the noise is attained, up to a factor 1 - eta, on a net of the
    unit ball of the seminorm Lip itself. That a net of (1 + 2/eta)^|m| points exists is a comparison of volumes; it is
    cited, and stands as the hypothesis [nets]. *)
From NoFreePrune Require Export Symmetrisation.

Section Net.

(** A sample point s has an input, with the index of its component, and a noise z. *)
Context {Pt X : Type} (input : Pt -> X) (z : Pt -> R) (component : X -> nat) (n : nat).
Hypothesis noise_range : forall s, Rabs (z s) <= 2.

(** Features, their means on the components, and the weights that a mask keeps. *)
Variables (phi : nat -> X -> R) (mean : nat -> nat -> R) (kept : nat -> list nat).

(** sum_{j in m} w_j phi_j, its means, and the difference *)
Definition combination (m : nat) (w : nat -> R) (x : X) : R := rsum (fun j => w j * phi j x) (kept m).
Definition combined_mean (m : nat) (w : nat -> R) (l : nat) : R := rsum (fun j => w j * mean j l) (kept m).
Definition deviation (m : nat) (w : nat -> R) (x : X) : R := combination m w x - combined_mean m w (component x).

(** Lip(f_{m,w}) as a seminorm in w; its unit balls have nets of size N_m within eta, and points of a ball deviate from
    their means by at most B (the diameter of the inputs: no constant of the law depends on it). *)
Variables (Lip : nat -> (nat -> R) -> R) (eta B : R) (size : nat -> nat) (point : nat -> nat -> nat -> R).
Hypothesis homogeneous : forall m w a, 0 < a -> Lip m (fun j => a * w j) = a * Lip m w.
Hypothesis eta_range : 0 < eta < 1.
Hypothesis diameter : forall m w x, Lip m w <= 1 -> Rabs (deviation m w x) <= B.
Hypothesis nets : forall m w, Lip m w <= 1 ->
  exists i, (i < size m)%nat /\ Lip m (fun j => w j - point m i j) <= eta.
Hypothesis net_in_ball : forall m i, (i < size m)%nat -> Lip m (point m i) <= 1.
Hypothesis nets_not_empty : forall m, (0 < size m)%nat.

(** n X_w, and the supremum of X over the unit ball *)
Definition correlation (m : nat) (w : nat -> R) (D : @sample Pt n) : R :=
  ssum (fun v => deviation m w (input v) * z v) n D.
Definition unit_ball (m : nat) : Type := {w : nat -> R | Lip m w <= 1}.
Definition largest_correlation (m : nat) (D : @sample Pt n) : R :=
  supremum (fun w : unit_ball m => correlation m (proj1_sig w) D).

Lemma deviation_linear : forall m a w v x,
  deviation m (fun j => w j + a * v j) x = deviation m w x + a * deviation m v x.
Proof.
  intros m a w v x. unfold deviation, combination, combined_mean.
  rewrite (rsum_ext (fun j => (w j + a * v j) * phi j x) (fun j => w j * phi j x + a * (v j * phi j x))) by (intros;
    ring).
  rewrite (rsum_ext (fun j => (w j + a * v j) * mean j (component x))
    (fun j => w j * mean j (component x) + a * (v j * mean j (component x)))) by (intros; ring).
  rewrite !rsum_add, !rsum_scal. ring.
Qed.

Lemma deviation_ext : forall m w v x, (forall j, w j = v j) -> deviation m w x = deviation m v x.
Proof.
  intros m w v x H. unfold deviation, combination, combined_mean.
  f_equal; apply rsum_ext; intros j _; rewrite H; reflexivity.
Qed.

Lemma correlation_linear : forall m a w v D,
  correlation m (fun j => w j + a * v j) D = correlation m w D + a * correlation m v D.
Proof.
  intros m a w v D. unfold correlation. rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros s.
  rewrite deviation_linear. ring.
Qed.

Lemma correlation_bound : forall m w D, Lip m w <= 1 -> Rabs (correlation m w D) <= INR n * (2 * B).
Proof.
  intros m w D Hw. apply ssum_bound. intros s. rewrite Rabs_mult, Rmult_comm.
  apply Rmult_le_compat; try apply Rabs_pos; [ apply noise_range | apply diameter, Hw ].
Qed.

Let member (m : nat) : unit_ball m := exist _ (point m 0) (net_in_ball m 0 (nets_not_empty m)).

Lemma below_largest : forall m w D, Lip m w <= 1 -> correlation m w D <= largest_correlation m D.
Proof.
  intros m w D Hw.
  apply (supremum_upper (member m) (fun w : unit_ball m => correlation m (proj1_sig w) D) (INR n * (2 * B)) (exist _ w
    Hw)).
  intros [v Hv]. apply Rabs_between, correlation_bound, Hv.
Qed.

(** S <= S_0 + eta S, S_0 the maximum over the net: some net point has at least (1 - eta) S, up to any e > 0 *)
Lemma net_is_enough : forall m D t, (forall i, (i < size m)%nat -> correlation m (point m i) D <= t) ->
  (1 - eta) * largest_correlation m D <= t.
Proof.
  intros m D t Ht. set (S := largest_correlation m D).
  assert (S <= t + eta * S); [ | lra ]. apply (supremum_least (member m)). intros [w Hw]. cbn [proj1_sig].
  destruct (nets m w Hw) as [i [Hi Hc]]. set (r := fun j => / eta * (w j - point m i j)).
  assert (Hr : Lip m r <= 1).
  { unfold r. rewrite homogeneous by (apply Rinv_0_lt_compat; lra). apply Rmult_le_reg_l with eta; [ lra | ].
    rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. lra. }
  replace (correlation m w D) with (correlation m (fun j => point m i j + eta * r j) D).
  - rewrite correlation_linear. apply Rplus_le_compat; [ apply Ht, Hi | ].
    apply Rmult_le_compat_l; [ lra | apply below_largest, Hr ].
  - unfold correlation. apply ssum_ext. intros s. f_equal. apply deviation_ext. intros j. unfold r. field. lra.
Qed.

(** If the supremum is large, so is the value at a net point. *)
Lemma net_point_hit : forall m D a, a <= (1 - eta) * largest_correlation m D ->
  exists i, (i < size m)%nat /\ a <= correlation m (point m i) D.
Proof.
  intros m D a Ha.
  assert (Best : forall k, (k <= size m)%nat -> (exists i, (i < k)%nat /\ a <= correlation m (point m i) D)
    \/ exists t, t < a /\ forall i, (i < k)%nat -> correlation m (point m i) D <= t).
  { induction k as [ | k IH]; intros Hk; [ right; exists (a - 1); split; [ lra | lia ] | ].
    destruct (IH ltac:(lia)) as [[i [H1 H2]] | [t [T1 T2]]]; [ left; exists i; split; [ lia | exact H2 ] | ].
    destruct (Rle_lt_dec a (correlation m (point m k) D)) as [H | H]; [ left; exists k; split;
      [ lia | exact H ] | right ].
    exists (Rmax t (correlation m (point m k) D)). split; [ apply Rmax_lub_lt; assumption | ]. intros i Hi.
    destruct (Nat.eq_dec i k) as [-> | ]; [ apply Rmax_r | ]. eapply Rle_trans; [ apply T2; lia | apply Rmax_l ]. }
  destruct (Best (size m) (Nat.le_refl _)) as [H | [t [T1 T2]]]; [ exact H | exfalso ].
  pose proof (net_is_enough m D t T2). lra.
Qed.

(** A smooth function of the class correlates at most L times as much as the supremum. *)
Lemma smooth_below_largest : forall L m w D,
  0 < L -> Lip m w <= L -> correlation m w D <= L * largest_correlation m D.
Proof.
  intros L m w D HL Hw. set (u := fun j => / L * w j).
  assert (Hu : Lip m u <= 1).
  { unfold u. rewrite homogeneous by (apply Rinv_0_lt_compat; lra). apply Rmult_le_reg_l with L; [ lra | ].
    rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by lra. lra. }
  apply Rle_trans with (L * correlation m u D).
  - apply Req_le. unfold correlation. rewrite <- ssum_scal. apply ssum_ext. intros v. rewrite <- Rmult_assoc. f_equal.
    rewrite (deviation_ext m u (fun j => 0 + / L * w j)) by (intros; unfold u; ring).
    rewrite (deviation_linear m (/ L) (fun _ => 0) w).
    assert (Z0 : deviation m (fun _ => 0) (input v) = 0).
    { unfold deviation, combination, combined_mean.
    rewrite !(rsum_ext (fun j => 0 * _) (fun _ => 0)) by (intros; ring).
      rewrite !rsum_const. ring. }
    rewrite Z0. field. lra.
  - apply Rmult_le_compat_l; [ lra | apply below_largest, Hu ].
Qed.

End Net.
