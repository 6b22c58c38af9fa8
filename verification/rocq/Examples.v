(** The hypotheses of [no_free_prune] can be met: fair signs as labels, one component, the zero function. *)
From NoFreePrune Require Import Theorem4.

Definition fair (_ : unit) (f : bool -> R) : R := (f true + f false) / 2.
Definition point_mass {T : Type} (t : T) (f : T -> R) : R := f t.
Definition sign (b : bool) : R := if b then 1 else -1.

Lemma fair_expectation : forall x, expectation (fair x).
Proof.
  intros x. constructor; unfold fair; intros; [ rewrite !H; reflexivity | field | field | field | ].
  specialize (H0 true) as A. specialize (H0 false) as B. lra.
Qed.

Lemma point_expectation : forall (T : Type) (t : T), expectation (point_mass t).
Proof. intros T t. constructor; unfold point_mass; intros; auto; ring. Qed.

Lemma fair_noise_level : sigma2 (point_mass tt) fair sign = 1.
Proof. unfold sigma2, point_mass, var, g, fair, sign. field. Qed.

Theorem hypotheses_can_be_met : forall (n : nat) (epsilon c d L delta : R),
  0 <= epsilon <= 1 -> 0 < c -> 0 < d -> 0 < L -> 0 < delta < 1 ->
  136 * ((INR 1 + 1) * ln 2 - ln delta) <= INR n * epsilon ^ 2 ->
  L <= epsilon / 16 * sqrt (INR n * d * delta / (c * (p_eff (point_mass tt) fair n (fun _ : unit => 0%nat) 1
    (fun _ => point_mass tt) (fun _ => 1%nat) + h2 (delta / 2)))) ->
  En (E1 (point_mass tt) fair) n (fun D => ind (mse_at_most sign n (fun _ => 0) (1 - epsilon) D && true)) <= delta.
Proof.
  intros n epsilon c d L delta He Hc Hd HL Hdel Hn HLb.
  pose proof (no_free_prune (point_mass tt) (point_expectation _ _) fair fair_expectation sign 1 (fun _ => 0%nat))
  as T.
  specialize (T ltac:(intros []; cbn; lra) ltac:(intros;
  apply Nat.lt_0_1) n unit (fun _ _ => 0) (fun _ => 0%nat) 1%nat
    (fun _ => true) ltac:(intros; apply Nat.lt_0_1) (fun _ => point_mass tt) ltac:(intros; apply point_expectation)).
  specialize (T (fun _ => 1%nat) (fun _ _ _ => 0) (fun _ _ _ => 0) (fun _ => 0%nat) epsilon c d L He Hc Hd HL).
  specialize (T ltac:(intros; apply Nat.lt_0_1) ltac:(intros; rewrite Rminus_0_r, Rabs_R0; lra)
    ltac:(intros; apply Nat.lt_0_1) ltac:(intros; lra) ltac:(intros; lra)).
  unfold fits_smoothly in T. rewrite fair_noise_level in T. apply T; try assumption.
  intros m j _ _ r Hr. unfold point_mass. rewrite Rminus_0_r, Rabs_R0. unfold rleb.
  destruct (Rle_dec r 0) as [H | H]; cbn [ind].
  - replace r with 0 by lra. replace (d * 0 ^ 2 / (2 * c * L ^ 2)) with 0 by (field; split; lra).
    rewrite Ropp_0, exp_0. lra.
  - pose proof (exp_pos (- (d * r ^ 2 / (2 * c * L ^ 2)))). lra.
Qed.
