(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* I(m; D) ≤ H(m) [elemental inequalities] *)
Lemma claim_p_eff_at_most_p_1 : forall (h_D : R) (h_m : R) (h_D_m : R),
  (0 <= h_D_m - h_m) ->
  (0 <= h_D_m - h_D) ->
  (0 <= h_D + h_m - h_D_m - 0) ->
  (h_m + h_D - h_D_m - 0) <= (h_m - 0).
Proof.
intros; repeat split; lra.
Qed.

(* two coordinates, more by induction [elemental inequalities] *)
Lemma claim_p_eff_at_most_p_2 : forall (h_m_1 : R) (h_m_2 : R) (h_m_1_m_2 : R),
  (0 <= h_m_1_m_2 - h_m_2) ->
  (0 <= h_m_1_m_2 - h_m_1) ->
  (0 <= h_m_1 + h_m_2 - h_m_1_m_2 - 0) ->
  (h_m_1_m_2 - 0) <= ((h_m_1 - 0) + (h_m_2 - 0)).
Proof.
intros; repeat split; lra.
Qed.

(* with odds a of q and b = z: log(1 + z) - h(q) - q log z = kl(q ‖ z/(1 + z)), logarithms split [field] *)
Lemma claim_p_eff_at_most_p_5 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((- ((ln (1 + v_a)) / (1 + v_a))) + (v_a * ((- (ln (1 + v_a))) + (ln v_a)) / (1 + v_a)) - (v_a * (ln v_b) / (1 + v_a)) + (ln (1 + v_b))) = ((((- (ln (1 + v_a))) + (ln (1 + v_b))) / (1 + v_a)) + (v_a * ((- (ln v_b)) - (ln (1 + v_a)) + (ln v_a) + (ln (1 + v_b))) / (1 + v_a))).
Proof.
identity.
Qed.

(* kl(q ‖ v) = v φ(q/v) + (1-v) φ((1-q)/(1-v)) ≥ 0, φ ≥ 0: r and s stand for its two values [nonlinear arithmetic] *)
Lemma claim_p_eff_at_most_p_6 : forall (v_r : R) (v_s : R) (v_v : R),
  (0 < v_r) ->
  (0 < v_s) ->
  (0 < v_v) ->
  (v_v < 1) ->
  ((v_r * v_v) + (v_s * (1 - v_v))) >= 0.
Proof.
intros; nra.
Qed.

(* 1 + z ≤ 2z [linear arithmetic] *)
Lemma claim_p_eff_at_most_p_7 : forall (v_z : R),
  (0 < v_z) ->
  (v_z >= 1) ->
  (1 + v_z) <= (2 * v_z).
Proof.
intros; lra.
Qed.

(* log is increasing: log t ≥ 0 for t = 2z/(1 + z) ≥ 1 [mean value theorem] *)
Lemma claim_p_eff_at_most_p_8 : forall (v_t : R),
  (0 < v_t) ->
  (v_t >= 1) ->
  (ln v_t) >= 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_t_t : R, 0 < v_t_t -> v_t_t >= 1 -> 0 <= (/ v_t_t)).
{ intros v_t_t; intros. first [ solve [slope_by_signs v_t_t] | replace (/ v_t_t) with (/ v_t_t) by (pose_positive; field; nonzero); slope_by_signs v_t_t ]. }
assert (L0 : forall v_t_t : R, 0 < v_t_t -> v_t_t >= 1 -> 0 <= (ln v_t_t)).
{ intros v_t_t; intros.
  apply Rle_trans with ((fun v_t_t : R => (ln v_t_t)) 1); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_t_t : R => (ln v_t_t)) (fun v_t_t : R => (/ v_t_t)) 1 v_t_t); [ | in_range | ].
  - intros v_t_t_u ?. cbv beta. differentiate.
  - intros v_t_t_u ?. cbv beta. slope_from L1 v_t_t_u. }
use_level L0 v_t.
Qed.

(* 1 + z < 2z [linear arithmetic] *)
Lemma claim_p_eff_at_most_p_15 : forall (v_z : R),
  (0 < v_z) ->
  (v_z > 1) ->
  (1 + v_z) < (2 * v_z).
Proof.
intros; lra.
Qed.

(* the ratio [field] *)
Lemma claim_ratio_diverges_1 : forall (v_K : R) (v_gamma : R) (v_p : R),
  (0 < v_K) ->
  (0 < v_gamma) ->
  (0 < v_p) ->
  (v_gamma < 1) ->
  (((v_p * ((- (v_gamma * (ln v_gamma))) - ((1 - v_gamma) * (ln (1 - v_gamma))))) + (v_K * v_p * (1 - v_gamma))) / (v_K * v_p * (1 - v_gamma))) = (1 + (((- (v_gamma * (ln v_gamma))) - ((1 - v_gamma) * (ln (1 - v_gamma)))) / (v_K * (1 - v_gamma)))).
Proof.
identity.
Qed.

(* the ratio: every part has a value [definedness] *)
Lemma claim_ratio_diverges_1_defined : forall (v_K : R) (v_gamma : R) (v_p : R),
  (0 < v_K) ->
  (0 < v_gamma) ->
  (0 < v_p) ->
  ((v_gamma < 1) -> (1 - v_gamma) <> 0)
  /\ ((v_gamma < 1) -> (1 - v_gamma) > 0).
Proof.
defined.
Qed.

(* limit of h(s)/s, s = 1 - γ [by hand] *)
Lemma claim_ratio_diverges_2 : filterlim (fun v_s : R => ((- (ln v_s)) - ((1 - v_s) * (ln (1 - v_s)) / v_s))) (at_right 0) (Rbar_locally p_infty).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* limit of h(s)/s, s = 1 - γ: every part has a value [definedness near the limit] *)
Lemma claim_ratio_diverges_2_defined : (at_right 0) (fun v_s_1 : R => (v_s_1 > 0)
  /\ (v_s_1 <> 0)
  /\ ((1 - v_s_1) > 0)).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* (p - i)/(k - i) ≥ p/k for i < k ≤ p [nonlinear arithmetic] *)
Lemma claim_ratio_diverges_3 : forall (v_i : R) (v_k : R) (v_p : R),
  (0 <= v_i) ->
  (0 < v_k) ->
  (0 < v_p) ->
  (v_i < v_k) ->
  (v_k <= v_p) ->
  (v_k * (v_p - v_i)) >= (v_p * (v_k - v_i)).
Proof.
intros; nra.
Qed.

(* p/k = 1/(1-γ) [field] *)
Lemma claim_ratio_diverges_4 : forall (v_gamma : R) (v_p : R),
  (0 < v_gamma) ->
  (0 < v_p) ->
  (v_gamma < 1) ->
  (v_p / ((1 - v_gamma) * v_p)) = (/ (1 - v_gamma)).
Proof.
identity.
Qed.

(* p/k = 1/(1-γ): every part has a value [definedness] *)
Lemma claim_ratio_diverges_4_defined : forall (v_gamma : R) (v_p : R),
  (0 < v_gamma) ->
  (0 < v_p) ->
  ((v_gamma < 1) -> ((1 - v_gamma) * v_p) <> 0)
  /\ ((v_gamma < 1) -> (1 - v_gamma) <> 0).
Proof.
defined.
Qed.

(* p h(s) ≤ sp (log(1/s) + 1) [linear arithmetic] *)
Lemma claim_ratio_diverges_6 : forall (v_delta : R),
  (0 < v_delta) ->
  (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) ->
  (v_delta < 1) ->
  ((- (v_delta * (ln v_delta))) - ((1 - v_delta) * (ln (1 - v_delta)))) <= (v_delta * (1 - (ln v_delta))).
Proof.
intros; lra.
Qed.

(* p h(s) ≤ sp (log(1/s) + 1): every part has a value [definedness] *)
Lemma claim_ratio_diverges_6_defined : forall (v_delta : R),
  (0 < v_delta) ->
  ((v_delta < 1) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) -> (v_delta < 1) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* 1 + (x + 1)/K ≤ 2 + 1/y for x = log(p/k) ≤ y = log p ≤ K [case distinction] *)
Lemma claim_ratio_diverges_7 : forall (v_K : R) (v_x : R) (v_y : R),
  (0 < v_K) ->
  (0 < v_x) ->
  (0 < v_y) ->
  (v_x <= v_y) ->
  (v_y <= v_K) ->
  (1 + ((1 + v_x) / v_K)) <= (2 + (/ v_y)).
Proof.
by_cases.
Qed.

(* H(m | D) = 0 [elemental inequalities] *)
Lemma claim_brute_force_information_1 : forall (h_D : R) (h_m : R) (h_D_m : R),
  (0 <= h_D_m - h_m) ->
  (0 <= h_D_m - h_D) ->
  (0 <= h_D + h_m - h_D_m - 0) ->
  ((h_D_m - h_D) = 0) ->
  (h_m + h_D - h_D_m - 0) = (h_m - 0).
Proof.
intros; repeat split; lra.
Qed.

(* N x = 1 gives x = 1/N [case distinction] *)
Lemma claim_brute_force_information_2 : forall (v_N : R) (v_p : R),
  (0 < v_N) ->
  (0 < v_p) ->
  ((v_N * v_p) = 1) ->
  v_p = (/ v_N).
Proof.
by_cases.
Qed.

(* N (1/N) log N = log N [field] *)
Lemma claim_brute_force_information_3 : forall (v_N : R),
  (0 < v_N) ->
  (- (ln (/ v_N))) = (ln v_N).
Proof.
identity.
Qed.

(* H(m | D) = H(D | m) = 0 [elemental inequalities] *)
Lemma claim_data_encoding_mask_1 : forall (h_D : R) (h_m : R) (h_D_m : R),
  (0 <= h_D_m - h_m) ->
  (0 <= h_D_m - h_D) ->
  (0 <= h_D + h_m - h_D_m - 0) ->
  ((h_D_m - h_D) = 0) ->
  ((h_D_m - h_m) = 0) ->
  (h_m + h_D - h_D_m - 0) = (h_D - 0).
Proof.
intros; repeat split; lra.
Qed.

(* 2^n values of probability 2^-n [field] *)
Lemma claim_data_encoding_mask_2 : forall (v_n : R),
  (0 < v_n) ->
  (- ((ln (Rpower 2 (- v_n))) / (ln 2))) = v_n.
Proof.
identity.
Qed.

(* slope Λ = 1 + B of f(x) = Λ x_1 exceeds B: Λt/t > B [linear arithmetic] *)
Lemma claim_data_encoding_mask_3 : forall (v_B : R) (v_Lambda : R),
  (0 < v_B) ->
  (0 < v_Lambda) ->
  (v_Lambda = (1 + v_B)) ->
  v_Lambda > v_B.
Proof.
intros; lra.
Qed.

(* with r = a exp(-g): exp(g) (r log r - r + 1) = a (log a - g) - a + exp(g) [powers of atoms] *)
Lemma claim_correlation_lower_bound_3 : forall (v_a : R) (v_g : R),
  (0 < v_a) ->
  ((1 - (v_a * (exp (- v_g))) + (v_a * ((- v_g) + (ln v_a)) * (exp (- v_g)))) * (exp v_g)) = ((- v_a) + (v_a * ((- v_g) + (ln v_a))) + (exp v_g)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- v_g)) = (1) / ((exp v_g) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_g)) by posit. set (s0 := (exp v_g)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* λx - vλ²/2 = x²/(2v) at λ = x/v [field] *)
Lemma claim_correlation_lower_bound_4 : forall (v_v : R) (v_x : R),
  (0 < v_v) ->
  (((v_x / v_v) * v_x) - ((v_v * ((v_x / v_v) ^ 2)) / 2)) = ((v_x ^ 2) / (2 * v_v)).
Proof.
identity.
Qed.

(* x²/(2v) = nd x²/(8cL²) at that v [field] *)
Lemma claim_correlation_lower_bound_23 : forall (v_L : R) (v_c : R) (v_d : R) (v_n : R) (v_x : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_n) ->
  ((v_x ^ 2) / (2 * (((4 * v_c) * (v_L ^ 2)) / (v_n * v_d)))) = (((v_n * v_d) * (v_x ^ 2)) / ((8 * v_c) * (v_L ^ 2))).
Proof.
identity.
Qed.

(* split cells count twice: with B of A = B + C cells split, 2B + C = A + B [linear arithmetic] *)
Lemma claim_cover_capacity_1 : forall (v_A : R) (v_B : R) (v_C : R),
  (0 <= v_A) ->
  (0 <= v_B) ->
  (0 <= v_C) ->
  (v_A = (v_B + v_C)) ->
  (v_C + (2 * v_B)) = (v_A + v_B).
Proof.
intros; lra.
Qed.

(* C(n, i) = C(n-1, i) + C(n-1, i-1), as ratios to C(n-1, i): n/(n-i) = 1 + i/(n-i) [field] *)
Lemma claim_cover_capacity_2 : forall (v_i : R) (v_n : R),
  (exists z : Z, v_i = IZR z) ->
  (0 < v_i) ->
  (0 < v_n) ->
  (v_i < v_n) ->
  (- (v_n / (v_i - v_n))) = (1 + (v_i / (v_n - v_i))).
Proof.
identity.
Qed.

(* C(n, i) = C(n-1, i) + C(n-1, i-1), as ratios to C(n-1, i): n/(n-i) = 1 + i/(n-i): every part has a value [definedness] *)
Lemma claim_cover_capacity_2_defined : forall (v_i : R) (v_n : R),
  (exists z : Z, v_i = IZR z) ->
  (0 < v_i) ->
  (0 < v_n) ->
  ((v_i < v_n) -> (v_i - v_n) <> 0)
  /\ ((v_i < v_n) -> (v_n - v_i) <> 0).
Proof.
defined.
Qed.

(* 2/2^n = 2^-(n-1) [powers of atoms] *)
Lemma claim_cover_capacity_3 : forall (v_n : R),
  (0 < v_n) ->
  (2 * (Rpower 2 (- v_n))) = (Rpower 2 (1 - v_n)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (Rpower 2 (- v_n)) = (1) / ((exp (v_n * (ln 2))) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (Rpower 2 (1 - v_n)) = (2 ^ 1) / ((exp (v_n * (ln 2))) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (v_n * (ln 2)))) by posit. set (s0 := (exp (v_n * (ln 2)))) in *. clearbody s0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2(d - 1) - (n - 1) = +εd - 1 at n = (2 - ε)d [linear arithmetic] *)
Lemma claim_cover_capacity_9 : forall (v_d : R) (v_epsilon : R),
  (0 < v_d) ->
  (0 < v_epsilon) ->
  ((- 1) + (2 * v_d) - (v_d * (2 - v_epsilon))) = ((- 1) + (v_d * v_epsilon)).
Proof.
intros; lra.
Qed.

(* 2(d - 1) - (n - 1) = -εd - 1 at n = (2 + ε)d [linear arithmetic] *)
Lemma claim_cover_capacity_10 : forall (v_d : R) (v_epsilon : R),
  (0 < v_d) ->
  (0 < v_epsilon) ->
  ((- 1) + (2 * v_d) - (v_d * (2 + v_epsilon))) = ((- 1) - (v_d * v_epsilon)).
Proof.
intros; lra.
Qed.

(* m fair bits at distance u/2 from the mean: 2m(u/(2m))² = u²/(2m) [field] *)
Lemma claim_cover_capacity_11 : forall (v_m : R) (v_u : R),
  (0 < v_m) ->
  (0 < v_u) ->
  ((2 * v_m) * ((v_u / (2 * v_m)) ^ 2)) = ((v_u ^ 2) / (2 * v_m)).
Proof.
identity.
Qed.

(* complement [atoms of events] *)
Lemma claim_cover_capacity_12 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_M : Omega -> bool),
  (probability P) ->
  ((P (fun w => (v_M w))) + (P (fun w => (negb (v_M w))))) = 1.
Proof.
intros Omega P v_M; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_M :: nil) (fun v => match v with b0 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_M :: nil) (fun v => match v with b0 :: nil => (negb b0) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_M :: nil) (fun v => match v with b0 :: nil => true | _ => false end)) as X2; cbn in X2.
pose proof (p_nonneg P HP (fun w => (true && v_M w))).
pose proof (p_nonneg P HP (fun w => (true && negb (v_M w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* (εd - 1)²/(2((2-ε)d - 1)) → ∞ : divided by d it tends to ε²/(2(2-ε)) > 0 [by hand] *)
Lemma claim_cover_capacity_13 : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  (v_epsilon < 1) ->
  filterlim (fun v_d : R => ((((- 1) + (v_d * v_epsilon)) ^ 2) / (v_d * ((- 2) + (2 * v_d * (2 - v_epsilon)))))) (Rbar_locally p_infty) (locally ((v_epsilon ^ 2) / (4 - (2 * v_epsilon)))).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* (εd - 1)²/(2((2-ε)d - 1)) → ∞ : divided by d it tends to ε²/(2(2-ε)) > 0: every part has a value [definedness near the limit] *)
Lemma claim_cover_capacity_13_defined : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  (v_epsilon < 1) ->
  ((v_epsilon < 1) -> (4 - (2 * v_epsilon)) <> 0)
  /\ ((Rbar_locally p_infty) (fun v_d_1 : R => (((- 2) + (2 * (2 - v_epsilon) * v_d_1)) <> 0)
  /\ (v_d_1 <> 0))).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* (εd + 1)²/(2((2+ε)d - 1))/d → ε²/(2(2+ε)) [by hand] *)
Lemma claim_cover_capacity_14 : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  filterlim (fun v_d : R => (((1 + (v_d * v_epsilon)) ^ 2) / (v_d * ((- 2) + (2 * v_d * (2 + v_epsilon)))))) (Rbar_locally p_infty) (locally ((v_epsilon ^ 2) / (4 + (2 * v_epsilon)))).
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* (εd + 1)²/(2((2+ε)d - 1))/d → ε²/(2(2+ε)): every part has a value [definedness near the limit] *)
Lemma claim_cover_capacity_14_defined : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  (Rbar_locally p_infty) (fun v_d_1 : R => (((- 2) + (2 * (2 + v_epsilon) * v_d_1)) <> 0)
  /\ (v_d_1 <> 0)).
Proof.
intros; repeat split; first [ defined_near_limit | defined ].
Qed.

(* width 4, 1 outputs: 21 [linear arithmetic] *)
Lemma claim_toy_parameter_count_1 : ((4 * 3) + 4 + (1 * 4) + 1) = 21.
Proof.
intros; lra.
Qed.

(* width 3, 2 outputs: 21 [false] *)
Lemma claim_toy_parameter_count_2 : ~ (((3 * 3) + 3 + (2 * 3) + 2) = 21).
Proof.
intros H. specialize (H).
repeat match type of H with ?A -> _ => match type of A with Prop =>
  specialize (H ltac:(solve [true_at_point])) end end.
false_at_point H.
Qed.

(* width 3, 1 outputs: 16 [linear arithmetic] *)
Lemma claim_toy_parameter_count_3 : ((3 * 3) + 3 + (1 * 3) + 1) = 16.
Proof.
intros; lra.
Qed.

(* width 3, 2 outputs: 20 [linear arithmetic] *)
Lemma claim_toy_parameter_count_4 : ((3 * 3) + 3 + (2 * 3) + 2) = 20.
Proof.
intros; lra.
Qed.

(* 2 < k < 3 [linear arithmetic] *)
Lemma claim_toy_parameter_count_5 : forall (v_k : R),
  ((12 + (4 * v_k)) = 21) ->
  ((v_k < 3) /\ (v_k > 2)).
Proof.
intros; lra.
Qed.

(* -t log t = -s log s - (1 + log s)(t - s) - s φ(t/s), φ(r) = r log r - r + 1 [field] *)
Lemma claim_toy_sampling_3 : forall (v_s : R) (v_t : R),
  (0 < v_s) ->
  (0 < v_t) ->
  (- (v_t * (ln v_t))) = ((- (v_s * (1 - (v_t / v_s) + (v_t * ((- (ln v_s)) + (ln v_t)) / v_s)))) - (v_s * (ln v_s)) - ((1 + (ln v_s)) * (v_t - v_s))).
Proof.
identity.
Qed.

(* the tangents at s = 1/K, summed over K frequencies with sum one: log K [field] *)
Lemma claim_toy_sampling_6 : forall (v_K : R),
  (0 < v_K) ->
  (- (ln (/ v_K))) = (ln v_K).
Proof.
identity.
Qed.

(* fewer masks have a smaller largest entropy: log r ≥ 0 for r = N/K ≥ 1 [mean value theorem] *)
Lemma claim_toy_sampling_7 : forall (v_r : R),
  (0 < v_r) ->
  (v_r >= 1) ->
  (ln v_r) >= 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (/ v_r_t)).
{ intros v_r_t; intros. first [ solve [slope_by_signs v_r_t] | replace (/ v_r_t) with (/ v_r_t) by (pose_positive; field; nonzero); slope_by_signs v_r_t ]. }
assert (L0 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (ln v_r_t)).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => (ln v_r_t)) 1); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_r_t : R => (ln v_r_t)) (fun v_r_t : R => (/ v_r_t)) 1 v_r_t); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L1 v_r_t_u. }
use_level L0 v_r.
Qed.
