(** The exact threshold (sharpened form): fitting to a level s forces a correlation v - sqrt(v s) with the noise.

    v is the mean of z^2 on the sample. By Cauchy and Schwarz alone: nothing is asked of the function, and f = a z
    attains it. The paper's Lemma 4 has half of it. *)
From NoFreePrune Require Export Lemma4.
From Coquelicot Require Import Coquelicot.

Lemma discriminant : forall A B C, 0 <= C -> (forall t, 0 <= A - 2 * t * B + t ^ 2 * C) -> B ^ 2 <= A * C.
Proof.
  intros A B C HC H. destruct (Req_dec C 0) as [-> | N].
  - destruct (Req_dec B 0) as [-> | NB]; [ lra | exfalso ].
    specialize (H ((A + 1) / (2 * B))). replace (A - 2 * ((A + 1) / (2 * B)) * B + ((A + 1) / (2 * B)) ^ 2 * 0)
    with (-1) in H by (field; lra).
    lra.
  - specialize (H (B / C)). replace (A - 2 * (B / C) * B + (B / C) ^ 2 * C) with ((A * C - B ^ 2) / C) in H
    by (field; lra).
    assert (0 < C) by lra. apply Rmult_le_compat_r with (r := C) in H; [ | lra ].
    unfold Rdiv in H. rewrite Rmult_assoc, Rinv_l in H by lra. lra.
Qed.

Lemma cauchy_schwarz : forall {Z : Type} (a b : Z -> R) n D,
  ssum (fun z => a z * b z) n D ^ 2 <= ssum (fun z => a z ^ 2) n D * ssum (fun z => b z ^ 2) n D.
Proof.
  intros Z a b n D. apply discriminant.
  - rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros z. apply pow2_ge_0.
  - intros t. replace (ssum (fun z => a z ^ 2) n D - 2 * t * ssum (fun z => a z * b z) n D + t ^ 2 * ssum (fun z =>
    b z ^ 2) n D)
      with (ssum (fun z => (a z - t * b z) ^ 2) n D).
    + rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros z. apply pow2_ge_0.
    + rewrite <- (Ropp_involutive (2 * t * _)). replace (- (2 * t * ssum (fun z => a z * b z) n D))
      with (-2 * t * ssum (fun z => a z * b z) n D) by ring.
      unfold Rminus. rewrite Ropp_involutive, <- !ssum_scal, <- !ssum_add. apply ssum_ext. intros z. ring.
Qed.

Section Threshold.
Context {X Y : Type} (K : X -> (Y -> R) -> R) (lab : Y -> R) (n : nat).
Hypothesis samples : (0 < n)%nat.
Let N := INR n.
Let z := noise K lab.

(** the means of z^2, of z g and of z f on the sample *)
Definition mean_of (h : X * Y -> R) (D : @sample (X * Y) n) : R := ssum h n D / INR n.
Definition v (D : @sample (X * Y) n) : R := mean_of (fun w => z w ^ 2) D.
Definition zg (D : @sample (X * Y) n) : R := mean_of (fun w => z w * g K lab (fst w)) D.
Definition zf (f : X -> R) (D : @sample (X * Y) n) : R := mean_of (fun w => z w * f (fst w)) D.

Lemma N_pos : 0 < N.
Proof. apply (lt_INR 0 n). exact samples. Qed.

Lemma v_nonneg : forall D, 0 <= v D.
Proof.
  intros D. unfold v, mean_of. apply Rdiv_le_0_compat; [ | exact N_pos ].
  rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros w. apply pow2_ge_0.
Qed.

(** MSE(f) <= s implies mean z f >= mean z g + v - sqrt(v s). *)
Theorem exact_threshold : forall f s D, 0 <= s -> mse_at_most lab n f s D = true ->
  zg D + v D - sqrt (v D * s) <= zf f D.
Proof.
  intros f s D Hs. unfold mse_at_most, rleb. fold N. destruct (Rle_dec _ _) as [H | ]; [ intros _ | discriminate ].
  pose proof N_pos as HN. pose proof (v_nonneg D) as Hv.
  pose proof (cauchy_schwarz z (fun w => lab (snd w) - f (fst w)) n D) as C.
  assert (S : ssum (fun w => z w * (lab (snd w) - f (fst w))) n D = N * (v D + zg D - zf f D)).
  { unfold v, zg, zf, mean_of. fold N. replace (N * (_ / N + _ / N - _ / N)) with
      (ssum (fun w => z w ^ 2) n D + (ssum (fun w => z w * g K lab (fst w)) n D + -1 * ssum (fun w => z w * f (fst
      w)) n D)) by (field; lra).
    rewrite <- ssum_scal, <- !ssum_add. apply ssum_ext. intros w. unfold z, noise. ring. }
  cbv beta in C. rewrite S in C. replace (ssum (fun w => z w ^ 2) n D) with (N * v D) in C by (unfold v, mean_of;
  fold N; field; lra).
  rewrite (ssum_ext (fun w => (lab (snd w) - f (fst w)) ^ 2) (sq_error lab f)) in C by (intros w; unfold sq_error;
  ring).
  assert (C2 : (v D + zg D - zf f D) ^ 2 <= v D * s).
  { apply Rmult_le_reg_l with (N ^ 2); [ nra | ]. apply Rle_trans with (N * v D * ssum (sq_error lab f) n D);
    [ lra | ].
    replace (N ^ 2 * (v D * s)) with (N * v D * (N * s)) by ring.
    apply Rmult_le_compat_l; [ apply Rmult_le_pos; lra | exact H ]. }
  assert (0 <= v D * s) by (apply Rmult_le_pos; assumption).
  destruct (Rle_lt_dec (v D + zg D - zf f D) 0) as [Hn | Hp]; [ pose proof (sqrt_pos (v D * s)); lra | ].
  assert (v D + zg D - zf f D <= sqrt (v D * s)); [ | lra ].
  rewrite <- (sqrt_pow2 (v D + zg D - zf f D)) by lra. apply sqrt_le_1_alt. exact C2.
Qed.

(** With v >= sigma^2 - t and mean z g >= -t': the threshold (sigma^2 - t) - sqrt((sigma^2 - t)(sigma^2 - epsilon))
- t'. *)
Corollary exact_threshold_fluctuations : forall f v0 t' s D, 0 <= s <= v0 -> v0 <= v D -> - t' <= zg D ->
  mse_at_most lab n f s D = true -> v0 - sqrt (v0 * s) - t' <= zf f D.
Proof.
  intros f v0 t' s D Hs Hv Hz HA. eapply Rle_trans; [ | apply (exact_threshold f s D); [ lra | exact HA ] ].
  assert (v0 - sqrt (v0 * s) <= v D - sqrt (v D * s)); [ | lra ].
  rewrite !sqrt_mult by lra. set (a := sqrt v0). set (b := sqrt (v D)). set (r := sqrt s).
  assert (Ha : a ^ 2 = v0) by (apply pow2_sqrt; lra). assert (Hb : b ^ 2 = v D) by (apply pow2_sqrt; lra).
  assert (a <= b) by (apply sqrt_le_1_alt; lra). assert (r <= a) by (apply sqrt_le_1_alt; lra).
  assert (0 <= r) by apply sqrt_pos. rewrite <- Ha, <- Hb. nra.
Qed.

(** Without fluctuations, at s = sigma^2 - epsilon: sigma^2 (1 - sqrt(1 - epsilon/sigma^2)), at least epsilon/2. *)
Theorem threshold_at_least_half : forall sigma2 epsilon, 0 < sigma2 -> 0 <= epsilon <= sigma2 ->
  epsilon / 2 <= sigma2 - sqrt (sigma2 * (sigma2 - epsilon)) <= epsilon.
Proof.
  intros s e Hs He. assert (Hr : sqrt (s * (s - e)) ^ 2 = s * (s - e)) by (apply pow2_sqrt, Rmult_le_pos; lra).
  pose proof (sqrt_pos (s * (s - e))). set (r := sqrt (s * (s - e))) in *. split.
  - assert (r <= s - e / 2); [ | lra ]. apply Rsqr_incr_0_var; [ unfold Rsqr; nra | lra ].
  - assert (s - e <= r); [ | lra ]. apply Rsqr_incr_0_var; [ unfold Rsqr; nra | lra ].
Qed.

End Threshold.
