(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* (log M/λ)' = (λM' - M log M)/(λ²M) = Ent/(λ²M), M = E exp(λf) [powers of atoms] *)
Lemma definition_1_1 : forall (v_M : R -> R) (v_lambda : R),
  (0 < v_lambda) ->
  (forall x : R, ex_derive v_M x) ->
  ((v_M v_lambda) > 0) ->
  (Derive (fun v_lambda : R => ((ln (v_M v_lambda)) / v_lambda)) v_lambda) = (((v_lambda * (Derive v_M v_lambda)) - ((v_M v_lambda) * (ln (v_M v_lambda)))) / ((v_lambda ^ 2) * (v_M v_lambda))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_lambda : R => ((ln (v_M v_lambda)) / v_lambda)) v_lambda) = ((- ((ln (v_M v_lambda)) / (v_lambda ^ 2))) + ((Derive v_M v_lambda) / (v_lambda * (v_M v_lambda))))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* (log M/λ)' = (λM' - M log M)/(λ²M) = Ent/(λ²M), M = E exp(λf): every part has a value [definedness] *)
Lemma definition_1_1_defined : forall (v_M : R -> R) (v_lambda : R),
  (0 < v_lambda) ->
  (forall x : R, ex_derive v_M x) ->
  (((v_M v_lambda) > 0) -> (v_M v_lambda) > 0)
  /\ (((v_M v_lambda) > 0) -> (v_M v_lambda) <> 0)
  /\ (((v_M v_lambda) > 0) -> ex_derive (fun v_lambda : R => (v_M v_lambda)) v_lambda)
  /\ (((v_M v_lambda) > 0) -> ex_derive (fun v_lambda : R => ((ln (v_M v_lambda)) / v_lambda)) v_lambda).
Proof.
defined.
Qed.

(* Ent/(λ²M) ≤ 1/(2ρ) [case distinction] *)
Lemma definition_1_2 : forall (v_Ent : R) (v_M : R) (v_lambda : R) (v_rho : R),
  (0 < v_Ent) ->
  (0 < v_M) ->
  (0 < v_lambda) ->
  (0 < v_rho) ->
  (v_Ent <= (v_M * (v_lambda ^ 2) / (2 * v_rho))) ->
  (v_Ent / (v_M * (v_lambda ^ 2))) <= (1 / (2 * v_rho)).
Proof.
by_cases.
Qed.

(* log M/λ starts at Ef = M'(0)/M(0): log(1 + aλ)/λ → a [by hand] *)
Lemma definition_1_3 : forall (v_a : R),
  (0 < v_a) ->
  filterlim (fun v_lambda : R => ((ln (1 + (v_a * v_lambda))) / v_lambda)) (at_right 0) (locally v_a).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* log M/λ starts at Ef = M'(0)/M(0): log(1 + aλ)/λ → a: every part has a value [definedness near the limit] *)
Lemma definition_1_3_defined : forall (v_a : R),
  (0 < v_a) ->
  (at_right 0) (fun v_lambda_1 : R => (v_lambda_1 <> 0)
  /\ ((1 + (v_a * v_lambda_1)) > 0)).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* the indicator of t ≥ 0 is at most exp(λnt) [linear arithmetic] *)
Lemma definition_1_4 : forall (v_s : R),
  (0 < v_s) ->
  ((exp v_s) >= (1 + v_s)) ->
  (exp v_s) >= 1.
Proof.
intros; lra.
Qed.

(* L²λ²/(2ρ) - λt = -ρt²/(2L²) at λ = ρt/L² [field] *)
Lemma definition_1_5 : forall (v_L : R) (v_rho : R) (v_t : R),
  (0 < v_L) ->
  (0 < v_rho) ->
  (0 < v_t) ->
  ((((v_L ^ 2) * (((v_rho * v_t) / (v_L ^ 2)) ^ 2)) / (2 * v_rho)) - (((v_rho * v_t) / (v_L ^ 2)) * v_t)) = (((- v_rho) * (v_t ^ 2)) / (2 * (v_L ^ 2))).
Proof.
identity.
Qed.

(* ρt²/(2L²) at ρ = d/c [field] *)
Lemma definition_1_6 : forall (v_L : R) (v_c : R) (v_d : R) (v_t : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_t) ->
  (((v_d / v_c) * (v_t ^ 2)) / (2 * (v_L ^ 2))) = ((v_d * (v_t ^ 2)) / ((2 * v_c) * (v_L ^ 2))).
Proof.
identity.
Qed.

(* both tails [atoms of events] *)
Lemma definition_1_7 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_U : Omega -> bool) (v_V : Omega -> bool),
  (probability P) ->
  (P (fun w => ((v_U w) || (v_V w)))) <= ((P (fun w => (v_U w))) + (P (fun w => (v_V w)))).
Proof.
intros Omega P v_U v_V; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_U :: v_V :: nil) (fun v => match v with b0 :: b1 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_U :: v_V :: nil) (fun v => match v with b0 :: b1 :: nil => (b0 || b1) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_U :: v_V :: nil) (fun v => match v with b0 :: b1 :: nil => b1 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_U :: v_V :: nil) (fun v => match v with b0 :: b1 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => ((true && v_U w) && v_V w))).
pose proof (p_nonneg P HP (fun w => ((true && v_U w) && negb (v_V w)))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_U w)) && v_V w))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_U w)) && negb (v_V w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* N(0, I/d): c = dλ_max at λ_max = 1/d [field] *)
Lemma definition_1_8 : forall (v_d : R),
  (0 < v_d) ->
  (v_d / v_d) = 1.
Proof.
identity.
Qed.

(* unit sphere: c = d/ρ at ρ = d - 1 is 1 + 1/(d - 1) [field] *)
Lemma definition_1_9 : forall (v_d : R),
  (0 < v_d) ->
  (v_d >= 2) ->
  (v_d / ((- 1) + v_d)) = (1 + (/ ((- 1) + v_d))).
Proof.
identity.
Qed.

(* unit sphere: c = d/ρ at ρ = d - 1 is 1 + 1/(d - 1): every part has a value [definedness] *)
Lemma definition_1_9_defined : forall (v_d : R),
  (0 < v_d) ->
  (v_d >= 2) -> ((- 1) + v_d) <> 0.
Proof.
defined.
Qed.

(* f(rx) is rL-Lipschitz: dt²/(2c(rL)²) = dt²/(2(r²c)L²) [field] *)
Lemma definition_1_10 : forall (v_L : R) (v_c : R) (v_d : R) (v_r : R) (v_t : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_r) ->
  (0 < v_t) ->
  ((v_d * (v_t ^ 2)) / ((2 * v_c) * ((v_r * v_L) ^ 2))) = ((v_d * (v_t ^ 2)) / ((2 * ((v_r ^ 2) * v_c)) * (v_L ^ 2))).
Proof.
identity.
Qed.

(* φ(g) ≤ φ(0): exp(s) ≥ 1 with s = g²/2 [linear arithmetic] *)
Lemma definition_1_11 : forall (v_s : R),
  (0 < v_s) ->
  ((exp v_s) >= (1 + v_s)) ->
  (exp v_s) >= 1.
Proof.
intros; lra.
Qed.

(* exp(s) ≥ 1 + s for s ≥ 0 [mean value theorem] *)
Lemma definition_1_12 : forall (v_s : R),
  (0 < v_s) ->
  (exp v_s) >= (1 + v_s).
Proof.
intros. split_hypotheses.
assert (L2 : forall v_s_t : R, 0 < v_s_t -> 0 <= (exp v_s_t)).
{ intros v_s_t; intros. first [ solve [slope_by_signs v_s_t] | replace (exp v_s_t) with (exp v_s_t) by (pose_positive; field; nonzero); slope_by_signs v_s_t ]. }
assert (L1 : forall v_s_t : R, 0 < v_s_t -> 0 <= ((- 1) + (exp v_s_t))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => ((- 1) + (exp v_s_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => ((- 1) + (exp v_s_t))) (fun v_s_t : R => (exp v_s_t)) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L2 v_s_t_u. }
assert (L0 : forall v_s_t : R, 0 < v_s_t -> 0 <= ((- 1) - v_s_t + (exp v_s_t))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => ((- 1) - v_s_t + (exp v_s_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => ((- 1) - v_s_t + (exp v_s_t))) (fun v_s_t : R => ((- 1) + (exp v_s_t))) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L1 v_s_t_u. }
use_level L0 v_s.
Qed.

(* dΛ² = 6/pi at Λ = √(3/d) · 2/√(2π) [powers of atoms] *)
Lemma definition_1_13 : forall (v_d : R),
  (0 < v_d) ->
  (v_d * (((sqrt 6) / ((sqrt PI) * (sqrt v_d))) ^ 2)) = (6 / PI).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt PI)) = (1) / ((sqrt PI) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (/ (sqrt v_d)) = (1) / ((sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 6) ^ 2 = 6) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 6)) by posit.
set (s0 := (sqrt 6)) in *. clearbody s0.
assert (Rs1 : (sqrt PI) ^ 2 = PI) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt PI)) by posit.
set (s1 := (sqrt PI)) in *. clearbody s1.
assert (Rs2 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_d)) by posit.
set (s2 := (sqrt v_d)) in *. clearbody s2.
subst v_d.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2t²/(d (2L/√d)²) = dt²/(2cL²) at c = d [powers of atoms] *)
Lemma definition_1_14 : forall (v_L : R) (v_d : R) (v_t : R),
  (0 < v_L) ->
  (0 < v_d) ->
  (0 < v_t) ->
  ((2 * (v_t ^ 2)) / (v_d * (((2 * v_L) / (sqrt v_d)) ^ 2))) = ((v_d * (v_t ^ 2)) / ((2 * v_d) * (v_L ^ 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (Rs0 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_d)) by posit.
set (s0 := (sqrt v_d)) in *. clearbody s0.
subst v_d.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2 exp(-L²/(2cL²)) = 1 at c = 1/(2*log(2)) [powers of atoms] *)
Lemma definition_1_15 : forall (v_L : R),
  (0 < v_L) ->
  (2 * (exp ((- (v_L ^ 2)) / ((2 * (1 / (2 * (ln 2)))) * (v_L ^ 2))))) = 1.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp ((- (v_L ^ 2)) / ((2 * (1 / (2 * (ln 2)))) * (v_L ^ 2)))) = (1) / (2 ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* d (a d^(-1/4))² = a²√d [powers of atoms] *)
Lemma definition_1_16 : forall (v_a : R) (v_d : R),
  (0 < v_a) ->
  (0 < v_d) ->
  (v_d * ((v_a / (Rpower v_d (1 / 4))) ^ 2)) = ((v_a ^ 2) * (sqrt v_d)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (Rpower v_d (- 1 / 4)) = (1) / ((Rpower v_d (1 / 4)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt v_d) = (Rpower v_d (1 / 4)) ^ 2) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (Rpower v_d (1 / 4)) ^ 4 = v_d) by (by_logarithms).
assert (Ps0 : 0 < (Rpower v_d (1 / 4))) by posit.
set (s0 := (Rpower v_d (1 / 4))) in *. clearbody s0.
subst v_d.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* which grows [by hand] *)
Lemma definition_1_17 : forall (v_a : R),
  (0 < v_a) ->
  filterlim (fun v_d : R => ((v_a ^ 2) * (sqrt v_d))) (Rbar_locally p_infty) (Rbar_locally p_infty).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* which grows: every part has a value [definedness near the limit] *)
Lemma definition_1_17_defined : forall (v_a : R),
  (0 < v_a) ->
  (Rbar_locally p_infty) (fun v_d_1 : R => v_d_1 >= 0).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* solving q ≤ 2 exp(-x/(2c)), x/(2c) ≤ y = log(2/q), for c [case distinction] *)
Lemma definition_1_18 : forall (v_c : R) (v_s : R) (v_t : R),
  (0 < v_c) ->
  (0 < v_s) ->
  (0 < v_t) ->
  ((v_s / (2 * v_c)) <= v_t) ->
  v_c >= (v_s / (2 * v_t)).
Proof.
by_cases.
Qed.
