(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* pℓ + κ ≤ p(ℓ + κ) for p ≥ 1, κ = log(2/δ): Lip ≥ (ε/4) √(nd/p)/√(8c(ℓ + κ)) [nonlinear arithmetic] *)
Lemma theorem_1_1 : forall (v_ell : R) (v_kappa : R) (v_p : R),
  (0 <= v_ell) ->
  (0 < v_kappa) ->
  (0 < v_p) ->
  (v_p >= 1) ->
  (v_kappa + (v_ell * v_p)) <= (v_p * (v_ell + v_kappa)).
Proof.
intros; nra.
Qed.

(* balls of radius r/2 around points that are r apart are disjoint (triangle inequality) [linear arithmetic] *)
Lemma theorem_1_2 : forall (v_r : R) (v_x_x_prime : R) (v_z_x_prime : R) (v_z_x : R),
  (0 < v_r) ->
  (0 <= v_x_x_prime) ->
  (0 <= v_z_x_prime) ->
  (0 <= v_z_x) ->
  (v_x_x_prime <= (v_z_x_prime + v_z_x)) ->
  (v_z_x < (v_r / 2)) ->
  (v_z_x_prime < (v_r / 2)) ->
  v_x_x_prime < v_r.
Proof.
intros; lra.
Qed.

(* and lie within W + r/2 of any one of the points, and within W + r of each other [linear arithmetic] *)
Lemma theorem_1_3 : forall (v_W : R) (v_r : R) (v_x_x_prime : R) (v_x_x_0 : R) (v_z_x_prime : R) (v_z_x : R),
  (0 < v_W) ->
  (0 < v_r) ->
  (0 <= v_x_x_prime) ->
  (0 <= v_x_x_0) ->
  (0 <= v_z_x_prime) ->
  (0 <= v_z_x) ->
  (v_x_x_0 <= v_W) ->
  (v_x_x_prime <= v_W) ->
  (v_z_x <= (v_r / 2)) ->
  (v_z_x_prime <= (v_r / 2)) ->
  (((v_x_x_prime + v_z_x_prime + v_z_x) <= (v_W + v_r)) /\ ((v_x_x_0 + v_z_x) <= (v_W + (v_r / 2)))).
Proof.
intros; lra.
Qed.

(* N (r/2)^κ ≤ ((W + r)/2)^κ, that is N ≤ (1 + W/r)^κ [field] *)
Lemma theorem_1_4 : forall (v_W : R) (v_kappa : R) (v_r : R),
  (0 < v_W) ->
  (0 < v_kappa) ->
  (0 < v_r) ->
  (Rpower (2 * ((v_W / 2) + (v_r / 2)) / v_r) v_kappa) = (Rpower (1 + (v_W / v_r)) v_kappa).
Proof.
identity.
Qed.

(* W/r = 8WJ/ε at r = ε/(8J) [field] *)
Lemma theorem_1_5 : forall (v_J : R) (v_W : R) (v_epsilon : R),
  (0 < v_J) ->
  (0 < v_W) ->
  (0 < v_epsilon) ->
  (v_W / (v_epsilon / (8 * v_J))) = (((8 * v_W) * v_J) / v_epsilon).
Proof.
identity.
Qed.

(* |v| ≤ (v²/a + a)/2, so the mean of |f - y| is at most a = √MSE [cleared denominators] *)
Lemma theorem_1_6 : forall (v_L : R) (v_v : R),
  (0 < v_L) ->
  (Rabs v_v) <= ((v_L / 2) + ((v_v ^ 2) / (2 * v_L))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
split_cases.
all: pose proof (pow2_ge_0 (v_L - v_v)); idtac.
all: name_roots; name_inverses; psatz R 3.
Qed.

(* (f' - y)² ≤ (|f - y| + ε/8)², averaged: MSE' ≤ a² + 2aε/8 + (ε/8)² = (a + ε/8)² [case distinction] *)
Lemma theorem_1_7 : forall (v_epsilon : R) (v_f : R) (v_f_prime : R) (v_y : R),
  (0 < v_epsilon) ->
  ((v_f - v_f_prime) <= (v_epsilon / 8)) ->
  ((v_f_prime - v_f) <= (v_epsilon / 8)) ->
  ((v_f_prime - v_y) ^ 2) <= (((v_epsilon / 8) + (Rabs (v_f - v_y))) ^ 2).
Proof.
by_cases.
Qed.

(* MSE(f) ≤ σ² - ε gives MSE(f') ≤ σ² - ε + 1/4 ε [cleared denominators] *)
Lemma theorem_1_8 : forall (v_a : R) (v_b : R) (v_epsilon : R) (v_sigma_2 : R),
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (v_b <= (v_a + (v_epsilon / 8))) ->
  ((v_a ^ 2) <= (v_sigma_2 - v_epsilon)) ->
  (v_sigma_2 <= 1) ->
  (v_epsilon <= 1) ->
  (v_b ^ 2) <= (v_sigma_2 - ((3 / 4) * v_epsilon)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- (4 * (v_b ^ 2))) - (3 * v_epsilon) + (4 * v_sigma_2)))) (4)); [ field; nonzero | posit | ].
all: try (assert (v_b ^ 2 <= (v_a + (v_epsilon / 8)) ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((v_a ^ 2) ^ 2 <= (v_sigma_2 - v_epsilon) ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_sigma_2 ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_epsilon ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
nra.
Qed.

(* the joint density of (l, x) is again α_l μ_l(x) [field] *)
Lemma theorem_1_9 : forall (v_alpha_l : R) (v_mu : R) (v_mu_l : R),
  (0 < v_alpha_l) ->
  (0 < v_mu) ->
  (0 < v_mu_l) ->
  (((v_alpha_l * v_mu_l) / v_mu) * v_mu) = (v_alpha_l * v_mu_l).
Proof.
identity.
Qed.

(* pointwise [linear arithmetic] *)
Lemma theorem_1_10 : forall (v_f : R) (v_g : R) (v_z : R),
  ((v_f - v_g - v_z) ^ 2) = ((v_z ^ 2) + ((v_f - v_g) ^ 2) - (2 * v_f * v_z) + (2 * v_g * v_z)).
Proof.
intros; lra.
Qed.

(* T_s = y² - g² - 2 s_l z with y = g + z [linear arithmetic] *)
Lemma theorem_1_11 : forall (v_g : R) (v_s_l : R) (v_z : R),
  (((v_g + v_z - v_s_l) ^ 2) - ((v_g - v_s_l) ^ 2)) = (((v_g + v_z) ^ 2) - (v_g ^ 2) - (2 * v_s_l * v_z)).
Proof.
intros; lra.
Qed.

(* e_l S_l ≤ |S_l|, summed over l gives T ≤ A [case distinction] *)
Lemma theorem_1_12 : forall (v_S_l : R) (v_e_l : R),
  (v_e_l >= (- 1)) ->
  (v_e_l <= 1) ->
  (v_S_l * v_e_l) <= (Rabs v_S_l).
Proof.
by_cases.
Qed.

(* Y - 2M ≤ σ² - (ε - 2τ), where Y, M are the mean of y² - g² and the largest mean of s_l z [linear arithmetic] *)
Lemma theorem_1_13 : forall (v_F : R) (v_M : R) (v_MSE : R) (v_Q : R) (v_X : R) (v_Y : R) (v_epsilon : R) (v_sigma_2 : R) (v_tau : R),
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (0 < v_tau) ->
  (v_MSE = (v_Q + v_Y - (2 * v_F))) ->
  (v_Q >= 0) ->
  (v_MSE <= (v_sigma_2 - v_epsilon)) ->
  (v_F <= (v_M + v_X)) ->
  (v_X < v_tau) ->
  (v_Y - (2 * v_M)) <= (v_sigma_2 - v_epsilon + (2 * v_tau)).
Proof.
intros; lra.
Qed.

(* exp(-s) ≥ 1 - s for s ≥ 0 [mean value theorem] *)
Lemma theorem_1_15 : forall (v_s : R),
  (0 < v_s) ->
  (exp (- v_s)) >= (1 - v_s).
Proof.
intros. split_hypotheses.
assert (L2 : forall v_s_t : R, 0 < v_s_t -> 0 <= (exp (- v_s_t))).
{ intros v_s_t; intros. first [ solve [slope_by_signs v_s_t] | replace (exp (- v_s_t)) with (exp (- v_s_t)) by (pose_positive; field; nonzero); slope_by_signs v_s_t ]. }
assert (L1 : forall v_s_t : R, 0 < v_s_t -> 0 <= (1 - (exp (- v_s_t)))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => (1 - (exp (- v_s_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => (1 - (exp (- v_s_t)))) (fun v_s_t : R => (exp (- v_s_t))) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L2 v_s_t_u. }
assert (L0 : forall v_s_t : R, 0 < v_s_t -> 0 <= ((- 1) + v_s_t + (exp (- v_s_t)))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => ((- 1) + v_s_t + (exp (- v_s_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_s_t : R => ((- 1) + v_s_t + (exp (- v_s_t)))) (fun v_s_t : R => (1 - (exp (- v_s_t)))) 0 v_s_t); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L1 v_s_t_u. }
use_level L0 v_s.
Qed.

(* the chord lies above: exp(m) ≤ α exp(b) + (1-α) exp(a) at m = αb + (1-α)a, from the tangent at m [nonlinear arithmetic] *)
Lemma theorem_1_16 : forall (v_E_a : R) (v_E_b : R) (v_E_m : R) (v_a : R) (v_alpha : R) (v_b : R),
  (0 < v_E_a) ->
  (0 < v_E_b) ->
  (0 < v_E_m) ->
  (v_alpha >= 0) ->
  (v_alpha <= 1) ->
  (v_E_b >= (v_E_m * (1 + ((1 - v_alpha) * (v_b - v_a))))) ->
  (v_E_a >= (v_E_m * (1 - (v_alpha * (v_b - v_a))))) ->
  ((v_alpha * v_E_b) + (v_E_a * (1 - v_alpha))) >= v_E_m.
Proof.
intros; nra.
Qed.

(* two-point law: log(1 - p + p exp(h)) - p h ≤ h²/8 for h ≥ 0 [mean value theorem] *)
Lemma theorem_1_17 : forall (v_h : R) (v_p : R),
  (0 < v_h) ->
  (v_p > 0) ->
  (v_p < 1) ->
  ((- (v_p * v_h)) + (ln (1 - v_p + (v_p * (exp v_h))))) <= ((v_h ^ 2) / 8).
Proof.
intros. split_hypotheses.
assert (L2 : forall v_h_t : R, 0 < v_h_t -> 0 <= ((((1 - v_p + (v_p * (exp v_h_t))) * (1 - v_p - (3 * v_p * (exp v_h_t)) + (v_p * (v_h_t + (4 * v_p)) * (exp v_h_t)))) + (v_p * ((- ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))))) + (4 * v_p * (exp v_h_t))) * (exp v_h_t))) / (4 * ((1 - v_p + (v_p * (exp v_h_t))) ^ 2)))).
{ intros v_h_t; intros. first [ solve [slope_by_signs v_h_t] | replace ((((1 - v_p + (v_p * (exp v_h_t))) * (1 - v_p - (3 * v_p * (exp v_h_t)) + (v_p * (v_h_t + (4 * v_p)) * (exp v_h_t)))) + (v_p * ((- ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))))) + (4 * v_p * (exp v_h_t))) * (exp v_h_t))) / (4 * ((1 - v_p + (v_p * (exp v_h_t))) ^ 2))) with ((((- 1) + v_p + (v_p * (exp v_h_t))) ^ 2) / (4 * ((1 - v_p + (v_p * (exp v_h_t))) ^ 2))) by (pose_positive; field; nonzero); slope_by_signs v_h_t ]. }
assert (L1 : forall v_h_t : R, 0 < v_h_t -> 0 <= (((- (v_p * (exp v_h_t))) + ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))) / 4)) / (1 - v_p + (v_p * (exp v_h_t))))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => (((- (v_p * (exp v_h_t))) + ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))) / 4)) / (1 - v_p + (v_p * (exp v_h_t))))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => (((- (v_p * (exp v_h_t))) + ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))) / 4)) / (1 - v_p + (v_p * (exp v_h_t))))) (fun v_h_t : R => ((((1 - v_p + (v_p * (exp v_h_t))) * (1 - v_p - (3 * v_p * (exp v_h_t)) + (v_p * (v_h_t + (4 * v_p)) * (exp v_h_t)))) + (v_p * ((- ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))))) + (4 * v_p * (exp v_h_t))) * (exp v_h_t))) / (4 * ((1 - v_p + (v_p * (exp v_h_t))) ^ 2)))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L2 v_h_t_u. }
assert (L0 : forall v_h_t : R, 0 < v_h_t -> 0 <= ((- (ln (1 - v_p + (v_p * (exp v_h_t))))) + ((v_h_t ^ 2) / 8) + (v_p * v_h_t))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => ((- (ln (1 - v_p + (v_p * (exp v_h_t))))) + ((v_h_t ^ 2) / 8) + (v_p * v_h_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => ((- (ln (1 - v_p + (v_p * (exp v_h_t))))) + ((v_h_t ^ 2) / 8) + (v_p * v_h_t))) (fun v_h_t : R => (((- (v_p * (exp v_h_t))) + ((v_h_t + (4 * v_p)) * (1 - v_p + (v_p * (exp v_h_t))) / 4)) / (1 - v_p + (v_p * (exp v_h_t))))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L1 v_h_t_u. }
use_level L0 v_h.
Qed.

(* two-point law: log(1 - p + p exp(h)) - p h ≤ h²/8 for h ≥ 0: every part has a value [definedness] *)
Lemma theorem_1_17_defined : forall (v_h : R) (v_p : R),
  (0 < v_h) ->
  (v_p > 0) -> (v_p < 1) -> (1 - v_p + (v_p * (exp v_h))) > 0.
Proof.
defined.
Qed.

(* and for -h, which exchanges p and 1 - p [powers of atoms] *)
Lemma theorem_1_18 : forall (v_h : R) (v_p : R),
  (0 < v_h) ->
  ((1 - v_p + (v_p * (exp (- v_h)))) * (exp (v_p * v_h))) = ((v_p + ((1 - v_p) * (exp v_h))) * (exp (v_h * ((- 1) + v_p)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- v_h)) = (1) / ((exp v_h) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (v_h * ((- 1) + v_p))) = ((exp (v_p * v_h)) ^ 1) / ((exp v_h) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_h)) by posit. set (s0 := (exp v_h)) in *. clearbody s0.
assert (Ps1 : 0 < (exp (v_p * v_h))) by posit. set (s1 := (exp (v_p * v_h))) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* n(vλ²/2 - λu) = -nu²/(2v) at λ = u/v [field] *)
Lemma theorem_1_20 : forall (v_n : R) (v_u : R) (v_v : R),
  (0 < v_n) ->
  (0 < v_u) ->
  (0 < v_v) ->
  (v_n * (((v_v * ((v_u / v_v) ^ 2)) / 2) - ((v_u / v_v) * v_u))) = (((- v_n) * (v_u ^ 2)) / (2 * v_v)).
Proof.
identity.
Qed.

(* 0 ≤ (y - s)² ≤ 4 for a sign s [nonlinear arithmetic] *)
Lemma theorem_1_21 : forall (v_s_l : R) (v_y : R),
  (v_y <= 1) ->
  (v_y >= (- 1)) ->
  (((v_s_l = (- 1)) \/ (v_s_l = 1))) ->
  ((v_y - v_s_l) ^ 2) <= 4.
Proof.
intros; nra.
Qed.

(* E[T_s | x] = E[y² | x] - 2s g + s² - (g - s)² = v with E[y² | x] = v + g², v = Var(y | x) [linear arithmetic] *)
Lemma theorem_1_22 : forall (v_g : R) (v_s_l : R) (v_v : R),
  (0 <= v_v) ->
  (v_v + (v_g ^ 2) + (v_s_l ^ 2) - ((v_g - v_s_l) ^ 2) - (2 * v_g * v_s_l)) = v_v.
Proof.
intros; lra.
Qed.

(* 0 ≤ v ≤ 1, as E[y² | x] ≤ 1 [nonlinear arithmetic] *)
Lemma theorem_1_23 : forall (v_g : R) (v_v : R),
  (0 <= v_v) ->
  ((v_v + (v_g ^ 2)) <= 1) ->
  v_v <= 1.
Proof.
intros; nra.
Qed.

(* variance proxy 4²/4 + 1²/4 [linear arithmetic] *)
Lemma theorem_1_24 : (((4 ^ 2) / 4) + ((1 ^ 2) / 4)) = (17 / 4).
Proof.
intros; lra.
Qed.

(* n(vλ²/2 - λu) = -nu²/(2v) at λ = u/v [linear arithmetic] *)
Lemma theorem_1_25 : forall (v_n : R) (v_u : R),
  (0 < v_n) ->
  (0 < v_u) ->
  (v_n * ((((17 / 4) * ((v_u / (17 / 4)) ^ 2)) / 2) - ((v_u / (17 / 4)) * v_u))) = (((- v_n) * (v_u ^ 2)) / ((17 / 4) * 2)).
Proof.
intros; lra.
Qed.

(* 3ε/4 - 2ε/4 = ε/4 [linear arithmetic] *)
Lemma theorem_1_26 : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  (((3 * v_epsilon) / 4) - ((2 * v_epsilon) / 4)) = (v_epsilon / 4).
Proof.
intros; lra.
Qed.

(* 2n(ε/4)²/17 = nε²/136 [linear arithmetic] *)
Lemma theorem_1_27 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (((2 * v_n) * ((v_epsilon / 4) ^ 2)) / 17) = ((v_n * (v_epsilon ^ 2)) / 136).
Proof.
intros; lra.
Qed.

(* k log 2 - nε²/136 ≤ log(δ/2) [linear arithmetic] *)
Lemma theorem_1_28 : forall (v_delta : R) (v_epsilon : R) (v_k : R) (v_n : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (v_k >= 1) ->
  ((v_n * (v_epsilon ^ 2)) >= ((- (136 * (ln v_delta))) + (136 * (1 + v_k) * (ln 2)))) ->
  ((v_k * (ln 2)) - (v_n * (v_epsilon ^ 2) / 136)) <= ((- (ln 2)) + (ln v_delta)).
Proof.
intros; lra.
Qed.

(* log(1 + x + 1/3 x²) ≥ x - x²/6 for x ≥ 0 [mean value theorem] *)
Lemma theorem_1_29 : forall (v_x : R),
  (0 < v_x) ->
  (ln (1 + v_x + ((v_x ^ 2) / 3))) >= (v_x - ((v_x ^ 2) / 6)).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_x_t : R, 0 < v_x_t -> 0 <= ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) + (3 * v_x_t))))).
{ intros v_x_t; intros. first [ solve [slope_by_signs v_x_t] | replace ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) + (3 * v_x_t)))) with ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) + (3 * v_x_t)))) by (pose_positive; field; nonzero); slope_by_signs v_x_t ]. }
assert (L0 : forall v_x_t : R, 0 < v_x_t -> 0 <= ((- v_x_t) + ((v_x_t ^ 2) / 6) + (ln (1 + v_x_t + ((v_x_t ^ 2) / 3))))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => ((- v_x_t) + ((v_x_t ^ 2) / 6) + (ln (1 + v_x_t + ((v_x_t ^ 2) / 3))))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_x_t : R => ((- v_x_t) + ((v_x_t ^ 2) / 6) + (ln (1 + v_x_t + ((v_x_t ^ 2) / 3))))) (fun v_x_t : R => ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) + (3 * v_x_t))))) 0 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L1 v_x_t_u. }
use_level L0 v_x.
Qed.

(* log(1 - x + 1/3 x²) ≥ -x - x²/6 for x ≥ 0 [mean value theorem] *)
Lemma theorem_1_30 : forall (v_x : R),
  (0 < v_x) ->
  (ln (1 - v_x + ((v_x ^ 2) / 3))) >= ((- v_x) - ((v_x ^ 2) / 6)).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_x_t : R, 0 < v_x_t -> 0 <= ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) - (3 * v_x_t))))).
{ intros v_x_t; intros. pose proof (pow2_ge_0 (2 * v_x_t + (- 3))). first [ solve [slope_by_signs v_x_t] | replace ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) - (3 * v_x_t)))) with ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) - (3 * v_x_t)))) by (pose_positive; field; nonzero); slope_by_signs v_x_t ]. }
assert (L0 : forall v_x_t : R, 0 < v_x_t -> 0 <= (v_x_t + ((v_x_t ^ 2) / 6) + (ln (1 - v_x_t + ((v_x_t ^ 2) / 3))))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => (v_x_t + ((v_x_t ^ 2) / 6) + (ln (1 - v_x_t + ((v_x_t ^ 2) / 3))))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_x_t : R => (v_x_t + ((v_x_t ^ 2) / 6) + (ln (1 - v_x_t + ((v_x_t ^ 2) / 3))))) (fun v_x_t : R => ((v_x_t ^ 3) / (3 * (3 + (v_x_t ^ 2) - (3 * v_x_t))))) 0 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. pose proof (pow2_ge_0 (2 * v_x_t_u + (- 3))). cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L1 v_x_t_u. }
use_level L0 v_x.
Qed.

(* log(1 - x + 1/3 x²) ≥ -x - x²/6 for x ≥ 0: every part has a value [definedness by squares] *)
Lemma theorem_1_30_defined : forall (v_x : R),
  (0 < v_x) ->
  (1 - v_x + ((v_x ^ 2) / 3)) > 0.
Proof.
intros. pose proof (pow2_ge_0 (2 * v_x + (- 3))). defined.
Qed.

(* λ²g²/6 ≤ λ²vK where g² ≤ 6Kv [nonlinear arithmetic] *)
Lemma theorem_1_32 : forall (v_K : R) (v_g : R) (v_lambda : R) (v_v : R),
  (0 < v_K) ->
  (0 < v_lambda) ->
  (0 < v_v) ->
  ((v_g ^ 2) <= (6 * v_K * v_v)) ->
  ((v_g ^ 2) * (v_lambda ^ 2) / 6) <= (v_K * v_v * (v_lambda ^ 2)).
Proof.
intros; nra.
Qed.

(* the difference is a square over 4Kv [cleared denominators] *)
Lemma theorem_1_33 : forall (v_K : R) (v_g : R) (v_lambda : R) (v_v : R) (v_z : R),
  (0 < v_K) ->
  (0 < v_lambda) ->
  (0 < v_v) ->
  ((v_g * v_z * v_lambda) - (v_K * v_v * (v_z ^ 2) * (v_lambda ^ 2))) <= ((v_g ^ 2) / (4 * v_K * v_v)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- v_g) + (2 * v_z * v_K * v_lambda * v_v))) ^ 2) (4 * (v_K) * (v_v))); [ field; nonzero | posit | ].
posit.
Qed.

(* exp(t/(4K))/(4K) · 2 exp(-t/2) has the antiderivative -2 exp(-t(2K-1)/(4K))/(2K-1) [powers of atoms] *)
Lemma theorem_1_34 : forall (v_K : R) (v_t : R),
  (0 < v_K) ->
  (0 < v_t) ->
  (v_K >= 1) ->
  (Derive (fun v_t : R => (- (2 * (exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) / ((- 1) + (2 * v_K))))) v_t) = ((exp (- (v_t / 2))) * (exp (v_t / (4 * v_K))) / (2 * v_K)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_t : R => (- (2 * (exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) / ((- 1) + (2 * v_K))))) v_t) = ((exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) / (2 * v_K))) by (derivative). rewrite D0; clear D0.
assert (E0 : (exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) = ((exp ((v_t / v_K) / 4)) ^ 1) / ((exp (v_t / 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (- (v_t / 2))) = (1) / ((exp (v_t / 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (exp (v_t / (4 * v_K))) = (exp ((v_t / v_K) / 4)) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (v_t / 2))) by posit. set (s0 := (exp (v_t / 2))) in *. clearbody s0.
assert (Ps1 : 0 < (exp ((v_t / v_K) / 4))) by posit. set (s1 := (exp ((v_t / v_K) / 4))) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* exp(t/(4K))/(4K) · 2 exp(-t/2) has the antiderivative -2 exp(-t(2K-1)/(4K))/(2K-1): every part has a value [definedness] *)
Lemma theorem_1_34_defined : forall (v_K : R) (v_t : R),
  (0 < v_K) ->
  (0 < v_t) ->
  ((v_K >= 1) -> ((- 1) + (2 * v_K)) <> 0)
  /\ ((v_K >= 1) -> ex_derive (fun v_t : R => (- (2 * (exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) / ((- 1) + (2 * v_K))))) v_t).
Proof.
defined.
Qed.

(* which tends to 0 [exponential decay] *)
Lemma theorem_1_35 : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) ->
  filterlim (fun v_t : R => (- (2 * (exp (- (v_t * ((- 1) + (2 * v_K)) / (4 * v_K)))) / ((- 1) + (2 * v_K))))) (Rbar_locally p_infty) (locally 0).
Proof.
intros. split_hypotheses. decay (((- 1) + (2 * v_K)) / (4 * v_K)) (- (2 / ((- 1) + (2 * v_K)))) 0%nat.
Qed.

(* which tends to 0: every part has a value [definedness] *)
Lemma theorem_1_35_defined : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) ->
  (v_K >= 1) -> ((- 1) + (2 * v_K)) <> 0.
Proof.
defined.
Qed.

(* exp(6K/(4K)) P(G > 6K) + ∫ over t ≥ 6K ≤ 2 exp(3/2 - 3K) · 2K/(2K-1) [powers of atoms] *)
Lemma theorem_1_36 : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) ->
  ((2 * (exp ((3 / 2) - (3 * v_K))) / ((- 1) + (2 * v_K))) + (2 * (exp (3 / 2)) * (exp (- (3 * v_K))))) = (4 * v_K * (exp ((3 / 2) - (3 * v_K))) / ((- 1) + (2 * v_K))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp ((3 / 2) - (3 * v_K))) = ((exp (1 / 2)) ^ 3) / ((exp v_K) ^ 3)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (3 / 2)) = (exp (1 / 2)) ^ 3) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (exp (- (3 * v_K))) = (1) / ((exp v_K) ^ 3)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (1 / 2))) by posit. set (s0 := (exp (1 / 2))) in *. clearbody s0.
assert (Ps1 : 0 < (exp v_K)) by posit. set (s1 := (exp v_K)) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* exp(6K/(4K)) P(G > 6K) + ∫ over t ≥ 6K ≤ 2 exp(3/2 - 3K) · 2K/(2K-1): every part has a value [definedness] *)
Lemma theorem_1_36_defined : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) -> ((- 1) + (2 * v_K)) <> 0.
Proof.
defined.
Qed.

(* 2K/(2K-1) ≤ 2 [case distinction] *)
Lemma theorem_1_37 : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) ->
  (2 * v_K / ((- 1) + (2 * v_K))) <= 2.
Proof.
by_cases.
Qed.

(* 2K/(2K-1) ≤ 2: every part has a value [definedness] *)
Lemma theorem_1_37_defined : forall (v_K : R),
  (0 < v_K) ->
  (v_K >= 1) -> ((- 1) + (2 * v_K)) <> 0.
Proof.
defined.
Qed.

(* log(4n/log 2) ≥ 3/2, so that K ≥ 1 [mean value theorem] *)
Lemma theorem_1_39 : forall (v_n : R),
  (0 < v_n) ->
  (v_n >= 1) ->
  (ln (4 * v_n / (ln 2))) >= (3 / 2).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_n_t : R, 0 < v_n_t -> v_n_t >= 1 -> 0 <= (/ v_n_t)).
{ intros v_n_t; intros. first [ solve [slope_by_signs v_n_t] | replace (/ v_n_t) with (/ v_n_t) by (pose_positive; field; nonzero); slope_by_signs v_n_t ]. }
assert (L0 : forall v_n_t : R, 0 < v_n_t -> v_n_t >= 1 -> 0 <= ((- 3 / 2) + (ln (4 * v_n_t / (ln 2))))).
{ intros v_n_t; intros.
  apply Rle_trans with ((fun v_n_t : R => ((- 3 / 2) + (ln (4 * v_n_t / (ln 2))))) 1); [ cbv beta; end_by_balls | ].
  apply (rises (fun v_n_t : R => ((- 3 / 2) + (ln (4 * v_n_t / (ln 2))))) (fun v_n_t : R => (/ v_n_t)) 1 v_n_t); [ | in_range | ].
  - intros v_n_t_u ?. cbv beta. differentiate.
  - intros v_n_t_u ?. cbv beta. slope_from L1 v_n_t_u. }
use_level L0 v_n.
Qed.

(* 4n exp(3/2 - 3K) = log 2 [powers of atoms] *)
Lemma theorem_1_40 : forall (v_n : R),
  (0 < v_n) ->
  ((4 * v_n) * (exp ((3 / 2) - (3 * ((1 / 2) + ((ln ((4 * v_n) / (ln 2))) / 3)))))) = (ln 2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp ((3 / 2) - (3 * ((1 / 2) + ((ln ((4 * v_n) / (ln 2))) / 3))))) = ((ln 2) ^ 1) / (v_n ^ 1 * 2 ^ 2)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* -λnu + λ²vK · 6nσ² = -nu²/(24vKσ²) at λ = u/(12vKσ²) [field] *)
Lemma theorem_1_41 : forall (v_K : R) (v_n : R) (v_sigma_2 : R) (v_u : R) (v_v : R),
  (0 < v_K) ->
  (0 < v_n) ->
  (0 < v_sigma_2) ->
  (0 < v_u) ->
  (0 < v_v) ->
  ((((- (v_u / (12 * v_K * v_sigma_2 * v_v))) * v_n) * v_u) + (((((((v_u / (12 * v_K * v_sigma_2 * v_v)) ^ 2) * v_v) * v_K) * 6) * v_n) * v_sigma_2)) = (((- v_n) * (v_u ^ 2)) / (((24 * v_v) * v_K) * v_sigma_2)).
Proof.
identity.
Qed.

(* z² ≤ 4 and s² ≤ 1 - g(x)² ≤ 1: labels and their conditional mean lie in [-1, 1] [nonlinear arithmetic] *)
Lemma theorem_1_42 : forall (v_m : R) (v_y : R),
  (v_y >= (- 1)) ->
  (v_y <= 1) ->
  (v_m >= (- 1)) ->
  (v_m <= 1) ->
  ((((v_y - v_m) ^ 2) <= 4) /\ (((1 + v_y) * (1 - v_y)) >= 0)).
Proof.
intros; nra.
Qed.

(* 2^r ≤ 1 + r on [0, 1] [by hand] *)
Lemma theorem_1_43 : forall (v_r : R),
  (0 <= v_r) ->
  (v_r <= 1) ->
  (exp (v_r * (ln 2))) <= (1 + v_r).
Proof.
exact chord_of_power.
Qed.

(* nσ²/2 - 6nσ² (log 2)/6 = -nσ²(log 2 - 1/2) at λ = (log 2)/6 [linear arithmetic] *)
Lemma theorem_1_45 : forall (v_n : R) (v_sigma_2 : R),
  (0 < v_n) ->
  (0 < v_sigma_2) ->
  (((v_n * v_sigma_2) / 2) - ((((6 * v_n) * v_sigma_2) * (ln 2)) / 6)) = (((- v_n) * v_sigma_2) * ((ln 2) - (1 / 2))).
Proof.
intros; lra.
Qed.

(* nε² ≤ nσ² [cleared denominators] *)
Lemma theorem_1_46 : forall (v_epsilon : R) (v_n : R) (v_sigma_2 : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_sigma_2) ->
  (v_epsilon <= v_sigma_2) ->
  (v_sigma_2 <= 1) ->
  (v_n * (v_epsilon ^ 2)) <= (v_n * v_sigma_2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (v_n) * ((v_sigma_2 - (v_epsilon ^ 2)))) (1)); [ field; nonzero | posit | ].
all: try (assert (v_epsilon ^ 2 <= v_sigma_2 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_sigma_2 ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* log 2 ≥ 69/100 [interval arithmetic] *)
Lemma theorem_1_47 : (ln 2) >= (69 / 100).
Proof.
intros; split_hypotheses; interval.
Qed.

(* M(log 2 - 1/2) ≥ log(4/δ) at M = nσ² ≥ nε², D = log(1/δ) [nonlinear arithmetic] *)
Lemma theorem_1_48 : forall (v_D : R) (v_M : R) (v_k : R),
  (0 <= v_D) ->
  (0 < v_M) ->
  (0 < v_k) ->
  (v_M >= ((136 * v_D) + (136 * (1 + v_k) * (ln 2)))) ->
  (v_k >= 1) ->
  ((ln 2) >= (69 / 100)) ->
  (v_M * ((- 1 / 2) + (ln 2))) >= (v_D + (2 * (ln 2))).
Proof.
intros; nra.
Qed.

(* two events, more by induction [atoms of events] *)
Lemma theorem_1_49 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_E_1 : Omega -> bool) (v_E_2 : Omega -> bool) (v_q : R),
  (probability P) ->
  (0 < v_q) ->
  ((P (fun w => (v_E_1 w))) <= v_q) ->
  ((P (fun w => (v_E_2 w))) <= v_q) ->
  (P (fun w => ((v_E_1 w) || (v_E_2 w)))) <= (2 * v_q).
Proof.
intros Omega P v_E_1 v_E_2; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_E_1 :: v_E_2 :: nil) (fun v => match v with b0 :: b1 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_E_1 :: v_E_2 :: nil) (fun v => match v with b0 :: b1 :: nil => (b0 || b1) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_E_1 :: v_E_2 :: nil) (fun v => match v with b0 :: b1 :: nil => b1 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_E_1 :: v_E_2 :: nil) (fun v => match v with b0 :: b1 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => ((true && v_E_1 w) && v_E_2 w))).
pose proof (p_nonneg P HP (fun w => ((true && v_E_1 w) && negb (v_E_2 w)))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_E_1 w)) && v_E_2 w))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_E_1 w)) && negb (v_E_2 w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* log(8/δ) > 0 for δ < 8 [mean value theorem] *)
Lemma theorem_1_50 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 8) ->
  (ln (8 / v_delta)) > 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 8 -> 0 < (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 8 -> 0 < (ln (8 / v_delta_t))).
{ intros v_delta_t; intros.
  apply Rle_lt_trans with ((fun v_delta_t : R => (ln (8 / v_delta_t))) 8); [ cbv beta; end_by_signs | ].
  apply (falls_strictly (fun v_delta_t : R => (ln (8 / v_delta_t))) (fun v_delta_t : R => (- (/ v_delta_t))) v_delta_t 8); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* (ε/4)² nd/(24cKσ²L²) = pℓ + log(8/δ) at L = (ε/(4σ)) √(nd/(24cK(pℓ + log(8/δ)))) [field] *)
Lemma theorem_1_51 : forall (v_K : R) (v_c : R) (v_d : R) (v_delta : R) (v_ell : R) (v_epsilon : R) (v_n : R) (v_p : R) (v_sigma : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 <= v_ell) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_p) ->
  (0 < v_sigma) ->
  (v_delta < 1) ->
  (((v_delta < 8) -> ((ln (8 / v_delta)) > 0))) ->
  (((((v_epsilon / 4) ^ 2) * v_n) * v_d) / ((((24 * v_c) * v_K) * (v_sigma ^ 2)) * (v_d * v_n * (v_epsilon ^ 2) / (384 * v_K * v_c * (v_sigma ^ 2) * ((v_ell * v_p) + (ln (8 / v_delta))))))) = ((v_ell * v_p) + (ln (8 / v_delta))).
Proof.
identity.
Qed.

(* (ε/4)² nd/(24cKσ²L²) = pℓ + log(8/δ) at L = (ε/(4σ)) √(nd/(24cK(pℓ + log(8/δ)))): every part has a value [definedness] *)
Lemma theorem_1_51_defined : forall (v_K : R) (v_c : R) (v_d : R) (v_delta : R) (v_ell : R) (v_epsilon : R) (v_n : R) (v_p : R) (v_sigma : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 <= v_ell) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_p) ->
  (0 < v_sigma) ->
  (v_delta < 1) -> (((v_delta < 8) -> ((ln (8 / v_delta)) > 0))) -> ((v_ell * v_p) + (ln (8 / v_delta))) <> 0.
Proof.
defined.
Qed.

(* N · 2q = δ/4 at N = exp(pℓ), q = exp(-pℓ - log(8/δ)) [powers of atoms] *)
Lemma theorem_1_52 : forall (v_delta : R) (v_ell : R) (v_p : R),
  (0 < v_delta) ->
  (0 <= v_ell) ->
  (0 < v_p) ->
  (((exp (v_p * v_ell)) * 2) * (exp (((- v_p) * v_ell) - (ln (8 / v_delta))))) = (v_delta / 4).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (v_p * v_ell)) = (exp (v_ell * v_p)) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (((- v_p) * v_ell) - (ln (8 / v_delta)))) = (v_delta ^ 1) / (2 ^ 3 * (exp (v_ell * v_p)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (v_ell * v_p))) by posit. set (s0 := (exp (v_ell * v_p))) in *. clearbody s0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* the concentration, the sum of squares and the net fail with probability at most δ/2 + δ/4 + δ/4 [atoms of events] *)
Lemma theorem_1_53 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_E_1 : Omega -> bool) (v_E_2 : Omega -> bool) (v_E_3 : Omega -> bool) (v_delta : R),
  (probability P) ->
  (0 < v_delta) ->
  ((P (fun w => (v_E_1 w))) <= (v_delta / 2)) ->
  ((P (fun w => (v_E_2 w))) <= (v_delta / 4)) ->
  ((P (fun w => (v_E_3 w))) <= (v_delta / 4)) ->
  (P (fun w => ((v_E_1 w) || (v_E_2 w) || (v_E_3 w)))) <= v_delta.
Proof.
intros Omega P v_E_1 v_E_2 v_E_3; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_E_1 :: v_E_2 :: v_E_3 :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_E_1 :: v_E_2 :: v_E_3 :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (b0 || b1 || b2) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_E_1 :: v_E_2 :: v_E_3 :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b1 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_E_1 :: v_E_2 :: v_E_3 :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b2 | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_E_1 :: v_E_2 :: v_E_3 :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => true | _ => false end)) as X4; cbn in X4.
pose proof (p_nonneg P HP (fun w => (((true && v_E_1 w) && v_E_2 w) && v_E_3 w))).
pose proof (p_nonneg P HP (fun w => (((true && v_E_1 w) && v_E_2 w) && negb (v_E_3 w)))).
pose proof (p_nonneg P HP (fun w => (((true && v_E_1 w) && negb (v_E_2 w)) && v_E_3 w))).
pose proof (p_nonneg P HP (fun w => (((true && v_E_1 w) && negb (v_E_2 w)) && negb (v_E_3 w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E_1 w)) && v_E_2 w) && v_E_3 w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E_1 w)) && v_E_2 w) && negb (v_E_3 w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E_1 w)) && negb (v_E_2 w)) && v_E_3 w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E_1 w)) && negb (v_E_2 w)) && negb (v_E_3 w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* 24cK(pℓ + log(8/δ)) ≤ 24cK(ℓ + κ)p for p ≥ 1, κ = log(8/δ): a constant and logarithms away from (ε/σ) √(nd/p) [cleared denominators] *)
Lemma theorem_1_54 : forall (v_K : R) (v_c : R) (v_ell : R) (v_kappa : R) (v_p : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 <= v_ell) ->
  (0 < v_kappa) ->
  (0 < v_p) ->
  (v_p >= 1) ->
  (24 * v_K * v_c * (v_kappa + (v_ell * v_p))) <= (24 * v_K * v_c * v_p * (v_ell + v_kappa)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (24 * (((- 1) + v_p)) * (v_K) * (v_c) * (v_kappa)) (1)); [ field; nonzero | posit | ].
all: try (assert (1 ^ 2 <= v_p ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* log r ≤ r - 1 for r ≥ 1 [mean value theorem] *)
Lemma theorem_1_87 : forall (v_r : R),
  (0 < v_r) ->
  (v_r >= 1) ->
  (ln v_r) <= ((- 1) + v_r).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (((- 1) + v_r_t) / v_r_t)).
{ intros v_r_t; intros. first [ solve [slope_by_signs v_r_t] | replace (((- 1) + v_r_t) / v_r_t) with (((- 1) + v_r_t) / v_r_t) by (pose_positive; field; nonzero); slope_by_signs v_r_t ]. }
assert (L0 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= ((- 1) + v_r_t - (ln v_r_t))).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => ((- 1) + v_r_t - (ln v_r_t))) 1); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_r_t : R => ((- 1) + v_r_t - (ln v_r_t))) (fun v_r_t : R => (((- 1) + v_r_t) / v_r_t)) 1 v_r_t); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L1 v_r_t_u. }
use_level L0 v_r.
Qed.

(* log r ≤ r - 1 for 0 < r ≤ 1 [mean value theorem] *)
Lemma theorem_1_88 : forall (v_r : R),
  (0 < v_r) ->
  (v_r <= 1) ->
  (ln v_r) <= ((- 1) + v_r).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_r_t : R, 0 < v_r_t -> v_r_t <= 1 -> 0 <= (- (((- 1) + v_r_t) / v_r_t))).
{ intros v_r_t; intros. first [ solve [slope_by_signs v_r_t] | replace (- (((- 1) + v_r_t) / v_r_t)) with (- (((- 1) + v_r_t) / v_r_t)) by (pose_positive; field; nonzero); slope_by_signs v_r_t ]. }
assert (L0 : forall v_r_t : R, 0 < v_r_t -> v_r_t <= 1 -> 0 <= ((- 1) + v_r_t - (ln v_r_t))).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => ((- 1) + v_r_t - (ln v_r_t))) 1); [ cbv beta; end_by_signs | ].
  apply (falls (fun v_r_t : R => ((- 1) + v_r_t - (ln v_r_t))) (fun v_r_t : R => (((- 1) + v_r_t) / v_r_t)) v_r_t 1); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L1 v_r_t_u. }
use_level L0 v_r.
Qed.

(* two-point law: -ph + log K + ((1 + pE)/K - 1) with E = exp(h) - 1, K = E/h no longer depends on p [field] *)
Lemma theorem_1_89 : forall (v_E : R) (v_h : R) (v_p : R),
  (0 < v_E) ->
  (0 < v_h) ->
  ((- 1) - (v_p * v_h) + (v_h * (1 + (v_p * v_E)) / v_E) + (ln (v_E / v_h))) = ((- 1) + (v_h / v_E) + (ln (v_E / v_h))).
Proof.
identity.
Qed.

(* ψ' = exp(h) (2h sinh h - h² - 2 cosh h + 2)/(h (exp(h) - 1)²) [powers of atoms] *)
Lemma theorem_1_90 : forall (v_h : R),
  (0 < v_h) ->
  ((exp v_h) >= (1 + v_h)) ->
  (v_h * (((- 1) + (exp v_h)) ^ 2) * (Derive (fun v_h : R => ((- 1) - (ln v_h) + (v_h / ((- 1) + (exp v_h))) + (ln ((- 1) + (exp v_h))))) v_h)) = ((2 - (v_h ^ 2) - (2 * (cosh v_h)) + (2 * v_h * (sinh v_h))) * (exp v_h)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_h : R => ((- 1) - (ln v_h) + (v_h / ((- 1) + (exp v_h))) + (ln ((- 1) + (exp v_h))))) v_h) = ((/ ((- 1) + (exp v_h))) - (/ v_h) + ((exp v_h) / ((- 1) + (exp v_h))) - (v_h * (exp v_h) / (((- 1) + (exp v_h)) ^ 2)))) by (derivative). rewrite D0; clear D0.
unfold sinh, cosh. assert (E0 : (exp (- v_h)) = (1) / ((exp v_h) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_h)) by posit. set (s0 := (exp v_h)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* ψ' = exp(h) (2h sinh h - h² - 2 cosh h + 2)/(h (exp(h) - 1)²): every part has a value [definedness] *)
Lemma theorem_1_90_defined : forall (v_h : R),
  (0 < v_h) ->
  (((exp v_h) >= (1 + v_h)) -> ((((- 1) + (exp v_h)) <> 0) /\ (((- 1) + (exp v_h)) > 0)))
  /\ (((exp v_h) >= (1 + v_h)) -> ((- 1) + (exp v_h)) <> 0)
  /\ (((exp v_h) >= (1 + v_h)) -> ((- 1) + (exp v_h)) > 0)
  /\ (((exp v_h) >= (1 + v_h)) -> ex_derive (fun v_h : R => ((- 1) - (ln v_h) + (v_h / ((- 1) + (exp v_h))) + (ln ((- 1) + (exp v_h))))) v_h).
Proof.
defined.
Qed.

(* so ψ increases [mean value theorem] *)
Lemma theorem_1_91 : forall (v_h : R),
  (0 < v_h) ->
  (2 - (v_h ^ 2) - (2 * (cosh v_h)) + (2 * v_h * (sinh v_h))) >= 0.
Proof.
intros. split_hypotheses.
assert (L3 : forall v_h_t : R, 0 < v_h_t -> 0 <= ((4 * (sinh v_h_t)) + (2 * v_h_t * (cosh v_h_t)))).
{ intros v_h_t; intros. first [ solve [slope_by_signs v_h_t] | replace ((4 * (sinh v_h_t)) + (2 * v_h_t * (cosh v_h_t))) with (2 * ((2 * (sinh v_h_t)) + (v_h_t * (cosh v_h_t)))) by (pose_positive; field; nonzero); slope_by_signs v_h_t ]. }
assert (L2 : forall v_h_t : R, 0 < v_h_t -> 0 <= ((- 2) + (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => ((- 2) + (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => ((- 2) + (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))) (fun v_h_t : R => ((4 * (sinh v_h_t)) + (2 * v_h_t * (cosh v_h_t)))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L3 v_h_t_u. }
assert (L1 : forall v_h_t : R, 0 < v_h_t -> 0 <= (2 * v_h_t * ((- 1) + (cosh v_h_t)))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => (2 * v_h_t * ((- 1) + (cosh v_h_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => (2 * v_h_t * ((- 1) + (cosh v_h_t)))) (fun v_h_t : R => ((- 2) + (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L2 v_h_t_u. }
assert (L0 : forall v_h_t : R, 0 < v_h_t -> 0 <= (2 - (v_h_t ^ 2) - (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => (2 - (v_h_t ^ 2) - (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => (2 - (v_h_t ^ 2) - (2 * (cosh v_h_t)) + (2 * v_h_t * (sinh v_h_t)))) (fun v_h_t : R => (2 * v_h_t * ((- 1) + (cosh v_h_t)))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L1 v_h_t_u. }
use_level L0 v_h.
Qed.

(* 2st exp(st²) has the antiderivative exp(st²) [powers of atoms] *)
Lemma theorem_1_97 : forall (v_s : R) (v_t : R),
  (0 < v_s) ->
  (0 < v_t) ->
  (Derive (fun v_t : R => (exp (v_s * (v_t ^ 2)))) v_t) = (2 * v_s * v_t * (exp (v_s * (v_t ^ 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_t : R => (exp (v_s * (v_t ^ 2)))) v_t) = (2 * v_s * v_t * (exp (v_s * (v_t ^ 2))))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* 2st exp(st²) has the antiderivative exp(st²): every part has a value [definedness] *)
Lemma theorem_1_97_defined : forall (v_s : R) (v_t : R),
  (0 < v_s) ->
  (0 < v_t) ->
  ex_derive (fun v_t : R => (exp (v_s * (v_t ^ 2)))) v_t.
Proof.
defined.
Qed.

(* 2st exp(st²) · 2 exp(-t²) has the antiderivative -2s exp(-(1-s)t²)/(1-s) [powers of atoms] *)
Lemma theorem_1_98 : forall (v_s : R) (v_t : R),
  (0 < v_s) ->
  (0 < v_t) ->
  (v_s < 1) ->
  (Derive (fun v_t : R => (- (2 * v_s * (exp ((v_t ^ 2) * ((- 1) + v_s))) / (1 - v_s)))) v_t) = (4 * v_s * v_t * (exp (- (v_t ^ 2))) * (exp (v_s * (v_t ^ 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_t : R => (- (2 * v_s * (exp ((v_t ^ 2) * ((- 1) + v_s))) / (1 - v_s)))) v_t) = (- (4 * v_s * v_t * ((- 1) + v_s) * (exp ((v_t ^ 2) * ((- 1) + v_s))) / (1 - v_s)))) by (derivative). rewrite D0; clear D0.
assert (E0 : (exp ((v_t ^ 2) * ((- 1) + v_s))) = ((exp (v_s * (v_t ^ 2))) ^ 1) / ((exp (v_t ^ 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (- (v_t ^ 2))) = (1) / ((exp (v_t ^ 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (v_t ^ 2))) by posit. set (s0 := (exp (v_t ^ 2))) in *. clearbody s0.
assert (Ps1 : 0 < (exp (v_s * (v_t ^ 2)))) by posit. set (s1 := (exp (v_s * (v_t ^ 2)))) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2st exp(st²) · 2 exp(-t²) has the antiderivative -2s exp(-(1-s)t²)/(1-s): every part has a value [definedness] *)
Lemma theorem_1_98_defined : forall (v_s : R) (v_t : R),
  (0 < v_s) ->
  (0 < v_t) ->
  ((v_s < 1) -> (1 - v_s) <> 0)
  /\ ((v_s < 1) -> ex_derive (fun v_t : R => (- (2 * v_s * (exp ((v_t ^ 2) * ((- 1) + v_s))) / (1 - v_s)))) v_t).
Proof.
defined.
Qed.

(* which tends to 0 [exponential decay] *)
Lemma theorem_1_99 : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) ->
  filterlim (fun v_t : R => (- (2 * v_s * (exp ((v_t ^ 2) * ((- 1) + v_s))) / (1 - v_s)))) (Rbar_locally p_infty) (locally 0).
Proof.
intros. split_hypotheses. decay (1 - v_s) (- (2 * v_s / (1 - v_s))) 1%nat.
Qed.

(* which tends to 0: every part has a value [definedness] *)
Lemma theorem_1_99_defined : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) ->
  (v_s < 1) -> (1 - v_s) <> 0.
Proof.
defined.
Qed.

(* E exp(sX²) ≤ 1 + ∫ 2st exp(st²) min(1, 2 exp(-t²)) dt = 2^s/(1-s) if P(|X| ≥ t) ≤ 2 exp(-t²), split at t² = log 2 [powers of atoms] *)
Lemma theorem_1_100 : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) ->
  ((2 * v_s * (exp (((- 1) + v_s) * (ln 2))) / (1 - v_s)) + (exp (v_s * (ln 2)))) = ((Rpower 2 v_s) / (1 - v_s)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (((- 1) + v_s) * (ln 2))) = ((exp (v_s * (ln 2))) ^ 1) / (2 ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (Rpower 2 v_s) = (exp (v_s * (ln 2))) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps1 : 0 < (exp (v_s * (ln 2)))) by posit. set (s1 := (exp (v_s * (ln 2)))) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* E exp(sX²) ≤ 1 + ∫ 2st exp(st²) min(1, 2 exp(-t²)) dt = 2^s/(1-s) if P(|X| ≥ t) ≤ 2 exp(-t²), split at t² = log 2: every part has a value [definedness] *)
Lemma theorem_1_100_defined : forall (v_s : R),
  (0 < v_s) ->
  (v_s < 1) -> (1 - v_s) <> 0.
Proof.
defined.
Qed.

(* h/(exp(h) - 1) decreases: exp(h) - 1 - h exp(h) ≤ 0 [mean value theorem] *)
Lemma theorem_1_101 : forall (v_h : R),
  (0 < v_h) ->
  ((- 1) - (v_h * (exp v_h)) + (exp v_h)) <= 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_h_t : R, 0 < v_h_t -> 0 <= (v_h_t * (exp v_h_t))).
{ intros v_h_t; intros. first [ solve [slope_by_signs v_h_t] | replace (v_h_t * (exp v_h_t)) with (v_h_t * (exp v_h_t)) by (pose_positive; field; nonzero); slope_by_signs v_h_t ]. }
assert (L0 : forall v_h_t : R, 0 < v_h_t -> 0 <= (1 - (exp v_h_t) + (v_h_t * (exp v_h_t)))).
{ intros v_h_t; intros.
  apply Rle_trans with ((fun v_h_t : R => (1 - (exp v_h_t) + (v_h_t * (exp v_h_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_h_t : R => (1 - (exp v_h_t) + (v_h_t * (exp v_h_t)))) (fun v_h_t : R => (v_h_t * (exp v_h_t))) 0 v_h_t); [ | in_range | ].
  - intros v_h_t_u ?. cbv beta. differentiate.
  - intros v_h_t_u ?. cbv beta. slope_from L1 v_h_t_u. }
use_level L0 v_h.
Qed.

(* 2t (exp(h) - 1)/h = (exp(h) - 1)/λ at h = 2λt; E stands for exp(h) - 1 [field] *)
Lemma theorem_1_102 : forall (v_E : R) (v_lambda : R) (v_t : R),
  (0 < v_E) ->
  (0 < v_lambda) ->
  (0 < v_t) ->
  (((2 * v_t) * v_E) / ((2 * v_lambda) * v_t)) = (v_E / v_lambda).
Proof.
identity.
Qed.

(* 2λt - t²/2 = 2λ² - (t - 2λ)²/2 [linear arithmetic] *)
Lemma theorem_1_103 : forall (v_lambda : R) (v_t : R),
  (0 < v_lambda) ->
  (0 < v_t) ->
  (((2 * v_lambda) * v_t) - ((v_t ^ 2) / 2)) = ((2 * (v_lambda ^ 2)) - (((v_t - (2 * v_lambda)) ^ 2) / 2)).
Proof.
intros; lra.
Qed.

(* √(π/2) erf((t - m)/√2) has derivative exp(-(t - m)²/2) [powers of atoms] *)
Lemma theorem_1_104 : forall (v_m : R) (v_t : R),
  (0 < v_t) ->
  (Derive (fun v_t : R => ((sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * (v_t - v_m) / 2)) / 2)) v_t) = (exp (- (((v_t - v_m) ^ 2) / 2))).
Proof.
intros. apply is_derive_unique. auto_derive; [ part_exists | rewrite Derive_erf ].
assert (sqrt 2 ^ 2 = 2) by (apply pow2_sqrt; lra). assert (0 < sqrt PI) by posit.
match goal with |- context [exp (- (?a) ^ 2)] => match goal with |- context [exp (- (?b / 2))] =>
  replace (- (a) ^ 2) with (- (b / 2)) by (unfold Rdiv, Rminus; field_with_roots) end end. field_with_roots.
Qed.

(* √(π/2) erf((t - m)/√2) has derivative exp(-(t - m)²/2): every part has a value [definedness] *)
Lemma theorem_1_104_defined : forall (v_m : R) (v_t : R),
  (0 < v_t) ->
  ex_derive (fun v_t : R => ((sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * (v_t - v_m) / 2)) / 2)) v_t.
Proof.
defined.
Qed.

(* the tail bound is one at t² = 2 log 2 [powers of atoms] *)
Lemma theorem_1_105 : (2 * (exp ((- (((sqrt 2) * (sqrt (ln 2))) ^ 2)) / 2))) = 1.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp ((- (((sqrt 2) * (sqrt (ln 2))) ^ 2)) / 2)) = (1) / ((sqrt 2) ^ 2)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt (ln 2)) ^ 2 = (ln 2)) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt (ln 2))) by posit.
set (s1 := (sqrt (ln 2))) in *. clearbody s1.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* λ ≤ 3/5: E exp(λ²Y²/2) ≤ 2^ℓ/(1-ℓ) ≤ exp(4ℓ/2), ℓ = λ² [interval arithmetic] *)
Lemma theorem_1_106 : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell >= (1 / 100)) ->
  (v_ell <= (9 / 25)) ->
  ((- (ln (1 - v_ell))) + (v_ell * (ln 2))) <= (2 * v_ell).
Proof.
intros; split_hypotheses; one_side; interval with (i_bisect v_ell).
Qed.

(* λ ≤ 3/5: E exp(λ²Y²/2) ≤ 2^ℓ/(1-ℓ) ≤ exp(4ℓ/2), ℓ = λ²: every part has a value [definedness] *)
Lemma theorem_1_106_defined : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell >= (1 / 100)) -> (v_ell <= (9 / 25)) -> (1 - v_ell) > 0.
Proof.
defined.
Qed.

(* the same for ℓ ≤ 1/100 [mean value theorem] *)
Lemma theorem_1_107 : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell <= (1 / 100)) ->
  ((- (ln (1 - v_ell))) + (v_ell * (ln 2))) <= (2 * v_ell).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t <= (1 / 100) -> 0 <= ((1 + (((- 1) + v_ell_t) * (2 - (ln 2)))) / ((- 1) + v_ell_t))).
{ intros v_ell_t; intros. slope_by_balls v_ell_t. }
assert (L0 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t <= (1 / 100) -> 0 <= ((2 * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))).
{ intros v_ell_t; intros.
  apply Rle_trans with ((fun v_ell_t : R => ((2 * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_ell_t : R => ((2 * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))) (fun v_ell_t : R => ((1 + (((- 1) + v_ell_t) * (2 - (ln 2)))) / ((- 1) + v_ell_t))) 0 v_ell_t); [ | in_range | ].
  - intros v_ell_t_u ?. cbv beta. differentiate.
  - intros v_ell_t_u ?. cbv beta. slope_from L1 v_ell_t_u. }
use_level L0 v_ell.
Qed.

(* the same for ℓ ≤ 1/100: every part has a value [definedness] *)
Lemma theorem_1_107_defined : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell <= (1 / 100)) -> (1 - v_ell) > 0.
Proof.
defined.
Qed.

(* 3/5 ≤ λ ≤ 5/4: (1/λ) Σ over pieces, divided by exp(4λ²/2), is below one [by hand] *)
Lemma theorem_1_108 : forall (v_lambda : R),
  (0 < v_lambda) ->
  (v_lambda >= (3 / 5)) ->
  (v_lambda <= (5 / 4)) ->
  ((((((sqrt 2) * (sqrt PI) * (1 - (erf ((sqrt 2) * ((5 / 2) - (2 * v_lambda)) / 2))) / 2) - ((sqrt 2) * (sqrt PI) * (1 - (erf ((5 / 4) * (sqrt 2)))) * (exp (- (2 * (v_lambda ^ 2)))) / 2)) * (exp ((- 1) + (5 * v_lambda / ((- 1) + (exp (5 * v_lambda))))))) + ((((sqrt 2) * (sqrt PI) * ((- (erf ((sqrt 2) * ((7 / 4) - (2 * v_lambda)) / 2))) + (erf ((sqrt 2) * ((5 / 2) - (2 * v_lambda)) / 2))) / 2) - ((sqrt 2) * (sqrt PI) * ((- (erf ((7 / 8) * (sqrt 2)))) + (erf ((5 / 4) * (sqrt 2)))) * (exp (- (2 * (v_lambda ^ 2)))) / 2)) * (exp ((- 1) + ((7 / 2) * v_lambda / ((- 1) + (exp ((7 / 2) * v_lambda))))))) + ((((sqrt 2) * (sqrt PI) * ((- (erf ((sqrt 2) * ((- (2 * v_lambda)) + ((sqrt 2) * (sqrt (ln 2)))) / 2))) + (erf ((sqrt 2) * ((7 / 4) - (2 * v_lambda)) / 2))) / 2) - ((sqrt 2) * (sqrt PI) * ((- (erf (sqrt (ln 2)))) + (erf ((7 / 8) * (sqrt 2)))) * (exp (- (2 * (v_lambda ^ 2)))) / 2)) * (exp ((- 1) + (2 * v_lambda * (sqrt 2) * (sqrt (ln 2)) / ((- 1) + (exp (2 * v_lambda * (sqrt 2) * (sqrt (ln 2)))))))))) / v_lambda) < 1.
Proof.
first [ exact is_derive_gauss | exact is_derive_difference | exact slopes_close | exact gauss_close | exact erf_close | exact gauss_at_5 | exact gauss_at_7 | exact gauss_at_ln_2 | exact pieces_below_1 | exact erf_gauss | exact middle_range | exact cumulant_starts_at_the_mean | exact square_root_unbounded | exact gaussian_tail_vanishes | exact logarithm_over_identity | exact radius_unbounded | exact entropy_over_identity_unbounded | exact exponent_below_capacity | exact exponent_above_capacity ].
Qed.

(* 3/5 ≤ λ ≤ 5/4: (1/λ) Σ over pieces, divided by exp(4λ²/2), is below one: every part has a value [definedness] *)
Lemma theorem_1_108_defined : forall (v_lambda : R),
  (0 < v_lambda) ->
  ((v_lambda >= (3 / 5)) -> (v_lambda <= (5 / 4)) -> ((- 1) + (exp (5 * v_lambda))) <> 0)
  /\ ((v_lambda >= (3 / 5)) -> (v_lambda <= (5 / 4)) -> ((- 1) + (exp ((7 / 2) * v_lambda))) <> 0)
  /\ ((v_lambda >= (3 / 5)) -> (v_lambda <= (5 / 4)) -> ((- 1) + (exp (2 * v_lambda * (sqrt 2) * (sqrt (ln 2))))) <> 0).
Proof.
defined.
Qed.

(* λ ≥ 5/4: √(2π)/λ exp(h/(exp(h)-1) - 1) exp(2λ²) ≤ exp(4λ²/2) in logarithms, h at its smallest value [mean value theorem] *)
Lemma theorem_1_109 : forall (v_lambda : R),
  (0 < v_lambda) ->
  (v_lambda >= (5 / 4)) ->
  (2 * (v_lambda ^ 2)) >= ((- (ln v_lambda)) + (2 * (v_lambda ^ 2)) + (ln ((sqrt 2) * (sqrt PI) * (exp ((- 1) + ((5 / 2) * (sqrt 2) * (sqrt (ln 2)) / ((- 1) + (exp ((5 / 2) * (sqrt 2) * (sqrt (ln 2))))))))))).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_lambda_t : R, 0 < v_lambda_t -> v_lambda_t >= (5 / 4) -> 0 <= (/ v_lambda_t)).
{ intros v_lambda_t; intros. first [ solve [slope_by_signs v_lambda_t] | replace (/ v_lambda_t) with (/ v_lambda_t) by (pose_positive; field; nonzero); slope_by_signs v_lambda_t ]. }
assert (L0 : forall v_lambda_t : R, 0 < v_lambda_t -> v_lambda_t >= (5 / 4) -> 0 <= ((- (ln ((sqrt 2) * (sqrt PI) * (exp ((- 1) + ((5 / 2) * (sqrt 2) * (sqrt (ln 2)) / ((- 1) + (exp ((5 / 2) * (sqrt 2) * (sqrt (ln 2))))))))))) + (ln v_lambda_t))).
{ intros v_lambda_t; intros.
  apply Rle_trans with ((fun v_lambda_t : R => ((- (ln ((sqrt 2) * (sqrt PI) * (exp ((- 1) + ((5 / 2) * (sqrt 2) * (sqrt (ln 2)) / ((- 1) + (exp ((5 / 2) * (sqrt 2) * (sqrt (ln 2))))))))))) + (ln v_lambda_t))) (5 / 4)); [ cbv beta; end_by_balls | ].
  apply (rises (fun v_lambda_t : R => ((- (ln ((sqrt 2) * (sqrt PI) * (exp ((- 1) + ((5 / 2) * (sqrt 2) * (sqrt (ln 2)) / ((- 1) + (exp ((5 / 2) * (sqrt 2) * (sqrt (ln 2))))))))))) + (ln v_lambda_t))) (fun v_lambda_t : R => (/ v_lambda_t)) (5 / 4) v_lambda_t); [ | in_range | ].
  - intros v_lambda_t_u ?. cbv beta. differentiate.
  - intros v_lambda_t_u ?. cbv beta. slope_from L1 v_lambda_t_u. }
use_level L0 v_lambda.
Qed.

(* λ ≥ 5/4: √(2π)/λ exp(h/(exp(h)-1) - 1) exp(2λ²) ≤ exp(4λ²/2) in logarithms, h at its smallest value: every part has a value [definedness] *)
Lemma theorem_1_109_defined : forall (v_lambda : R),
  (0 < v_lambda) ->
  (v_lambda >= (5 / 4)) -> ((- 1) + (exp ((5 / 2) * (sqrt 2) * (sqrt (ln 2))))) <> 0.
Proof.
defined.
Qed.

(* nu²/(2v) = u² nd/(8cL²) at v = 4cL²/d [field] *)
Lemma theorem_1_112 : forall (v_L : R) (v_c : R) (v_d : R) (v_n : R) (v_u : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_n) ->
  (0 < v_u) ->
  ((v_n * (v_u ^ 2)) / (2 * (((4 * v_c) * (v_L ^ 2)) / v_d))) = ((((v_u ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_L ^ 2))).
Proof.
identity.
Qed.

(* log(2/δ) > 0 for δ < 2 [mean value theorem] *)
Lemma theorem_1_114 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 2) ->
  (ln (2 / v_delta)) > 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 2 -> 0 < (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 2 -> 0 < (ln (2 / v_delta_t))).
{ intros v_delta_t; intros.
  apply Rle_lt_trans with ((fun v_delta_t : R => (ln (2 / v_delta_t))) 2); [ cbv beta; end_by_signs | ].
  apply (falls_strictly (fun v_delta_t : R => (ln (2 / v_delta_t))) (fun v_delta_t : R => (- (/ v_delta_t))) v_delta_t 2); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* (ε·1/4)² nd/(8cL²) = pℓ + log(2/δ) at the stated L, ℓ = log(1 + 8WJ/ε) [field] *)
Lemma theorem_1_115 : forall (v_c : R) (v_d : R) (v_delta : R) (v_ell : R) (v_epsilon : R) (v_n : R) (v_p : R),
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 <= v_ell) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_p) ->
  (v_delta < 1) ->
  (((v_delta < 2) -> ((ln (2 / v_delta)) > 0))) ->
  (((((v_epsilon / 4) ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_d * v_n * (v_epsilon ^ 2) / (128 * v_c * ((v_ell * v_p) + (ln (2 / v_delta))))))) = ((v_ell * v_p) + (ln (2 / v_delta))).
Proof.
identity.
Qed.

(* (ε·1/4)² nd/(8cL²) = pℓ + log(2/δ) at the stated L, ℓ = log(1 + 8WJ/ε): every part has a value [definedness] *)
Lemma theorem_1_115_defined : forall (v_c : R) (v_d : R) (v_delta : R) (v_ell : R) (v_epsilon : R) (v_n : R) (v_p : R),
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 <= v_ell) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_p) ->
  (v_delta < 1) -> (((v_delta < 2) -> ((ln (2 / v_delta)) > 0))) -> ((v_ell * v_p) + (ln (2 / v_delta))) <> 0.
Proof.
defined.
Qed.

(* M and T imply M' (rounding), M' implies S (concentration) or E (correlation) [atoms of events] *)
Lemma theorem_1_116 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_E : Omega -> bool) (v_M : Omega -> bool) (v_M_prime : Omega -> bool) (v_S : Omega -> bool) (v_T : Omega -> bool) (v_delta : R),
  (probability P) ->
  (0 < v_delta) ->
  (forall w, (implb ((v_M w) && (v_T w)) (v_M_prime w)) = true) ->
  (forall w, (implb (v_M_prime w) ((v_E w) || (v_S w))) = true) ->
  ((P (fun w => (v_S w))) <= (v_delta / 2)) ->
  ((P (fun w => (v_E w))) <= (v_delta / 2)) ->
  (P (fun w => ((v_M w) && (v_T w)))) <= v_delta.
Proof.
intros Omega P v_E v_M v_M_prime v_S v_T; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb ((v_M w) && (v_T w)) (v_M_prime w))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb ((v_M w) && (v_T w)) (v_M_prime w)) = true |- _ => rewrite (H w); reflexivity end).
assert (S1 : P (fun w => negb (implb (v_M_prime w) ((v_E w) || (v_S w)))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb (v_M_prime w) ((v_E w) || (v_S w))) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => (b1 && b4) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => b3 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => (negb (implb (b1 && b4) b2)) | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => (negb (implb b2 (b0 || b3))) | _ => false end)) as X4; cbn in X4.
pose proof (expand P HP (v_E :: v_M :: v_M_prime :: v_S :: v_T :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => true | _ => false end)) as X5; cbn in X5.
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && v_M_prime w) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && v_M_prime w) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && v_M_prime w) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && v_M_prime w) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && negb (v_M_prime w)) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && negb (v_M_prime w)) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && negb (v_M_prime w)) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && v_M w) && negb (v_M_prime w)) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && v_M_prime w) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && v_M_prime w) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && v_M_prime w) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && v_M_prime w) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && negb (v_M_prime w)) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && negb (v_M_prime w)) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && negb (v_M_prime w)) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_E w) && negb (v_M w)) && negb (v_M_prime w)) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && v_M_prime w) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && v_M_prime w) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && v_M_prime w) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && v_M_prime w) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && negb (v_M_prime w)) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && negb (v_M_prime w)) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && negb (v_M_prime w)) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && v_M w) && negb (v_M_prime w)) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && v_M_prime w) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && v_M_prime w) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && v_M_prime w) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && v_M_prime w) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && negb (v_M_prime w)) && v_S w) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && negb (v_M_prime w)) && v_S w) && negb (v_T w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && negb (v_M_prime w)) && negb (v_S w)) && v_T w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_E w)) && negb (v_M w)) && negb (v_M_prime w)) && negb (v_S w)) && negb (v_T w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* P + h ≤ 2P for P ≥ 1 ≥ h = h(δ/2): Lip ≥ (1/16) √(δ/(2c)) · ε √(nd/P) [linear arithmetic] *)
Lemma theorem_2_1 : forall (v_h : R) (v_p_eff : R),
  (0 < v_h) ->
  (0 < v_p_eff) ->
  (v_p_eff >= 1) ->
  (v_h <= 1) ->
  (v_h + v_p_eff) <= (2 * v_p_eff).
Proof.
intros; lra.
Qed.

(* A = √(σ² - ε) ≤ B = √(1 - ε): 2Aη + η² ≤ 2Bη + η² = ρε [nonlinear arithmetic] *)
Lemma theorem_2_6 : forall (v_A : R) (v_B : R) (v_epsilon : R) (v_eta : R) (v_rho : R),
  (0 < v_A) ->
  (0 < v_B) ->
  (0 < v_epsilon) ->
  (0 < v_eta) ->
  (0 < v_rho) ->
  (v_A <= v_B) ->
  (((v_B + v_eta) ^ 2) = ((v_B ^ 2) + (v_epsilon * v_rho))) ->
  ((v_A + v_eta) ^ 2) <= ((v_A ^ 2) + (v_epsilon * v_rho)).
Proof.
intros; nra.
Qed.

(* k log 2 - 2nt²/17 = log(θδ) [powers of atoms] *)
Lemma theorem_2_24 : forall (v_delta : R) (v_k : R) (v_n : R) (v_theta : R),
  (0 < v_delta) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (0 < v_theta) ->
  ((v_delta * v_theta) <= 1) ->
  ((((v_delta * v_theta) <= 1) -> ((ln (v_delta * v_theta)) <= 0))) ->
  ((v_k * (ln 2)) - (((2 * v_n) * (((sqrt 34) * (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2)))) / (2 * (sqrt v_n))) ^ 2)) / 17)) = (ln (v_theta * v_delta)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt v_n)) = (1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 34) ^ 2 = 34) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 34)) by posit.
set (s0 := (sqrt 34)) in *. clearbody s0.
assert (Rs1 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_n)) by posit.
set (s1 := (sqrt v_n)) in *. clearbody s1.
subst v_n.
assert (Rs2 : (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2)))) ^ 2 = ((- (ln (v_delta * v_theta))) + (v_k * (ln 2)))) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2))))) by posit.
set (s2 := (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2))))) in *. clearbody s2.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* k log 2 - 2nt²/17 = log(θδ): every part has a value [definedness] *)
Lemma theorem_2_24_defined : forall (v_delta : R) (v_k : R) (v_n : R) (v_theta : R),
  (0 < v_delta) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (0 < v_theta) ->
  ((v_delta * v_theta) <= 1) -> ((((v_delta * v_theta) <= 1) -> ((ln (v_delta * v_theta)) <= 0))) -> ((- (ln (v_delta * v_theta))) + (v_k * (ln 2))) >= 0.
Proof.
defined.
Qed.

(* the deviation ε(1 - ρ) - 2τ at the τ of the bound is t [field] *)
Lemma theorem_2_25 : forall (v_delta : R) (v_epsilon : R) (v_k : R) (v_n : R) (v_rho : R) (v_theta : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (0 < v_rho) ->
  (0 < v_theta) ->
  ((v_delta * v_theta) <= 1) ->
  ((((v_delta * v_theta) <= 1) -> ((ln (v_delta * v_theta)) <= 0))) ->
  ((v_epsilon * (1 - v_rho)) - (2 * ((v_epsilon * (1 - v_rho) / 2) - ((sqrt 34) * (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2)))) / (4 * (sqrt v_n)))))) = ((sqrt 34) * (sqrt ((- (ln (v_delta * v_theta))) + (v_k * (ln 2)))) / (2 * (sqrt v_n))).
Proof.
identity.
Qed.

(* the deviation ε(1 - ρ) - 2τ at the τ of the bound is t: every part has a value [definedness] *)
Lemma theorem_2_25_defined : forall (v_delta : R) (v_epsilon : R) (v_k : R) (v_n : R) (v_rho : R) (v_theta : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (0 < v_rho) ->
  (0 < v_theta) ->
  ((v_delta * v_theta) <= 1) -> ((((v_delta * v_theta) <= 1) -> ((ln (v_delta * v_theta)) <= 0))) -> ((- (ln (v_delta * v_theta))) + (v_k * (ln 2))) >= 0.
Proof.
defined.
Qed.

(* log(1/(Nq)) = R at L² = τ² nd/(8c(log N + R)), t for log N [field] *)
Lemma theorem_2_57 : forall (v_R : R) (v_c : R) (v_d : R) (v_n : R) (v_t : R) (v_tau : R),
  (0 < v_R) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_n) ->
  (0 < v_t) ->
  (0 < v_tau) ->
  (((((v_tau ^ 2) * v_n) * v_d) / ((8 * v_c) * ((((v_tau ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_t + v_R))))) - v_t) = v_R.
Proof.
identity.
Qed.

(* r log r - r + 1 ≥ 0 for r ≥ 1 [mean value theorem] *)
Lemma theorem_2_58 : forall (v_r : R),
  (0 < v_r) ->
  (v_r >= 1) ->
  (1 - v_r + (v_r * (ln v_r))) >= 0.
Proof.
intros. split_hypotheses.
assert (L2 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (/ v_r_t)).
{ intros v_r_t; intros. first [ solve [slope_by_signs v_r_t] | replace (/ v_r_t) with (/ v_r_t) by (pose_positive; field; nonzero); slope_by_signs v_r_t ]. }
assert (L1 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (ln v_r_t)).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => (ln v_r_t)) 1); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_r_t : R => (ln v_r_t)) (fun v_r_t : R => (/ v_r_t)) 1 v_r_t); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L2 v_r_t_u. }
assert (L0 : forall v_r_t : R, 0 < v_r_t -> v_r_t >= 1 -> 0 <= (1 - v_r_t + (v_r_t * (ln v_r_t)))).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => (1 - v_r_t + (v_r_t * (ln v_r_t)))) 1); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_r_t : R => (1 - v_r_t + (v_r_t * (ln v_r_t)))) (fun v_r_t : R => (ln v_r_t)) 1 v_r_t); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L1 v_r_t_u. }
use_level L0 v_r.
Qed.

(* r log r - r + 1 ≥ 0 for 0 < r ≤ 1 [mean value theorem] *)
Lemma theorem_2_59 : forall (v_r : R),
  (0 < v_r) ->
  (v_r <= 1) ->
  (1 - v_r + (v_r * (ln v_r))) >= 0.
Proof.
intros. split_hypotheses.
assert (L2 : forall v_r_t : R, 0 < v_r_t -> v_r_t <= 1 -> 0 <= (/ v_r_t)).
{ intros v_r_t; intros. first [ solve [slope_by_signs v_r_t] | replace (/ v_r_t) with (/ v_r_t) by (pose_positive; field; nonzero); slope_by_signs v_r_t ]. }
assert (L1 : forall v_r_t : R, 0 < v_r_t -> v_r_t <= 1 -> 0 <= (- (ln v_r_t))).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => (- (ln v_r_t))) 1); [ cbv beta; end_by_signs | ].
  apply (falls (fun v_r_t : R => (- (ln v_r_t))) (fun v_r_t : R => (- (/ v_r_t))) v_r_t 1); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L2 v_r_t_u. }
assert (L0 : forall v_r_t : R, 0 < v_r_t -> v_r_t <= 1 -> 0 <= (1 - v_r_t + (v_r_t * (ln v_r_t)))).
{ intros v_r_t; intros.
  apply Rle_trans with ((fun v_r_t : R => (1 - v_r_t + (v_r_t * (ln v_r_t)))) 1); [ cbv beta; end_by_signs | ].
  apply (falls (fun v_r_t : R => (1 - v_r_t + (v_r_t * (ln v_r_t)))) (fun v_r_t : R => (ln v_r_t)) v_r_t 1); [ | in_range | ].
  - intros v_r_t_u ?. cbv beta. differentiate.
  - intros v_r_t_u ?. cbv beta. slope_from L1 v_r_t_u. }
use_level L0 v_r.
Qed.

(* with r = a exp(-g): exp(g) (r log r - r + 1) = a (log a - g) - a + exp(g) [powers of atoms] *)
Lemma theorem_2_60 : forall (v_a : R) (v_g : R),
  (0 < v_a) ->
  ((1 - (v_a * (exp (- v_g))) + (v_a * (exp (- v_g)) * (ln (v_a * (exp (- v_g)))))) * (exp v_g)) = ((- v_a) + (v_a * ((- v_g) + (ln v_a))) + (exp v_g)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- v_g)) = (1) / ((exp v_g) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
expand_logarithms.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_g)) by posit. set (s0 := (exp v_g)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* with exp(λ) = δ(1-q)/(q(1-δ)): λδ - log(1 - q + q exp(λ)) = kl(δ‖q); a and b are the odds of δ and q [powers of atoms] *)
Lemma theorem_2_61 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((((ln (v_a / v_b)) * v_a) / (1 + v_a)) - (ln ((1 - (v_b / (1 + v_b))) + ((v_b / (1 + v_b)) * (v_a / v_b))))) = (((v_a / (1 + v_a)) * ((((ln v_a) - (ln v_b)) - (ln (1 + v_a))) + (ln (1 + v_b)))) + (((ln (1 + v_b)) - (ln (1 + v_a))) / (1 + v_a))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
try replace ((1 - (v_b / (1 + v_b))) + ((v_b / (1 + v_b)) * (v_a / v_b))) with ((1 + v_a) / (1 + v_b)) by (field; nonzero).
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* with exp(λ) = δ(1-q)/(q(1-δ)): λδ - log(1 - q + q exp(λ)) = kl(δ‖q); a and b are the odds of δ and q: every part has a value [definedness by factors] *)
Lemma theorem_2_61_defined : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((1 - (v_b / (1 + v_b))) + ((v_b / (1 + v_b)) * (v_a / v_b))) > 0.
Proof.
intros; try replace ((1 - (v_b / (1 + v_b))) + ((v_b / (1 + v_b)) * (v_a / v_b))) with ((1 + v_a) / (1 + v_b)) by (field; nonzero); defined.
Qed.

(* the tilt is positive: δ(1-q) > q(1-δ) [linear arithmetic] *)
Lemma theorem_2_62 : forall (v_delta : R) (v_q : R),
  (0 < v_delta) ->
  (0 < v_q) ->
  (v_q < v_delta) ->
  (v_delta < 1) ->
  (v_delta * (1 - v_q)) > (v_q * (1 - v_delta)).
Proof.
intros; lra.
Qed.

(* 1 - Q + Qe ≤ 1 - q + qe for Q ≤ q and e = exp(λ) ≥ 1 [nonlinear arithmetic] *)
Lemma theorem_2_63 : forall (v_Q : R) (v_e : R) (v_q : R),
  (0 < v_q) ->
  (v_Q <= v_q) ->
  (v_e >= 1) ->
  (1 - v_Q + (v_Q * v_e)) <= (1 - v_q + (v_e * v_q)).
Proof.
intros; nra.
Qed.

(* P ≤ δ, writing ψ for the logarithms of the two sides above [nonlinear arithmetic] *)
Lemma theorem_2_64 : forall (v_I : R) (v_P : R) (v_delta : R) (v_kl : R) (v_lambda : R) (v_psi_Q : R) (v_psi_q : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (v_lambda > 0) ->
  ((v_P * v_lambda) <= (v_psi_Q + v_I)) ->
  (v_psi_Q <= v_psi_q) ->
  (((- v_psi_q) + (v_lambda * v_delta)) = v_kl) ->
  (v_kl >= v_I) ->
  v_P <= v_delta.
Proof.
intros; nra.
Qed.

(* -log(1-q) > 0 for 0 < q < 1 [mean value theorem] *)
Lemma theorem_2_65 : forall (v_q : R),
  (0 < v_q) ->
  (v_q < 1) ->
  (- (ln (1 - v_q))) > 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_q_t : R, 0 < v_q_t -> v_q_t < 1 -> 0 < (- (/ ((- 1) + v_q_t)))).
{ intros v_q_t; intros. first [ solve [slope_by_signs v_q_t] | replace (- (/ ((- 1) + v_q_t))) with (- (/ ((- 1) + v_q_t))) by (pose_positive; field; nonzero); slope_by_signs v_q_t ]. }
assert (L0 : forall v_q_t : R, 0 < v_q_t -> v_q_t < 1 -> 0 < (- (ln (1 - v_q_t)))).
{ intros v_q_t; intros.
  apply Rle_lt_trans with ((fun v_q_t : R => (- (ln (1 - v_q_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises_strictly (fun v_q_t : R => (- (ln (1 - v_q_t)))) (fun v_q_t : R => (- (/ ((- 1) + v_q_t)))) 0 v_q_t); [ | in_range | ].
  - intros v_q_t_u ?. cbv beta. differentiate.
  - intros v_q_t_u ?. cbv beta. slope_from L1 v_q_t_u. }
use_level L0 v_q.
Qed.

(* -log(1-q) > 0 for 0 < q < 1: every part has a value [definedness] *)
Lemma theorem_2_65_defined : forall (v_q : R),
  (0 < v_q) ->
  (v_q < 1) -> (1 - v_q) > 0.
Proof.
defined.
Qed.

(* kl(δ‖q) = δ log(1/q) - h(δ) - (1-δ) log(1-q) [linear arithmetic] *)
Lemma theorem_2_66 : forall (v_delta : R) (v_q : R),
  (0 < v_delta) ->
  (0 < v_q) ->
  (v_q < 1) ->
  (v_delta < 1) ->
  ((v_delta * ((- (ln v_q)) + (ln v_delta))) + ((1 - v_delta) * ((- (ln (1 - v_q))) + (ln (1 - v_delta))))) = ((v_delta * (ln v_delta)) + ((1 - v_delta) * (ln (1 - v_delta))) - (v_delta * (ln v_q)) - ((1 - v_delta) * (ln (1 - v_q)))).
Proof.
intros; lra.
Qed.

(* kl(δ‖q) = δ log(1/q) - h(δ) - (1-δ) log(1-q): every part has a value [definedness] *)
Lemma theorem_2_66_defined : forall (v_delta : R) (v_q : R),
  (0 < v_delta) ->
  (0 < v_q) ->
  ((v_q < 1) -> (v_delta < 1) -> (1 - v_q) > 0)
  /\ ((v_q < 1) -> (v_delta < 1) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* δ log(1/q) - h(δ) = I at that q [field] *)
Lemma theorem_2_67 : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (v_delta < 1) ->
  ((v_delta * ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta)) - (((- v_delta) * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta))))) = v_I.
Proof.
identity.
Qed.

(* δ log(1/q) - h(δ) = I at that q: every part has a value [definedness] *)
Lemma theorem_2_67_defined : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (v_delta < 1) -> (1 - v_delta) > 0.
Proof.
defined.
Qed.

(* so kl(δ‖q) ≥ I [nonlinear arithmetic] *)
Lemma theorem_2_68 : forall (v_I : R) (v_delta : R) (v_kl : R) (v_q : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (0 < v_q) ->
  (v_kl = (v_I - ((1 - v_delta) * (ln (1 - v_q))))) ->
  (((v_q < 1) -> ((- (ln (1 - v_q))) > 0))) ->
  (v_q < 1) ->
  (v_delta < 1) ->
  v_kl >= v_I.
Proof.
intros; nra.
Qed.

(* so kl(δ‖q) ≥ I: every part has a value [definedness] *)
Lemma theorem_2_68_defined : forall (v_I : R) (v_delta : R) (v_kl : R) (v_q : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (0 < v_q) ->
  ((((v_q < 1) -> ((- (ln (1 - v_q))) > 0))) -> (v_q < 1) -> (v_delta < 1) -> (1 - v_q) > 0)
  /\ ((v_kl = (v_I - ((1 - v_delta) * (ln (1 - v_q))))) -> (v_q < 1) -> (v_delta < 1) -> (v_q < 1) -> (1 - v_q) > 0).
Proof.
defined.
Qed.

(* and q < δ: (I + h(δ))/δ > log(1/δ) [nonlinear arithmetic] *)
Lemma theorem_2_69 : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (v_delta < 1) ->
  (((v_delta < 1) -> ((- (ln (1 - v_delta))) > 0))) ->
  (v_I - ((1 - v_delta) * (ln (1 - v_delta)))) > 0.
Proof.
intros; nra.
Qed.

(* and q < δ: (I + h(δ))/δ > log(1/δ): every part has a value [definedness] *)
Lemma theorem_2_69_defined : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  ((v_delta < 1) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((v_delta < 1) -> (((v_delta < 1) -> ((- (ln (1 - v_delta))) > 0))) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* one term [nonlinear arithmetic] *)
Lemma theorem_2_70 : forall (v_1_A : R) (v_w : R) (v_w_max : R),
  (0 <= v_1_A) ->
  (0 <= v_w) ->
  (0 <= v_w_max) ->
  (v_w <= v_w_max) ->
  (v_1_A * v_w) <= (v_1_A * v_w_max).
Proof.
intros; nra.
Qed.

(* exponents: (1 - 1/a)(log q + I_a) is the logarithm of (q exp I_a)^((a-1)/a) [field] *)
Lemma theorem_2_74 : forall (v_ell : R) (v_r : R) (v_t : R),
  (0 < v_ell) ->
  (0 < v_r) ->
  (0 < v_t) ->
  ((1 - (/ v_r)) * (v_ell + v_t)) = (((- 1) + v_r) * (v_ell + v_t) / v_r).
Proof.
identity.
Qed.

(* a 1_A ≤ a 1{a > K} + K 1_A for the density a [case distinction] *)
Lemma theorem_2_75 : forall (v_1_A : R) (v_K : R) (v_a : R),
  (0 <= v_1_A) ->
  (0 <= v_K) ->
  (0 <= v_a) ->
  (((v_1_A = 0) \/ (v_1_A = 1))) ->
  (v_1_A * v_a) <= ((v_1_A * v_K) + (v_a * (if Rlt_dec v_K v_a then 1 else 0))).
Proof.
by_cases.
Qed.

(* P(M) ≤ θδ + (1 - θ)δ [atoms of events] *)
Lemma theorem_2_76 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_E : Omega -> bool) (v_M : Omega -> bool) (v_S : Omega -> bool) (v_delta : R) (v_theta : R),
  (probability P) ->
  (0 < v_delta) ->
  (0 < v_theta) ->
  (forall w, (implb (v_M w) ((v_E w) || (v_S w))) = true) ->
  ((P (fun w => (v_S w))) <= (v_delta * v_theta)) ->
  ((P (fun w => (v_E w))) <= (v_delta * (1 - v_theta))) ->
  (P (fun w => (v_M w))) <= v_delta.
Proof.
intros Omega P v_E v_M v_S; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb (v_M w) ((v_E w) || (v_S w)))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb (v_M w) ((v_E w) || (v_S w))) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_E :: v_M :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_E :: v_M :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b1 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_E :: v_M :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b2 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_E :: v_M :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (negb (implb b1 (b0 || b2))) | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_E :: v_M :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => true | _ => false end)) as X4; cbn in X4.
pose proof (p_nonneg P HP (fun w => (((true && v_E w) && v_M w) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && v_E w) && v_M w) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && v_E w) && negb (v_M w)) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && v_E w) && negb (v_M w)) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E w)) && v_M w) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E w)) && v_M w) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E w)) && negb (v_M w)) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_E w)) && negb (v_M w)) && negb (v_S w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* δ* does not decrease when I grows [case distinction] *)
Lemma theorem_3_79 : forall (v_I_X : R) (v_beta : R) (v_p_eff : R),
  (0 <= v_I_X) ->
  (0 < v_beta) ->
  (0 <= v_p_eff) ->
  (v_I_X <= v_p_eff) ->
  (v_I_X / v_beta) <= (v_p_eff / v_beta).
Proof.
by_cases.
Qed.

(* MSE ≤ σ² - ε gives MSE ≤ σ² - ε/2 [linear arithmetic] *)
Lemma theorem_4_1 : forall (v_MSE : R) (v_epsilon : R) (v_sigma_2 : R),
  (0 <= v_MSE) ->
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (v_MSE <= (v_sigma_2 - v_epsilon)) ->
  v_MSE <= (v_sigma_2 - (v_epsilon / 2)).
Proof.
intros; lra.
Qed.

(* N disjoint balls of radius r/2 in a ball of radius W + r/2: N (r/2)^κ ≤ (W + r/2)^κ, that is N ≤ (1 + 2W/r)^κ [field] *)
Lemma theorem_4_5 : forall (v_W : R) (v_kappa : R) (v_r : R),
  (0 < v_W) ->
  (0 < v_kappa) ->
  (0 < v_r) ->
  (Rpower (2 * (v_W + (v_r / 2)) / v_r) v_kappa) = (Rpower (1 + (2 * v_W / v_r)) v_kappa).
Proof.
identity.
Qed.

(* 2W/r = 16 WJ/ε at r = ε/(8J) [field] *)
Lemma theorem_4_6 : forall (v_J : R) (v_W : R) (v_epsilon : R),
  (0 < v_J) ->
  (0 < v_W) ->
  (0 < v_epsilon) ->
  ((2 * v_W) / (v_epsilon / (8 * v_J))) = (((16 * v_W) * v_J) / v_epsilon).
Proof.
identity.
Qed.

(* 1 + 16ρ ≤ 1 + 60ρ, ρ = WJ/ε [linear arithmetic] *)
Lemma theorem_4_7 : forall (v_rho : R),
  (0 <= v_rho) ->
  (1 + (16 * v_rho)) <= (1 + (60 * v_rho)).
Proof.
intros; lra.
Qed.

(* |(f - y)² - (f' - y)²| ≤ ε/2 [nonlinear arithmetic] *)
Lemma theorem_4_8 : forall (v_epsilon : R) (v_f : R) (v_f_prime : R) (v_y : R),
  (0 < v_epsilon) ->
  (v_f >= (- 1)) ->
  (v_f_prime >= (- 1)) ->
  (v_y >= (- 1)) ->
  (v_f <= 1) ->
  (v_f_prime <= 1) ->
  (v_y <= 1) ->
  ((v_f - v_f_prime) <= (v_epsilon / 8)) ->
  ((v_f_prime - v_f) <= (v_epsilon / 8)) ->
  (((((v_f - v_y) ^ 2) - ((v_f_prime - v_y) ^ 2)) <= (v_epsilon / 2)) /\ ((((v_f_prime - v_y) ^ 2) - ((v_f - v_y) ^ 2)) <= (v_epsilon / 2))).
Proof.
intros; nra.
Qed.

(* -nε²/(8³k) ≤ log(δ/(8k)) [cleared denominators] *)
Lemma theorem_4_9 : forall (v_delta : R) (v_epsilon : R) (v_k : R) (v_n : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 < v_k) ->
  (0 < v_n) ->
  ((512 * v_k * ((- (ln v_delta)) + (ln (8 * v_k)))) <= (v_n * (v_epsilon ^ 2))) ->
  (- (v_n * (v_epsilon ^ 2) / (512 * v_k))) <= ((- (ln (8 * v_k))) + (ln v_delta)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((v_n * (v_epsilon ^ 2)) - (512 * v_k * (ln (8 * v_k))) + (512 * v_k * (ln v_delta))))) (512 * (v_k))); [ field; nonzero | posit | ].
all: try (assert ((512 * v_k * ((- (ln v_delta)) + (ln (8 * v_k)))) ^ 2 <= (v_n * (v_epsilon ^ 2)) ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* (2k+2)/(8k) ≤ 1/2 [case distinction] *)
Lemma theorem_4_10 : forall (v_k : R),
  (0 < v_k) ->
  (v_k >= 1) ->
  ((2 + (2 * v_k)) / (8 * v_k)) <= (1 / 2).
Proof.
by_cases.
Qed.

(* log(4/δ) > 0 for δ < 4 [mean value theorem] *)
Lemma theorem_4_14 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 4) ->
  (ln (4 / v_delta)) > 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 4 -> 0 < (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 4 -> 0 < (ln (4 / v_delta_t))).
{ intros v_delta_t; intros.
  apply Rle_lt_trans with ((fun v_delta_t : R => (ln (4 / v_delta_t))) 4); [ cbv beta; end_by_signs | ].
  apply (falls_strictly (fun v_delta_t : R => (ln (4 / v_delta_t))) (fun v_delta_t : R => (- (/ v_delta_t))) v_delta_t 4); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* equality at I = p_eff, both sides squared [field] *)
Lemma theorem_4_15 : forall (v_delta : R) (v_epsilon : R) (v_p_eff : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 <= v_p_eff) ->
  (v_delta < 1) ->
  (((v_delta < 4) -> ((ln (4 / v_delta)) > 0))) ->
  (v_delta * (v_epsilon ^ 2) * ((2 * v_p_eff / v_delta) + (ln (4 / v_delta))) / (128 * (v_p_eff + (v_delta * (ln (4 / v_delta)) / 2)))) = ((v_epsilon ^ 2) / 64).
Proof.
identity.
Qed.

(* equality at I = p_eff, both sides squared: every part has a value [definedness] *)
Lemma theorem_4_15_defined : forall (v_delta : R) (v_epsilon : R) (v_p_eff : R),
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 <= v_p_eff) ->
  (v_delta < 1) -> (((v_delta < 4) -> ((ln (4 / v_delta)) > 0))) -> (v_p_eff + (v_delta * (ln (4 / v_delta)) / 2)) <> 0.
Proof.
defined.
Qed.

(* the left side grows with I and with L [cleared denominators] *)
Lemma theorem_4_16 : forall (v_I : R) (v_a : R) (v_b : R) (v_delta : R) (v_p_eff : R) (v_v : R),
  (0 <= v_I) ->
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 < v_delta) ->
  (0 <= v_p_eff) ->
  (v_a <= v_b) ->
  (v_I <= v_p_eff) ->
  (v_v >= 0) ->
  ((v_a ^ 2) * (v_v + (2 * v_I / v_delta))) <= ((v_b ^ 2) * (v_v + (2 * v_p_eff / v_delta))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- (2 * v_I * (v_a ^ 2))) + (2 * v_p_eff * (v_b ^ 2)) + (v_v * v_delta * (v_b ^ 2)) - (v_v * v_delta * (v_a ^ 2))))) (1 * (v_delta))); [ field; nonzero | posit | ].
all: try (assert (v_a ^ 2 <= v_b ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_I ^ 2 <= v_p_eff ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (0 ^ 2 <= v_v ^ 2) by (apply square_le; first [lra | nra])).
try (assert (0 <= (v_b - v_a) * v_I) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_I) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_a) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_a) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_b) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_b) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_delta) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_delta) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_p_eff) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_p_eff) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_v) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_v) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_I ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_I ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_a ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_a ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_b ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_b ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_delta ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_delta ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_p_eff ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_p_eff ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * v_v ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * v_v ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_I * v_a)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_I * v_a)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_I * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_I * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_I * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_I * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_I * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_I * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_I * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_I * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_a * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_a * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_a * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_a * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_a * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_a * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_a * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_a * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_b * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_b * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_b * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_b * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_b * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_b * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_delta * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_delta * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_delta * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_delta * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b - v_a) * (v_p_eff * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_b ^ 2 - v_a ^ 2) * (v_p_eff * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_I) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_I) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_a) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_a) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_b) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_b) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_delta) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_delta) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_p_eff) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_p_eff) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_v) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_v) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_I ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_I ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_a ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_a ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_b ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_b ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_delta ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_delta ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_p_eff ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_p_eff ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * v_v ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * v_v ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_I * v_a)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_I * v_a)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_I * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_I * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_I * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_I * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_I * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_I * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_I * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_I * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_a * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_a * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_a * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_a * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_a * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_a * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_a * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_a * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_b * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_b * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_b * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_b * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_b * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_b * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_delta * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_delta * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_delta * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_delta * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff - v_I) * (v_p_eff * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_p_eff ^ 2 - v_I ^ 2) * (v_p_eff * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_I) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_a) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_b) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_delta) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_p_eff) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_v) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_I ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_a ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_b ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_delta ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_p_eff ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * v_v ^ 2) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_I * v_a)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_I * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_I * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_I * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_I * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_a * v_b)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_a * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_a * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_a * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_b * v_delta)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_b * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_b * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_delta * v_p_eff)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_delta * v_v)) by (apply Rmult_le_pos; [lra | posit])); try (assert (0 <= (v_v - 0) * (v_p_eff * v_v)) by (apply Rmult_le_pos; [lra | posit])); lra.
Qed.

(* (ε/4)² nd/(8cL²) = (p_eff + h)/(δ/2) at the stated L, h = h(δ/2) [field] *)
Lemma theorem_4_91 : forall (v_c : R) (v_d : R) (v_delta : R) (v_epsilon : R) (v_h : R) (v_n : R) (v_p_eff : R),
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 <= v_h) ->
  (0 < v_n) ->
  (0 <= v_p_eff) ->
  ((v_h + v_p_eff) > 0) ->
  (((((v_epsilon / 4) ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_d * v_delta * v_n * (v_epsilon ^ 2) / (256 * v_c * (v_h + v_p_eff))))) = ((v_p_eff + v_h) / (v_delta / 2)).
Proof.
identity.
Qed.

(* (ε/4)² nd/(8cL²) = (p_eff + h)/(δ/2) at the stated L, h = h(δ/2): every part has a value [definedness] *)
Lemma theorem_4_91_defined : forall (v_c : R) (v_d : R) (v_delta : R) (v_epsilon : R) (v_h : R) (v_n : R) (v_p_eff : R),
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_delta) ->
  (0 < v_epsilon) ->
  (0 <= v_h) ->
  (0 < v_n) ->
  (0 <= v_p_eff) ->
  ((v_h + v_p_eff) > 0) -> (v_h + v_p_eff) <> 0.
Proof.
defined.
Qed.

(* a smaller L gives a larger exponent [cleared denominators] *)
Lemma theorem_4_92 : forall (v_a : R) (v_b : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_n : R),
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (v_a > 0) ->
  (v_a <= v_b) ->
  (v_d * v_n * (v_epsilon ^ 2) / (128 * (v_a ^ 2) * v_c)) >= (v_d * v_n * (v_epsilon ^ 2) / (128 * (v_b ^ 2) * v_c)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * (v_d) * (v_n) * (v_epsilon) ^ 2 * ((v_b - v_a)) * ((v_a + v_b))) (128 * (v_c) * (v_a) ^ 2 * (v_b) ^ 2)); [ field; nonzero | posit | ].
all: try (assert (v_a ^ 2 <= v_b ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* a smaller L gives a larger exponent: every part has a value [definedness] *)
Lemma theorem_4_92_defined : forall (v_a : R) (v_b : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_n : R),
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  ((v_a > 0) -> (v_a <= v_b) -> v_a <> 0)
  /\ ((v_a > 0) -> (v_a <= v_b) -> v_b <> 0).
Proof.
defined.
Qed.

(* h(q) ≤ q (1 - log q), q = δ/2 [linear arithmetic] *)
Lemma theorem_4_95 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 1) ->
  ((((v_delta / 2) < 1) -> ((((- 1) + (v_delta / 2)) * (ln (1 - (v_delta / 2)))) <= (v_delta / 2)))) ->
  ((- ((1 - (v_delta / 2)) * (ln (1 - (v_delta / 2))))) - (v_delta * (ln (v_delta / 2)) / 2)) <= (v_delta * (1 - (ln (v_delta / 2))) / 2).
Proof.
intros; lra.
Qed.

(* h(q) ≤ q (1 - log q), q = δ/2: every part has a value [definedness] *)
Lemma theorem_4_95_defined : forall (v_delta : R),
  (0 < v_delta) ->
  ((v_delta < 1) -> ((v_delta / 2) < 1) -> (1 - (v_delta / 2)) > 0)
  /\ ((v_delta < 1) -> ((((v_delta / 2) < 1) -> ((((- 1) + (v_delta / 2)) * (ln (1 - (v_delta / 2)))) <= (v_delta / 2)))) -> (1 - (v_delta / 2)) > 0).
Proof.
defined.
Qed.

(* 16² (P + h) ≤ 96² · 144 (p_eff + (δ/2) log(4/δ)) with P ≤ p_eff and h ≤ (δ/2)(1 + log(4/δ) - log 2) [nonlinear arithmetic] *)
Lemma theorem_4_98 : forall (v_I : R) (v_Lambda : R) (v_h : R) (v_log_2 : R) (v_p_eff : R) (v_q : R),
  (0 <= v_I) ->
  (0 < v_Lambda) ->
  (0 <= v_h) ->
  (0 <= v_p_eff) ->
  (0 < v_q) ->
  (v_I <= v_p_eff) ->
  (v_h <= (v_q * (1 + v_Lambda - v_log_2))) ->
  (v_log_2 >= (1 / 2)) ->
  (v_Lambda >= (2 * v_log_2)) ->
  ((256 * v_I) + (256 * v_h)) <= ((1327104 * v_p_eff) + (1327104 * v_Lambda * v_q)).
Proof.
intros; nra.
Qed.

(* 96² · 72 · 2 = 1152² [linear arithmetic] *)
Lemma theorem_4_99 : (((96 ^ 2) * 72) * 2) = (1152 ^ 2).
Proof.
intros; lra.
Qed.

(* 8³ k (3 log 2 + log k - log δ) ≥ 136 ((k+1) log 2 - log δ) [cleared denominators] *)
Lemma theorem_4_100 : forall (v_k : R) (v_log_delta : R) (v_log_k : R),
  (0 < v_k) ->
  (v_k >= 1) ->
  (v_log_k >= 0) ->
  (v_log_delta <= 0) ->
  (512 * v_k * (v_log_k - v_log_delta + (3 * (ln 2)))) >= ((- (136 * v_log_delta)) + (136 * (1 + v_k) * (ln 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rle_ge. apply Rnot_lt_le; intro N. assert (0 <= (512 * v_k * (v_log_k - v_log_delta + (3 * (ln 2))))) by posit.
assert (0 < (((- (136 * v_log_delta)) + (136 * (1 + v_k) * (ln 2))) - (512 * v_k * (v_log_k - v_log_delta + (3 * (ln 2))))) * (((- (136 * v_log_delta)) + (136 * (1 + v_k) * (ln 2))) + (512 * v_k * (v_log_k - v_log_delta + (3 * (ln 2)))))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* log 2 ≤ 1 [interval arithmetic] *)
Lemma theorem_4_101 : (ln 2) <= 1.
Proof.
intros; split_hypotheses; interval.
Qed.

(* 1 + 8ρ ≤ 1 + 60ρ, and the logarithm increases [linear arithmetic] *)
Lemma theorem_4_102 : forall (v_rho : R),
  (0 <= v_rho) ->
  (1 + (8 * v_rho)) <= (1 + (60 * v_rho)).
Proof.
intros; lra.
Qed.

(* nats against bits: log(1 + 60ρ)/log 2 ≥ log(1 + 8ρ); a, b are the two logarithms and κ is log 2 [case distinction] *)
Lemma theorem_4_103 : forall (v_a : R) (v_b : R) (v_kappa : R),
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 < v_kappa) ->
  (v_a >= v_b) ->
  (v_kappa <= 1) ->
  (v_a / v_kappa) >= v_b.
Proof.
by_cases.
Qed.

(* (d/m)^d ≤ (d/m)^i for i ≤ d: d r ≤ i r with r = log(d/m) ≤ 0 [nonlinear arithmetic] *)
Lemma theorem_5_1 : forall (v_d : R) (v_i : R) (v_r : R),
  (0 < v_d) ->
  (0 <= v_i) ->
  (v_i <= v_d) ->
  (v_r <= 0) ->
  (v_r * v_d) <= (v_r * v_i).
Proof.
intros; nra.
Qed.

(* log(1 + d/m) ≤ d/m, for d = xm: log(1 + u) ≤ u [mean value theorem] *)
Lemma theorem_5_2 : forall (v_u : R),
  (0 < v_u) ->
  (ln (1 + v_u)) <= v_u.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_u_t : R, 0 < v_u_t -> 0 <= (v_u_t / (1 + v_u_t))).
{ intros v_u_t; intros. first [ solve [slope_by_signs v_u_t] | replace (v_u_t / (1 + v_u_t)) with (v_u_t / (1 + v_u_t)) by (pose_positive; field; nonzero); slope_by_signs v_u_t ]. }
assert (L0 : forall v_u_t : R, 0 < v_u_t -> 0 <= (v_u_t - (ln (1 + v_u_t)))).
{ intros v_u_t; intros.
  apply Rle_trans with ((fun v_u_t : R => (v_u_t - (ln (1 + v_u_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_u_t : R => (v_u_t - (ln (1 + v_u_t)))) (fun v_u_t : R => (v_u_t / (1 + v_u_t))) 0 v_u_t); [ | in_range | ].
  - intros v_u_t_u ?. cbv beta. differentiate.
  - intros v_u_t_u ?. cbv beta. slope_from L1 v_u_t_u. }
use_level L0 v_u.
Qed.

(* m log(1 + d/m) ≤ d [case distinction] *)
Lemma theorem_5_3 : forall (v_b : R) (v_d : R) (v_m : R),
  (0 < v_d) ->
  (0 < v_m) ->
  (v_b <= (v_d / v_m)) ->
  (v_b * v_m) <= v_d.
Proof.
by_cases.
Qed.

(* log((em/d)^d) = d - d log(d/m) [field] *)
Lemma theorem_5_4 : forall (v_d : R) (v_m : R),
  (0 < v_d) ->
  (0 < v_m) ->
  (v_d * (ln ((exp 1) * v_m / v_d))) = (v_d - (v_d * (ln (v_d / v_m)))).
Proof.
identity.
Qed.

(* a1² (1/(2m)) (I/δ + log(2/δ)) is the square of it; a for log(2/δ) [field] *)
Lemma theorem_5_5 : forall (v_I : R) (v_delta : R) (v_m : R) (v_u : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  (0 < v_u) ->
  (((72 * v_u) + (72 * v_I / v_delta)) / (2 * v_m)) = (36 * (v_I + (v_delta * v_u)) / (v_delta * v_m)).
Proof.
identity.
Qed.

(* a1² ≤ 2 a1² ≤ 4 a1² [linear arithmetic] *)
Lemma theorem_5_6 : forall (v_u : R),
  (0 < v_u) ->
  (((2 * v_u) <= (4 * v_u)) /\ (v_u <= (2 * v_u))).
Proof.
intros; lra.
Qed.

(* the difference of two losses is that of the centred losses [linear arithmetic] *)
Lemma theorem_5_7 : forall (v_l : R) (v_l_prime : R),
  (v_l_prime - v_l) = ((v_l_prime - (1 / 2)) - (v_l - (1 / 2))).
Proof.
intros; lra.
Qed.

(* |a - b| ≤ |a| + |b| [case distinction] *)
Lemma theorem_5_8 : forall (v_a : R) (v_b : R),
  (Rabs (v_a - v_b)) <= ((Rabs v_a) + (Rabs v_b)).
Proof.
by_cases.
Qed.

(* |a| is the larger of a and -a [case distinction] *)
Lemma theorem_5_9 : forall (v_x : R),
  (Rabs v_x) = (Rmax (- v_x) v_x).
Proof.
by_cases.
Qed.

(* l in {0, 1} has |l - 1/2| = 1/2 [case distinction] *)
Lemma theorem_5_10 : forall (v_l : R),
  (v_l >= 0) ->
  (v_l <= 1) ->
  (Rabs ((- 1 / 2) + v_l)) <= (1 / 2).
Proof.
by_cases.
Qed.

(* two numbers; more by induction [case distinction] *)
Lemma theorem_5_13 : forall (v_u : R) (v_v : R),
  (0 < v_u) ->
  (0 < v_v) ->
  (Rmax v_u v_v) <= (v_u + v_v).
Proof.
by_cases.
Qed.

(* two-point law with p = 1/2 and span 2x: log cosh x = log(1/2 + exp(2x)/2) - x [powers of atoms] *)
Lemma theorem_5_15 : forall (v_x : R),
  (0 < v_x) ->
  (((exp v_x) / 2) + ((exp (- v_x)) / 2)) = (((1 / 2) + ((exp (2 * v_x)) / 2)) * (exp (- v_x))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- v_x)) = (1) / ((exp v_x) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (2 * v_x)) = (exp v_x) ^ 2) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_x)) by posit. set (s0 := (exp v_x)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* so log cosh x ≤ (2x)²/8 = x²/2, c for log cosh x [linear arithmetic] *)
Lemma theorem_5_16 : forall (v_c : R) (v_x : R),
  (0 < v_x) ->
  (((- v_x) + (ln ((1 / 2) + ((exp (2 * v_x)) / 2)))) <= ((v_x ^ 2) / 2)) ->
  (v_c = ((- v_x) + (ln ((1 / 2) + ((exp (2 * v_x)) / 2))))) ->
  v_c <= ((v_x ^ 2) / 2).
Proof.
intros; lra.
Qed.

(* (ℓ + λ²b²m/2)/(λm) = b √(2ℓ)/√m at λ = √(2ℓ/m)/b, ℓ = log N [powers of atoms] *)
Lemma theorem_5_17 : forall (v_b : R) (v_ell : R) (v_m : R),
  (0 < v_b) ->
  (0 < v_ell) ->
  (0 < v_m) ->
  ((v_ell + ((((((sqrt 2) * (sqrt v_ell) / (v_b * (sqrt v_m))) ^ 2) * (v_b ^ 2)) * v_m) / 2)) / (((sqrt 2) * (sqrt v_ell) / (v_b * (sqrt v_m))) * v_m)) = ((v_b * (sqrt (2 * v_ell))) / (sqrt v_m)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt v_m)) = (1) / ((sqrt v_m) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (2 * v_ell)) = (sqrt 2) ^ 1 * (sqrt v_ell) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt v_ell) ^ 2 = v_ell) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_ell)) by posit.
set (s1 := (sqrt v_ell)) in *. clearbody s1.
subst v_ell.
assert (Rs2 : (sqrt v_m) ^ 2 = v_m) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_m)) by posit.
set (s2 := (sqrt v_m)) in *. clearbody s2.
subst v_m.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2 · (1/2) √(2ℓ)/√m = 2 √ℓ/√(2m), ℓ = log(2τ) [powers of atoms] *)
Lemma theorem_5_18 : forall (v_ell : R) (v_m : R),
  (0 < v_ell) ->
  (0 < v_m) ->
  (((2 / 2) * (sqrt (2 * v_ell))) / (sqrt v_m)) = ((2 * (sqrt v_ell)) / (sqrt (2 * v_m))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (2 * v_ell)) = (sqrt 2) ^ 1 * (sqrt v_ell) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (2 * v_m)) = (sqrt 2) ^ 1 * (sqrt v_m) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt v_ell) ^ 2 = v_ell) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_ell)) by posit.
set (s1 := (sqrt v_ell)) in *. clearbody s1.
subst v_ell.
assert (Rs2 : (sqrt v_m) ^ 2 = v_m) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_m)) by posit.
set (s2 := (sqrt v_m)) in *. clearbody s2.
subst v_m.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* ||R - A| - |R - B|| ≤ 1|A - B| [case distinction] *)
Lemma theorem_5_23 : forall (v_A : R) (v_B : R) (v_R : R),
  (Rabs ((- (Rabs (v_B - v_R))) + (Rabs (v_A - v_R)))) <= (Rabs (v_A - v_B)).
Proof.
by_cases.
Qed.

(* a supremum S of values within 1/m of values below T is at most T + 1/m (the values are a, b) [linear arithmetic] *)
Lemma theorem_5_24 : forall (v_A : R) (v_B : R) (v_T : R) (v_m : R),
  (0 < v_m) ->
  (v_A <= (v_B + (/ v_m))) ->
  (v_B <= v_T) ->
  v_A <= (v_T + (/ v_m)).
Proof.
intros; lra.
Qed.

(* sum of the m proxies [field] *)
Lemma theorem_5_30 : forall (v_lambda : R) (v_m : R) (v_s : R),
  (0 < v_lambda) ->
  (0 < v_m) ->
  (0 < v_s) ->
  (v_m * (((v_lambda ^ 2) * ((v_s / v_m) ^ 2)) / 8)) = (((v_lambda ^ 2) * (v_s ^ 2)) / (8 * v_m)).
Proof.
identity.
Qed.

(* λ²s²/(8m) - λε = -2mε²/s² [field] *)
Lemma theorem_5_32 : forall (v_epsilon : R) (v_m : R) (v_s : R),
  (0 < v_epsilon) ->
  (0 < v_m) ->
  (0 < v_s) ->
  (((((4 * v_epsilon * v_m / (v_s ^ 2)) ^ 2) * (v_s ^ 2)) / (8 * v_m)) - ((4 * v_epsilon * v_m / (v_s ^ 2)) * v_epsilon)) = (((- (2 * v_m)) * (v_epsilon ^ 2)) / (v_s ^ 2)).
Proof.
identity.
Qed.

(* 2mu² = (I + h(δ))/δ [powers of atoms] *)
Lemma theorem_5_45 : forall (v_I : R) (v_delta : R) (v_m : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  (v_delta < 1) ->
  (((v_delta <= 1) -> ((ln v_delta) <= 0))) ->
  (((v_delta < 1) -> ((- (ln (1 - v_delta))) > 0))) ->
  ((2 * v_m) * (((sqrt ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta)) / (sqrt (2 * v_m))) ^ 2)) = ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta)) = ((sqrt (v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta))))) ^ 1) / ((sqrt v_delta) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (2 * v_m)) = (sqrt 2) ^ 1 * (sqrt v_m) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_delta) ^ 2 = v_delta) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_delta)) by posit.
set (s0 := (sqrt v_delta)) in *. clearbody s0.
assert (Rs1 : (sqrt (v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta))))) ^ 2 = (v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta))))) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt (v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))))) by posit.
set (s1 := (sqrt (v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))))) in *. clearbody s1.
assert (Rs2 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt 2)) by posit.
set (s2 := (sqrt 2)) in *. clearbody s2.
assert (Rs3 : (sqrt v_m) ^ 2 = v_m) by (apply pow2_sqrt; posit).
assert (Ps3 : 0 < (sqrt v_m)) by posit.
set (s3 := (sqrt v_m)) in *. clearbody s3.
subst v_m.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* 2mu² = (I + h(δ))/δ: every part has a value [definedness] *)
Lemma theorem_5_45_defined : forall (v_I : R) (v_delta : R) (v_m : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  ((v_delta < 1) -> (((v_delta <= 1) -> ((ln v_delta) <= 0))) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((v_delta < 1) -> (((v_delta <= 1) -> ((ln v_delta) <= 0))) -> (((v_delta < 1) -> ((- (ln (1 - v_delta))) > 0))) -> ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta) >= 0)
  /\ ((v_delta < 1) -> (((v_delta <= 1) -> ((ln v_delta) <= 0))) -> (((v_delta < 1) -> ((- (ln (1 - v_delta))) > 0))) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* h(δ) ≤ δ - δ log δ [linear arithmetic] *)
Lemma theorem_5_47 : forall (v_delta : R),
  (0 < v_delta) ->
  (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) ->
  (v_delta < 1) ->
  ((- (v_delta * (ln v_delta))) - ((1 - v_delta) * (ln (1 - v_delta)))) <= (v_delta - (v_delta * (ln v_delta))).
Proof.
intros; lra.
Qed.

(* h(δ) ≤ δ - δ log δ: every part has a value [definedness] *)
Lemma theorem_5_47_defined : forall (v_delta : R),
  (0 < v_delta) ->
  ((v_delta < 1) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) -> (v_delta < 1) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* two losses in [-b, b] differ by at most 2b [case distinction] *)
Lemma theorem_6_1 : forall (v_b : R) (v_v : R) (v_w : R),
  (0 < v_b) ->
  ((Rabs v_v) <= v_b) ->
  ((Rabs v_w) <= v_b) ->
  (Rabs (v_v - v_w)) <= (2 * v_b).
Proof.
by_cases.
Qed.

(* -2mu²/(2b)² = -u²/C at C = 2b²/m [field] *)
Lemma theorem_6_10 : forall (v_b : R) (v_m : R) (v_u : R),
  (0 < v_b) ->
  (0 < v_m) ->
  (0 < v_u) ->
  (((- (2 * v_m)) * (v_u ^ 2)) / ((2 * v_b) ^ 2)) = ((- (v_u ^ 2)) / ((2 * (v_b ^ 2)) / v_m)).
Proof.
identity.
Qed.

(* A_s + f_s + A_t - f_t ≤ max(A_s + s + A_t - t, A_s - s + A_t + t) [case distinction] *)
Lemma theorem_6_11 : forall (v_A_s : R) (v_A_t : R) (v_f_s : R) (v_f_t : R) (v_s : R) (v_t : R),
  ((Rabs (v_f_s - v_f_t)) <= (Rabs (v_s - v_t))) ->
  (v_A_s + v_A_t + v_f_s - v_f_t) <= (Rmax (v_A_s + v_A_t + v_s - v_t) (v_A_s + v_A_t + v_t - v_s)).
Proof.
by_cases.
Qed.

(* squares, u for log(4/δ) [field] *)
Lemma theorem_6_12 : forall (v_I : R) (v_b : R) (v_delta : R) (v_m : R) (v_u : R),
  (0 <= v_I) ->
  (0 < v_b) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  (0 < v_u) ->
  (1296 * (v_b ^ 2) * (v_u + (2 * v_I / v_delta)) / v_m) = (2592 * (v_b ^ 2) * (v_I + (v_delta * v_u / 2)) / (v_delta * v_m)).
Proof.
identity.
Qed.

(* squares [false at R = 3/7, b = 2, m = 5] *)
Lemma theorem_6_13 : ~ (forall (v_R : R) (v_b : R) (v_m : R),
  (0 < v_R) ->
  (0 < v_b) ->
  (0 < v_m) ->
  (36 * (v_R ^ 2) * (v_b ^ 2) / v_m) <= (36 * v_b * (v_R ^ 2) / v_m)).
Proof.
intros H. specialize (H (3 / 7) 2 5).
repeat match type of H with ?A -> _ => match type of A with Prop =>
  specialize (H ltac:(solve [true_at_point])) end end.
false_at_point H.
Qed.

(* a sum at one function is at most the sum of the suprema [linear arithmetic] *)
Lemma theorem_6_14 : forall (v_M : R) (v_P : R) (v_v : R) (v_w : R),
  (v_v <= v_P) ->
  (v_w <= v_M) ->
  (v_v + v_w) <= (v_M + v_P).
Proof.
intros; lra.
Qed.

(* -σ has the law of σ: P(-σ = 1) = P(not σ = 1) = P(σ = 1) if P(σ = 1) = 1/2 [atoms of events] *)
Lemma theorem_6_15 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_sigma_1 : Omega -> bool),
  (probability P) ->
  ((P (fun w => (v_sigma_1 w))) = (1 / 2)) ->
  (P (fun w => (negb (v_sigma_1 w)))) = (P (fun w => (v_sigma_1 w))).
Proof.
intros Omega P v_sigma_1; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_sigma_1 :: nil) (fun v => match v with b0 :: nil => (negb b0) | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_sigma_1 :: nil) (fun v => match v with b0 :: nil => b0 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_sigma_1 :: nil) (fun v => match v with b0 :: nil => true | _ => false end)) as X2; cbn in X2.
pose proof (p_nonneg P HP (fun w => (true && v_sigma_1 w))).
pose proof (p_nonneg P HP (fun w => (true && negb (v_sigma_1 w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* (P + M)/2 ≥ A for every A, where P ≥ A + v and M ≥ A - v are the two suprema [linear arithmetic] *)
Lemma theorem_6_16 : forall (v_A : R) (v_M : R) (v_P : R) (v_v : R),
  (v_P >= (v_A + v_v)) ->
  (v_M >= (v_A - v_v)) ->
  ((v_M / 2) + (v_P / 2)) >= v_A.
Proof.
intros; lra.
Qed.

(* A + v ≤ S + 1b for A ≤ S and |v| ≤ b [case distinction] *)
Lemma theorem_6_17 : forall (v_A : R) (v_S : R) (v_b : R) (v_v : R),
  (0 < v_b) ->
  (v_A <= v_S) ->
  ((Rabs v_v) <= v_b) ->
  (v_A + v_v) <= (v_S + v_b).
Proof.
by_cases.
Qed.

(* so G - 2 Rad moves by at most 4b/m: s and t are G and Rad before, f_s and f_t after [case distinction] *)
Lemma theorem_6_18 : forall (v_b : R) (v_f_s : R) (v_f_t : R) (v_m : R) (v_s : R) (v_t : R),
  (0 < v_b) ->
  (0 < v_m) ->
  ((Rabs (v_f_s - v_s)) <= (2 * v_b / v_m)) ->
  ((Rabs (v_f_t - v_t)) <= (v_b / v_m)) ->
  (Rabs (v_f_s - v_s - (2 * v_f_t) + (2 * v_t))) <= (4 * v_b / v_m).
Proof.
by_cases.
Qed.

(* -2mu²/(4b)² = -mu²/(8b²) [field] *)
Lemma theorem_6_27 : forall (v_b : R) (v_m : R) (v_u : R),
  (0 < v_b) ->
  (0 < v_m) ->
  (0 < v_u) ->
  (((- (2 * v_m)) * (v_u ^ 2)) / ((4 * v_b) ^ 2)) = (((- v_m) * (v_u ^ 2)) / (8 * (v_b ^ 2))).
Proof.
identity.
Qed.

(* union bound [atoms of events] *)
Lemma theorem_6_28 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_G : Omega -> bool) (v_G_1 : Omega -> bool),
  (probability P) ->
  (P (fun w => ((v_G w) || (v_G_1 w)))) <= ((P (fun w => (v_G w))) + (P (fun w => (v_G_1 w)))).
Proof.
intros Omega P v_G v_G_1; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_G :: v_G_1 :: nil) (fun v => match v with b0 :: b1 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_G :: v_G_1 :: nil) (fun v => match v with b0 :: b1 :: nil => (b0 || b1) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_G :: v_G_1 :: nil) (fun v => match v with b0 :: b1 :: nil => b1 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_G :: v_G_1 :: nil) (fun v => match v with b0 :: b1 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => ((true && v_G w) && v_G_1 w))).
pose proof (p_nonneg P HP (fun w => ((true && v_G w) && negb (v_G_1 w)))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_G w)) && v_G_1 w))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_G w)) && negb (v_G_1 w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* mu²/(8b²) - log 2 = (I + h(δ))/δ [field] *)
Lemma theorem_6_41 : forall (v_I : R) (v_b : R) (v_delta : R) (v_m : R),
  (0 <= v_I) ->
  (0 < v_b) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  (v_delta < 1) ->
  (((v_m * ((v_b ^ 2) * ((8 / v_m) * ((ln 2) + ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta))))) / (8 * (v_b ^ 2))) - (ln 2)) = ((v_I - (v_delta * (ln v_delta)) - ((1 - v_delta) * (ln (1 - v_delta)))) / v_delta).
Proof.
identity.
Qed.

(* mu²/(8b²) - log 2 = (I + h(δ))/δ: every part has a value [definedness] *)
Lemma theorem_6_41_defined : forall (v_I : R) (v_b : R) (v_delta : R) (v_m : R),
  (0 <= v_I) ->
  (0 < v_b) ->
  (0 < v_delta) ->
  (0 < v_m) ->
  (v_delta < 1) -> (1 - v_delta) > 0.
Proof.
defined.
Qed.
