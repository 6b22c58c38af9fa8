(** Equation (13) of "No Free Prune": McDiarmid's inequality, by Hoeffding's lemma one sample at a time. *)
From NoFreePrune Require Export Chernoff.
From Coq Require Import Classical.
From Coquelicot Require Import Rcomplements.

(** A function whose values differ by at most c lies in an interval of length c. *)
Lemma interval_of_differences : forall {Z : Type} (g : Z -> R) c, inhabited Z -> (forall x y, g x - g y <= c) ->
  exists a, forall z, a <= g z <= a + c.
Proof.
  intros Z g c [z0] Hc. destruct (completeness (fun r => exists z, r = g z)) as [m [Hub Hlub]].
  - exists (g z0 + c). intros r [z ->]. specialize (Hc z z0). lra.
  - exists (g z0), z0. reflexivity.
  - exists (m - c). intros z. split.
    + assert (m <= g z + c); [ | lra ]. apply Hlub. intros r [y ->]. specialize (Hc y z). lra.
    + assert (g z <= m); [ | lra ]. apply Hub. exists z. reflexivity.
Qed.

Section McDiarmid.
Context {Z : Type} (E : (Z -> R) -> R) (HE : expectation E).
Variable c : R.

(** Changing one sample changes Y by at most c. *)
Fixpoint differences (n : nat) : (@sample Z n -> R) -> Prop :=
  match n with
  | O => fun _ => True
  | S n' => fun Y => (forall x y D, Y (x, D) - Y (y, D) <= c) /\ (forall x, differences n' (fun D => Y (x, D)))
  end.

Lemma inhabited_domain : inhabited Z.
Proof.
  destruct (classic (inhabited Z)) as [H | H]; [ exact H | exfalso ].
  assert (E (fun _ => 1) = E (fun _ => 0)) by (apply (e_ext E HE); intros z; exfalso; apply H; constructor; exact z).
  rewrite !(e_const E HE) in *. lra.
Qed.

Theorem mcdiarmid_mgf : forall n (Y : @sample Z n -> R) s, bounded Y -> differences n Y ->
  En E n (fun D => exp (s * (Y D - En E n Y))) <= exp (INR n * (s ^ 2 * c ^ 2 / 8)).
Proof.
  induction n as [ | n IH]; intros Y s B H.
  - cbn. rewrite Rmult_0_l. apply exp_le. rewrite Rminus_eq_0. lra.
  - cbn [En]. destruct H as [H0 H1]. pose proof (En_expectation E HE n) as HN.
    set (G := fun z => En E n (fun D => Y (z, D))).
    assert (BG : bounded G) by (apply (inner_bounded (fun _ => En E n) (fun _ => HN) Y B)).
    assert (BY : forall z, bounded (fun D => Y (z, D))) by (intros z; apply (bounded_comp Y (fun D => (z, D)) B)).
    destruct (interval_of_differences G c inhabited_domain) as [a Ha].
    { intros x y. unfold G. rewrite <- (e_minus _ HN) by apply BY. apply (e_le_const _ HN); [ | intros D; apply H0 ].
      apply bounded_minus; apply BY. }
    apply Rle_trans with (E (fun z => exp (INR n * (s ^ 2 * c ^ 2 / 8)) * exp (s * (G z - E G)))).
    + apply (e_mono E HE); [ | bnd | ].
      * apply (inner_bounded (fun _ => En E n) (fun _ => HN) (fun w => exp (s * (Y w - E G)))). bnd.
      * intros z. specialize (IH (fun D => Y (z, D)) s (BY z) (H1 z)). fold (G z) in IH.
        rewrite (e_ext _ HN _ (fun D => exp (s * (G z - E G)) * exp (s * (Y (z, D) - G z)))).
        2:{ intros D. rewrite <- exp_plus. f_equal. fold G. ring. }
        rewrite (e_scal _ HN) by (pose proof (BY z); bnd). rewrite Rmult_comm.
        apply Rmult_le_compat_r; [ left; apply exp_pos | exact IH ].
    + rewrite (e_scal E HE) by bnd. rewrite S_INR.
      pose proof (hoeffding E HE G a (a + c) s Ha) as M. replace (a + c - a) with c in M by ring.
      replace ((INR n + 1) * (s ^ 2 * c ^ 2 / 8)) with (INR n * (s ^ 2 * c ^ 2 / 8) + s ^ 2 * c ^ 2 / 8) by ring.
      rewrite exp_plus. apply Rmult_le_compat_l; [ left; apply exp_pos | exact M ].
Qed.

End McDiarmid.

Section Tail.
Context {Z : Type} (E : (Z -> R) -> R) (HE : expectation E) (n : nat) (Y : @sample Z n -> R) (c : R).
Hypothesis bounded_Y : bounded Y.
Hypothesis changes : differences c n Y.
Hypothesis c_pos : 0 < c.
Hypothesis samples : (0 < n)%nat.
Let HN := En_expectation E HE n.
Let N := INR n.

Lemma one_sided : forall sign epsilon, sign = 1 \/ sign = -1 -> 0 <= epsilon ->
  En E n (fun D => ind (rleb epsilon (sign * (Y D - En E n Y)))) <= exp (- (2 * epsilon ^ 2 / (N * c ^ 2))).
Proof.
  intros sign epsilon Hsign He. assert (HNp : 0 < N) by (apply (lt_INR 0 n); exact samples).
  set (s := 4 * epsilon / (N * c ^ 2)). assert (Hc : 0 < N * c ^ 2) by (apply Rmult_lt_0_compat;
  [ exact HNp | apply pow_lt, c_pos ]).
  assert (Hs : 0 <= s) by (apply Rdiv_le_0_compat; lra).
  apply Rle_trans with (En E n (fun D => exp (- (s * epsilon)) * exp (s * sign * (Y D - En E n Y)))).
  - apply (e_mono _ HN); [ bnd | bnd | ]. intros D. rewrite <- exp_plus. unfold ind, rleb.
    destruct (Rle_dec _ _) as [H | H]; [ | left; apply exp_pos ].
    rewrite <- exp_0 at 1. apply exp_le. apply Rmult_le_compat_l with (r := s) in H; [ | exact Hs ]. lra.
  - rewrite (e_scal _ HN) by bnd. pose proof (mcdiarmid_mgf E HE c n Y (s * sign) bounded_Y changes) as M.
    eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact M ] | ]. rewrite <- exp_plus.
    apply exp_le, Req_le. replace ((s * sign) ^ 2) with (s ^ 2) by (destruct Hsign as [-> | ->]; ring).
    unfold s. fold N. field. split; lra.
Qed.

(** Equation (13) has c = 1/n. *)
Theorem mcdiarmid : forall epsilon, 0 <= epsilon ->
  En E n (fun D => ind (rleb epsilon (Rabs (Y D - En E n Y)))) <= 2 * exp (- (2 * epsilon ^ 2 / (N * c ^ 2))).
Proof.
  intros epsilon He. set (up := fun D => ind (rleb epsilon (1 * (Y D - En E n Y)))).
  set (down := fun D => ind (rleb epsilon (-1 * (Y D - En E n Y)))).
  apply Rle_trans with (En E n (fun D => up D + down D)).
  - apply (e_mono _ HN); [ bnd | unfold up, down; bnd | ]. intros D. unfold up, down, ind, rleb.
    destruct (Rle_dec epsilon (Rabs _)) as [H | H], (Rle_dec epsilon (1 * _)), (Rle_dec epsilon (-1 * _)); try lra.
    exfalso. unfold Rabs in H. destruct (Rcase_abs _) in H; lra.
  - rewrite (e_add _ HN) by (unfold up, down; bnd).
    pose proof (one_sided 1 epsilon (or_introl eq_refl) He).
    pose proof (one_sided (-1) epsilon (or_intror eq_refl) He).
    unfold up, down. lra.
Qed.

End Tail.

Theorem equation_13 : forall {Z : Type} (E : (Z -> R) -> R), expectation E -> forall m (Y : @sample Z m -> R) epsilon,
  (0 < m)%nat -> bounded Y -> differences (1 / INR m) m Y -> 0 <= epsilon ->
  En E m (fun D => ind (rleb epsilon (Rabs (Y D - En E m Y)))) <= 2 * exp (- (2 * epsilon ^ 2 * INR m)).
Proof.
  intros Z E HE m Y epsilon Hm HY Hd He. assert (0 < INR m) by (apply (lt_INR 0 m); exact Hm).
  eapply Rle_trans; [ apply (mcdiarmid E HE m Y (1 / INR m) HY Hd); [ apply Rdiv_lt_0_compat;
  lra | exact Hm | exact He ] | ].
  apply Rmult_le_compat_l; [ lra | ]. apply exp_le, Req_le. field. lra.
Qed.
