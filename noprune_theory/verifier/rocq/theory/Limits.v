(** Limits by three schemes: a substitution 1/x, a difference quotient, a comparison. *)
From Obligations Require Export Identities.

Lemma at_infinity_by_inverse : forall (f g : R -> R) l M, 0 < M -> (forall x, M < x -> f x = g (/ x)) ->
  continuous g 0 -> g 0 = l -> filterlim f (Rbar_locally p_infty) (locally l).
Proof.
  intros f g l M HM Hfg Hc Hl. subst l.
  apply filterlim_ext_loc with (fun x => g (/ x)).
  { exists M. intros x Hx. symmetry. apply Hfg. exact Hx. }
  apply filterlim_comp with (locally 0); [ | exact Hc ].
  intros P [e He]. exists (/ e). intros x Hx. apply He.
  unfold ball; simpl. unfold AbsRing_ball, abs, minus, plus, opp; simpl.
  assert (0 < / e) by (apply Rinv_0_lt_compat, cond_pos). assert (0 < x) by lra.
  rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq by (apply Rlt_le, Rinv_0_lt_compat; lra).
  rewrite <- (Rinv_inv e).
  apply Rinv_lt_contravar; [ apply Rmult_lt_0_compat; lra | exact Hx ].
Qed.

Lemma quotient_at_0 : forall (f : R -> R) l, derivable_pt_lim f 0 l -> f 0 = 0 ->
  filterlim (fun h => f h / h) (at_right 0) (locally l).
Proof.
  intros f l Hd H0 P [e He]. destruct (Hd e (cond_pos e)) as [d Hdl]. exists d. intros h Hh Hp. apply He.
  unfold ball in *; simpl in *. unfold AbsRing_ball, abs, minus, plus, opp in *; simpl in *.
  specialize (Hdl h). rewrite Rplus_0_l, H0, Rminus_0_r in Hdl. apply Hdl; [ lra | ].
  rewrite Ropp_0, Rplus_0_r in Hh. exact Hh.
Qed.

Lemma near_0 : forall (P : R -> Prop) b, 0 < b -> (forall x, 0 < x < b -> P x) -> at_right 0 P.
Proof.
  intros P b Hb H. exists (mkposreal b Hb). intros x Hx Hp. apply H.
  unfold ball in Hx; simpl in Hx. unfold AbsRing_ball, abs, minus, plus, opp in Hx; simpl in Hx.
  rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq in Hx by lra. lra.
Qed.

Lemma near_infinity : forall (P : R -> Prop) M, (forall x, M < x -> P x) -> Rbar_locally p_infty P.
Proof. intros P M H. exists M. exact H. Qed.

Lemma minus_ln_at_0 : filterlim (fun x => - ln x) (at_right 0) (Rbar_locally p_infty).
Proof.
  intros P [M HM]. apply (near_0 _ (exp (- M))); [ apply exp_pos | ]. intros x Hx. apply HM.
  assert (ln x < - M); [ | lra ]. rewrite <- (ln_exp (- M)). apply ln_increasing; lra.
Qed.

Lemma inverse_at_0 : forall a, 0 < a -> filterlim (fun x => a / x) (at_right 0) (Rbar_locally p_infty).
Proof.
  intros a Ha P [M HM]. set (N := Rmax M 1).
  assert (0 < N) by (unfold N; eapply Rlt_le_trans; [ | apply Rmax_r ]; lra).
  apply (near_0 _ (a / N)); [ apply Rdiv_lt_0_compat; lra | ]. intros x Hx. apply HM.
  apply Rle_lt_trans with N; [ apply Rmax_l | ].
  apply Rmult_lt_reg_r with x; [ lra | ]. unfold Rdiv at 1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra.
  destruct Hx as [_ Hx]. apply Rmult_lt_compat_l with (r := N) in Hx; [ | lra ].
  replace (N * (a / N)) with a in Hx by (field; lra). exact Hx.
Qed.

Lemma infinite_above : forall (F : (R -> Prop) -> Prop) (FF : Filter F) (f g : R -> R), F (fun x => g x <= f x) ->
  filterlim g F (Rbar_locally p_infty) -> filterlim f F (Rbar_locally p_infty).
Proof. intros F FF f g H Hg. apply (filterlim_ge_p_infty g); assumption. Qed.

(** A multiple of [exp (- a x^k)] tends to 0. *)
Lemma decays : forall (f : R -> R) a b k, 0 < a -> (forall x, f x = b * exp (- (a * x ^ S k))) ->
  filterlim f (Rbar_locally p_infty) (locally 0).
Proof.
  intros f a b k Ha Hf. apply filterlim_ext with (fun x => b * exp (- (a * x ^ S k))); [ intros; symmetry; apply Hf | ].
  assert (G : is_lim (fun x => exp (- (a * x ^ S k))) p_infty 0).
  { intros P [e He]. pose proof (cond_pos e) as Hp. set (M := 1 + Rabs (ln e) / a).
    assert (0 <= Rabs (ln e) / a) by (apply Rdiv_le_0_compat; [ apply Rabs_pos | exact Ha ]).
    apply (near_infinity _ M). intros x Hx. unfold M in Hx. apply He.
    unfold ball; simpl. unfold AbsRing_ball, abs, minus, plus, opp; simpl.
    rewrite Ropp_0, Rplus_0_r, Rabs_pos_eq by (apply Rlt_le, exp_pos).
    rewrite <- (exp_ln e) by exact Hp. apply exp_increasing.
    assert (B : Rabs (ln e) < a * x).
    { replace (Rabs (ln e)) with (a * (Rabs (ln e) / a)) by (field; lra). apply Rmult_lt_compat_l; lra. }
    pose proof (Rle_abs (- ln e)) as A. rewrite Rabs_Ropp in A.
    assert (1 <= x ^ k) by (apply pow_R1_Rle; lra).
    assert (0 <= a * x * (x ^ k - 1)) by (repeat apply Rmult_le_pos; lra).
    replace (a * (x * x ^ k)) with (a * x * (x ^ k - 1) + a * x) by ring. lra. }
  apply (is_lim_scal_l _ b p_infty 0) in G. unfold is_lim in G.
  replace (Rbar_mult b 0) with (Finite 0) in G by (simpl; f_equal; ring). exact G.
Qed.

Ltac decay a b k :=
  apply (decays _ a b k);
  [ posit
  | intros; match goal with |- context [exp ?u] => match goal with |- _ = _ * exp ?v =>
      replace u with v by (field; nonzero) end end; field; nonzero ].
