(** Samples whose noise does not depend on the inputs (sharpened form of B.1.3): labels and noises are drawn first, the
    inputs independently given them, so that everything about the inputs may be said given the noise. *)
From NoFreePrune Require Export MaskLaw Fluctuations.
From Coquelicot Require Import Rcomplements.

(** The law of a function of x. *)
Lemma expectation_map : forall {X Y : Type} (E : (X -> R) -> R) (u : X -> Y), expectation E ->
  expectation (fun f => E (fun x => f (u x))).
Proof.
  intros X Y E u HE. constructor.
  - intros f g H. apply (e_ext E HE). intros x. apply H.
  - intros f g Hf Hg. apply (e_add E HE); apply (bounded_comp _ u); assumption.
  - intros c f Hf. apply (e_scal E HE). apply (bounded_comp _ u); assumption.
  - apply (e_one E HE).
  - intros f Hf H. apply (e_pos E HE); [ apply (bounded_comp _ u); assumption | intros x; apply H ].
Qed.

(** Weights of the components in [-1, 1] do no more than some signs. *)
Lemma signs_suffice : forall {P : Type} (component : P -> nat) (z : P -> R) k n (e : nat -> R) (D : @sample P n),
  (forall p, (component p < k)%nat) -> (forall l, -1 <= e l <= 1) -> exists bs, In bs (vectors k) /\
  ssum (fun p => e (component p) * z p) n D <= ssum (fun p => sg bs (component p) * z p) n D.
Proof.
  intros P component z k n e D Hc He. set (part := fun l => ssum (fun p => ind (component p =? l)%nat * z p) n D).
  assert (Split : forall c : nat -> R, ssum (fun p => c (component p) * z p) n D = rsum (fun l => c l * part l) (seq
    0 k)).
  { intros c. transitivity (ssum (fun p => rsum (fun l => c l * (ind (component p =? l)%nat * z p)) (seq 0 k)) n D).
    - apply ssum_ext. intros p. specialize (Hc p). generalize dependent (component p). intros j Hj.
      transitivity (c j * z p * rsum (fun l => ind (j =? l)%nat) (seq 0 k)).
      + rewrite indicator_sum by exact Hj. ring.
      + rewrite <- rsum_scal. apply rsum_ext. intros l _. destruct (Nat.eqb_spec j l) as [-> | ]; cbn; ring.
    - rewrite ssum_rsum. apply rsum_ext. intros l _. unfold part. rewrite <- ssum_scal. reflexivity. }
  set (bs := map (fun l => rleb 0 (part l)) (seq 0 k)).
  assert (Hlen : length bs = k) by (unfold bs; rewrite map_length, seq_length; reflexivity).
  exists bs. split; [ rewrite <- Hlen at 1; apply vectors_complete | ]. rewrite !Split. apply rsum_le. intros l Hl.
  apply in_seq in Hl. assert (Hs : sg bs l = if rleb 0 (part l) then 1 else -1).
  { unfold sg, bs. rewrite (nth_indep _ true (rleb 0 (part 0%nat))) by (fold bs; lia).
    rewrite (map_nth (fun l => rleb 0 (part l)) (seq 0 k) 0%nat l), seq_nth by lia. reflexivity. }
  rewrite Hs. specialize (He l). unfold rleb. destruct (Rle_dec 0 (part l)); nra.
Qed.

Section Given.
(** u: what is drawn first, with law Eu; x: the input, with law Kx u given u. *)
Context {U X : Type} (Eu : (U -> R) -> R) (HEu : expectation Eu).
Context (Kx : U -> (X -> R) -> R) (HKx : forall u, expectation (Kx u)).

(** the inputs of n samples, given what is drawn first *)
Fixpoint given (n : nat) : @sample U n -> (@sample (U * X) n -> R) -> R :=
  match n with
  | O => fun _ f => f tt
  | S n' => fun us f => Kx (fst us) (fun x => given n' (snd us) (fun D => f ((fst us, x), D)))
  end.

Lemma given_expectation : forall n us, expectation (given n us).
Proof.
  induction n as [ | n IH]; intros us; cbn [given]; [ constructor; auto | ].
  apply (expectation_map (two_stage (Kx (fst us)) (fun _ => given n (snd us)))
    (fun p : X * @sample (U * X) n => ((fst us, fst p), snd p) : @sample (U * X) (S n))).
  apply two_stage_expectation; [ apply HKx | intros _; apply IH ].
Qed.

Definition samples_of (n : nat) (f : @sample (U * X) n -> R) : R := En Eu n (fun us => given n us f).

Lemma samples_expectation : forall n, expectation (samples_of n).
Proof.
  intros n. apply (expectation_map (two_stage (En Eu n) (given n)) (fun p => snd p)).
  apply two_stage_expectation; [ apply (En_expectation Eu HEu) | apply given_expectation ].
Qed.

(** A sum of functions of u is known given the u's. *)
Lemma given_sum : forall (k : U -> R) n us (G : @sample (U * X) n -> R -> R),
  given n us (fun D => G D (ssum (fun s => k (fst s)) n D)) = given n us (fun D => G D (ssum k n us)).
Proof.
  intros k. induction n as [ | n IH]; intros us G; cbn [given ssum fst snd]; [ reflexivity | ].
  apply (e_ext _ (HKx (fst us))). intros x.
  apply (IH (snd us) (fun D r => G ((fst us, x), D) (k (fst us) + r))).
Qed.

Lemma given_exp_sum : forall (h : U * X -> R) (k : U -> R), bounded h ->
  (forall u, Kx u (fun x => exp (h (u, x))) <= exp (k u)) -> forall n us,
  given n us (fun D => exp (ssum h n D)) <= exp (ssum k n us).
Proof.
  intros h k Bh Hk. pose proof (bounded_ssum h) as BS.
  induction n as [ | n IH]; intros us; cbn [given ssum fst snd]; [ lra | ].
  pose proof (given_expectation n (snd us)) as HG. set (u := fst us). rewrite exp_plus.
  apply Rle_trans with (Kx u (fun x => exp (ssum k n (snd us)) * exp (h (u, x)))).
  - assert (B1 : bounded (fun x => exp (h (u, x)))) by (apply bounded_exp, (bounded_comp h (fun x => (u, x)) Bh)).
    specialize (BS n Bh).
    assert (Eq : forall x, given n (snd us) (fun D => exp (h (u, x) + ssum h n D))
      = exp (h (u, x)) * given n (snd us) (fun D => exp (ssum h n D))).
    { intros x. rewrite <- (e_scal _ HG) by bnd. apply (e_ext _ HG). intros D. apply exp_plus. }
    rewrite (e_ext _ (HKx u) _ (fun x => given n (snd us) (fun D => exp (ssum h n D)) * exp (h (u, x))))
      by (intros x; rewrite Eq; ring).
    apply (e_mono _ (HKx u)); [ bnd | bnd | ]. intros x. apply Rmult_le_compat_r; [ left; apply exp_pos | apply IH ].
  - rewrite (e_scal _ (HKx u)) by (apply bounded_exp, (bounded_comp h (fun x => (u, x)) Bh)). rewrite Rmult_comm.
    apply Rmult_le_compat_r; [ left; apply exp_pos | apply Hk ].
Qed.

(** Chernoff for the whole sample *)
Lemma chernoff_samples : forall (h : U * X -> R) v t n, bounded h -> 0 < v -> 0 <= t ->
  (forall s, 0 <= s -> Eu (fun u => Kx u (fun x => exp (s * h (u, x)))) <= exp (v * s ^ 2 / 2)) ->
  samples_of n (fun D => ind (rleb (INR n * t) (ssum h n D))) <= exp (- (INR n * t ^ 2 / (2 * v))).
Proof.
  intros h v t n Bh Hv Ht Hm. pose proof (samples_expectation n) as HD. set (s := t / v).
  assert (Hs : 0 <= s) by (apply Rdiv_le_0_compat; lra). pose proof (bounded_ssum h n Bh) as BS.
  apply Rle_trans with (samples_of n (fun D => exp (- (s * (INR n * t))) * exp (s * ssum h n D))).
  - apply (e_mono _ HD); bnd. intros D. unfold ind, rleb. rewrite <- exp_plus.
    destruct (Rle_dec (INR n * t) (ssum h n D)); [ | left; apply exp_pos ].
    rewrite <- exp_0 at 1. apply exp_le. nra.
  - rewrite (e_scal _ HD) by bnd.
    set (psi := fun u => Kx u (fun x => exp (s * h (u, x)))).
    assert (Bpsi : exists Q, forall u, exp (- Q) <= psi u <= exp Q).
    { destruct Bh as [Q HQ]. exists (s * Q). intros u.
      assert (B1 : bounded (fun x => exp (s * h (u, x)))).
      { apply bounded_exp, bounded_mult; [ apply bounded_const | exists Q; intros x; apply HQ ]. }
      unfold psi. split; [ apply (e_ge_const _ (HKx u)) | apply (e_le_const _ (HKx u)) ]; try exact B1; intros x;
        apply exp_le;
        specialize (HQ (u, x)); apply Rabs_between in HQ; nra. }
    destruct Bpsi as [Q HQ]. assert (Ppsi : forall u, 0 < psi u) by (intros u; pose proof (exp_pos (- Q));
      specialize (HQ u); lra).
    assert (Bln : bounded (fun u => ln (psi u))).
    { apply (bounded_between _ (- Q) Q). intros u. specialize (HQ u).
      assert (Mono : forall a b, 0 < a -> a <= b -> ln a <= ln b).
      { intros a b Ha [Hab | <-]; [ left; apply ln_increasing; assumption | lra ]. }
      split; [ rewrite <- (ln_exp (- Q)) | rewrite <- (ln_exp Q) ]; apply Mono; try apply exp_pos; try apply Ppsi;
        apply HQ. }
    assert (H : samples_of n (fun D => exp (s * ssum h n D)) <= exp (INR n * (v * s ^ 2 / 2))).
    { unfold samples_of.
      apply Rle_trans with (En Eu n (fun us => exp (ssum (fun u => ln (psi u)) n us))).
      - apply (e_mono _ (En_expectation Eu HEu n)).
        + apply (inner_bounded (given n) (given_expectation n) (fun p => exp (s * ssum h n (snd p)))).
          pose proof (bounded_comp (ssum h n) (@snd (@sample U n) _) BS). bnd.
        + apply bounded_exp, bounded_ssum, Bln.
        + intros us. rewrite (e_ext _ (given_expectation n us) _ (fun D => exp (ssum (fun w => s * h w) n D)))
            by (intros D; rewrite ssum_scal; reflexivity).
          apply given_exp_sum; [ bnd | ]. intros u. rewrite exp_ln by apply Ppsi. apply Rle_refl.
      - rewrite (En_exp_ssum Eu HEu) by exact Bln.
        rewrite (e_ext Eu HEu _ psi) by (intros u; apply exp_ln, Ppsi).
        replace (exp (INR n * (v * s ^ 2 / 2))) with (exp (v * s ^ 2 / 2) ^ n).
        + apply pow_incr. split; [ | apply Hm, Hs ]. apply (e_ge_const Eu HEu).
          * apply (bounded_between _ (exp (- Q)) (exp Q)), HQ.
          * intros u. left. apply Ppsi.
        + generalize (v * s ^ 2 / 2) as c. clear. intros c.
          induction n as [ | n IH]; [ cbn; rewrite Rmult_0_l, exp_0; reflexivity | ].
          cbn [pow]. rewrite IH, <- exp_plus, S_INR. f_equal. ring. }
    eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact H ] | ].
    rewrite <- exp_plus. apply exp_le, Req_le. unfold s. field. lra.
Qed.

End Given.
