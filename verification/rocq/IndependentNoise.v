(** The law for classes linear in their weights when the noise is independent of the inputs given the component, and
    the inputs satisfy the moment form of isoperimetry (sharpened form): the factor 8 becomes 2. With probability 1 -
    delta, a learned f with MSE(f) <= sigma^2 - epsilon has

      Lip(f) > (1 - eta) (tau/sqrt(v0)) sqrt(n d/(2 c (M log(1 + 2/eta) + R))),

    v0 = sigma^2 - t_v, tau = v0 - sqrt(v0 (sigma^2 - epsilon)) - t_A. *)
From NoFreePrune Require Export LinearNet GivenNoise.
From Coquelicot Require Import Rcomplements.

Section Law.

(** What decides the component has law E0; given it, the noise is z = lab - E[lab | .], lab in [-1, 1] (so it lies in
    an interval of length two and has mean zero), and the input has law Kx, whatever the noise. The label is g + z. *)
Context {C Y X : Type} (E0 : (C -> R) -> R) (components_law : expectation E0).
Context (K : C -> (Y -> R) -> R) (noise_given : forall l, expectation (K l)).
Context (Kx : C -> (X -> R) -> R) (inputs_given : forall l, expectation (Kx l)).
Variables (lab : Y -> R) (regression : C -> X -> R) (component : C -> nat) (k n : nat).
Hypothesis components : forall l, (component l < k)%nat.
Hypothesis labels : forall y, -1 <= lab y <= 1.
Hypothesis regression_range : forall l x, -1 <= regression l x <= 1.
Hypothesis samples : (0 < n)%nat.
Variables (c d L : R).
Hypothesis c_pos : 0 < c. Hypothesis d_pos : 0 < d. Hypothesis L_pos : 0 < L.

(** The class: see [LinearNet]; an input comes with its component. *)
Variables (phi : nat -> X -> R) (mean : nat -> nat -> R) (kept : nat -> list nat).
Variables (Lip : nat -> (nat -> R) -> R) (eta B : R) (size : nat -> nat) (point : nat -> nat -> nat -> R) (M : nat).
Let feature (j : nat) (lx : C * X) : R := phi j (snd lx).
Let part (lx : C * X) : nat := component (fst lx).
Let dev := deviation part feature mean kept.
Hypothesis homogeneous : forall m w a, 0 < a -> Lip m (fun j => a * w j) = a * Lip m w.
Hypothesis eta_range : 0 < eta < 1.
Hypothesis diameter : forall m w lx, Lip m w <= 1 -> Rabs (dev m w lx) <= B.
Hypothesis nets : forall m w, Lip m w <= 1 ->
  exists i, (i < size m)%nat /\ Lip m (fun j => w j - point m i j) <= eta.
Hypothesis net_in_ball : forall m i, (i < size m)%nat -> Lip m (point m i) <= 1.
Hypothesis nets_not_empty : forall m, (0 < size m)%nat.
Hypothesis net_size : forall m, INR (size m) <= exp (INR M * ln (1 + 2 / eta)).

(** The moment form of isoperimetry at the net points, on every component: E exp(t (f - E f)) <= exp(c t^2/(2 d)). *)
Hypothesis moment_form : forall m i l t, (i < size m)%nat ->
  Kx l (fun x => exp (t * dev m (point m i) (l, x))) <= exp (c * t ^ 2 / (2 * d)).

(** The learner: given the data a law of mask, weights and constant. *)
Let U : Type := (C * Y)%type.
Let Eu := E1 E0 K.
Let given_u (u : U) := Kx (fst u).
Let HEu : expectation Eu := HE1 E0 components_law K noise_given.
Let Hg : forall u, expectation (given_u u) := fun u => inputs_given (fst u).
Let Data := @sample (U * X) n.
Let E := samples_of Eu given_u n.
Let HE : expectation E := samples_expectation Eu HEu given_u Hg n.
Context {Wt : Type} (mask : Wt -> nat) (masks : nat) (weights : Wt -> nat -> R) (constant : Wt -> R).
Hypothesis finitely_many_masks : forall w, (mask w < masks)%nat.
Variable learn : Data -> (Wt -> R) -> R.
Hypothesis learns : forall D, expectation (learn D).

Let zu (u : U) : R := noise K lab u.
Let z (s : U * X) : R := zu (fst s).
Let input (s : U * X) : C * X := (fst (fst s), snd s).
Let comp (s : U * X) : nat := component (fst (fst s)).
Let f (w : Wt) (lx : C * X) : R := combination feature kept (mask w) (weights w) lx + constant w.
Let f_mean (w : Wt) (l : nat) : R := combined_mean mean kept (mask w) (weights w) l + constant w.
Let reg (s : U * X) : R := regression (fst (fst s)) (snd s).
Let N := INR n.
Let s2 := sigma2 E0 K lab.
Let correlated := correlation input z part n feature mean kept.
Let largest := largest_correlation input z part n feature mean kept Lip.

(** mean (f - y)^2 <= level *)
Definition loss_at_most (w : Wt) (level : R) (D : Data) : bool :=
  rleb (ssum (fun s => (f w (input s) - (reg s + z s)) ^ 2) n D) (N * level).

Definition smooth (w : Wt) : bool := rleb (Lip (mask w) (weights w)) L.

Lemma n_pos : 0 < N.
Proof. apply (lt_INR 0 n). exact samples. Qed.

Lemma zu_range : forall u, -2 <= zu u <= 2.
Proof. apply (z_range K noise_given lab labels). Qed.

Lemma z_bound : forall s, Rabs (z s) <= 2.
Proof. intros s. apply Rabs_le, zu_range. Qed.

Lemma bounded_noise_sum : bounded (fun D : Data => ssum (fun s => z s ^ 2) n D).
Proof. apply bounded_ssum. apply (bounded_between _ 0 4). intros s. pose proof (Rabs_between _ _ (z_bound s)). nra.
Qed.

(** v, the mean of z^2, is a function of the noises alone. *)
Let v (D : Data) : R := ssum (fun s => z s ^ 2) n D / INR n.

Lemma v_nonneg : forall D, 0 <= v D.
Proof.
  intros D. apply Rdiv_le_0_compat; [ | exact n_pos ].
  rewrite <- (Rmult_0_r (INR n)), <- (ssum_const 0 n D). apply ssum_le. intros s. apply pow2_ge_0.
Qed.

(** P(v <= sigma^2 - t) <= exp(-3 n t^2/8) *)
Lemma v_small : forall t, 0 <= t ->
  E (fun D => ind (rleb (ssum (fun s => z s ^ 2) n D) (N * (s2 - t)))) <= exp (- (3 * N * t ^ 2 / 8)).
Proof.
  intros t Ht. unfold E, samples_of.
  rewrite (e_ext _ (En_expectation Eu HEu n) _ (fun us => ind (rleb (ssum (fun u => zu u ^ 2) n us) (N * (s2 - t))))).
  - apply (second_moment E0 components_law K noise_given lab n labels t Ht).
  - intros us. etransitivity; [ apply (given_sum given_u Hg (fun u => zu u ^ 2) n us (fun _ r => ind (rleb r (N *
    (s2 - t))))) | ].
    apply (e_const _ (given_expectation given_u Hg n us)).
Qed.

(** The mean of z (g - e), |g - e| <= b: the noise has variance proxy one given the component. *)
Lemma cross : forall (e : C -> R) b t, (forall l x, Rabs (regression l x - e l) <= b) -> 0 < b -> 0 <= t ->
  E (fun D => ind (rleb (ssum (fun s => z s * (reg s - e (fst (fst s)))) n D) (N * (0 - t))))
    <= exp (- (N * t ^ 2 / (2 * b ^ 2))).
Proof.
  intros e b t He Hb Ht. set (h := fun s : U * X => -1 * (z s * (reg s - e (fst (fst s))))).
  assert (Hh : forall s, Rabs (h s) <= 2 * b).
  { intros [u x]. apply Rabs_le. unfold h. pose proof (Rabs_between _ _ (z_bound (u, x))).
    pose proof (Rabs_between _ _ (He (fst u) x)). unfold reg. cbn [fst snd] in *. nra. }
  assert (Bh : forall u, bounded (fun x => h (u, x))) by (intros u; exists (2 * b); intros x; apply Hh).
  assert (Br : forall l, bounded (regression l))
    by (intros l; apply (bounded_between _ (-1) 1); apply regression_range).
  assert (Bl : bounded lab) by apply (bounded_lab lab labels).
  rewrite (e_ext E HE _ (fun D => ind (rleb (INR n * t) (ssum h n D)))).
  2:{ intros D. f_equal. unfold h. rewrite ssum_scal. unfold rleb, N.
      destruct (Rle_dec _ _), (Rle_dec _ _); try reflexivity; exfalso; lra. }
  apply (chernoff_samples Eu HEu given_u Hg h (b ^ 2) t n); [ exists (2 * b);
    exact Hh | apply pow_lt, Hb | exact Ht | ].
  intros s _. unfold Eu, E1, two_stage, given_u. cbn [fst].
  assert (Inner : forall l y, 0 <= Kx l (fun x => exp (s * h ((l, y), x))) <= exp (Rabs s * (2 * b))).
  { intros l y. specialize (Bh (l, y)).
    split; [ apply (e_ge_const _ (inputs_given l)) | apply (e_le_const _ (inputs_given l)) ]; try bnd; intros x;
      [ left; apply exp_pos | apply exp_le ].
    eapply Rle_trans; [ apply Rle_abs | ]. rewrite Rabs_mult.
    apply Rmult_le_compat_l; [ apply Rabs_pos | apply Hh ]. }
  (* given the component: the chord over the input, then the noise *)
  assert (Bound : forall l, 0 <= K l (fun y => Kx l (fun x => exp (s * h ((l, y), x)))) <= exp (b ^ 2 * s ^ 2 / 2)).
  { intros l. split; [ apply (e_ge_const _ (noise_given l)); [ | apply Inner ] | ];
      [ apply (bounded_between _ 0 (exp (Rabs s * (2 * b)))), Inner | ].
    set (w := (Kx l (regression l) - e l) / (2 * b)).
    assert (Hw : -1 / 2 <= w <= 1 / 2).
    { assert (Hr : Rabs (Kx l (fun x => regression l x - e l)) <= b) by (apply (e_abs _ (inputs_given l)), He).
      specialize (Br l). rewrite (e_minus _ (inputs_given l)), (e_const _ (inputs_given l)) in Hr by bnd.
      apply Rabs_between in Hr. unfold w. set (q := Kx l (regression l) - e l) in *.
      split; apply Rmult_le_reg_r with (2 * b); try lra; replace (q / (2 * b) * (2 * b)) with q by (field; lra);
        lra. }
    set (up := fun y => exp (s * b * (lab y - K l lab))). set (down := fun y => exp (- (s * b) * (lab y - K l lab))).
    apply Rle_trans with (K l (fun y => (1 / 2 - w) * up y + (1 / 2 + w) * down y)).
    - apply (e_mono _ (noise_given l));
        [ apply (bounded_between _ 0 (exp (Rabs s * (2 * b)))), Inner | unfold up, down; bnd | ].
      intros y. specialize (Bh (l, y)). specialize (Br l).
      apply Rle_trans with (Kx l (fun x => (down y - up y) / (2 * b) * regression l x
        + ((up y + down y) / 2 - (down y - up y) / (2 * b) * e l))).
      + apply (e_mono _ (inputs_given l)); [ bnd | bnd | ]. intros x. pose proof (Rabs_between _ _ (He l x)) as Hx.
        set (q := regression l x - e l) in *.
        assert (Ha : 0 <= (b + q) / (2 * b) <= 1).
        { split; [ apply Rdiv_le_0_compat; lra | ]. apply Rmult_le_reg_r with (2 * b); [ lra | ].
          unfold Rdiv. rewrite Rmult_assoc, Rinv_l by lra. lra. }
        pose proof (chord _ (s * b * (lab y - K l lab)) (- (s * b) * (lab y - K l lab)) Ha) as Ch.
        fold (up y) (down y) in Ch.
        replace (s * h (l, y, x)) with ((b + q) / (2 * b) * (- (s * b) * (lab y - K l lab))
          + (1 - (b + q) / (2 * b)) * (s * b * (lab y - K l lab))).
        * eapply Rle_trans; [ exact Ch | ]. apply Req_le. unfold q. field. lra.
        * unfold h, z, zu, noise, reg, g. cbn [fst snd]. fold q. field. lra.
      + rewrite (e_add _ (inputs_given l)), (e_scal _ (inputs_given l)), (e_const _ (inputs_given l)) by bnd.
        apply Req_le. unfold w. field. lra.
    - pose proof (hoeffding (K l) (noise_given l) lab (-1) 1 (s * b) labels) as H1.
      pose proof (hoeffding (K l) (noise_given l) lab (-1) 1 (- (s * b)) labels) as H2. fold up in H1.
      fold down in H2.
      replace ((s * b) ^ 2 * (1 - -1) ^ 2 / 8) with (b ^ 2 * s ^ 2 / 2) in H1 by field.
      replace ((- (s * b)) ^ 2 * (1 - -1) ^ 2 / 8) with (b ^ 2 * s ^ 2 / 2) in H2 by field.
      assert (bounded up) by (unfold up; bnd). assert (bounded down) by (unfold down; bnd).
      rewrite (e_add _ (noise_given l)), !(e_scal _ (noise_given l)) by bnd. nra. }
  apply (e_le_const _ components_law); [ | apply Bound ].
  apply (bounded_between _ 0 (exp (b ^ 2 * s ^ 2 / 2))), Bound.
Qed.

(** ** The supremum, given the noise *)

(** P(X_w >= u sqrt v and v >= v0) <= exp(-n d u^2/(2 c)) for a net point *)
Lemma net_point_tail : forall m i u v0, (i < size m)%nat -> 0 <= u -> 0 < v0 ->
  E (fun D => ind (rleb v0 (v D) && rleb (N * (u * sqrt (v D))) (correlated m (point m i) D)))
    <= exp (- (N * d * u ^ 2 / (2 * c))).
Proof.
  intros m i u v0 Hi Hu Hv0. pose proof n_pos as HNp. unfold E, samples_of.
  assert (BY : forall lx, Rabs (dev m (point m i) lx) <= B) by (intros lx; apply diameter, net_in_ball, Hi).
  set (h := fun s : U * X => dev m (point m i) (input s) * z s).
  assert (Bh : bounded h).
  { apply bounded_mult; [ exists B; intros s; apply BY | exists 2; apply z_bound ]. }
  set (F := fun us (D : Data) => ind (rleb v0 (ssum (fun u => zu u ^ 2) n us / INR n)
    && rleb (N * (u * sqrt (ssum (fun u => zu u ^ 2) n us / INR n))) (ssum h n D))).
  rewrite (e_ext _ (En_expectation Eu HEu n) _ (fun us => given given_u n us (F us))).
  2:{ intros us. apply (given_sum given_u Hg (fun u => zu u ^ 2) n us (fun D r => ind (rleb v0 (r / INR n)
        && rleb (N * (u * sqrt (r / INR n))) (ssum h n D)))). }
  assert (BF : forall us, bounded (F us)) by (intros us; apply bounded_ind).
  assert (G : forall us, 0 <= given given_u n us (F us) <= exp (- (N * d * u ^ 2 / (2 * c)))).
  { intros us. pose proof (given_expectation given_u Hg n us) as HG. split.
    { apply (e_ge_const _ HG); [ apply BF | intros D; apply ind_range ]. }
    set (V := ssum (fun u => zu u ^ 2) n us / INR n) in *.
    destruct (Rle_lt_dec v0 V) as [HV | HV].
    2:{ rewrite (e_ext _ HG _ (fun _ => 0)); [ rewrite (e_const _ HG); left; apply exp_pos | ].
        intros D. unfold F. fold V. unfold rleb at 1. destruct (Rle_dec v0 V); [ lra | reflexivity ]. }
    set (a := sqrt V). assert (Ha : 0 < a) by (apply sqrt_lt_R0; lra).
    assert (Ha2 : a ^ 2 = V) by (apply pow2_sqrt; lra).
    (* Chernoff at the tilt u d/(c a) *)
    set (s := u * d / (c * a)).
    assert (Hs : 0 <= s) by (apply Rdiv_le_0_compat; [ apply Rmult_le_pos; lra | apply Rmult_lt_0_compat;
      assumption ]).
    apply Rle_trans with (given given_u n us (fun D => exp (- (s * (N * (u * a)))) * exp (ssum (fun w => s * h w) n
      D))).
    - assert (BS : bounded (ssum (fun w => s * h w) n)) by (apply bounded_ssum; bnd).
      apply (e_mono _ HG); [ apply BF | bnd | ]. intros D. unfold F. fold V a. unfold ind, rleb.
      pose proof (exp_pos (- (s * (N * (u * a))))). pose proof (exp_pos (ssum (fun w => s * h w) n D)).
      destruct (Rle_dec v0 V), (Rle_dec (N * (u * a)) (ssum h n D)) as [H' | H']; cbn [andb]; try nra.
      rewrite <- exp_plus, <- exp_0 at 1. apply exp_le. rewrite ssum_scal. nra.
    - assert (BS : bounded (fun D : Data => exp (ssum (fun w => s * h w) n D))) by (apply bounded_exp, bounded_ssum;
      bnd).
      rewrite (e_scal _ HG) by exact BS.
      assert (Hm : given given_u n us (fun D => exp (ssum (fun w => s * h w) n D))
        <= exp (ssum (fun u => c * s ^ 2 / (2 * d) * zu u ^ 2) n us)).
      { apply (given_exp_sum given_u Hg (fun w => s * h w)); [ bnd | ]. intros [l y]. unfold given_u. cbn [fst].
        rewrite (e_ext _ (inputs_given l) _ (fun x => exp (s * zu (l, y) * dev m (point m i) (l, x)))).
        - eapply Rle_trans; [ apply (moment_form m i l (s * zu (l, y)) Hi) | ]. apply exp_le, Req_le. field. lra.
        - intros x. f_equal. unfold h, z, input. cbn [fst snd]. ring. }
      eapply Rle_trans; [ apply Rmult_le_compat_l; [ left; apply exp_pos | exact Hm ] | ].
      rewrite <- exp_plus. apply exp_le, Req_le. rewrite ssum_scal.
      replace (ssum (fun u => zu u ^ 2) n us) with (N * a ^ 2) by (rewrite Ha2; unfold V, N in *; field; lra).
      unfold s. field. repeat split; lra. }
  apply (e_le_const _ (En_expectation Eu HEu n)); [ | apply G ].
  apply (bounded_between _ 0 (exp (- (N * d * u ^ 2 / (2 * c))))), G.
Qed.

Definition hit (v0 rho : R) (m : nat) (D : Data) : bool :=
  rleb v0 (v D) && rleb (N * (rho * sqrt (v D))) (L * largest m D).

Lemma supremum_tail : forall v0 rho m, 0 < v0 -> 0 <= rho -> E (fun D => ind (hit v0 rho m D))
  <= INR (size m) * exp (- ((1 - eta) ^ 2 * rho ^ 2 * (N * d) / (2 * c * L ^ 2))).
Proof.
  intros v0 rho m Hv0 Hrho. set (u := (1 - eta) * rho / L).
  assert (Hu : 0 <= u) by (apply Rdiv_le_0_compat; [ apply Rmult_le_pos; lra | exact L_pos ]).
  set (far := fun i D => rleb v0 (v D) && rleb (N * (u * sqrt (v D))) (correlated m (point m i) D)).
  apply Rle_trans with (E (fun D => ind (existsb (fun i => far i D) (seq 0 (size m))))).
  - apply (e_mono _ HE); [ bnd | bnd | ]. intros D. unfold hit. unfold rleb at 1 2.
    destruct (Rle_dec v0 (v D)) as [HV | ]; [ | apply ind_range ].
    destruct (Rle_dec _ _) as [H | ]; [ cbn [andb ind] | apply ind_range ].
    destruct (net_point_hit input z part n z_bound feature mean kept Lip eta B size point homogeneous eta_range
      diameter nets net_in_ball nets_not_empty m D (N * (u * sqrt (v D)))) as [i [Hi Hc]].
    + apply Rmult_le_reg_l with L; [ exact L_pos | ].
      replace (L * (N * (u * sqrt (v D)))) with ((1 - eta) * (N * (rho * sqrt (v D)))) by (unfold u; field; lra).
      replace (L * ((1 - eta) * _)) with ((1 - eta) * (L * largest m D)) by (unfold largest; ring).
      apply Rmult_le_compat_l; lra.
    + replace (existsb (fun i => far i D) (seq 0 (size m))) with true; [ cbn; lra | symmetry ]. apply existsb_exists.
      exists i. split; [ apply in_seq; lia | ]. unfold far, rleb.
      destruct (Rle_dec v0 (v D)), (Rle_dec _ _) as [ | Hno]; try reflexivity; exfalso; auto.
  - replace (INR (size m)) with (INR (length (seq 0 (size m)))) by (rewrite seq_length; reflexivity).
    apply (union_bound _ HE). intros i Hi. apply in_seq in Hi.
    eapply Rle_trans; [ apply net_point_tail; [ lia | exact Hu | exact Hv0 ] | ]. apply exp_le, Req_le. unfold u.
    field.
    split; lra.
Qed.

(** ** The law *)

(** MSE <= s forces X >= v - sqrt(v s) + mean z (g - e). *)
Lemma forced_correlation : forall w s D, 0 <= s -> loss_at_most w s D = true ->
  N * (v D - sqrt (v D * s)) + ssum (fun p => z p * (reg p - f_mean w (comp p))) n D
    <= correlated (mask w) (weights w) D.
Proof.
  intros w s D Hs. unfold loss_at_most, rleb. destruct (Rle_dec _ _) as [H | ]; [ intros _ | discriminate ].
  pose proof n_pos as HNp. pose proof (v_nonneg D) as Hv.
  pose proof (cauchy_schwarz z (fun p => reg p + z p - f w (input p)) n D) as CS.
  set (r := ssum (fun p => z p * (reg p + z p - f w (input p))) n D) in CS. cbv beta in CS. fold r in CS.
  assert (Vs : ssum (fun p => z p ^ 2) n D = N * v D) by (unfold v, N in *; field; lra). rewrite Vs in CS.
  rewrite (ssum_ext (fun p => (reg p + z p - f w (input p)) ^ 2) (fun p => (f w (input p) - (reg p + z p)) ^ 2)) in CS
    by (intros; ring).
  assert (C2 : r ^ 2 <= (N * sqrt (v D * s)) ^ 2).
  { rewrite Rpow_mult_distr, pow2_sqrt by (apply Rmult_le_pos; lra).
    apply Rle_trans with (N * v D * (N * s)); [ | apply Req_le; ring ].
    eapply Rle_trans; [ exact CS | ]. apply Rmult_le_compat_l; [ apply Rmult_le_pos; lra | exact H ]. }
  assert (Hr : r <= N * sqrt (v D * s)).
  { destruct (Rle_lt_dec r 0) as [ | Hp]; [ pose proof (sqrt_pos (v D * s)); nra | ].
    apply Rsqr_incr_0_var; [ unfold Rsqr; lra | apply Rmult_le_pos; [ lra | apply sqrt_pos ] ]. }
  assert (Eq : correlated (mask w) (weights w) D
    = N * v D - r + ssum (fun p => z p * (reg p - f_mean w (comp p))) n D).
  { rewrite <- Vs. unfold r. replace (_ - _ + _) with (ssum (fun p => z p ^ 2) n D
      + (-1 * ssum (fun p => z p * (reg p + z p - f w (input p))) n D + ssum (fun p => z p * (reg p - f_mean w (comp
        p))) n D))
      by ring. rewrite <- ssum_scal, <- !ssum_add. unfold correlated, correlation. apply ssum_ext. intros p.
    unfold f, f_mean, deviation. unfold part, comp, input. cbn [fst]. ring. }
  rewrite Eq. lra.
Qed.

(** the law once the mean of z^2 and that of z (g - e) are known to be large: tau = v0 - sqrt(v0 s) - t *)
Lemma law_of_events : forall s v0 t R0 delta1 delta2 (bad : Data -> bool), 0 <= s -> 0 < v0 -> 0 <= t ->
  0 <= v0 - sqrt (v0 * s) - t ->
  exponent E (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 < INR M * ln (1 + 2 / eta) + R0 ->
  L <= (1 - eta) * ((v0 - sqrt (v0 * s) - t) / sqrt v0) * sqrt (INR n * d / (2 * c * (INR M * ln (1 + 2 / eta) +
    R0))) ->
  E (fun D => ind (bad D)) <= delta1 ->
  (forall w D, bad D = false -> v0 <= v D /\ - (N * t) <= ssum (fun p => z p * (reg p - f_mean w (comp p))) n D) ->
  E (fun D => learn D (fun w => ind (loss_at_most w s D && smooth w))) <= delta1 + delta2.
Proof.
  intros s v0 t R0 delta1 delta2 bad Hs Hv0 Ht Htau Hexp HR HLb Hbad Himp. pose proof n_pos as HNp.
  set (rho := (v0 - sqrt (v0 * s) - t) / sqrt v0) in *.
  assert (Hr0 : 0 < sqrt v0) by (apply sqrt_lt_R0, Hv0).
  assert (Hrho : 0 <= rho) by (apply Rdiv_le_0_compat; assumption).
  apply (law_of_masks E HE mask masks finitely_many_masks learn learns (fun w D => loss_at_most w s D && smooth w) bad
    (hit v0 rho)) with (R0 := R0); try assumption.
  - intros w D Hfit Hb. apply andb_true_iff in Hfit. destruct Hfit as [Hfit Hsm].
    destruct (Himp w D Hb) as [HV HA]. pose proof (forced_correlation w s D Hs Hfit) as HF.
    unfold smooth, rleb in Hsm. destruct (Rle_dec _ L) as [HL | ]; [ | discriminate ].
    pose proof (smooth_below_largest input z part n z_bound feature mean kept Lip B size point homogeneous
      diameter net_in_ball nets_not_empty L (mask w) (weights w) D L_pos HL) as S. fold largest correlated in S.
    (* tau(v)/sqrt v increases in v *)
    assert (Inc : rho * sqrt (v D) <= v D - sqrt (v D * s) - t).
    { unfold rho. rewrite !sqrt_mult by lra. set (a := sqrt v0) in *. set (b := sqrt (v D)). set (q := sqrt s).
      assert (Hab : a <= b) by (apply sqrt_le_1_alt; exact HV). assert (Ha2 : a ^ 2 = v0) by (apply pow2_sqrt; lra).
      assert (Hb2 : b ^ 2 = v D) by (apply pow2_sqrt; lra). rewrite <- Ha2, <- Hb2.
      replace ((a ^ 2 - a * q - t) / a * b) with (b * a - b * q - t * (b / a)) by (field; lra).
      assert (1 <= b / a). { apply Rmult_le_reg_r with a; [ exact Hr0 | ]. unfold Rdiv.
      rewrite Rmult_assoc, Rinv_l by lra. lra. }
      assert (t <= t * (b / a)) by nra. nra. }
    unfold hit, rleb. destruct (Rle_dec v0 (v D)), (Rle_dec _ _) as [ | Hno]; try reflexivity; exfalso;
      [ | lra | lra ].
    apply Hno. assert (N * (rho * sqrt (v D)) <= N * (v D - sqrt (v D * s) - t)) by (apply Rmult_le_compat_l; lra).
    lra.
  - intros m _. eapply Rle_trans; [ apply (supremum_tail v0 rho m Hv0 Hrho) | ].
    set (A := INR M * ln (1 + 2 / eta)) in *. set (Q := (1 - eta) ^ 2 * rho ^ 2 * (N * d) / (2 * c * L ^ 2)).
    assert (HQ : A + R0 <= Q).
    { unfold Q, N in *. assert (HcL : 0 < 2 * c * L ^ 2) by (apply Rmult_lt_0_compat; [ lra | apply pow_lt, L_pos ]).
      assert (Hnd : 0 < INR n * d) by (apply Rmult_lt_0_compat; assumption).
      assert (Hq : L ^ 2 <= ((1 - eta) * rho) ^ 2 * (INR n * d / (2 * c * (A + R0)))).
      { assert (0 <= INR n * d / (2 * c * (A + R0))).
        { apply Rdiv_le_0_compat; [ lra | apply Rmult_lt_0_compat; lra ]. }
        apply Rle_trans with (((1 - eta) * rho * sqrt (INR n * d / (2 * c * (A + R0)))) ^ 2); [ apply pow_incr;
          lra | ].
        rewrite Rpow_mult_distr, pow2_sqrt by assumption. lra. }
      apply Rmult_le_reg_r with (2 * c * L ^ 2); [ exact HcL | ].
      replace ((1 - eta) ^ 2 * rho ^ 2 * (INR n * d) / (2 * c * L ^ 2) * (2 * c * L ^ 2))
        with ((1 - eta) ^ 2 * rho ^ 2 * (INR n * d)) by (field; split; lra).
      apply Rmult_le_compat_l with (r := 2 * c * (A + R0)) in Hq; [ | apply Rmult_le_pos; lra ].
      replace (2 * c * (A + R0) * (((1 - eta) * rho) ^ 2 * (INR n * d / (2 * c * (A + R0)))))
        with ((1 - eta) ^ 2 * rho ^ 2 * (INR n * d)) in Hq by (field; split; lra). lra. }
    apply Rle_trans with (exp A * exp (- Q)).
    + apply Rmult_le_compat_r; [ left; apply exp_pos | apply net_size ].
    + rewrite <- exp_plus. apply exp_le. lra.
Qed.

(** Component means in [-1, 1]; delta1 is halved between the fluctuations t_v of the mean of z^2 and t_A of the mean of
    z (g - e), a union over the 2^k sign vectors of the components. *)
Theorem independent_noise : forall epsilon delta1 delta2 R0 v0 tA,
  (forall w l, -1 <= f_mean w l <= 1) -> 0 < delta1 < 1 ->
  exponent E (seq 0 masks) (chosen mask learn) R0 delta2 -> 0 < INR M * ln (1 + 2 / eta) + R0 ->
  v0 = s2 - sqrt (8 / 3 * (ln 2 - ln delta1) / INR n) ->
  tA = sqrt (8 * (INR k * ln 2 + ln 2 - ln delta1) / INR n) ->
  0 <= s2 - epsilon -> 0 < v0 -> 0 <= v0 - sqrt (v0 * (s2 - epsilon)) - tA ->
  L <= (1 - eta) * ((v0 - sqrt (v0 * (s2 - epsilon)) - tA) / sqrt v0)
    * sqrt (INR n * d / (2 * c * (INR M * ln (1 + 2 / eta) + R0))) ->
  E (fun D => learn D (fun w => ind (loss_at_most w (s2 - epsilon) D && smooth w))) <= delta1 + delta2.
Proof.
  intros epsilon delta1 delta2 R0 v0 tA Hmean Hd1 Hexp HR Hv0 HtA Hs Hv0p Htau HLb. pose proof n_pos as HNp.
  pose proof (ln_neg delta1 Hd1) as Ld. assert (L2 : 0 < ln 2) by (rewrite <- ln_1; apply ln_increasing; lra).
  pose proof (pos_INR k) as Hk.
  assert (HtA0 : 0 <= tA) by (rewrite HtA; apply sqrt_pos).
  set (low := fun D : Data => rleb (ssum (fun s => z s ^ 2) n D) (N * v0)).
  set (bent := fun bs (D : Data) =>
    rleb (ssum (fun s => z s * (reg s - sg bs (comp s))) n D) (N * (0 - tA))).
  apply (law_of_events (s2 - epsilon) v0 tA R0 delta1 delta2
    (fun D => low D || existsb (fun bs => bent bs D) (vectors k))); try assumption.
  - replace delta1 with (delta1 / 2 + delta1 / 2) by field.
    assert (Half : ln (delta1 / 2) = ln delta1 - ln 2) by (apply ln_div; lra).
    apply (union_at_most _ HE).
    + unfold low. rewrite Hv0. eapply Rle_trans; [ apply v_small, sqrt_pos | ].
      rewrite pow2_sqrt by (apply Rdiv_le_0_compat; [ lra | exact HNp ]).
      rewrite <- (exp_ln (delta1 / 2)) by lra. apply exp_le. rewrite Half. apply Req_le. unfold N. field.
      exact (Rgt_not_eq _ _ HNp).
    + eapply Rle_trans; [ apply (union_bound _ HE bent (exp (- (N * tA ^ 2 / (2 * 2 ^ 2)))) (vectors k)) | ].
      * intros bs _. unfold bent. apply (cross (fun l => sg bs (component l)) 2 tA); [ | lra | exact HtA0 ].
        intros l x. pose proof (regression_range l x). apply Rabs_le.
        destruct (sg_pm bs (component l)) as [-> | ->]; lra.
      * rewrite vectors_length, pow_INR. cbn [INR]. replace (1 + 1) with 2 by ring.
        assert (H2k : 2 ^ k = exp (INR k * ln 2)) by (rewrite <- Rpower_pow by lra; reflexivity).
        rewrite H2k, <- exp_plus. rewrite <- (exp_ln (delta1 / 2)) by lra. apply exp_le. rewrite Half, HtA.
        rewrite pow2_sqrt by (apply Rdiv_le_0_compat; [ nra | exact HNp ]).
        apply Req_le. unfold N. field. exact (Rgt_not_eq _ _ HNp).
  - intros w D Hgood. apply orb_false_iff in Hgood. destruct Hgood as [H1 H2]. split.
    + unfold low, rleb in H1. destruct (Rle_dec _ _) as [ | Hno]; [ discriminate | ].
      unfold v. apply Rmult_le_reg_l with N; [ exact HNp | ].
      replace (N * (ssum (fun s => z s ^ 2) n D / INR n)) with (ssum (fun s => z s ^ 2) n D)
        by (unfold N in *; field; lra). lra.
    + destruct (signs_suffice comp z k n (f_mean w) D (fun s => components _) (Hmean w)) as [bs [Hin Hbs]].
      assert (H3 : bent bs D = false).
      { destruct (bent bs D) eqn:Hb; [ | reflexivity ]. rewrite <- H2. symmetry. apply existsb_exists. exists bs.
      auto. }
      unfold bent, rleb in H3. destruct (Rle_dec _ _) as [ | Hno]; [ discriminate | ].
      assert (Sub : forall e : nat -> R, ssum (fun s => z s * (reg s - e (comp s))) n D
        = ssum (fun s => z s * reg s) n D + -1 * ssum (fun s => e (comp s) * z s) n D).
      { intros e. rewrite <- ssum_scal, <- ssum_add. apply ssum_ext. intros s. ring. }
      rewrite (Sub (sg bs)) in Hno. rewrite (Sub (f_mean w)). lra.
Qed.

(** Labels that are fair signs, and features with component means zero: nothing fluctuates. *)
Theorem independent_noise_signs : forall epsilon delta R0,
  (forall y, lab y = 1 \/ lab y = -1) -> (forall l, K l lab = 0) -> (forall l x, regression l x = 0) ->
  (forall w l, f_mean w l = 0) ->
  exponent E (seq 0 masks) (chosen mask learn) R0 delta -> 0 < INR M * ln (1 + 2 / eta) + R0 -> 0 <= epsilon <= 1 ->
  L <= (1 - eta) * (1 - sqrt (1 - epsilon)) * sqrt (INR n * d / (2 * c * (INR M * ln (1 + 2 / eta) + R0))) ->
  E (fun D => learn D (fun w => ind (loss_at_most w (1 - epsilon) D && smooth w))) <= delta.
Proof.
  intros epsilon delta R0 Hsign HK Hreg Hmean Hexp HR He HLb. pose proof n_pos as HNp.
  assert (Hz : forall s, z s ^ 2 = 1).
  { intros s. unfold z, zu, noise, g. rewrite HK, Rminus_0_r. destruct (Hsign (snd (fst s))) as [-> | ->]; ring. }
  assert (Hr : 0 <= sqrt (1 - epsilon) <= 1).
  { split; [ apply sqrt_pos | rewrite <- sqrt_1 at 2; apply sqrt_le_1_alt; lra ]. }
  assert (Hrw : (1 - sqrt (1 * (1 - epsilon)) - 0) / sqrt 1 = 1 - sqrt (1 - epsilon)).
  { rewrite sqrt_1, Rmult_1_l. field. }
  rewrite <- (Rplus_0_l delta).
  apply (law_of_events (1 - epsilon) 1 0 R0 0 delta (fun _ => false)); try assumption; try lra.
  - rewrite Rmult_1_l. lra.
  - rewrite Hrw. exact HLb.
  - cbn [ind]. rewrite (e_const _ HE). lra.
  - intros w D _. split.
    + unfold v. rewrite (ssum_ext _ (fun _ => 1)) by exact Hz. rewrite ssum_const. apply Req_le. unfold N in HNp.
    field. lra.
    + rewrite (ssum_ext _ (fun _ => 0)) by (intros s; unfold reg; rewrite Hreg, Hmean; ring). rewrite ssum_const. lra.
Qed.

End Law.
