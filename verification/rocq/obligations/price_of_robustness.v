(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* D ≥ 1|g(x)|/|w| where g(z) has the other sign, |g(x) - g(z)| ≤ |w| D [case distinction] *)
Lemma price_of_robustness_definition_1_1 : forall (v_D : R) (v_g_x : R) (v_g_z : R) (v_w : R),
  (0 <= v_D) ->
  (0 < v_w) ->
  ((Rabs (v_g_x - v_g_z)) <= (v_D * v_w)) ->
  (((((v_g_x >= 0) /\ (v_g_z < 0))) \/ (((v_g_x < 0) /\ (v_g_z >= 0))))) ->
  v_D >= ((Rabs v_g_x) / v_w).
Proof.
by_cases.
Qed.

(* g(z) = -η g(x) at that z, on the other side [field] *)
Lemma price_of_robustness_definition_1_2 : forall (v_eta : R) (v_g_x : R) (v_w : R),
  (0 < v_eta) ->
  (0 < v_w) ->
  (v_g_x - (((v_g_x * (1 + v_eta)) * (v_w ^ 2)) / (v_w ^ 2))) = ((- v_eta) * v_g_x).
Proof.
identity.
Qed.

(* at distance (1 + η)|g(x)|/|w| [field] *)
Lemma price_of_robustness_definition_1_3 : forall (v_eta : R) (v_g_x : R) (v_w : R),
  (0 < v_eta) ->
  (0 < v_w) ->
  ((((Rabs v_g_x) * (1 + v_eta)) * v_w) / (v_w ^ 2)) = (((1 + v_eta) * (Rabs v_g_x)) / v_w).
Proof.
identity.
Qed.

(* |rx - rz| = r|x - z| [case distinction] *)
Lemma price_of_robustness_definition_1_4 : forall (v_b : R) (v_u : R) (v_w : R),
  (0 <= v_b) ->
  (0 <= v_u) ->
  (0 < v_w) ->
  (Rabs ((v_b * v_w) - (v_u * v_w))) = (v_w * (Rabs (v_b - v_u))).
Proof.
by_cases.
Qed.

(* same class: z of the other class with |x' - z| ≤ h' + η has |x - z| ≤ |x - x'| + |x' - z| (a = |x' - z|, b = |x - z|, t = |x - x'|) [linear arithmetic] *)
Lemma price_of_robustness_remark_2_1 : forall (v_a : R) (v_b : R) (v_eta : R) (v_h : R) (v_h_prime : R) (v_t : R),
  (0 <= v_a) ->
  (0 <= v_b) ->
  (0 <= v_eta) ->
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  (v_h <= v_b) ->
  (v_b <= (v_a + v_t)) ->
  (v_a <= (v_eta + v_h_prime)) ->
  v_h <= (v_eta + v_h_prime + v_t).
Proof.
intros; lra.
Qed.

(* other class: x' itself is of the other class, so h ≤ |x - x'| [linear arithmetic] *)
Lemma price_of_robustness_remark_2_2 : forall (v_h : R) (v_h_prime : R) (v_t : R),
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  (v_h <= v_t) ->
  v_h <= (v_h_prime + v_t).
Proof.
intros; lra.
Qed.

(* f = 1: d_f = h ≥ 0 [nonlinear arithmetic] *)
Lemma price_of_robustness_remark_2_3 : forall (v_f : R) (v_h : R),
  (0 <= v_h) ->
  (v_f = 1) ->
  (v_f * v_h) >= 0.
Proof.
intros; nra.
Qed.

(* f = -1: d_f = -h < 0, as h > 0 [nonlinear arithmetic] *)
Lemma price_of_robustness_remark_2_4 : forall (v_f : R) (v_h : R),
  (0 <= v_h) ->
  (v_f = (- 1)) ->
  (v_h > 0) ->
  (v_f * v_h) < 0.
Proof.
intros; nra.
Qed.

(* different classes: h + h' ≤ 2|x - x'|, each of the two is of the other's other class [linear arithmetic] *)
Lemma price_of_robustness_remark_2_7 : forall (v_h : R) (v_h_prime : R) (v_t : R),
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  (v_h <= v_t) ->
  (v_h_prime <= v_t) ->
  (v_h + v_h_prime) <= (2 * v_t).
Proof.
intros; lra.
Qed.

(* h + h' ≤ |x - x'| + 2η (a = |x - z|) [linear arithmetic] *)
Lemma price_of_robustness_remark_2_13 : forall (v_a : R) (v_eta : R) (v_h : R) (v_h_prime : R) (v_t : R),
  (0 <= v_a) ->
  (0 <= v_eta) ->
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  (v_h <= (v_a + v_eta)) ->
  (v_h_prime <= (v_eta + v_t - v_a)) ->
  (v_a <= v_t) ->
  (v_h + v_h_prime) <= (v_t + (2 * v_eta)).
Proof.
intros; lra.
Qed.

(* S - h > S/2 [linear arithmetic] *)
Lemma price_of_robustness_fact_2_3 : forall (v_S : R) (v_h_f_x : R),
  (0 < v_S) ->
  (0 <= v_h_f_x) ->
  (v_h_f_x < (v_S / 2)) ->
  (v_S - v_h_f_x) > (v_S / 2).
Proof.
intros; lra.
Qed.

(* d(S/2)²/(2c) = 1/8 dS²/c [field] *)
Lemma price_of_robustness_fact_2_4 : forall (v_S : R) (v_c : R) (v_d : R),
  (0 < v_S) ->
  (0 < v_c) ->
  (0 < v_d) ->
  ((v_d * ((v_S / 2) ^ 2)) / (2 * v_c)) = (((v_d / 8) * (v_S ^ 2)) / v_c).
Proof.
identity.
Qed.

(* n log 2 + k log 2 ≤ 2n log 2 [cleared denominators] *)
Lemma price_of_robustness_fact_2_5 : forall (v_k : R) (v_n : R),
  (0 < v_k) ->
  (0 < v_n) ->
  (v_k <= v_n) ->
  ((v_k * (ln 2)) + (v_n * (ln 2))) <= (2 * v_n * (ln 2)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rnot_lt_le; intro N. assert (0 <= (2 * v_n * (ln 2))) by posit.
assert (0 < (((v_k * (ln 2)) + (v_n * (ln 2))) - (2 * v_n * (ln 2))) * (((v_k * (ln 2)) + (v_n * (ln 2))) + (2 * v_n * (ln 2)))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* S - h > (1 - θ)S [linear arithmetic] *)
Lemma price_of_robustness_fact_2_8 : forall (v_S : R) (v_h_f_x : R) (v_theta : R),
  (0 < v_S) ->
  (0 <= v_h_f_x) ->
  (0 < v_theta) ->
  (v_h_f_x < (v_S * v_theta)) ->
  (v_S - v_h_f_x) > (v_S * (1 - v_theta)).
Proof.
intros; lra.
Qed.

(* the supremum of a mean is at most the mean of the supremum, two functions and two values of equal weight [case distinction] *)
Lemma price_of_robustness_equation_1_1 : forall (v_A : R) (v_R : R) (v_u : R) (v_v : R),
  (Rmax ((v_A / 2) + (v_v / 2)) ((v_R / 2) + (v_u / 2))) <= (((Rmax v_A v_R) / 2) + ((Rmax v_u v_v) / 2)).
Proof.
by_cases.
Qed.

(* exchanging z and z' changes the sign: σ = -1 stands for l(z) - l(z') [linear arithmetic] *)
Lemma price_of_robustness_equation_1_2 : forall (v_u : R) (v_v : R),
  (- (v_u - v_v)) = (v_v - v_u).
Proof.
intros; lra.
Qed.

(* sup (a - b) ≤ sup a + sup (-b) [case distinction] *)
Lemma price_of_robustness_equation_1_3 : forall (v_A : R) (v_R : R) (v_u : R) (v_v : R),
  (Rmax (v_v - v_A) (v_u - v_R)) <= ((Rmax v_u v_v) + (Rmax (- v_A) (- v_R))).
Proof.
by_cases.
Qed.

(* and ≤ with absolute values [case distinction] *)
Lemma price_of_robustness_equation_1_4 : forall (v_u : R),
  v_u <= (Rabs v_u).
Proof.
by_cases.
Qed.

(* a supremum of values that move by a/n moves by a/n [linear arithmetic] *)
Lemma price_of_robustness_equation_1_11 : forall (v_A : R) (v_a : R) (v_n : R) (v_u : R) (v_v : R),
  (0 < v_a) ->
  (0 < v_n) ->
  (v_u <= (v_A + (v_a / v_n))) ->
  (v_A <= v_v) ->
  v_u <= (v_v + (v_a / v_n)).
Proof.
intros; lra.
Qed.

(* 2n u²/a² = log(1/δ) at u = sqrt(2)*a*sqrt(t)/(2*sqrt(n)) [powers of atoms] *)
Lemma price_of_robustness_equation_1_12 : forall (v_a : R) (v_n : R) (v_t : R),
  (0 < v_a) ->
  (0 < v_n) ->
  (0 < v_t) ->
  (((2 * v_n) * ((v_a * (sqrt 2) * (sqrt v_t) / (2 * (sqrt v_n))) ^ 2)) / (v_a ^ 2)) = (1 * v_t).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt v_n)) = (1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_n)) by posit.
set (s1 := (sqrt v_n)) in *. clearbody s1.
subst v_n.
assert (Rs2 : (sqrt v_t) ^ 2 = v_t) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_t)) by posit.
set (s2 := (sqrt v_t)) in *. clearbody s2.
subst v_t.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* t/2 < 2(l + t), l = log 2 > 0 [linear arithmetic] *)
Lemma price_of_robustness_equation_1_13 : forall (v_log_2 : R) (v_t : R),
  (0 < v_log_2) ->
  (0 < v_t) ->
  (v_t / 2) < ((2 * v_log_2) + (2 * v_t)).
Proof.
intros; lra.
Qed.

(* log 2 > 0 [interval arithmetic] *)
Lemma price_of_robustness_equation_1_14 : (ln 2) > 0.
Proof.
intros; split_hypotheses; interval.
Qed.

(* (1 - yf)/2 is 0 for f = y and 1 for f = -y [nonlinear arithmetic] *)
Lemma price_of_robustness_equation_2_1 : forall (v_f : R) (v_y : R),
  ((v_y ^ 2) = 1) ->
  ((((v_f = (- v_y)) -> (((1 / 2) - (v_f * v_y / 2)) = 1))) /\ (((v_f = v_y) -> (((1 / 2) - (v_f * v_y / 2)) = 0)))).
Proof.
intros; nra.
Qed.

(* σ(1 - yf)/2 = σ/2 - (yσ)f/2 [linear arithmetic] *)
Lemma price_of_robustness_equation_2_2 : forall (v_f : R) (v_sigma : R) (v_y : R),
  (v_sigma * (1 - (v_f * v_y)) / 2) = ((v_sigma / 2) - (v_f * v_sigma * v_y / 2)).
Proof.
intros; lra.
Qed.

(* sup (A/2 - B_f/2) = A/2 + sup(-B_f)/2, two functions [case distinction] *)
Lemma price_of_robustness_equation_2_3 : forall (v_A : R) (v_B : R) (v_f : R),
  (Rmax ((v_A / 2) - (v_B / 2)) ((v_A / 2) - (v_f / 2))) = ((v_A / 2) + ((Rmax (- v_B) (- v_f)) / 2)).
Proof.
by_cases.
Qed.

(* a ≤ |a| [case distinction] *)
Lemma price_of_robustness_equation_2_4 : forall (v_f : R),
  v_f <= (Rabs v_f).
Proof.
by_cases.
Qed.

(* triangle inequality [case distinction] *)
Lemma price_of_robustness_equation_2_8 : forall (v_A : R) (v_f : R),
  (Rabs (v_A - v_f)) <= ((Rabs v_A) + (Rabs v_f)).
Proof.
by_cases.
Qed.

(* max(|A - B|, |A + B|) = |A| + |B| [case distinction] *)
Lemma price_of_robustness_equation_2_9 : forall (v_A : R) (v_f : R),
  (Rmax (Rabs (v_A + v_f)) (Rabs (v_A - v_f))) = ((Rabs v_A) + (Rabs v_f)).
Proof.
by_cases.
Qed.

(* 2 ≤ (4/S)|x - z| where |x - z| ≥ S/2 [case distinction] *)
Lemma price_of_robustness_theorem_4_1 : forall (v_D : R) (v_S : R),
  (0 <= v_D) ->
  (0 < v_S) ->
  (v_D >= (v_S / 2)) ->
  2 <= (4 * v_D / v_S).
Proof.
by_cases.
Qed.

(* r²/(8k) + kS²b²/8 ≥ rSb/4 [cleared denominators] *)
Lemma price_of_robustness_theorem_4_2 : forall (v_S : R) (v_b : R) (v_k : R) (v_r : R),
  (0 < v_S) ->
  (0 < v_b) ->
  (0 < v_k) ->
  (0 < v_r) ->
  (((v_r ^ 2) / (8 * v_k)) + (v_k * (v_S ^ 2) * (v_b ^ 2) / 8)) >= (v_S * v_b * v_r / 4).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * ((v_r - (v_S * v_b * v_k))) ^ 2) (8 * (v_k))); [ field; nonzero | posit | ].
posit.
Qed.

(* same class: |min(1, h/γ) - min(1, h'/γ)| ≤ t/γ [case distinction] *)
Lemma price_of_robustness_theorem_4_3 : forall (v_gamma : R) (v_h : R) (v_h_prime : R) (v_t : R),
  (0 < v_gamma) ->
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  (v_h <= (v_h_prime + v_t)) ->
  (v_h_prime <= (v_h + v_t)) ->
  (Rabs ((- (Rmin 1 (v_h_prime / v_gamma))) + (Rmin 1 (v_h / v_gamma)))) <= (v_t / v_gamma).
Proof.
by_cases.
Qed.

(* different classes: min(1, h/γ) + min(1, h'/γ) ≤ ℓt/γ [case distinction] *)
Lemma price_of_robustness_theorem_4_4 : forall (v_ell : R) (v_gamma : R) (v_h : R) (v_h_prime : R) (v_t : R),
  (0 < v_ell) ->
  (0 < v_gamma) ->
  (0 <= v_h) ->
  (0 <= v_h_prime) ->
  (0 <= v_t) ->
  ((v_h + v_h_prime) <= (v_t * v_ell)) ->
  ((Rmin 1 (v_h / v_gamma)) + (Rmin 1 (v_h_prime / v_gamma))) <= (v_t * v_ell / v_gamma).
Proof.
by_cases.
Qed.

(* 1 - min(1, h/γ) = max(0, 1 - h/γ) [case distinction] *)
Lemma price_of_robustness_theorem_4_5 : forall (v_gamma : R) (v_h : R),
  (0 < v_gamma) ->
  (0 <= v_h) ->
  (1 - (Rmin 1 (v_h / v_gamma))) = (Rmax 0 (1 - (v_h / v_gamma))).
Proof.
by_cases.
Qed.

(* then S(f) - h ≥ S(f)(1 - θ + θt), γ = θS(f) [linear arithmetic] *)
Lemma price_of_robustness_theorem_4_12 : forall (v_S : R) (v_h : R) (v_t : R) (v_theta : R),
  (0 < v_S) ->
  (0 <= v_h) ->
  (0 <= v_t) ->
  (0 < v_theta) ->
  (v_h <= (v_S * v_theta * (1 - v_t))) ->
  (v_S - v_h) >= (v_S * (1 - v_theta + (v_t * v_theta))).
Proof.
intros; lra.
Qed.

(* d(S(f)b)²/(2c) = s²b²/2 with s = S(f)√(d/c) [powers of atoms] *)
Lemma price_of_robustness_theorem_4_13 : forall (v_S : R) (v_r : R) (v_v : R) (v_y : R),
  (0 < v_S) ->
  (0 < v_r) ->
  (0 < v_v) ->
  (0 < v_y) ->
  ((v_v * ((v_S * v_y) ^ 2)) / (2 * v_r)) = ((((v_S * (sqrt (v_v / v_r))) ^ 2) * (v_y ^ 2)) / 2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (v_v / v_r)) = ((sqrt v_v) ^ 1) / ((sqrt v_r) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_v) ^ 2 = v_v) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_v)) by posit.
set (s0 := (sqrt v_v)) in *. clearbody s0.
subst v_v.
assert (Rs1 : (sqrt v_r) ^ 2 = v_r) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_r)) by posit.
set (s1 := (sqrt v_r)) in *. clearbody s1.
subst v_r.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* a larger S(f) makes it smaller [cleared denominators] *)
Lemma price_of_robustness_theorem_4_14 : forall (v_s : R) (v_u : R) (v_y : R),
  (0 < v_s) ->
  (0 < v_u) ->
  (0 < v_y) ->
  (v_s <= v_u) ->
  ((v_s ^ 2) * (v_y ^ 2)) <= ((v_u ^ 2) * (v_y ^ 2)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (v_y) ^ 2 * ((v_u - v_s)) * ((v_s + v_u))) (1)); [ field; nonzero | posit | ].
all: try (assert (v_s ^ 2 <= v_u ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* λt - s²(φ + θt)²/2 = -s²φ²/2 - s²θ²t²/2 [linear arithmetic] *)
Lemma price_of_robustness_theorem_4_15 : forall (v_phi : R) (v_s : R) (v_theta : R) (v_v : R),
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_v) ->
  (((v_phi * v_theta * (v_s ^ 2)) * v_v) - (((v_s ^ 2) * ((v_phi + (v_theta * v_v)) ^ 2)) / 2)) = ((((- (v_s ^ 2)) * (v_phi ^ 2)) / 2) - ((((v_s * v_theta) * v_v) ^ 2) / 2)).
Proof.
intros; lra.
Qed.

(* √(π/2)/(s*theta) erf((0 + s*theta t)/√2) has the derivative exp(-(0 + s*theta t)²/2) [powers of atoms] *)
Lemma price_of_robustness_theorem_4_16 : forall (v_s : R) (v_theta : R) (v_v : R),
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_v) ->
  (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_s * v_theta * v_v * (sqrt 2) / 2)) / (2 * v_s * v_theta))) v_v) = (exp (- ((v_s ^ 2) * (v_theta ^ 2) * (v_v ^ 2) / 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_s * v_theta * v_v * (sqrt 2) / 2)) / (2 * v_s * v_theta))) v_v) = (exp (- ((v_s ^ 2) * (v_theta ^ 2) * (v_v ^ 2) / 2)))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* √(π/2)/(s*theta) erf((0 + s*theta t)/√2) has the derivative exp(-(0 + s*theta t)²/2): every part has a value [definedness] *)
Lemma price_of_robustness_theorem_4_16_defined : forall (v_s : R) (v_theta : R) (v_v : R),
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_v) ->
  ex_derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_s * v_theta * v_v * (sqrt 2) / 2)) / (2 * v_s * v_theta))) v_v.
Proof.
defined.
Qed.

(* 2λ exp(-s²φ²/2) √(π/2)/(sθ) erf(sθ/√2) is the second term of M [powers of atoms] *)
Lemma price_of_robustness_theorem_4_17 : forall (v_phi : R) (v_s : R) (v_theta : R),
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (((((2 * (v_phi * v_theta * (v_s ^ 2))) * (exp (((- (v_s ^ 2)) * (v_phi ^ 2)) / 2))) * (sqrt (PI / 2))) / (v_s * v_theta)) * (erf ((v_s * v_theta) / (sqrt 2)))) = (((((sqrt (2 * PI)) * v_s) * v_phi) * (exp (((- (v_s ^ 2)) * (v_phi ^ 2)) / 2))) * (erf ((v_s * v_theta) / (sqrt 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (((- (v_s ^ 2)) * (v_phi ^ 2)) / 2)) = (1) / ((exp (((v_phi ^ 2) * (v_s ^ 2)) / 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (PI / 2)) = ((sqrt PI) ^ 1) / ((sqrt 2) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (sqrt (2 * PI)) = (sqrt 2) ^ 1 * (sqrt PI) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (((v_phi ^ 2) * (v_s ^ 2)) / 2))) by posit. set (s0 := (exp (((v_phi ^ 2) * (v_s ^ 2)) / 2))) in *. clearbody s0.
assert (Rs1 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt 2)) by posit.
set (s1 := (sqrt 2)) in *. clearbody s1.
assert (Rs2 : (sqrt PI) ^ 2 = PI) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt PI)) by posit.
set (s2 := (sqrt PI)) in *. clearbody s2.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* 2 exp(-(a + w)) = exp(-w) at a = log 2 [powers of atoms] *)
Lemma price_of_robustness_theorem_4_18 : forall (v_y : R),
  (0 < v_y) ->
  (2 * (exp (- ((ln 2) + v_y)))) = (exp (- v_y)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- ((ln 2) + v_y))) = (1) / ((exp v_y) ^ 1 * 2 ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (- v_y)) = (1) / ((exp v_y) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_y)) by posit. set (s0 := (exp v_y)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* the derivative of -(a + w)^k exp(-w) is (a + w)^k exp(-w) - k (a + w)^(k-1) exp(-w): m_k = a^k + k m_{k-1} for m_k = E (a + w)^k [powers of atoms] *)
Lemma price_of_robustness_theorem_4_19 : forall (v_k : R) (v_u : R) (v_y : R),
  (0 < v_k) ->
  (0 < v_u) ->
  (0 < v_y) ->
  (Derive (fun v_y : R => (- ((Rpower (v_u + v_y) v_k) * (exp (- v_y))))) v_y) = (((Rpower (v_u + v_y) v_k) * (exp (- v_y))) - (v_k * (Rpower (v_u + v_y) ((- 1) + v_k)) * (exp (- v_y)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_y : R => (- ((Rpower (v_u + v_y) v_k) * (exp (- v_y))))) v_y) = (((Rpower (v_u + v_y) v_k) * (exp (- v_y))) - (v_k * (Rpower (v_u + v_y) v_k) * (exp (- v_y)) / (v_u + v_y)))) by (derivative). rewrite D0; clear D0.
assert (E0 : (Rpower (v_u + v_y) v_k) = (exp (v_k * (ln (v_u + v_y)))) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (- v_y)) = (1) / ((exp v_y) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (Rpower (v_u + v_y) ((- 1) + v_k)) = ((exp (v_k * (ln (v_u + v_y)))) ^ 1) / ((v_u + v_y) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp (v_k * (ln (v_u + v_y))))) by posit. set (s0 := (exp (v_k * (ln (v_u + v_y))))) in *. clearbody s0.
assert (Ps1 : 0 < (exp v_y)) by posit. set (s1 := (exp v_y)) in *. clearbody s1.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* the derivative of -(a + w)^k exp(-w) is (a + w)^k exp(-w) - k (a + w)^(k-1) exp(-w): m_k = a^k + k m_{k-1} for m_k = E (a + w)^k: every part has a value [definedness] *)
Lemma price_of_robustness_theorem_4_19_defined : forall (v_k : R) (v_u : R) (v_y : R),
  (0 < v_k) ->
  (0 < v_u) ->
  (0 < v_y) ->
  ex_derive (fun v_y : R => (- ((Rpower (v_u + v_y) v_k) * (exp (- v_y))))) v_y.
Proof.
defined.
Qed.

(* m_{k+1} = a^{k+1} + (k+1) m_k ≤ (k + 1 + a) m_k, as m_k ≥ a^k [nonlinear arithmetic] *)
Lemma price_of_robustness_theorem_4_20 : forall (v_k : R) (v_r : R) (v_u : R) (v_v : R),
  (0 < v_k) ->
  (0 < v_r) ->
  (0 < v_u) ->
  (0 < v_v) ->
  (v_u >= v_r) ->
  ((v_r * v_v) + (v_u * (1 + v_k))) <= (v_u * (1 + v_k + v_v)).
Proof.
intros; nra.
Qed.

(* k = 1: 2 m_1/2! = 1 + a, the term of exp((1 + a)u²) [linear arithmetic] *)
Lemma price_of_robustness_theorem_4_21 : forall (v_v : R),
  (0 < v_v) ->
  ((2 * (v_v + 1)) / 2) = (1 + v_v).
Proof.
intros; lra.
Qed.

(* 2(k+1+a)(k+1)/((2k+1)(2k+2)) ≤ 1 + a, a = log 2: induction from equality at k = 1 [nonlinear arithmetic] *)
Lemma price_of_robustness_theorem_4_22 : forall (v_k : R) (v_v : R),
  (0 < v_k) ->
  (0 < v_v) ->
  (v_k >= 1) ->
  ((1 + v_k) * (2 + (2 * v_k) + (2 * v_v))) <= ((1 + v_v) * (1 + (2 * v_k)) * (2 + (2 * v_k))).
Proof.
intros; nra.
Qed.

(* |v| ≤ (v²/√n + √n)/2, and E v² = n for v = Σσ_i (y for √n) [cleared denominators] *)
Lemma price_of_robustness_theorem_4_23 : forall (v_v : R) (v_y : R),
  (0 < v_y) ->
  (Rabs v_v) <= ((v_y / 2) + ((v_v ^ 2) / (2 * v_y))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
split_cases.
all: pose proof (pow2_ge_0 (v_v - v_y)); idtac.
all: name_roots; name_inverses; psatz R 3.
Qed.

(* (n/√n + √n)/(2n) = 1/√n [powers of atoms] *)
Lemma price_of_robustness_theorem_4_24 : forall (v_n : R),
  (0 < v_n) ->
  (((v_n / (sqrt v_n)) + (sqrt v_n)) / (2 * v_n)) = (/ (sqrt v_n)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt v_n)) = (1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_n)) by posit.
set (s0 := (sqrt v_n)) in *. clearbody s0.
subst v_n.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* (P + a)/λ + n(1 + a)λω² = 2ω√(n(1 + a)(P + a)) at λ = √((P + a)/(n(1 + a)))/ω [powers of atoms] *)
Lemma price_of_robustness_theorem_4_25 : forall (v_P : R) (v_a : R) (v_n : R) (v_omega : R),
  (0 < v_P) ->
  (0 < v_a) ->
  (0 < v_n) ->
  (0 < v_omega) ->
  (((v_P + v_a) / ((sqrt ((v_P + v_a) / (v_n * (1 + v_a)))) / v_omega)) + (((v_n * (1 + v_a)) * ((sqrt ((v_P + v_a) / (v_n * (1 + v_a)))) / v_omega)) * (v_omega ^ 2))) = ((2 * v_omega) * (sqrt ((v_n * (1 + v_a)) * (v_P + v_a)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((v_P + v_a) / (v_n * (1 + v_a)))) = ((sqrt (v_P + v_a)) ^ 1) / ((sqrt v_n) ^ 1 * (sqrt (1 + v_a)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt ((v_n * (1 + v_a)) * (v_P + v_a))) = (sqrt v_n) ^ 1 * (sqrt (1 + v_a)) ^ 1 * (sqrt (v_P + v_a)) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_n)) by posit.
set (s0 := (sqrt v_n)) in *. clearbody s0.
subst v_n.
assert (Rs1 : (sqrt (1 + v_a)) ^ 2 = (1 + v_a)) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt (1 + v_a))) by posit.
set (s1 := (sqrt (1 + v_a))) in *. clearbody s1.
assert (Rs2 : (sqrt (v_P + v_a)) ^ 2 = (v_P + v_a)) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt (v_P + v_a))) by posit.
set (s2 := (sqrt (v_P + v_a))) in *. clearbody s2.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* the largest of two positive numbers is at most their sum [case distinction] *)
Lemma price_of_robustness_theorem_4_26 : forall (v_T_1 : R) (v_T_2 : R),
  (0 <= v_T_1) ->
  (0 <= v_T_2) ->
  (Rmax v_T_1 v_T_2) <= (v_T_1 + v_T_2).
Proof.
by_cases.
Qed.

(* P/(nλ) = q²/(θφ) [powers of atoms] *)
Lemma price_of_robustness_theorem_4_27 : forall (v_P : R) (v_n : R) (v_phi : R) (v_s : R) (v_theta : R),
  (0 < v_P) ->
  (0 < v_n) ->
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (v_P / (v_n * (v_phi * v_theta * (v_s ^ 2)))) = ((((sqrt (v_P / v_n)) / v_s) ^ 2) / (v_theta * v_phi)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (v_P / v_n)) = ((sqrt v_P) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_P) ^ 2 = v_P) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_P)) by posit.
set (s0 := (sqrt v_P)) in *. clearbody s0.
subst v_P.
assert (Rs1 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_n)) by posit.
set (s1 := (sqrt v_n)) in *. clearbody s1.
subst v_n.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* log M ≤ M - 1 and erf ≤ 1: √(2π)sφ exp(-s²φ²/2)/λ is the second term [field] *)
Lemma price_of_robustness_theorem_4_28 : forall (v_phi : R) (v_s : R) (v_theta : R),
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (((((sqrt (2 * PI)) * v_s) * v_phi) * (exp (((- (v_s ^ 2)) * (v_phi ^ 2)) / 2))) / (v_phi * v_theta * (v_s ^ 2))) = (((sqrt (2 * PI)) * (exp (((- (v_s ^ 2)) * (v_phi ^ 2)) / 2))) / (v_theta * v_s)).
Proof.
identity.
Qed.

(* P + a ≤ (1 + a)P for P ≥ 1 [nonlinear arithmetic] *)
Lemma price_of_robustness_theorem_4_29 : forall (v_P : R) (v_a : R),
  (0 < v_P) ->
  (0 < v_a) ->
  (v_P >= 1) ->
  (v_P + v_a) <= (v_P * (1 + v_a)).
Proof.
intros; nra.
Qed.

(* 2ω√((1 + a)²P/n) = (2ℓ(1 + a)/θ) q [powers of atoms] *)
Lemma price_of_robustness_theorem_4_30 : forall (v_P : R) (v_a : R) (v_ell : R) (v_n : R) (v_s : R) (v_theta : R),
  (0 < v_P) ->
  (0 < v_a) ->
  (0 < v_ell) ->
  (0 < v_n) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  ((2 * (v_ell / (v_theta * v_s))) * (sqrt ((((1 + v_a) ^ 2) * v_P) / v_n))) = ((((2 * v_ell) * (1 + v_a)) / v_theta) * ((sqrt (v_P / v_n)) / v_s)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((((1 + v_a) ^ 2) * v_P) / v_n)) = ((sqrt v_P) ^ 1 * (1 + v_a) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (v_P / v_n)) = ((sqrt v_P) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_P) ^ 2 = v_P) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_P)) by posit.
set (s0 := (sqrt v_P)) in *. clearbody s0.
subst v_P.
assert (Rs1 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_n)) by posit.
set (s1 := (sqrt v_n)) in *. clearbody s1.
subst v_n.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* P ≥ n gives q ≥ 1/s [cleared denominators] *)
Lemma price_of_robustness_theorem_4_31 : forall (v_P : R) (v_n : R) (v_s : R),
  (0 < v_P) ->
  (0 < v_n) ->
  (0 < v_s) ->
  (v_P >= v_n) ->
  ((sqrt v_P) / ((sqrt v_n) * v_s)) >= (/ v_s).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (Rv_root_P : sqrt v_P ^ 2 = v_P) by (apply pow2_sqrt; posit). assert (0 < sqrt v_P) by posit. set (v_root_P := sqrt v_P) in *. clearbody v_root_P. subst v_P.
assert (Rv_root_n : sqrt v_n ^ 2 = v_n) by (apply pow2_sqrt; posit). assert (0 < sqrt v_n) by posit. set (v_root_n := sqrt v_n) in *. clearbody v_root_n. subst v_n.
apply Rle_ge. apply (quotient_le _ _ (1 * ((v_root_P - v_root_n))) (1 * (v_root_n) * (v_s))); [ field; nonzero | posit | ].
all: try (assert (v_n ^ 2 <= v_P ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* so s ≥ K where Kq < 1 [case distinction] *)
Lemma price_of_robustness_theorem_4_32 : forall (v_K : R) (v_q : R) (v_s : R),
  (0 < v_K) ->
  (0 < v_q) ->
  (0 < v_s) ->
  (v_q >= (/ v_s)) ->
  ((v_K * v_q) < 1) ->
  v_s >= v_K.
Proof.
by_cases.
Qed.

(* and q² ≤ q/K [case distinction] *)
Lemma price_of_robustness_theorem_4_33 : forall (v_K : R) (v_q : R),
  (0 < v_K) ->
  (0 < v_q) ->
  ((v_K * v_q) < 1) ->
  (v_q ^ 2) <= (v_q / v_K).
Proof.
by_cases.
Qed.

(* the sum of the four terms, M the larger of 1/√n and q [nonlinear arithmetic] *)
Lemma price_of_robustness_theorem_4_34 : forall (v_M : R) (v_T_1 : R) (v_a : R) (v_omega : R) (v_q : R) (v_y : R),
  (0 <= v_M) ->
  (0 <= v_T_1) ->
  (0 < v_a) ->
  (0 < v_omega) ->
  (0 < v_q) ->
  (0 < v_y) ->
  (v_T_1 <= v_M) ->
  (v_q <= v_M) ->
  (v_T_1 + (v_a * v_q) + (v_omega * v_q) + (v_q * v_y)) <= (v_M * (1 + v_a + v_omega + v_y)).
Proof.
intros; nra.
Qed.

(* 1 + 2ℓ(1 + a)/θ + 1/(Kθφ) + √(2π) exp(-K²φ²/2)/θ ≤ K = 139/20 at ℓ = 1, θ = 7/10 [interval arithmetic] *)
Lemma price_of_robustness_theorem_4_35 : ((13259 / 2919) + ((20 / 7) * (ln 2)) + ((10 / 7) * (sqrt 2) * (sqrt PI) * (exp (- 173889 / 80000)))) <= (139 / 20).
Proof.
intros; split_hypotheses; interval.
Qed.

(* 1 + 2ℓ(1 + a)/θ + 1/(Kθφ) + √(2π) exp(-K²φ²/2)/θ ≤ K = 1043/100 at ℓ = 2, θ = 4/5 [interval arithmetic] *)
Lemma price_of_robustness_theorem_4_36 : ((6883 / 1043) + (5 * (ln 2)) + ((5 / 4) * (sqrt 2) * (sqrt PI) * (exp (- 1087849 / 500000)))) <= (1043 / 100).
Proof.
intros; split_hypotheses; interval.
Qed.

(* √(p/n) ≤ p/n for p ≥ n: Equation (4) [cleared denominators] *)
Lemma price_of_robustness_theorem_4_37 : forall (v_n : R) (v_p : R),
  (0 < v_n) ->
  (0 < v_p) ->
  (v_p >= v_n) ->
  ((sqrt v_p) / (sqrt v_n)) <= (v_p / v_n).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (Rv_root_p : sqrt v_p ^ 2 = v_p) by (apply pow2_sqrt; posit). assert (0 < sqrt v_p) by posit. set (v_root_p := sqrt v_p) in *. clearbody v_root_p. subst v_p.
assert (Rv_root_n : sqrt v_n ^ 2 = v_n) by (apply pow2_sqrt; posit). assert (0 < sqrt v_n) by posit. set (v_root_n := sqrt v_n) in *. clearbody v_root_n. subst v_n.
apply (quotient_le _ _ (1 * (v_root_p) * ((v_root_p - v_root_n))) (1 * (v_root_n) ^ 2)); [ field; nonzero | posit | ].
all: try (assert (v_n ^ 2 <= v_p ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* max(x, y) ≤ max(x, y, z): Equation (5) without its third term [case distinction] *)
Lemma price_of_robustness_theorem_4_38 : forall (v_b : R) (v_k : R) (v_r : R),
  (0 < v_b) ->
  (0 < v_k) ->
  (0 < v_r) ->
  (Rmax v_k v_r) <= (Rmax (Rmax v_b v_k) v_r).
Proof.
by_cases.
Qed.

(* R^ ≤ R* - ε and R ≥ R* give ε ≤ R - R^ [linear arithmetic] *)
Lemma price_of_robustness_corollary_6_3 : forall (v_A : R) (v_R : R) (v_R_1 : R) (v_epsilon : R),
  (0 < v_epsilon) ->
  (v_A <= (v_R_1 - v_epsilon)) ->
  (v_R >= v_R_1) ->
  v_epsilon <= (v_R - v_A).
Proof.
intros; lra.
Qed.

(* K(√c/S)√(p/(nd)) = ε/3 at S = (3K/ε)√(cp/(nd)) [powers of atoms] *)
Lemma price_of_robustness_corollary_6_4 : forall (v_K : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_n : R) (v_p : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_p) ->
  (((v_K * (sqrt v_c)) / (3 * v_K * (sqrt v_c) * (sqrt v_p) / ((sqrt v_d) * v_epsilon * (sqrt v_n)))) * (sqrt (v_p / (v_n * v_d)))) = (v_epsilon / 3).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (/ (sqrt v_d)) = (1) / ((sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (/ (sqrt v_n)) = (1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (sqrt (v_p / (v_n * v_d))) = ((sqrt v_p) ^ 1) / ((sqrt v_d) ^ 1 * (sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_c) ^ 2 = v_c) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_c)) by posit.
set (s0 := (sqrt v_c)) in *. clearbody s0.
subst v_c.
assert (Rs1 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_d)) by posit.
set (s1 := (sqrt v_d)) in *. clearbody s1.
subst v_d.
assert (Rs2 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_n)) by posit.
set (s2 := (sqrt v_n)) in *. clearbody s2.
subst v_n.
assert (Rs3 : (sqrt v_p) ^ 2 = v_p) by (apply pow2_sqrt; posit).
assert (Ps3 : 0 < (sqrt v_p)) by posit.
set (s3 := (sqrt v_p)) in *. clearbody s3.
subst v_p.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* 2K exp(-dS²/(8c)) = ε/3 at S² = (8c/d) log(6K/ε) [powers of atoms] *)
Lemma price_of_robustness_corollary_6_5 : forall (v_K : R) (v_c : R) (v_d : R) (v_epsilon : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  ((2 * v_K) * (exp (((- v_d) * (((8 * v_c) / v_d) * (ln ((6 * v_K) / v_epsilon)))) / (8 * v_c)))) = (v_epsilon / 3).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (((- v_d) * (((8 * v_c) / v_d) * (ln ((6 * v_K) / v_epsilon)))) / (8 * v_c))) = (v_epsilon ^ 1) / (6 ^ 1 * v_K ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* ε/3 + ε/2 < ε [linear arithmetic] *)
Lemma price_of_robustness_corollary_6_6 : forall (v_Rad : R) (v_epsilon : R) (v_t_delta : R),
  (0 < v_epsilon) ->
  (v_Rad <= (v_epsilon / 3)) ->
  (v_t_delta < (v_epsilon / 2)) ->
  (v_Rad + v_t_delta) < v_epsilon.
Proof.
intros; lra.
Qed.

(* the parts grow with log|F|: √(l + a) ≤ √(p + a) [case distinction] *)
Lemma price_of_robustness_corollary_6_7 : forall (v_p : R) (v_t : R) (v_u : R),
  (0 < v_p) ->
  (0 < v_t) ->
  (0 < v_u) ->
  (v_t <= v_p) ->
  (sqrt (v_t + v_u)) <= (sqrt (v_p + v_u)).
Proof.
by_cases.
Qed.

(* 8 log x ≤ x²/4 for x = 6K/ε ≥ 41, p ≥ n: the second threshold is below the first [mean value theorem] *)
Lemma price_of_robustness_corollary_6_40 : forall (v_x : R),
  (0 < v_x) ->
  (v_x >= 41) ->
  (8 * (ln v_x)) <= ((v_x ^ 2) / 4).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_x_t : R, 0 < v_x_t -> v_x_t >= 41 -> 0 <= ((v_x_t / 2) - (8 / v_x_t))).
{ intros v_x_t; intros. first [ solve [slope_by_signs v_x_t] | replace ((v_x_t / 2) - (8 / v_x_t)) with (((- 4) + v_x_t) * (4 + v_x_t) / (2 * v_x_t)) by (pose_positive; field; nonzero); slope_by_signs v_x_t ]. }
assert (L0 : forall v_x_t : R, 0 < v_x_t -> v_x_t >= 41 -> 0 <= ((- (8 * (ln v_x_t))) + ((v_x_t ^ 2) / 4))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => ((- (8 * (ln v_x_t))) + ((v_x_t ^ 2) / 4))) 41); [ cbv beta; end_by_balls | ].
  apply (rises (fun v_x_t : R => ((- (8 * (ln v_x_t))) + ((v_x_t ^ 2) / 4))) (fun v_x_t : R => ((v_x_t / 2) - (8 / v_x_t))) 41 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L1 v_x_t_u. }
use_level L0 v_x.
Qed.

(* 6K/ε ≥ 41 for K = 139/20, ε ≤ 1 [case distinction] *)
Lemma price_of_robustness_corollary_6_41 : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  (v_epsilon <= 1) ->
  ((417 / 10) / v_epsilon) >= 41.
Proof.
by_cases.
Qed.

(* √(t/(2n)) < 2ε/3 where √(2(l + t)/n) < ε/2, t = log(1/δ), l = log 2 > 0 [case distinction] *)
Lemma price_of_robustness_corollary_6_42 : forall (v_epsilon : R) (v_n : R) (v_t : R) (v_u : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (0 < v_t) ->
  (0 < v_u) ->
  ((((2 * v_t) + (2 * v_u)) / v_n) < ((v_epsilon ^ 2) / 4)) ->
  (v_t / (2 * v_n)) < ((4 / 9) * (v_epsilon ^ 2)).
Proof.
by_cases.
Qed.

(* ε/3 + 2ε/3 = ε, strict as K/√n < ε/3 or S is above the threshold [linear arithmetic] *)
Lemma price_of_robustness_corollary_6_44 : forall (v_epsilon : R),
  (0 < v_epsilon) ->
  ((v_epsilon / 3) + ((2 * v_epsilon) / 3)) = v_epsilon.
Proof.
intros; lra.
Qed.

(* |tanh x| = |E - 1|/(E + 1) ≤ 1, E = exp(2x) [case distinction] *)
Lemma price_of_robustness_example_9_1 : forall (v_E : R),
  (0 < v_E) ->
  ((Rabs ((- 1) + v_E)) / (1 + v_E)) <= 1.
Proof.
by_cases.
Qed.

(* |wT - w'T| ≤ 1|w - w'| for |T| ≤ 1 [case distinction] *)
Lemma price_of_robustness_example_9_2 : forall (v_T : R) (v_w : R) (v_w_prime : R),
  (v_T <= 1) ->
  (v_T >= (- 1)) ->
  (Rabs ((v_T * v_w) - (v_T * v_w_prime))) <= (Rabs (v_w - v_w_prime)).
Proof.
by_cases.
Qed.

(* tanh x has the sign of x: (E - 1)/(E + 1) > 0 for E > 1 and < 0 for E < 1 [case distinction] *)
Lemma price_of_robustness_example_9_3 : forall (v_E : R),
  (0 < v_E) ->
  ((((v_E < 1) -> ((((- 1) + v_E) / (1 + v_E)) < 0))) /\ (((v_E > 1) -> ((((- 1) + v_E) / (1 + v_E)) > 0)))).
Proof.
by_cases.
Qed.

(* wT and -wT are on different sides of zero [cleared denominators] *)
Lemma price_of_robustness_example_9_4 : forall (v_T : R) (v_w : R),
  (v_w > 0) ->
  (v_T <> 0) ->
  (- ((v_T ^ 2) * (v_w ^ 2))) < 0.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_lt _ _ (1 * (v_T) ^ 2 * (v_w) ^ 2) (1)); [ field; nonzero | posit | ].
posit.
Qed.

(* |x - z| ≥ 1|g(x)|/L where sgn g(z) ≠ sgn g(x) [case distinction] *)
Lemma price_of_robustness_definition_10_1 : forall (v_L : R) (v_g_x : R) (v_g_z : R) (v_x_z : R),
  (0 < v_L) ->
  (0 <= v_x_z) ->
  ((Rabs (v_g_x - v_g_z)) <= (v_x_z * v_L)) ->
  (((((v_g_x >= 0) /\ (v_g_z < 0))) \/ (((v_g_x < 0) /\ (v_g_z >= 0))))) ->
  v_x_z >= ((Rabs v_g_x) / v_L).
Proof.
by_cases.
Qed.

(* r|g|/(rL) = |g|/L [field] *)
Lemma price_of_robustness_definition_10_2 : forall (v_L : R) (v_g_x : R) (v_r : R),
  (0 < v_L) ->
  (0 < v_r) ->
  ((v_r * (Rabs v_g_x)) / (v_r * v_L)) = ((Rabs v_g_x) / v_L).
Proof.
identity.
Qed.

(* |clip(u) - clip(v)| ≤ |u - v| [case distinction] *)
Lemma price_of_robustness_theorem_13_1 : forall (v_D : R) (v_L : R) (v_g : R) (v_g_prime : R) (v_gamma : R),
  (0 <= v_D) ->
  (0 < v_L) ->
  (0 < v_gamma) ->
  ((Rabs (v_g - v_g_prime)) <= (v_D * v_L)) ->
  (Rabs ((- (Rmax (- 1) (Rmin 1 (v_g_prime / v_gamma)))) + (Rmax (- 1) (Rmin 1 (v_g / v_gamma))))) <= (v_D * v_L / v_gamma).
Proof.
by_cases.
Qed.

(* 1 - clip(g/γ) for g ≥ 0, and clip(g/γ) + 1 for g < 0 [case distinction] *)
Lemma price_of_robustness_theorem_13_2 : forall (v_g : R) (v_gamma : R),
  (0 < v_gamma) ->
  ((((v_g < 0) -> ((1 + (Rmax (- 1) (Rmin 1 (v_g / v_gamma)))) = (Rmax 0 (1 - ((Rabs v_g) / v_gamma)))))) /\ (((v_g >= 0) -> ((1 - (Rmax (- 1) (Rmin 1 (v_g / v_gamma)))) = (Rmax 0 (1 - ((Rabs v_g) / v_gamma))))))).
Proof.
by_cases.
Qed.

(* 1 + W/r = 1 + 60WJ/e at r = e/(60J) [field] *)
Lemma price_of_robustness_theorem_13_6 : forall (v_J : R) (v_W : R) (v_e : R),
  (0 < v_J) ->
  (0 < v_W) ->
  (0 < v_e) ->
  (1 + (v_W / (v_e / (60 * v_J)))) = (1 + (((60 * v_W) * v_J) / v_e)).
Proof.
identity.
Qed.

(* Jr = e/60 [field] *)
Lemma price_of_robustness_theorem_13_7 : forall (v_J : R) (v_e : R),
  (0 < v_J) ->
  (0 < v_e) ->
  (v_J * (v_e / (60 * v_J))) = (v_e / 60).
Proof.
identity.
Qed.

(* 1 - clip(g_net/γ) ≤ T_net + 2ρ for g ≥ 0 [case distinction] *)
Lemma price_of_robustness_theorem_13_15 : forall (v_g : R) (v_g_net : R) (v_gamma : R) (v_rho : R),
  (0 < v_gamma) ->
  (0 <= v_rho) ->
  ((Rabs (v_g - v_g_net)) <= (v_rho * v_gamma)) ->
  (v_g >= 0) ->
  (1 - (Rmax (- 1) (Rmin 1 (v_g_net / v_gamma)))) <= ((2 * v_rho) + (Rmax 0 (1 - ((Rabs v_g_net) / v_gamma)))).
Proof.
by_cases.
Qed.

(* clip(g_net/γ) + 1 ≤ T_net + 2ρ for g < 0 [case distinction] *)
Lemma price_of_robustness_theorem_13_16 : forall (v_g : R) (v_g_net : R) (v_gamma : R) (v_rho : R),
  (0 < v_gamma) ->
  (0 <= v_rho) ->
  ((Rabs (v_g - v_g_net)) <= (v_rho * v_gamma)) ->
  (v_g < 0) ->
  (1 + (Rmax (- 1) (Rmin 1 (v_g_net / v_gamma)))) <= ((2 * v_rho) + (Rmax 0 (1 - ((Rabs v_g_net) / v_gamma)))).
Proof.
by_cases.
Qed.

(* √(P + a) ≤ √P + √a [case distinction] *)
Lemma price_of_robustness_theorem_13_34 : forall (v_P : R) (v_a : R),
  (0 < v_P) ->
  (0 < v_a) ->
  (sqrt (v_P + v_a)) <= ((sqrt v_P) + (sqrt v_a)).
Proof.
by_cases.
Qed.

(* 2ω√((1 + a)P/n) = 4√(1 + a) q at ω = 2/s [powers of atoms] *)
Lemma price_of_robustness_theorem_13_35 : forall (v_P : R) (v_a : R) (v_n : R) (v_s : R),
  (0 < v_P) ->
  (0 < v_a) ->
  (0 < v_n) ->
  (0 < v_s) ->
  ((2 * (2 / v_s)) * (sqrt (((1 + v_a) * v_P) / v_n))) = ((4 * (sqrt (1 + v_a))) * ((sqrt (v_P / v_n)) / v_s)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (((1 + v_a) * v_P) / v_n)) = ((sqrt v_P) ^ 1 * (sqrt (1 + v_a)) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (v_P / v_n)) = ((sqrt v_P) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_P) ^ 2 = v_P) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_P)) by posit.
set (s0 := (sqrt v_P)) in *. clearbody s0.
subst v_P.
assert (Rs1 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_n)) by posit.
set (s1 := (sqrt v_n)) in *. clearbody s1.
subst v_n.
assert (Rs2 : (sqrt (1 + v_a)) ^ 2 = (1 + v_a)) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt (1 + v_a))) by posit.
set (s2 := (sqrt (1 + v_a))) in *. clearbody s2.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* q²/(θφ) = 4q² ≤ 4q/K [case distinction] *)
Lemma price_of_robustness_theorem_13_36 : forall (v_K : R) (v_q : R),
  (0 < v_K) ->
  (0 < v_q) ->
  ((v_K * v_q) < 1) ->
  (4 * (v_q ^ 2)) <= (4 * v_q / v_K).
Proof.
by_cases.
Qed.

(* √(2π) exp(-s²/8)/(θs) = (√(2π)/s) · 2 exp(-s²/8) [field] *)
Lemma price_of_robustness_theorem_13_37 : forall (v_E : R) (v_s : R),
  (0 < v_E) ->
  (0 < v_s) ->
  (((sqrt (2 * PI)) * v_E) / (v_s / 2)) = (((sqrt (2 * PI)) / v_s) * (2 * v_E)).
Proof.
identity.
Qed.

(* 2ρ = 2(e/60)/(S*/2) = (1/15) e/S* [field] *)
Lemma price_of_robustness_theorem_13_38 : forall (v_S : R) (v_e : R),
  (0 < v_S) ->
  (0 < v_e) ->
  ((2 * (v_e / 60)) / (v_S / 2)) = ((v_e / v_S) / 15).
Proof.
identity.
Qed.

(* coefficients that decrease in s are largest at its least value [cleared denominators] *)
Lemma price_of_robustness_theorem_13_39 : forall (v_a : R) (v_q : R) (v_s : R),
  (0 < v_a) ->
  (0 < v_q) ->
  (0 < v_s) ->
  (v_s >= v_q) ->
  (v_a / v_s) <= (v_a / v_q).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (v_a) * ((v_s - v_q))) (1 * (v_q) * (v_s))); [ field; nonzero | posit | ].
all: try (assert (v_q ^ 2 <= v_s ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* 1 + 4√((1 + a)a)/s + 4√(1 + a) + 4/K + √(2π)/s + 1/15 ≤ K = 33/4 at s = √(8 log(2K)), a = log 2 [interval arithmetic] *)
Lemma price_of_robustness_theorem_13_40 : ((256 / 165) + (4 * (sqrt (1 + (ln 2)))) + ((sqrt PI) / (2 * (sqrt (ln (33 / 2))))) + ((sqrt 2) * (sqrt (1 + (ln 2))) * (sqrt (ln 2)) / (sqrt (ln (33 / 2))))) <= (33 / 4).
Proof.
intros; split_hypotheses; interval.
Qed.

(* e/S* ≤ Je/S* [cleared denominators] *)
Lemma price_of_robustness_theorem_13_41 : forall (v_J : R) (v_S : R) (v_e : R),
  (0 < v_J) ->
  (0 < v_S) ->
  (0 < v_e) ->
  (v_J >= 1) ->
  (v_e / v_S) <= (v_J * v_e / v_S).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rnot_lt_le; intro N. assert (0 <= (v_J * v_e / v_S)) by posit.
assert (0 < ((v_e / v_S) - (v_J * v_e / v_S)) * ((v_e / v_S) + (v_J * v_e / v_S))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* KQ/(S*/L) = ε/3 at S*/L = (3K/ε)Q, Q = √(p/(nd))√(c log(1 + 60WJ/e)) [field] *)
Lemma price_of_robustness_corollary_15_1 : forall (v_K : R) (v_Q : R) (v_epsilon : R),
  (0 < v_K) ->
  (0 < v_Q) ->
  (0 < v_epsilon) ->
  ((v_K * v_Q) / (((3 * v_K) / v_epsilon) * v_Q)) = (v_epsilon / 3).
Proof.
identity.
Qed.

(* 2K exp(-d(S*/L)²/(8c)) = ε/3 at (S*/L)² = (8c/d) log(6K/ε) [powers of atoms] *)
Lemma price_of_robustness_corollary_15_2 : forall (v_K : R) (v_c : R) (v_d : R) (v_epsilon : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  ((2 * v_K) * (exp (((- v_d) * (((8 * v_c) / v_d) * (ln ((6 * v_K) / v_epsilon)))) / (8 * v_c)))) = (v_epsilon / 3).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (((- v_d) * (((8 * v_c) / v_d) * (ln ((6 * v_K) / v_epsilon)))) / (8 * v_c))) = (v_epsilon ^ 1) / (6 ^ 1 * v_K ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* Ke/S* ≤ ε/3 [case distinction] *)
Lemma price_of_robustness_corollary_15_53 : forall (v_K : R) (v_S : R) (v_e : R) (v_epsilon : R),
  (0 < v_K) ->
  (0 < v_S) ->
  (0 < v_e) ->
  (0 < v_epsilon) ->
  (v_S >= (3 * v_K * v_e / v_epsilon)) ->
  (v_K * v_e / v_S) <= (v_epsilon / 3).
Proof.
by_cases.
Qed.

(* the sum [linear arithmetic] *)
Lemma price_of_robustness_corollary_15_54 : forall (v_Rad : R) (v_epsilon : R) (v_t_delta : R),
  (0 < v_epsilon) ->
  (v_Rad <= (v_epsilon / 3)) ->
  (v_t_delta < (v_epsilon / 2)) ->
  (v_Rad + v_t_delta) < v_epsilon.
Proof.
intros; lra.
Qed.

(* (a/S)b ≤ b exactly when S ≥ 1a, a = √(c/d), b = √(p/n) [cleared denominators] *)
Lemma price_of_robustness_claim_massart_rate_1 : forall (v_S : R) (v_a : R) (v_b : R),
  (0 < v_S) ->
  (0 < v_a) ->
  (0 < v_b) ->
  (((v_S >= v_a) <-> ((v_a * v_b / v_S) <= v_b))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
split_cases.
all: pose proof (pow2_ge_0 (v_S - v_a)); pose proof (pow2_ge_0 (v_S - v_b)); pose proof (pow2_ge_0 (v_a - v_b)); idtac.
all: name_roots; name_inverses; nra.
Qed.

(* 2p/n ≥ 2 > 1 [case distinction] *)
Lemma price_of_robustness_claim_massart_rate_2 : forall (v_n : R) (v_p : R),
  (0 < v_n) ->
  (0 < v_p) ->
  (v_p >= v_n) ->
  ((2 > 1) /\ ((2 * v_p / v_n) >= 2)).
Proof.
by_cases.
Qed.

(* √(2/π) < 1 [interval arithmetic] *)
Lemma price_of_robustness_claim_massart_rate_3 : ((sqrt 2) / (sqrt PI)) < 1.
Proof.
intros; split_hypotheses; interval.
Qed.

(* p = κn [powers of atoms] *)
Lemma price_of_robustness_claim_orders_of_stability_1 : forall (v_K : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_kappa : R) (v_n : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_kappa) ->
  (0 < v_n) ->
  (((3 * v_K) / v_epsilon) * (sqrt ((v_c * (v_kappa * v_n)) / (v_n * v_d)))) = (((3 * v_K) / v_epsilon) * ((sqrt v_c) * (sqrt v_kappa) / (sqrt v_d))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((v_c * (v_kappa * v_n)) / (v_n * v_d))) = ((sqrt v_c) ^ 1 * (sqrt v_kappa) ^ 1) / ((sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (/ (sqrt v_d)) = (1) / ((sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_c) ^ 2 = v_c) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_c)) by posit.
set (s0 := (sqrt v_c)) in *. clearbody s0.
subst v_c.
assert (Rs1 : (sqrt v_kappa) ^ 2 = v_kappa) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_kappa)) by posit.
set (s1 := (sqrt v_kappa)) in *. clearbody s1.
subst v_kappa.
assert (Rs2 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_d)) by posit.
set (s2 := (sqrt v_d)) in *. clearbody s2.
subst v_d.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* p = κnd [powers of atoms] *)
Lemma price_of_robustness_claim_orders_of_stability_2 : forall (v_K : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_kappa : R) (v_n : R),
  (0 < v_K) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_kappa) ->
  (0 < v_n) ->
  (((3 * v_K) / v_epsilon) * (sqrt ((v_c * (v_d * v_kappa * v_n)) / (v_n * v_d)))) = (((3 * v_K) / v_epsilon) * ((sqrt v_c) * (sqrt v_kappa))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((v_c * (v_d * v_kappa * v_n)) / (v_n * v_d))) = (sqrt v_c) ^ 1 * (sqrt v_kappa) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_c) ^ 2 = v_c) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_c)) by posit.
set (s0 := (sqrt v_c)) in *. clearbody s0.
subst v_c.
assert (Rs1 : (sqrt v_kappa) ^ 2 = v_kappa) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_kappa)) by posit.
set (s1 := (sqrt v_kappa)) in *. clearbody s1.
subst v_kappa.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* v √(2/π) exp(-v²/2) has the antiderivative -√(2/π) exp(-v²/2) [powers of atoms] *)
Lemma price_of_robustness_claim_halfspace_1 : forall (v_v : R),
  (0 < v_v) ->
  (Derive (fun v_v : R => (- ((sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI)))) v_v) = (v_v * (sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_v : R => (- ((sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI)))) v_v) = (v_v * (sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* v √(2/π) exp(-v²/2) has the antiderivative -√(2/π) exp(-v²/2): every part has a value [definedness] *)
Lemma price_of_robustness_claim_halfspace_1_defined : forall (v_v : R),
  (0 < v_v) ->
  ex_derive (fun v_v : R => (- ((sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI)))) v_v.
Proof.
defined.
Qed.

(* which tends to 0 [exponential decay] *)
Lemma price_of_robustness_claim_halfspace_2 : filterlim (fun v_v : R => (- ((sqrt 2) * (exp (- ((v_v ^ 2) / 2))) / (sqrt PI)))) (Rbar_locally p_infty) (locally 0).
Proof.
intros. split_hypotheses. decay (1 / 2) (- ((sqrt 2) / (sqrt PI))) 1%nat.
Qed.

(* 0 + √(2/π), over √d [powers of atoms] *)
Lemma price_of_robustness_claim_halfspace_3 : forall (v_d : R),
  (0 < v_d) ->
  ((0 + (sqrt (2 / PI))) / (sqrt v_d)) = (sqrt ((2 / PI) / v_d)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (2 / PI)) = ((sqrt 2) ^ 1) / ((sqrt PI) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt ((2 / PI) / v_d)) = ((sqrt 2) ^ 1) / ((sqrt PI) ^ 1 * (sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt PI) ^ 2 = PI) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt PI)) by posit.
set (s1 := (sqrt PI)) in *. clearbody s1.
assert (Rs2 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_d)) by posit.
set (s2 := (sqrt v_d)) in *. clearbody s2.
subst v_d.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* √(2π) erf(t/√2) has the derivative 2 exp(-t²/2), from t² = 2 log 2 on [powers of atoms] *)
Lemma price_of_robustness_sharp_nearly_constant_4 : forall (v_v : R),
  (0 < v_v) ->
  (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_v * (sqrt 2) / 2)))) v_v) = (2 * (exp (- ((v_v ^ 2) / 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_v * (sqrt 2) / 2)))) v_v) = (2 * (exp (- ((v_v ^ 2) / 2))))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* √(2π) erf(t/√2) has the derivative 2 exp(-t²/2), from t² = 2 log 2 on: every part has a value [definedness] *)
Lemma price_of_robustness_sharp_nearly_constant_4_defined : forall (v_v : R),
  (0 < v_v) ->
  ex_derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf (v_v * (sqrt 2) / 2)))) v_v.
Proof.
defined.
Qed.

(* there the tail bound is one [powers of atoms] *)
Lemma price_of_robustness_sharp_nearly_constant_5 : (2 * (exp ((- (((sqrt 2) * (sqrt (ln 2))) ^ 2)) / 2))) = 1.
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

(* √(2 log 2) + √(2π)(1 - erf(√(log 2))) ≤ 89/50 [interval arithmetic, erf by its integral] *)
Lemma price_of_robustness_sharp_nearly_constant_6 : (((sqrt 2) * (sqrt (ln 2))) + ((sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2)))))) <= (89 / 50).
Proof.
intros. split_hypotheses.
assert (I0 : (674389 / 1000000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2))) <= (84299 / 125000)) by (split; integral with (i_prec 40, i_fuel 200)).
unfold erf.
set (i0 := (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2)))) in *. clearbody i0.
first [ interval | one_side; interval ].
Qed.

(* |d| ≤ |m| + |d - m|, averaged: S ≤ |m| + D [case distinction] *)
Lemma price_of_robustness_sharp_nearly_constant_7 : forall (v_d_f : R) (v_m : R),
  (Rabs v_d_f) <= ((Rabs v_m) + (Rabs (v_d_f - v_m))).
Proof.
by_cases.
Qed.

(* different signs [case distinction] *)
Lemma price_of_robustness_sharp_nearly_constant_8 : forall (v_d_f : R) (v_m : R),
  ((v_d_f * v_m) <= 0) ->
  (Rabs (v_d_f - v_m)) >= (Rabs v_m).
Proof.
by_cases.
Qed.

(* √(π/2)/(s*theta) erf((phi*s + s*theta t)/√2) has the derivative exp(-(phi*s + s*theta t)²/2) [powers of atoms] *)
Lemma price_of_robustness_masked_law_16 : forall (v_phi : R) (v_s : R) (v_theta : R) (v_v : R),
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_v) ->
  (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * ((v_phi * v_s) + (v_s * v_theta * v_v)) / 2)) / (2 * v_s * v_theta))) v_v) = (exp (- ((((v_phi * v_s) + (v_s * v_theta * v_v)) ^ 2) / 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * ((v_phi * v_s) + (v_s * v_theta * v_v)) / 2)) / (2 * v_s * v_theta))) v_v) = (exp (- ((((v_phi * v_s) + (v_s * v_theta * v_v)) ^ 2) / 2)))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* √(π/2)/(s*theta) erf((phi*s + s*theta t)/√2) has the derivative exp(-(phi*s + s*theta t)²/2): every part has a value [definedness] *)
Lemma price_of_robustness_masked_law_16_defined : forall (v_phi : R) (v_s : R) (v_theta : R) (v_v : R),
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_v) ->
  ex_derive (fun v_v : R => ((sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * ((v_phi * v_s) + (v_s * v_theta * v_v)) / 2)) / (2 * v_s * v_theta))) v_v.
Proof.
defined.
Qed.

(* 2√(π/2) = √(2π) [case distinction] *)
Lemma price_of_robustness_masked_law_17 : (2 * (sqrt (PI / 2))) = (sqrt (2 * PI)).
Proof.
by_cases.
Qed.

(* exp(v) - 1 - v ≤ exp(|v|) - 1 - |v|: exp(w) - exp(-w) ≥ 2w [mean value theorem] *)
Lemma price_of_robustness_masked_law_18 : forall (v_y : R),
  (0 < v_y) ->
  ((- (exp (- v_y))) - (2 * v_y) + (exp v_y)) >= 0.
Proof.
intros. split_hypotheses.
assert (L2 : forall v_y_t : R, 0 < v_y_t -> 0 <= (2 * (sinh v_y_t))).
{ intros v_y_t; intros. first [ solve [slope_by_signs v_y_t] | replace (2 * (sinh v_y_t)) with (2 * (sinh v_y_t)) by (pose_positive; field; nonzero); slope_by_signs v_y_t ]. }
assert (L1 : forall v_y_t : R, 0 < v_y_t -> 0 <= ((- 2) + (2 * (cosh v_y_t)))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => ((- 2) + (2 * (cosh v_y_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => ((- 2) + (2 * (cosh v_y_t)))) (fun v_y_t : R => (2 * (sinh v_y_t))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L2 v_y_t_u. }
assert (L0 : forall v_y_t : R, 0 < v_y_t -> 0 <= ((- (exp (- v_y_t))) - (2 * v_y_t) + (exp v_y_t))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => ((- (exp (- v_y_t))) - (2 * v_y_t) + (exp v_y_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => ((- (exp (- v_y_t))) - (2 * v_y_t) + (exp v_y_t))) (fun v_y_t : R => ((- 2) + (2 * (cosh v_y_t)))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L1 v_y_t_u. }
use_level L0 v_y.
Qed.

(* it is at most G: log(1 + ξ + G) ≤ ξ + G [linear arithmetic] *)
Lemma price_of_robustness_masked_law_21 : forall (v_G : R) (v_r : R) (v_x : R),
  (0 < v_G) ->
  (0 < v_r) ->
  (v_r = (1 + v_x + v_G)) ->
  ((ln v_r) <= ((- 1) + v_r)) ->
  ((- v_x) + (ln v_r)) <= v_G.
Proof.
intros; lra.
Qed.

(* and where G ≥ um, at most log(1 + G - um) + um: with q = (1 + ξ + G)/(1 + G - um), log q ≤ q - 1 ≤ ξ + um [case distinction] *)
Lemma price_of_robustness_masked_law_22 : forall (v_G : R) (v_m : R) (v_v : R) (v_x : R) (v_y : R),
  (0 < v_G) ->
  (0 <= v_m) ->
  (0 < v_v) ->
  (0 < v_y) ->
  (v_G >= v_m) ->
  (v_x >= (- v_m)) ->
  ((v_v - v_y) <= ((- 1) + ((1 + v_x + v_G) / (1 + v_G - v_m)))) ->
  (v_v - v_x) <= (v_m + v_y).
Proof.
by_cases.
Qed.

(* and where G ≥ um, at most log(1 + G - um) + um: with q = (1 + ξ + G)/(1 + G - um), log q ≤ q - 1 ≤ ξ + um: every part has a value [definedness] *)
Lemma price_of_robustness_masked_law_22_defined : forall (v_G : R) (v_m : R) (v_v : R) (v_x : R) (v_y : R),
  (0 < v_G) ->
  (0 <= v_m) ->
  (0 < v_v) ->
  (0 < v_y) ->
  (v_G >= v_m) -> (v_x >= (- v_m)) -> (1 + v_G - v_m) <> 0.
Proof.
defined.
Qed.

(* u√(2π) exp(u²/2) erf((t - u)/√2) has the derivative 2u exp(ut - t²/2): M and m by the layer cake from t² = 2 log 2 [powers of atoms] *)
Lemma price_of_robustness_masked_law_23 : forall (v_u : R) (v_v : R),
  (0 < v_u) ->
  (0 < v_v) ->
  (Derive (fun v_v : R => (v_u * (sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * (v_v - v_u) / 2)) * (exp ((v_u ^ 2) / 2)))) v_v) = (2 * v_u * (exp ((- ((v_v ^ 2) / 2)) + (v_u * v_v)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_v : R => (v_u * (sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * (v_v - v_u) / 2)) * (exp ((v_u ^ 2) / 2)))) v_v) = (2 * v_u * (exp ((v_u ^ 2) / 2)) * (exp (- (((v_v - v_u) ^ 2) / 2))))) by (derivative). rewrite D0; clear D0.
assert (E0 : (exp (- (((v_v - v_u) ^ 2) / 2))) = ((exp (v_u * v_v)) ^ 1) / ((exp ((v_u ^ 2) / 2)) ^ 1 * (exp ((v_v ^ 2) / 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp ((- ((v_v ^ 2) / 2)) + (v_u * v_v))) = ((exp (v_u * v_v)) ^ 1) / ((exp ((v_v ^ 2) / 2)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp ((v_u ^ 2) / 2))) by posit. set (s0 := (exp ((v_u ^ 2) / 2))) in *. clearbody s0.
assert (Ps1 : 0 < (exp ((v_v ^ 2) / 2))) by posit. set (s1 := (exp ((v_v ^ 2) / 2))) in *. clearbody s1.
assert (Ps2 : 0 < (exp (v_u * v_v))) by posit. set (s2 := (exp (v_u * v_v))) in *. clearbody s2.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* u√(2π) exp(u²/2) erf((t - u)/√2) has the derivative 2u exp(ut - t²/2): M and m by the layer cake from t² = 2 log 2: every part has a value [definedness] *)
Lemma price_of_robustness_masked_law_23_defined : forall (v_u : R) (v_v : R),
  (0 < v_u) ->
  (0 < v_v) ->
  ex_derive (fun v_v : R => (v_u * (sqrt 2) * (sqrt PI) * (erf ((sqrt 2) * (v_v - v_u) / 2)) * (exp ((v_u ^ 2) / 2)))) v_v.
Proof.
defined.
Qed.

(* u ≤ 13/20: G/u² = Σ_{k ≥ 2} u^{k-2} E|Y|^k/k! increases, and G ≤ κu²/2 at u = 13/20 [interval arithmetic, erf by its integral] *)
Lemma price_of_robustness_masked_law_24 : ((- 1) - ((13 / 20) * (sqrt 2) * (sqrt (ln 2))) - ((13 / 20) * (sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2))))) + ((13 / 20) * (sqrt 2) * (sqrt PI) * (1 + (erf ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2))) * (exp (169 / 800))) + (exp ((13 / 20) * (sqrt 2) * (sqrt (ln 2))))) <= (10309 / 8000).
Proof.
intros. split_hypotheses.
assert (I0 : (- 71269 / 200000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2)) <= (- 178171 / 500000)) by (split; integral with (i_prec 40, i_fuel 200)).
assert (I1 : (674389 / 1000000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2))) <= (84299 / 125000)) by (split; integral with (i_prec 40, i_fuel 200)).
unfold erf.
set (i0 := (RInt (fun t : R => exp (- t ^ 2)) 0 ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2))) in *. clearbody i0.
set (i1 := (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2)))) in *. clearbody i1.
first [ interval | one_side; interval ].
Qed.

(* u ≥ 13/20: so does G/u, and G ≥ um at u = 13/20 [interval arithmetic, erf by its integral] *)
Lemma price_of_robustness_masked_law_25 : ((- 1) - ((13 / 20) * (sqrt 2) * (sqrt (ln 2))) - ((13 / 20) * (sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2))))) + ((13 / 20) * (sqrt 2) * (sqrt PI) * (1 + (erf ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2))) * (exp (169 / 800))) + (exp ((13 / 20) * (sqrt 2) * (sqrt (ln 2))))) >= (((13 / 20) * (sqrt 2) * (sqrt (ln 2))) + ((13 / 20) * (sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2)))))).
Proof.
intros. split_hypotheses.
assert (I0 : (- 71269 / 200000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2)) <= (- 178171 / 500000)) by (split; integral with (i_prec 40, i_fuel 200)).
assert (I1 : (674389 / 1000000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2))) <= (84299 / 125000)) by (split; integral with (i_prec 40, i_fuel 200)).
unfold erf.
set (i0 := (RInt (fun t : R => exp (- t ^ 2)) 0 ((sqrt 2) * ((13 / 20) - ((sqrt 2) * (sqrt (ln 2)))) / 2))) in *. clearbody i0.
set (i1 := (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2)))) in *. clearbody i1.
first [ interval | one_side; interval ].
Qed.

(* 13/20 ≤ u ≤ 5/2: log(1 + G - um) + um ≤ 61/10u²/2 [by hand] *)
Lemma price_of_robustness_masked_law_26 : forall (v_u : R),
  (0 < v_u) ->
  (v_u >= (13 / 20)) ->
  (v_u <= (5 / 2)) ->
  ((v_u * (((sqrt 2) * (sqrt (ln 2))) + ((sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2))))))) + (ln ((- (2 * v_u * (((sqrt 2) * (sqrt (ln 2))) + ((sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2)))))))) + (v_u * (sqrt 2) * (sqrt PI) * (1 + (erf ((sqrt 2) * (v_u - ((sqrt 2) * (sqrt (ln 2)))) / 2))) * (exp ((v_u ^ 2) / 2))) + (exp (v_u * (sqrt 2) * (sqrt (ln 2))))))) <= ((61 / 20) * (v_u ^ 2)).
Proof.
exact middle_cumulant.
Qed.

(* 13/20 ≤ u ≤ 5/2: log(1 + G - um) + um ≤ 61/10u²/2: every part has a value [by hand] *)
Lemma price_of_robustness_masked_law_26_defined : forall (v_u : R),
  (0 < v_u) ->
  (v_u >= (13 / 20)) -> (v_u <= (5 / 2)) -> ((- (2 * v_u * (((sqrt 2) * (sqrt (ln 2))) + ((sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2)))))))) + (v_u * (sqrt 2) * (sqrt PI) * (1 + (erf ((sqrt 2) * (v_u - ((sqrt 2) * (sqrt (ln 2)))) / 2))) * (exp ((v_u ^ 2) / 2))) + (exp (v_u * (sqrt 2) * (sqrt (ln 2))))) > 0.
Proof.
exact middle_argument.
Qed.

(* u ≥ 5/2: M ≤ (1 + 2√(2π)u) exp(u²/2), as u√(2 log 2) ≤ 6u/5 ≤ u²/2 [nonlinear arithmetic] *)
Lemma price_of_robustness_masked_law_27 : forall (v_u : R),
  (0 < v_u) ->
  (v_u >= (5 / 2)) ->
  ((6 / 5) * v_u) <= ((v_u ^ 2) / 2).
Proof.
intros; nra.
Qed.

(* √(2 log 2) ≤ 6/5 [interval arithmetic] *)
Lemma price_of_robustness_masked_law_28 : ((sqrt 2) * (sqrt (ln 2))) <= (6 / 5).
Proof.
intros; split_hypotheses; interval.
Qed.

(* m ≤ 89/50 [interval arithmetic, erf by its integral] *)
Lemma price_of_robustness_masked_law_29 : (((sqrt 2) * (sqrt (ln 2))) + ((sqrt 2) * (sqrt PI) * (1 - (erf (sqrt (ln 2)))))) <= (89 / 50).
Proof.
intros. split_hypotheses.
assert (I0 : (674389 / 1000000) <= (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2))) <= (84299 / 125000)) by (split; integral with (i_prec 40, i_fuel 200)).
unfold erf.
set (i0 := (RInt (fun t : R => exp (- t ^ 2)) 0 (sqrt (ln 2)))) in *. clearbody i0.
first [ interval | one_side; interval ].
Qed.

(* √(2π) ≤ 251/100 [interval arithmetic] *)
Lemma price_of_robustness_masked_law_30 : ((sqrt 2) * (sqrt PI)) <= (251 / 100).
Proof.
intros; split_hypotheses; interval.
Qed.

(* log 16 ≤ 14/5 [interval arithmetic] *)
Lemma price_of_robustness_masked_law_31 : (ln 16) <= (14 / 5).
Proof.
intros; split_hypotheses; interval.
Qed.

(* u ≥ 5/2: log(1 + 2√(2π)u) ≤ log 16 + (1 + 2√(2π)u)/16 - 1, plus u²/2 + um, is at most κu²/2 [nonlinear arithmetic] *)
Lemma price_of_robustness_masked_law_32 : forall (v_u : R),
  (0 < v_u) ->
  (v_u >= (5 / 2)) ->
  ((149 / 80) + ((v_u ^ 2) / 2) + ((67 / 32) * v_u)) <= ((61 / 20) * (v_u ^ 2)).
Proof.
intros; nra.
Qed.

(* y f ≤ yF + T and ≥ yF - T [cleared denominators] *)
Lemma price_of_robustness_masked_law_33 : forall (v_F : R) (v_f : R) (v_tau : R) (v_y : R),
  ((Rabs (v_F - v_f)) <= v_tau) ->
  ((v_y ^ 2) = 1) ->
  (((v_f * v_y) <= (v_tau + (v_F * v_y))) /\ ((v_f * v_y) >= ((- v_tau) + (v_F * v_y)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
split_cases.
all: pose proof (pow2_ge_0 (v_F - v_f)); pose proof (pow2_ge_0 (v_F - v_tau)); pose proof (pow2_ge_0 (v_F - v_y)); pose proof (pow2_ge_0 (v_f - v_tau)); pose proof (pow2_ge_0 (v_f - v_y)); pose proof (pow2_ge_0 (v_tau - v_y)); idtac.
all: try (assert ((Rabs (v_F - v_f)) ^ 2 <= v_tau ^ 2) by (apply square_le; first [lra | nra])).
all: nra.
Qed.

(* yF = y(F - EF) + y EF [linear arithmetic] *)
Lemma price_of_robustness_masked_law_34 : forall (v_EF : R) (v_F : R) (v_y : R),
  (v_F * v_y) = ((v_EF * v_y) + (v_y * (v_F - v_EF))).
Proof.
intros; lra.
Qed.

(* 2ε ≤ U + t + T + μ; U and Y deviations of the means of y(F - EF) and y, T the sample mean of the tent [case distinction] *)
Lemma price_of_robustness_masked_law_35 : forall (v_EF : R) (v_T : R) (v_U : R) (v_Y : R) (v_epsilon : R) (v_mu : R) (v_t : R),
  (0 < v_epsilon) ->
  (0 < v_t) ->
  ((2 * v_epsilon) <= (v_T + v_U + v_mu + (v_EF * v_Y))) ->
  ((Rabs v_Y) <= v_t) ->
  ((Rabs v_EF) <= 1) ->
  ((v_T + v_mu) >= 0) ->
  (2 * v_epsilon) <= (v_T + v_U + v_mu + v_t).
Proof.
by_cases.
Qed.

(* nt²/(2 · 2²/4) = log(2/δ₁), E for log(2/δ₁) [case distinction] *)
Lemma price_of_robustness_masked_law_43 : forall (v_E : R) (v_n : R),
  (0 < v_E) ->
  (0 < v_n) ->
  ((v_n * ((sqrt ((2 * v_E) / v_n)) ^ 2)) / ((4 * 2) / 4)) = v_E.
Proof.
by_cases.
Qed.

(* nu²/(2κω²) = E at u = ω√(2κE/n), ω = ℓ/(θs) [powers of atoms] *)
Lemma price_of_robustness_masked_law_46 : forall (v_E : R) (v_ell : R) (v_kappa : R) (v_n : R) (v_s : R) (v_theta : R),
  (0 < v_E) ->
  (0 < v_ell) ->
  (0 < v_kappa) ->
  (0 < v_n) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  ((v_n * (((v_ell / (v_s * v_theta)) * (sqrt (((2 * v_kappa) * v_E) / v_n))) ^ 2)) / ((2 * v_kappa) * ((v_ell / (v_s * v_theta)) ^ 2))) = v_E.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (((2 * v_kappa) * v_E) / v_n)) = ((sqrt 2) ^ 1 * (sqrt v_E) ^ 1 * (sqrt v_kappa) ^ 1) / ((sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt 2) ^ 2 = 2) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt 2)) by posit.
set (s0 := (sqrt 2)) in *. clearbody s0.
assert (Rs1 : (sqrt v_E) ^ 2 = v_E) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_E)) by posit.
set (s1 := (sqrt v_E)) in *. clearbody s1.
subst v_E.
assert (Rs2 : (sqrt v_kappa) ^ 2 = v_kappa) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_kappa)) by posit.
set (s2 := (sqrt v_kappa)) in *. clearbody s2.
subst v_kappa.
assert (Rs3 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps3 : 0 < (sqrt v_n)) by posit.
set (s3 := (sqrt v_n)) in *. clearbody s3.
subst v_n.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* n(λw - log M) = E (b for log M) [field] *)
Lemma price_of_robustness_masked_law_47 : forall (v_E : R) (v_n : R) (v_phi : R) (v_s : R) (v_theta : R) (v_u : R),
  (0 < v_E) ->
  (0 < v_n) ->
  (0 < v_phi) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  (0 < v_u) ->
  (v_n * (((v_phi * v_theta * (v_s ^ 2)) * (((v_E / v_n) + v_u) / (v_phi * v_theta * (v_s ^ 2)))) - v_u)) = v_E.
Proof.
identity.
Qed.

(* y(F - EF) is at most |F - EF| in size [case distinction] *)
Lemma price_of_robustness_masked_law_48 : forall (v_F : R) (v_y : R),
  ((v_y ^ 2) = 1) ->
  (Rabs (v_F * v_y)) <= (Rabs v_F).
Proof.
by_cases.
Qed.

(* 2N exp(-(R + log N + log 2)) = exp(-R), t for R [powers of atoms] *)
Lemma price_of_robustness_masked_law_49 : forall (v_N : R) (v_t : R),
  (0 < v_N) ->
  (0 < v_t) ->
  ((2 * v_N) * (exp (- ((v_t + (ln v_N)) + (ln 2))))) = (exp (- v_t)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- ((v_t + (ln v_N)) + (ln 2)))) = (1) / ((exp v_t) ^ 1 * 2 ^ 1 * v_N ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (exp (- v_t)) = (1) / ((exp v_t) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Ps0 : 0 < (exp v_t)) by posit. set (s0 := (exp v_t)) in *. clearbody s0.
expand_logarithms. expand_hypotheses. close_equation.
Qed.

(* P(M) ≤ δ [atoms of events] *)
Lemma price_of_robustness_masked_law_73 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_B : Omega -> bool) (v_M : Omega -> bool) (v_Y : Omega -> bool) (v_delta : R) (v_q : R),
  (probability P) ->
  (0 < v_delta) ->
  (0 < v_q) ->
  (forall w, (implb (v_M w) ((v_B w) || (v_Y w))) = true) ->
  ((P (fun w => (v_Y w))) <= (v_delta * v_q)) ->
  ((P (fun w => (v_B w))) <= (v_delta * (1 - v_q))) ->
  (P (fun w => (v_M w))) <= v_delta.
Proof.
intros Omega P v_B v_M v_Y; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb (v_M w) ((v_B w) || (v_Y w)))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb (v_M w) ((v_B w) || (v_Y w))) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_B :: v_M :: v_Y :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_B :: v_M :: v_Y :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b1 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_B :: v_M :: v_Y :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b2 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_B :: v_M :: v_Y :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (negb (implb b1 (b0 || b2))) | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_B :: v_M :: v_Y :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => true | _ => false end)) as X4; cbn in X4.
pose proof (p_nonneg P HP (fun w => (((true && v_B w) && v_M w) && v_Y w))).
pose proof (p_nonneg P HP (fun w => (((true && v_B w) && v_M w) && negb (v_Y w)))).
pose proof (p_nonneg P HP (fun w => (((true && v_B w) && negb (v_M w)) && v_Y w))).
pose proof (p_nonneg P HP (fun w => (((true && v_B w) && negb (v_M w)) && negb (v_Y w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_B w)) && v_M w) && v_Y w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_B w)) && v_M w) && negb (v_Y w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_B w)) && negb (v_M w)) && v_Y w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_B w)) && negb (v_M w)) && negb (v_Y w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.
