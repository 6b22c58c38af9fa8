(** Hoeffding's lemma, and Chernoff's bound for n independent samples: what Lemmas 4 and 5 and Theorem 3 of
    "No Free Prune" take from the theory of concentration. *)
From NoFreePrune Require Export ChangeOfMeasure.
From Coquelicot Require Import Coquelicot.

Lemma mono_le : forall (f g : R -> R) (a b : R), a <= b -> (forall x, a <= x <= b -> is_derive f x (g x)) ->
  (forall x, a < x < b -> 0 <= g x) -> f a <= f b.
Proof.
  intros f g a b Hab Hd Hs. destruct Hab as [Hab| <-]; [ | apply Rle_refl ].
  destruct (MVT_cor2 f g a b Hab) as [c [Hc1 Hc2]].
  { intros c Hc. apply is_derive_Reals. apply Hd. exact Hc. }
  specialize (Hs c Hc2). nra.
Qed.

(** ** log(1 - p + p e^h) - p h <= h^2/8 *)
Section Parabola.
Variable p : R. Hypothesis Hp : 0 <= p <= 1.
Let u (h : R) := 1 - p + p * exp h.

Lemma u_pos : forall h, 0 < u h.
Proof. intros h. unfold u. pose proof (exp_pos h). destruct (Rle_lt_dec p (1/2)); nra. Qed.
Let f (h : R) := h ^ 2 / 8 + p * h - ln (u h).
Let f1 (h : R) := h / 4 + p - p * exp h / u h.
Let f2 (h : R) := 1 / 4 - p * (1 - p) * exp h / (u h) ^ 2.

Lemma d1 : forall h, is_derive f h (f1 h).
Proof. intros h. unfold f, f1, u. pose proof (u_pos h) as P. unfold u in P. auto_derive; [ exact P | field; lra ].
Qed.

Lemma d2 : forall h, is_derive f1 h (f2 h).
Proof. intros h. unfold f1, f2, u. pose proof (u_pos h) as P. unfold u in P. auto_derive; [ lra | field; lra ]. Qed.

Lemma f2_pos : forall h, 0 <= f2 h.
Proof.
  intros h. unfold f2. pose proof (u_pos h) as P. unfold u in *.
  replace (1 / 4 - p * (1 - p) * exp h / (1 - p + p * exp h) ^ 2)
  with ((1 - p - p * exp h) ^ 2 / (4 * (1 - p + p * exp h) ^ 2)) by (field; lra).
  apply Rdiv_le_0_compat; [ apply pow2_ge_0 | apply Rmult_lt_0_compat; [ lra | apply pow_lt, P ] ].
Qed.

Lemma f1_0 : f1 0 = 0.
Proof. unfold f1, u. rewrite exp_0. field. lra. Qed.

Lemma f_0 : f 0 = 0.
Proof. unfold f, u. rewrite exp_0. replace (1 - p + p * 1) with 1 by ring. rewrite ln_1. field. Qed.

Lemma f_pos : forall h, 0 <= f h.
Proof.
  intros h. rewrite <- f_0. destruct (Rle_lt_dec 0 h) as [Hh|Hh].
  - apply (mono_le f f1 0 h Hh); [ intros; apply d1 | ]. intros x Hx.
    rewrite <- f1_0. apply (mono_le f1 f2 0 x); [ lra | intros; apply d2 | intros; apply f2_pos ].
  - assert (H : (fun x => - f x) h <= (fun x => - f x) 0); [ | cbn in H; lra ].
    apply (mono_le (fun x => - f x) (fun x => - f1 x)); [ lra | intros; apply (is_derive_opp f), d1 | ].
    intros x Hx. assert (f1 x <= f1 0); [ | rewrite f1_0 in *; lra ].
    apply (mono_le f1 f2 x 0); [ lra | intros; apply d2 | intros; apply f2_pos ].
Qed.

Lemma two_point : forall h, (1 - p + p * exp h) * exp (- (p * h)) <= exp (h ^ 2 / 8).
Proof.
  intros h. pose proof (f_pos h) as H. unfold f in H. pose proof (u_pos h) as P. unfold u in *.
  rewrite <- (exp_ln _ P), <- exp_plus.
  destruct (Req_dec (ln (1 - p + p * exp h) + - (p * h)) (h ^ 2 / 8)) as [->|]; [ lra | left; apply exp_increasing;
  lra ].
Qed.

End Parabola.

Lemma exp_le : forall x y, x <= y -> exp x <= exp y.
Proof. intros x y [H| ->]; [ left; apply exp_increasing, H | lra ]. Qed.

Lemma chord : forall alpha a b, 0 <= alpha <= 1 -> exp (alpha * b + (1 - alpha) * a) <= alpha * exp b + (1 - alpha)
  * exp a.
Proof.
  intros alpha a b Ha. set (m := alpha * b + (1 - alpha) * a).
  assert (T : forall y, exp m * (1 + (y - m)) <= exp y).
  { intros y. replace (exp y) with (exp m * exp (y - m)) by (rewrite <- exp_plus; f_equal; ring).
    apply Rmult_le_compat_l; [ left; apply exp_pos | apply exp_ineq1_le ]. }
  pose proof (T a) as Ta. pose proof (T b) as Tb. unfold m in *. nra.
Qed.

(** ** Hoeffding's lemma *)
Lemma hoeffding : forall {X : Type} (E : (X -> R) -> R) (HE : expectation E) (f : X -> R) (a b s : R),
  (forall x, a <= f x <= b) -> E (fun x => exp (s * (f x - E f))) <= exp (s ^ 2 * (b - a) ^ 2 / 8).
Proof.
  intros X E HE f a b s Hf. assert (Bf : bounded f) by (apply (bounded_between f a b); exact Hf).
  set (m := E f).
  assert (Hm : a <= m <= b) by (split; [ apply (e_ge_const E HE) | apply (e_le_const E HE) ]; auto; intros x;
  apply Hf).
  destruct (Req_dec a b) as [->|Hne].
  - (* constant *)
    replace (s ^ 2 * (b - b) ^ 2 / 8) with 0 by field. rewrite exp_0. apply (e_le_const E HE); [ bnd | ]. intros x.
    rewrite <- exp_0 at 1. apply exp_le. replace (f x - m) with 0 by (specialize (Hf x); lra). lra.
  - assert (Hab : a < b) by lra. set (p := (m - a) / (b - a)).
    assert (Hp : 0 <= p <= 1). { unfold p. split; [ apply Rdiv_le_0_compat; lra | ].
    apply Rmult_le_reg_r with (b - a); [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
    set (ea := exp (s * (a - m))). set (eb := exp (s * (b - m))).
    apply Rle_trans with (E (fun x => (eb - ea) / (b - a) * f x + (b * ea - a * eb) / (b - a))).
    + apply (e_mono E HE); bnd. intros x. specialize (Hf x).
      set (al := (f x - a) / (b - a)).
      assert (Hal : 0 <= al <= 1). { unfold al. split; [ apply Rdiv_le_0_compat; lra | ].
      apply Rmult_le_reg_r with (b - a); [ lra | ]. unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
      pose proof (chord al (s * (a - m)) (s * (b - m)) Hal) as C. fold ea eb in C.
      replace (s * (f x - m)) with (al * (s * (b - m)) + (1 - al) * (s * (a - m))) by (unfold al; field; lra).
      replace ((eb - ea) / (b - a) * f x + (b * ea - a * eb) / (b - a)) with (al * eb + (1 - al) * ea)
      by (unfold al; field; lra). exact C.
    + rewrite (e_add E HE), (e_scal E HE), (e_const E HE) by bnd. fold m.
      replace ((eb - ea) / (b - a) * m + (b * ea - a * eb) / (b - a)) with (p * eb + (1 - p) * ea) by (unfold p;
      field; lra).
      pose proof (two_point p Hp (s * (b - a))) as TP.
      replace (s ^ 2 * (b - a) ^ 2 / 8) with ((s * (b - a)) ^ 2 / 8) by field.
      eapply Rle_trans; [ | exact TP ]. apply Req_le. rewrite Rmult_plus_distr_r.
      replace (p * exp (s * (b - a)) * exp (- (p * (s * (b - a))))) with (p * eb).
      2:{ unfold eb. rewrite Rmult_assoc, <- exp_plus. do 2 f_equal. unfold p. field. lra. }
      replace (exp (- (p * (s * (b - a))))) with ea; [ ring | ]. unfold ea. f_equal. unfold p. field. lra.
Qed.

(** ** Chernoff *)
Section Chernoff.
Context {Z : Type} (E : (Z -> R) -> R) (HE : expectation E).

Theorem chernoff : forall (h : Z -> R) (v u : R) (n : nat), bounded h -> 0 < v -> 0 <= u ->
  (forall s, 0 <= s -> E (fun z => exp (s * h z)) <= exp (v * s ^ 2 / 2)) ->
  En E n (fun D => ind (rleb (INR n * u) (ssum h n D))) <= exp (- (INR n * u ^ 2 / (2 * v))).
Proof.
  intros h v u n Hh Hv Hu Hm. set (s := u / v). assert (Hs : 0 <= s) by (apply Rdiv_le_0_compat; lra).
  pose proof (En_expectation E HE n) as HN.
  assert (B : bounded (ssum h n)) by (apply bounded_ssum; exact Hh).
  apply Rle_trans with (En E n (fun D => exp (- (s * (INR n * u))) * exp (s * ssum h n D))).
  - apply (e_mono _ HN); bnd. intros D. unfold ind, rleb. rewrite <- exp_plus.
    destruct (Rle_dec (INR n * u) (ssum h n D)).
    + rewrite <- exp_0 at 1. apply exp_le. nra.
    + left; apply exp_pos.
  - rewrite (e_scal _ HN) by bnd.
    assert (En E n (fun D => exp (s * ssum h n D)) <= exp (INR n * (v * s ^ 2 / 2))) as H.
    { rewrite (e_ext _ HN _ (fun D => exp (ssum (fun z => s * h z) n D))) by (intros D; rewrite ssum_scal;
      reflexivity).
      rewrite (En_exp_ssum E HE) by bnd.
      replace (exp (INR n * (v * s ^ 2 / 2))) with (exp (v * s ^ 2 / 2) ^ n).
      - apply pow_incr. split; [ | apply Hm, Hs ]. apply (e_ge_const E HE); [ bnd | intros; left; apply exp_pos ].
      - generalize (v * s ^ 2 / 2) as c. clear. intros c.
        induction n as [|n IH]; [ cbn; rewrite Rmult_0_l, exp_0; reflexivity | ].
        cbn [pow]. rewrite IH, <- exp_plus, S_INR. f_equal. ring. }
    eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact H ] | ].
    rewrite <- exp_plus. apply exp_le, Req_le. unfold s. field. lra.
Qed.

End Chernoff.
