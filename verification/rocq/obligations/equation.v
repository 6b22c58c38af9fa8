(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* the two expressions agree [false at gamma = 1/2, p = 1/2] *)
Lemma equation_1_1 : ~ (forall (v_gamma : R) (v_p : R),
  (0 < v_gamma) ->
  (0 < v_p) ->
  (v_gamma < 1) ->
  (v_p * ((v_gamma * (ln (/ v_gamma)) / (ln 2)) + ((1 - v_gamma) * (ln (/ (1 - v_gamma))) / (ln 2)))) = ((v_gamma * (ln (/ v_gamma)) / (ln 2)) + (v_p * (1 - v_gamma) * (ln (/ (1 - v_gamma))) / (ln 2)))).
Proof.
intros H. specialize (H (1 / 2) (1 / 2)).
repeat match type of H with ?A -> _ => match type of A with Prop =>
  specialize (H ltac:(solve [true_at_point])) end end.
false_at_point H.
Qed.

(* the two expressions agree: every part has a value [definedness] *)
Lemma equation_1_1_defined : forall (v_gamma : R) (v_p : R),
  (0 < v_gamma) ->
  (0 < v_p) ->
  ((v_gamma < 1) -> (/ (1 - v_gamma)) > 0)
  /\ ((v_gamma < 1) -> (1 - v_gamma) <> 0).
Proof.
defined.
Qed.

(* k log q + (p - k) log(1 - q) = -p h(q) at k = qp [linear arithmetic] *)
Lemma equation_1_2 : forall (v_p : R) (v_q : R),
  (0 < v_p) ->
  (0 < v_q) ->
  (v_q < 1) ->
  (((v_p - (v_p * v_q)) * (ln (1 - v_q))) + (v_p * v_q * (ln v_q))) = (- (v_p * ((- (v_q * (ln v_q))) - ((1 - v_q) * (ln (1 - v_q)))))).
Proof.
intros; lra.
Qed.

(* k log q + (p - k) log(1 - q) = -p h(q) at k = qp: every part has a value [definedness] *)
Lemma equation_1_2_defined : forall (v_p : R) (v_q : R),
  (0 < v_p) ->
  (0 < v_q) ->
  (v_q < 1) -> (1 - v_q) > 0.
Proof.
defined.
Qed.

(* p h(q) = p h(γ) is log 2 times the right-hand side in bits, q = 1 - γ, and s for 1 - γ [field] *)
Lemma equation_1_3 : forall (v_gamma : R) (v_p : R) (v_s : R),
  (0 < v_gamma) ->
  (0 < v_p) ->
  (0 < v_s) ->
  (v_p * ((v_gamma * (ln (/ v_gamma)) / (ln 2)) + (v_s * (ln (/ v_s)) / (ln 2))) * (ln 2)) = (v_p * ((- (v_gamma * (ln v_gamma))) - (v_s * (ln v_s)))).
Proof.
identity.
Qed.

(* terms increase up to k: (p - j)k ≥ (j + 1)(p - k) for j ≤ k - 1 [nonlinear arithmetic] *)
Lemma equation_1_4 : forall (v_j : R) (v_k : R) (v_p : R),
  (0 <= v_j) ->
  (0 < v_k) ->
  (0 < v_p) ->
  (v_j <= ((- 1) + v_k)) ->
  (v_k <= v_p) ->
  (v_k * (v_p - v_j)) >= ((1 + v_j) * (v_p - v_k)).
Proof.
intros; nra.
Qed.

(* and decrease from k on: (p - j)k ≤ (j + 1)(p - k) for j ≥ k - 0 [nonlinear arithmetic] *)
Lemma equation_1_5 : forall (v_j : R) (v_k : R) (v_p : R),
  (0 <= v_j) ->
  (0 < v_k) ->
  (0 < v_p) ->
  (v_j >= v_k) ->
  (v_k <= v_p) ->
  (v_k * (v_p - v_j)) <= ((1 + v_j) * (v_p - v_k)).
Proof.
intros; nra.
Qed.

(* log(p + 1)/p → 0 [by hand] *)
Lemma equation_1_6 : filterlim (fun v_p : R => ((ln (1 + v_p)) / v_p)) (Rbar_locally p_infty) (locally 0).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* log(p + 1)/p → 0: every part has a value [definedness near the limit] *)
Lemma equation_1_6_defined : (Rbar_locally p_infty) (fun v_p_1 : R => (v_p_1 <> 0)
  /\ ((1 + v_p_1) > 0)).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* -(1 - s) log(1 - s) ≤ s [mean value theorem] *)
Lemma equation_1_7 : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) ->
  (((- 1) + v_s) * (ln (1 - v_s))) <= v_s.
Proof.
intros. split_hypotheses.
assert (L2 : forall v_s_t : R, 0 < v_s_t -> v_s_t < 1 -> 0 <= (- (/ ((- 1) + v_s_t)))).
{ intros v_s_t; intros. first [ solve [slope_by_signs v_s_t] | replace (- (/ ((- 1) + v_s_t))) with (- (/ ((- 1) + v_s_t))) by (pose_positive; field; nonzero); slope_by_signs v_s_t ]. }
assert (L1 : forall v_s_t : R, 0 < v_s_t -> v_s_t < 1 -> 0 <= (- (ln (1 - v_s_t)))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => (- (ln (1 - v_s_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => (- (ln (1 - v_s_t)))) (fun v_s_t : R => (- (/ ((- 1) + v_s_t)))) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L2 v_s_t_u. }
assert (L0 : forall v_s_t : R, 0 < v_s_t -> v_s_t < 1 -> 0 <= (v_s_t - (((- 1) + v_s_t) * (ln (1 - v_s_t))))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => (v_s_t - (((- 1) + v_s_t) * (ln (1 - v_s_t))))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => (v_s_t - (((- 1) + v_s_t) * (ln (1 - v_s_t))))) (fun v_s_t : R => (- (ln (1 - v_s_t)))) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L1 v_s_t_u. }
use_level L0 v_s.
Qed.

(* -(1 - s) log(1 - s) ≤ s: every part has a value [definedness] *)
Lemma equation_1_7_defined : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) -> (1 - v_s) > 0.
Proof.
defined.
Qed.

(* -(1 - s) log(1 - s) ≥ 0 [nonlinear arithmetic] *)
Lemma equation_1_8 : forall (v_r : R) (v_s : R),
  (0 < v_s) ->
  (v_s < 1) ->
  (v_r <= 0) ->
  (v_r * ((- 1) + v_s)) >= 0.
Proof.
intros; nra.
Qed.

(* propositional [propositional logic] *)
Lemma equation_5_5 : forall (v_A_f : Prop) (v_B : Prop) (v_C : Prop) (v_D_f : Prop) (v_E_f : Prop) (v_F : Prop),
  (((((v_A_f) /\ (v_B) /\ (v_C))) -> (v_D_f))) ->
  (((v_D_f) -> (((v_E_f) \/ (v_F))))) ->
  ((v_A_f) -> (((v_E_f) \/ (v_F) \/ ((~ (v_B))) \/ ((~ (v_C)))))).
Proof.
by_logic.
Qed.

(* δ ≥ 2 exp(-β) gives log(2/δ) ≤ β [mean value theorem] *)
Lemma equation_7_1 : forall (v_beta : R) (v_delta : R),
  (0 < v_beta) ->
  (0 < v_delta) ->
  (v_delta >= (2 * (exp (- v_beta)))) ->
  ((- (ln v_delta)) + (ln 2)) <= v_beta.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t >= (2 * (exp (- v_beta))) -> 0 <= (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t >= (2 * (exp (- v_beta))) -> 0 <= (v_beta - (ln 2) + (ln v_delta_t))).
{ intros v_delta_t; intros.
  apply Rle_trans with ((fun v_delta_t : R => (v_beta - (ln 2) + (ln v_delta_t))) (2 * (exp (- v_beta)))); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_delta_t : R => (v_beta - (ln 2) + (ln v_delta_t))) (fun v_delta_t : R => (/ v_delta_t)) (2 * (exp (- v_beta))) v_delta_t); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* δ ≥ I/β gives I/δ ≤ β [case distinction] *)
Lemma equation_7_2 : forall (v_I : R) (v_beta : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_beta) ->
  (0 < v_delta) ->
  (v_delta >= (v_I / v_beta)) ->
  (v_I / v_delta) <= v_beta.
Proof.
by_cases.
Qed.

(* so s(δ)² = K(I/δ + log(2/δ)) ≤ ε²/64 [nonlinear arithmetic] *)
Lemma equation_7_3 : forall (v_A : R) (v_K : R) (v_beta : R) (v_ell : R) (v_epsilon : R),
  (0 < v_A) ->
  (0 < v_K) ->
  (0 < v_beta) ->
  (0 < v_epsilon) ->
  (v_A <= v_beta) ->
  (v_ell <= v_beta) ->
  ((128 * v_K * v_beta) = (v_epsilon ^ 2)) ->
  (v_K * (v_ell + v_A)) <= ((v_epsilon ^ 2) / 64).
Proof.
intros; nra.
Qed.

(* the derivative of I/δ + log(2/δ) is -(I + δ)/δ² [powers of atoms] *)
Lemma equation_7_4 : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (Derive (fun v_delta : R => ((- (ln v_delta)) + (v_I / v_delta) + (ln 2))) v_delta) = (((- v_I) - v_delta) / (v_delta ^ 2)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_delta : R => ((- (ln v_delta)) + (v_I / v_delta) + (ln 2))) v_delta) = ((- (/ v_delta)) - (v_I / (v_delta ^ 2)))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* the derivative of I/δ + log(2/δ) is -(I + δ)/δ²: every part has a value [definedness] *)
Lemma equation_7_4_defined : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  ex_derive (fun v_delta : R => ((- (ln v_delta)) + (v_I / v_delta) + (ln 2))) v_delta.
Proof.
defined.
Qed.

(* which is negative [case distinction] *)
Lemma equation_7_5 : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (((- v_I) - v_delta) / (v_delta ^ 2)) < 0.
Proof.
by_cases.
Qed.

(* s is unbounded as δ → 0 [by hand] *)
Lemma equation_7_6 : forall (v_I : R),
  (0 < v_I) ->
  filterlim (fun v_delta : R => ((v_I / v_delta) + (ln (2 / v_delta)))) (at_right 0) (Rbar_locally p_infty).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* s is unbounded as δ → 0: every part has a value [definedness near the limit] *)
Lemma equation_7_6_defined : forall (v_I : R),
  (0 < v_I) ->
  (at_right 0) (fun v_delta_1 : R => (v_delta_1 <> 0)
  /\ ((2 / v_delta_1) > 0)).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* at δ = I/ω with ω + log ω = A - log 2 + log I: I/δ + log(2/δ) = A [field] *)
Lemma equation_7_13 : forall (v_I : R) (v_omega : R),
  (0 < v_I) ->
  (0 < v_omega) ->
  (v_omega - (ln (v_I / v_omega)) + (ln 2)) = (v_omega - (ln v_I) + (ln 2) + (ln v_omega)).
Proof.
identity.
Qed.

(* on {Lip ≤ L} the learner is unchanged [atoms of events] *)
Lemma equation_8_1 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_M : Omega -> bool) (v_M_L : Omega -> bool) (v_T : Omega -> bool),
  (probability P) ->
  (forall w, (implb (v_T w) (Bool.eqb (v_M w) (v_M_L w))) = true) ->
  (P (fun w => ((v_M w) && (v_T w)))) <= (P (fun w => (v_M_L w))).
Proof.
intros Omega P v_M v_M_L v_T; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb (v_T w) (Bool.eqb (v_M w) (v_M_L w)))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb (v_T w) (Bool.eqb (v_M w) (v_M_L w))) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_M :: v_M_L :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (b0 && b2) | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_M :: v_M_L :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b1 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_M :: v_M_L :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (negb (implb b2 (Bool.eqb b0 b1))) | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_M :: v_M_L :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => (((true && v_M w) && v_M_L w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((true && v_M w) && v_M_L w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((true && v_M w) && negb (v_M_L w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((true && v_M w) && negb (v_M_L w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_M w)) && v_M_L w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_M w)) && v_M_L w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_M w)) && negb (v_M_L w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_M w)) && negb (v_M_L w)) && negb (v_T w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* union bound [atoms of events] *)
Lemma equation_13_11 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_L : Omega -> bool) (v_U : Omega -> bool),
  (probability P) ->
  (P (fun w => ((v_L w) || (v_U w)))) <= ((P (fun w => (v_L w))) + (P (fun w => (v_U w)))).
Proof.
intros Omega P v_L v_U; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_L :: v_U :: nil) (fun v => match v with b0 :: b1 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_L :: v_U :: nil) (fun v => match v with b0 :: b1 :: nil => (b0 || b1) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_L :: v_U :: nil) (fun v => match v with b0 :: b1 :: nil => b1 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_L :: v_U :: nil) (fun v => match v with b0 :: b1 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => ((true && v_L w) && v_U w))).
pose proof (p_nonneg P HP (fun w => ((true && v_L w) && negb (v_U w)))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_L w)) && v_U w))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_L w)) && negb (v_U w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* -ε²/C = -2mε² at C = 1/(2m) [field] *)
Lemma equation_13_12 : forall (v_epsilon : R) (v_m : R),
  (0 < v_epsilon) ->
  (0 < v_m) ->
  ((- (v_epsilon ^ 2)) / (/ (2 * v_m))) = ((- (2 * v_m)) * (v_epsilon ^ 2)).
Proof.
identity.
Qed.

(* no λ gives less: ℓ + y²/2 ≥ y√(2ℓ), with y = λb√m and the square completed [cleared denominators] *)
Lemma equation_12_8 : forall (v_ell : R) (v_u : R) (v_x : R),
  (0 < v_ell) ->
  (0 < v_u) ->
  (0 < v_x) ->
  ((v_u ^ 2) = (2 * v_ell)) ->
  (v_ell + ((v_x ^ 2) / 2) - (v_u * v_x)) >= 0.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * (((v_x ^ 2) + (2 * v_ell) - (2 * v_u * v_x)))) (2)); [ field; nonzero | posit | ].
psatz R 2.
Qed.
