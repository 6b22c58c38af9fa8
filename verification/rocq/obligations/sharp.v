(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* the discriminant; Z, R, C are the means of z², (y - f)² and z(y - f) [case distinction] *)
Lemma sharp_threshold_1 : forall (v_C : R) (v_R : R) (v_Z : R),
  (v_Z > 0) ->
  ((v_R - ((v_C ^ 2) / v_Z)) >= 0) ->
  (v_C ^ 2) <= (v_R * v_Z).
Proof.
by_cases.
Qed.

(* the discriminant; Z, R, C are the means of z², (y - f)² and z(y - f): every part has a value [definedness] *)
Lemma sharp_threshold_1_defined : forall (v_C : R) (v_R : R) (v_Z : R),
  (v_Z > 0) -> v_Z <> 0.
Proof.
defined.
Qed.

(* with a = √v, b = √s and MSE ≤ s: mean z(y - f) ≤ ab [cleared denominators] *)
Lemma sharp_threshold_2 : forall (v_C : R) (v_R : R) (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((v_C ^ 2) <= (v_R * (v_a ^ 2))) ->
  (v_R <= (v_b ^ 2)) ->
  v_C <= (v_a * v_b).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rnot_lt_le; intro N. assert (0 <= (v_a * v_b)) by posit.
assert (0 < (v_C - (v_a * v_b)) * (v_C + (v_a * v_b))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* z(y - f) = z² + zg - zf with y = g + z [linear arithmetic] *)
Lemma sharp_threshold_3 : forall (v_g : R) (v_m : R) (v_z : R),
  (v_z * (v_g + v_z - v_m)) = ((v_z ^ 2) + (v_g * v_z) - (v_m * v_z)).
Proof.
intros; lra.
Qed.

(* so mean zf ≥ v + mean zg - √(vs) [linear arithmetic] *)
Lemma sharp_threshold_4 : forall (v_C : R) (v_F : R) (v_G : R) (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (v_C = (v_G + (v_a ^ 2) - v_F)) ->
  (v_C <= (v_a * v_b)) ->
  v_F >= (v_G + (v_a ^ 2) - (v_a * v_b)).
Proof.
intros; lra.
Qed.

(* its MSE is s [field] *)
Lemma sharp_threshold_5 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (((1 - (1 - (v_b / v_a))) ^ 2) * (v_a ^ 2)) = (v_b ^ 2).
Proof.
identity.
Qed.

(* its correlation is v - √(vs) [field] *)
Lemma sharp_threshold_6 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((1 - (v_b / v_a)) * (v_a ^ 2)) = ((v_a ^ 2) - (v_a * v_b)).
Proof.
identity.
Qed.

(* v - √(vs) ≥ κv - s/(4(1 - κ)), a = √v, b = √s [cleared denominators] *)
Lemma sharp_threshold_7 : forall (v_a : R) (v_b : R) (v_kappa : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (0 < v_kappa) ->
  (v_kappa < 1) ->
  ((v_a ^ 2) - (v_a * v_b)) >= ((v_kappa * (v_a ^ 2)) - ((v_b ^ 2) / (4 - (4 * v_kappa)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * ((v_b - (2 * v_a) + (2 * v_a * v_kappa))) ^ 2) (4 * ((1 - v_kappa)))); [ field; nonzero | posit | ].
posit.
Qed.

(* v - √(vs) ≥ κv - s/(4(1 - κ)), a = √v, b = √s: every part has a value [definedness] *)
Lemma sharp_threshold_7_defined : forall (v_a : R) (v_b : R) (v_kappa : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (0 < v_kappa) ->
  (v_kappa < 1) -> (4 - (4 * v_kappa)) <> 0.
Proof.
defined.
Qed.

(* U ≤ κ(1 - g)² + 1 - g² for e = -1 [cleared denominators] *)
Lemma sharp_threshold_15 : forall (v_g : R) (v_kappa : R) (v_y : R),
  (0 < v_kappa) ->
  (v_y <= 1) ->
  (v_y >= (- 1)) ->
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (v_kappa >= (1 / 2)) ->
  (v_kappa <= 1) ->
  ((v_kappa * ((v_y - v_g) ^ 2)) + ((1 + v_g) * (v_y - v_g))) <= (1 - (v_g ^ 2) + (v_kappa * ((1 - v_g) ^ 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((1 - v_y)) * ((1 + v_g + v_kappa + (v_y * v_kappa) - (2 * v_g * v_kappa)))) (1)); [ field; nonzero | posit | ].
all: try (assert (v_y ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_y ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_g ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_g ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((1 / 2) ^ 2 <= v_kappa ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_kappa ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* U ≤ κ(1 + g)² + 1 - g² for e = 1 [cleared denominators] *)
Lemma sharp_threshold_16 : forall (v_g : R) (v_kappa : R) (v_y : R),
  (0 < v_kappa) ->
  (v_y <= 1) ->
  (v_y >= (- 1)) ->
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (v_kappa >= (1 / 2)) ->
  (v_kappa <= 1) ->
  ((v_kappa * ((v_y - v_g) ^ 2)) + (((- 1) + v_g) * (v_y - v_g))) <= (1 - (v_g ^ 2) + (v_kappa * ((1 + v_g) ^ 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((1 + v_y)) * ((1 + v_kappa - v_g - (v_y * v_kappa) + (2 * v_g * v_kappa)))) (1)); [ field; nonzero | posit | ].
all: try (assert (v_y ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_y ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_g ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_g ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((1 / 2) ^ 2 <= v_kappa ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_kappa ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* U ≥ -(1 + g)²/(4κ) for e = -1, completing the square [cleared denominators] *)
Lemma sharp_threshold_17 : forall (v_g : R) (v_kappa : R) (v_y : R),
  (0 < v_kappa) ->
  ((v_kappa * ((v_y - v_g) ^ 2)) + ((1 + v_g) * (v_y - v_g))) >= (- (((1 + v_g) ^ 2) / (4 * v_kappa))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * ((1 + v_g - (2 * v_g * v_kappa) + (2 * v_y * v_kappa))) ^ 2) (4 * (v_kappa))); [ field; nonzero | posit | ].
posit.
Qed.

(* U ≥ -(1 - g)²/(4κ) for e = 1 [cleared denominators] *)
Lemma sharp_threshold_18 : forall (v_g : R) (v_kappa : R) (v_y : R),
  (0 < v_kappa) ->
  ((v_kappa * ((v_y - v_g) ^ 2)) + (((- 1) + v_g) * (v_y - v_g))) >= (- (((1 - v_g) ^ 2) / (4 * v_kappa))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * (((- 1) + v_g - (2 * v_g * v_kappa) + (2 * v_y * v_kappa))) ^ 2) (4 * (v_kappa))); [ field; nonzero | posit | ].
posit.
Qed.

(* κ(1 - g)² + 1 - g² + (1 + g)²/(4κ) ≤ 4*kappa [cleared denominators] *)
Lemma sharp_threshold_19 : forall (v_g : R) (v_kappa : R),
  (0 < v_kappa) ->
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (v_kappa >= (1 / 2)) ->
  (v_kappa <= 1) ->
  (1 - (v_g ^ 2) + (v_kappa * ((1 - v_g) ^ 2)) + (((1 + v_g) ^ 2) / (4 * v_kappa))) <= (4 * v_kappa).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((1 + v_g)) * (((- 1) + (2 * v_kappa))) * ((1 + v_g + (6 * v_kappa) - (2 * v_g * v_kappa)))) (4 * (v_kappa))); [ field; nonzero | posit | ].
all: try (assert (v_g ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_g ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((1 / 2) ^ 2 <= v_kappa ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_kappa ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* U for e = 0, Lemma 4's, is the mean of those for e = -1 and 1, and its range at most the mean of theirs [linear arithmetic] *)
Lemma sharp_threshold_20 : forall (v_g : R) (v_kappa : R) (v_y : R),
  (0 < v_kappa) ->
  ((v_kappa * ((v_y - v_g) ^ 2)) + ((v_y - v_g) * v_g)) = ((((v_kappa * ((v_y - v_g) ^ 2)) + ((v_y - v_g) * (v_g + 1))) / 2) + (((v_kappa * ((v_y - v_g) ^ 2)) + ((v_y - v_g) * (v_g - 1))) / 2)).
Proof.
intros; lra.
Qed.

(* Var(y|x) = E[y²|x] - g² ≤ 1 [nonlinear arithmetic] *)
Lemma sharp_threshold_21 : forall (v_g : R) (v_m : R),
  (v_m <= 1) ->
  (v_m - (v_g ^ 2)) <= 1.
Proof.
intros; nra.
Qed.

(* variance proxy (4κ)²/4 + κ²/4 [linear arithmetic] *)
Lemma sharp_threshold_22 : forall (v_kappa : R),
  (0 < v_kappa) ->
  ((((4 * v_kappa) ^ 2) / 4) + ((v_kappa ^ 2) / 4)) = ((17 / 4) * (v_kappa ^ 2)).
Proof.
intros; lra.
Qed.

(* n(vλ²/2 - λu) = -nu²/(2v) at λ = u/v [field] *)
Lemma sharp_threshold_23 : forall (v_kappa : R) (v_n : R) (v_u : R),
  (0 < v_kappa) ->
  (0 < v_n) ->
  (0 < v_u) ->
  (v_n * (((((17 / 4) * (v_kappa ^ 2)) * ((v_u / ((17 / 4) * (v_kappa ^ 2))) ^ 2)) / 2) - ((v_u / ((17 / 4) * (v_kappa ^ 2))) * v_u))) = (((- v_n) * (v_u ^ 2)) / (2 * ((17 / 4) * (v_kappa ^ 2)))).
Proof.
identity.
Qed.

(* at deviation κt: exp(-2nt²/17) [field] *)
Lemma sharp_threshold_24 : forall (v_kappa : R) (v_n : R) (v_t : R),
  (0 < v_kappa) ->
  (0 < v_n) ->
  (0 < v_t) ->
  (((- v_n) * ((v_kappa * v_t) ^ 2)) / (((17 / 4) * 2) * (v_kappa ^ 2))) = (((- (2 * v_n)) * (v_t ^ 2)) / 17).
Proof.
identity.
Qed.

(* A = mean z(g - e_l) is linear in each e_l, so least at a sign: e between -1 and 1 [case distinction] *)
Lemma sharp_threshold_25 : forall (v_c : R) (v_m : R) (v_r : R),
  (v_r <= 1) ->
  (v_r >= (- 1)) ->
  (v_c - (v_m * v_r)) >= (Rmin (v_c + v_m) (v_c - v_m)).
Proof.
by_cases.
Qed.

(* the value, a = √v₀, b = √s [field] *)
Lemma sharp_threshold_26 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (((1 - (v_b / (2 * v_a))) * (v_a ^ 2)) - ((v_b ^ 2) / (4 * (v_b / (2 * v_a))))) = ((v_a ^ 2) - (v_a * v_b)).
Proof.
identity.
Qed.

(* κ ≥ 1/2 [case distinction] *)
Lemma sharp_threshold_27 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (v_b <= v_a) ->
  (1 - (v_b / (2 * v_a))) >= (1 / 2).
Proof.
by_cases.
Qed.

(* κ < 1 [case distinction] *)
Lemma sharp_threshold_28 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (1 - (v_b / (2 * v_a))) < 1.
Proof.
by_cases.
Qed.

(* mean U ≥ κ(σ² - t) and the tangent give X ≥ τ [linear arithmetic] *)
Lemma sharp_threshold_29 : forall (v_a : R) (v_b : R) (v_kappa : R) (v_m : R) (v_tau : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (0 < v_kappa) ->
  (v_tau >= (v_m - ((v_b ^ 2) / (4 - (4 * v_kappa))))) ->
  (v_m >= (v_kappa * (v_a ^ 2))) ->
  (v_kappa < 1) ->
  v_tau >= ((v_kappa * (v_a ^ 2)) - ((v_b ^ 2) / (4 - (4 * v_kappa)))).
Proof.
intros; lra.
Qed.

(* mean U ≥ κ(σ² - t) and the tangent give X ≥ τ: every part has a value [definedness] *)
Lemma sharp_threshold_29_defined : forall (v_a : R) (v_b : R) (v_kappa : R) (v_m : R) (v_tau : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (0 < v_kappa) ->
  ((v_m >= (v_kappa * (v_a ^ 2))) -> (v_kappa < 1) -> (4 - (4 * v_kappa)) <> 0)
  /\ ((v_tau >= (v_m - ((v_b ^ 2) / (4 - (4 * v_kappa))))) -> (v_m >= (v_kappa * (v_a ^ 2))) -> (v_kappa < 1) -> (4 - (4 * v_kappa)) <> 0).
Proof.
defined.
Qed.

(* a² - ab ≥ (a² - b²)/2 [cleared denominators] *)
Lemma sharp_threshold_30 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((v_a ^ 2) - (v_a * v_b)) >= (((v_a ^ 2) / 2) - ((v_b ^ 2) / 2)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rle_ge. apply Rnot_lt_le; intro N. assert (0 <= ((v_a ^ 2) - (v_a * v_b))) by posit.
assert (0 < ((((v_a ^ 2) / 2) - ((v_b ^ 2) / 2)) - ((v_a ^ 2) - (v_a * v_b))) * ((((v_a ^ 2) / 2) - ((v_b ^ 2) / 2)) + ((v_a ^ 2) - (v_a * v_b)))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* a² - ab ≤ a² - b² for b ≤ a [nonlinear arithmetic] *)
Lemma sharp_threshold_31 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (v_b <= v_a) ->
  ((v_a ^ 2) - (v_a * v_b)) <= ((v_a ^ 2) - (v_b ^ 2)).
Proof.
intros; nra.
Qed.

(* (a² - b²)/(1 + b/a): the ratio s/v increases when both grow by r [cleared denominators] *)
Lemma sharp_threshold_32 : forall (v_a : R) (v_b : R) (v_r : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (v_r >= 0) ->
  (v_b <= v_a) ->
  ((v_a ^ 2) * (v_r + (v_b ^ 2))) >= ((v_b ^ 2) * (v_r + (v_a ^ 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rle_ge. apply (quotient_le _ _ (1 * (v_r) * ((v_a - v_b)) * ((v_a + v_b))) (1)); [ field; nonzero | posit | ].
all: try (assert (0 ^ 2 <= v_r ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_b ^ 2 <= v_a ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* a point of two balls of radius η/2 would bring their centres within η [linear arithmetic] *)
Lemma sharp_linear_class_1 : forall (v_N : R) (v_N_1 : R) (v_N_2 : R) (v_eta : R),
  (0 < v_eta) ->
  (v_N <= (v_N_1 + v_N_2)) ->
  (v_N_1 <= (v_eta / 2)) ->
  (v_N_2 <= (v_eta / 2)) ->
  v_N <= v_eta.
Proof.
intros; lra.
Qed.

(* they lie in the ball of radius 1 + η/2 [linear arithmetic] *)
Lemma sharp_linear_class_2 : forall (v_N : R) (v_N_1 : R) (v_N_2 : R) (v_eta : R),
  (0 < v_eta) ->
  (v_N <= (v_N_1 + v_N_2)) ->
  (v_N_1 <= 1) ->
  (v_N_2 <= (v_eta / 2)) ->
  v_N <= (1 + (v_eta / 2)).
Proof.
intros; lra.
Qed.

(* (1 + η/2)^r/(η/2)^r = (1 + 2/η)^r [field] *)
Lemma sharp_linear_class_3 : forall (v_eta : R) (v_r : R),
  (0 < v_eta) ->
  (0 < v_r) ->
  (Rpower (2 * (1 + (v_eta / 2)) / v_eta) v_r) = (Rpower (1 + (2 / v_eta)) v_r).
Proof.
identity.
Qed.

(* S ≤ S₀/(1 - η) [case distinction] *)
Lemma sharp_linear_class_4 : forall (v_S : R) (v_S_0 : R) (v_eta : R),
  (0 < v_eta) ->
  (v_S <= (v_S_0 + (v_S * v_eta))) ->
  (v_eta < 1) ->
  (v_S >= 0) ->
  v_S <= (v_S_0 / (1 - v_eta)).
Proof.
by_cases.
Qed.

(* S ≤ S₀/(1 - η): every part has a value [definedness] *)
Lemma sharp_linear_class_4_defined : forall (v_S : R) (v_S_0 : R) (v_eta : R),
  (0 < v_eta) ->
  (v_S <= (v_S_0 + (v_S * v_eta))) -> (v_eta < 1) -> (v_S >= 0) -> (1 - v_eta) <> 0.
Proof.
defined.
Qed.

(* the net of radius L scales: u = (1 - η)τ for L-Lipschitz points [linear arithmetic] *)
Lemma sharp_linear_class_44 : forall (v_L : R) (v_c : R) (v_d : R) (v_eta : R) (v_n : R) (v_tau : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_eta) ->
  (0 < v_n) ->
  (0 < v_tau) ->
  ((((((1 - v_eta) * v_tau) ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_L ^ 2))) = ((((((1 - v_eta) ^ 2) * (v_tau ^ 2)) * v_n) * v_d) / ((8 * v_c) * (v_L ^ 2))).
Proof.
intros; lra.
Qed.

(* (1 - η)²τ²nd/(8cL²) = R there [field] *)
Lemma sharp_linear_class_45 : forall (v_R : R) (v_c : R) (v_d : R) (v_eta : R) (v_n : R) (v_tau : R),
  (0 < v_R) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_eta) ->
  (0 < v_n) ->
  (0 < v_tau) ->
  (v_eta < 1) ->
  ((((((1 - v_eta) ^ 2) * (v_tau ^ 2)) * v_n) * v_d) / ((8 * v_c) * ((((((1 - v_eta) ^ 2) * (v_tau ^ 2)) * v_n) * v_d) / ((8 * v_c) * v_R)))) = v_R.
Proof.
identity.
Qed.

(* (1 - η)²τ²nd/(8cL²) = R there: every part has a value [definedness] *)
Lemma sharp_linear_class_45_defined : forall (v_R : R) (v_c : R) (v_d : R) (v_eta : R) (v_n : R) (v_tau : R),
  (0 < v_R) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_eta) ->
  (0 < v_n) ->
  (0 < v_tau) ->
  (v_eta < 1) -> ((8 * v_c) * ((((((1 - v_eta) ^ 2) * (v_tau ^ 2)) * v_n) * v_d) / ((8 * v_c) * v_R))) <> 0.
Proof.
defined.
Qed.

(* the moment form at tilt λz/n [field] *)
Lemma sharp_independent_noise_1 : forall (v_L : R) (v_c : R) (v_d : R) (v_lambda : R) (v_n : R) (v_z : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_lambda) ->
  (0 < v_n) ->
  (((v_c * (v_L ^ 2)) * (((v_lambda * v_z) / v_n) ^ 2)) / (2 * v_d)) = ((((v_c * (v_L ^ 2)) * (v_lambda ^ 2)) * (v_z ^ 2)) / ((2 * v_d) * (v_n ^ 2))).
Proof.
identity.
Qed.

(* added up, Σ z² = nv [field] *)
Lemma sharp_independent_noise_2 : forall (v_L : R) (v_c : R) (v_d : R) (v_lambda : R) (v_n : R) (v_v : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_lambda) ->
  (0 < v_n) ->
  (0 < v_v) ->
  ((((v_c * (v_L ^ 2)) * (v_lambda ^ 2)) * (v_n * v_v)) / ((2 * v_d) * (v_n ^ 2))) = ((((v_c * (v_L ^ 2)) * v_v) * (v_lambda ^ 2)) / ((2 * v_n) * v_d)).
Proof.
identity.
Qed.

(* -λu + cL²vλ²/(2nd) = -u²nd/(2cL²v) at λ = und/(cL²v) [field] *)
Lemma sharp_independent_noise_5 : forall (v_L : R) (v_c : R) (v_d : R) (v_n : R) (v_u : R) (v_v : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_n) ->
  (0 < v_u) ->
  (0 < v_v) ->
  (((- (v_d * v_n * v_u / ((v_L ^ 2) * v_c * v_v))) * v_u) + ((((v_c * (v_L ^ 2)) * v_v) * ((v_d * v_n * v_u / ((v_L ^ 2) * v_c * v_v)) ^ 2)) / ((2 * v_n) * v_d))) = ((((- (v_u ^ 2)) * v_n) * v_d) / (((2 * v_c) * (v_L ^ 2)) * v_v)).
Proof.
identity.
Qed.

(* for roots a ≤ b of two values of v [cleared denominators] *)
Lemma sharp_independent_noise_6 : forall (v_a : R) (v_b : R) (v_s : R) (v_u : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (0 < v_s) ->
  (0 < v_u) ->
  (v_a <= v_b) ->
  (v_a - v_s - (v_u / v_a)) <= (v_b - v_s - (v_u / v_b)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((v_b - v_a)) * ((v_u + (v_a * v_b)))) (1 * (v_a) * (v_b))); [ field; nonzero | posit | ].
all: try (assert (v_a ^ 2 <= v_b ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* exp(-x) ≤ 1 - x + x²/2 for x ≥ 0 [mean value theorem] *)
Lemma sharp_independent_noise_7 : forall (v_x : R),
  (0 < v_x) ->
  (exp (- v_x)) <= (1 + ((v_x ^ 2) / 2) - v_x).
Proof.
intros. split_hypotheses.
assert (L3 : forall v_x_t : R, 0 < v_x_t -> 0 <= (exp (- v_x_t))).
{ intros v_x_t; intros. first [ solve [slope_by_signs v_x_t] | replace (exp (- v_x_t)) with (exp (- v_x_t)) by (pose_positive; field; nonzero); slope_by_signs v_x_t ]. }
assert (L2 : forall v_x_t : R, 0 < v_x_t -> 0 <= (1 - (exp (- v_x_t)))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => (1 - (exp (- v_x_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_x_t : R => (1 - (exp (- v_x_t)))) (fun v_x_t : R => (exp (- v_x_t))) 0 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L3 v_x_t_u. }
assert (L1 : forall v_x_t : R, 0 < v_x_t -> 0 <= ((- 1) + v_x_t + (exp (- v_x_t)))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => ((- 1) + v_x_t + (exp (- v_x_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_x_t : R => ((- 1) + v_x_t + (exp (- v_x_t)))) (fun v_x_t : R => (1 - (exp (- v_x_t)))) 0 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L2 v_x_t_u. }
assert (L0 : forall v_x_t : R, 0 < v_x_t -> 0 <= (1 + ((v_x_t ^ 2) / 2) - v_x_t - (exp (- v_x_t)))).
{ intros v_x_t; intros.
  apply Rle_trans with ((fun v_x_t : R => (1 + ((v_x_t ^ 2) / 2) - v_x_t - (exp (- v_x_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_x_t : R => (1 + ((v_x_t ^ 2) / 2) - v_x_t - (exp (- v_x_t)))) (fun v_x_t : R => ((- 1) + v_x_t + (exp (- v_x_t)))) 0 v_x_t); [ | in_range | ].
  - intros v_x_t_u ?. cbv beta. differentiate.
  - intros v_x_t_u ?. cbv beta. slope_from L1 v_x_t_u. }
use_level L0 v_x.
Qed.

(* a convex function of y in [-1, 1] with mean g is largest for y = ±1: the chord [cleared denominators] *)
Lemma sharp_independent_noise_9 : forall (v_g : R) (v_z : R),
  ((v_g + v_z) <= 1) ->
  ((v_g + v_z) >= (- 1)) ->
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (v_z ^ 4) <= ((((1 - v_g) ^ 4) * ((1 / 2) + (v_g / 2) + (v_z / 2))) + ((((- 1) - v_g) ^ 4) * ((1 / 2) - (v_g / 2) - (v_z / 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (2 * ((1 - v_g - v_z)) * ((1 + v_g + v_z)) * ((1 + (v_z ^ 2) + (3 * (v_g ^ 2)) - (2 * v_g * v_z)))) (2)); [ field; nonzero | posit | ].
all: try (assert ((v_g + v_z) ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= (v_g + v_z) ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (v_g ^ 2 <= 1 ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((- 1) ^ 2 <= v_g ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* its mean, E z = 0 [linear arithmetic] *)
Lemma sharp_independent_noise_10 : forall (v_g : R),
  ((((1 - v_g) ^ 4) * ((1 / 2) + (v_g / 2))) + ((((- 1) - v_g) ^ 4) * ((1 / 2) - (v_g / 2)))) = ((1 - (v_g ^ 2)) * (1 + (3 * (v_g ^ 2)))).
Proof.
intros; lra.
Qed.

(* (1 - g²)(1 + 3g²) ≤ 4/3 [cleared denominators] *)
Lemma sharp_independent_noise_11 : forall (v_g : R),
  ((1 - (v_g ^ 2)) * (1 + (3 * (v_g ^ 2)))) <= (4 / 3).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- 1) + (3 * (v_g ^ 2)))) ^ 2) (3)); [ field; nonzero | posit | ].
posit.
Qed.

(* -λt + λ²(4/3)/2 = -3t²/8 at λ = 3t/4, n times [linear arithmetic] *)
Lemma sharp_independent_noise_12 : forall (v_u : R),
  (0 < v_u) ->
  (((- ((3 / 4) * v_u)) * v_u) + (((((3 / 4) * v_u) ^ 2) * (4 / 3)) / 2)) = ((- (3 * (v_u ^ 2))) / 8).
Proof.
intros; lra.
Qed.

(* |g - e| ≤ 2 for a sign e [nonlinear arithmetic] *)
Lemma sharp_independent_noise_18 : forall (v_g : R) (v_p : R),
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (((v_p = (- 1)) \/ (v_p = 1))) ->
  ((v_g - v_p) ^ 2) <= 4.
Proof.
intros; nra.
Qed.

(* variance proxies 4²/4 and 2²/4 [linear arithmetic] *)
Lemma sharp_independent_noise_19 : ((1 = 1) /\ (4 = 4)).
Proof.
intros; lra.
Qed.

(* <h, w> ≤ |h||w| by the discriminant [case distinction] *)
Lemma sharp_gaussian_width_1 : forall (v_C : R) (v_h : R) (v_w : R),
  (v_h > 0) ->
  ((v_w - ((v_C ^ 2) / v_h)) >= 0) ->
  (v_C ^ 2) <= (v_h * v_w).
Proof.
by_cases.
Qed.

(* <h, w> ≤ |h||w| by the discriminant: every part has a value [definedness] *)
Lemma sharp_gaussian_width_1_defined : forall (v_C : R) (v_h : R) (v_w : R),
  (v_h > 0) -> v_h <> 0.
Proof.
defined.
Qed.

(* attained, |h| = θ [field] *)
Lemma sharp_gaussian_width_2 : forall (v_L : R) (v_theta : R),
  (0 < v_L) ->
  (0 < v_theta) ->
  ((v_L / v_theta) * (v_theta ^ 2)) = (v_L * v_theta).
Proof.
identity.
Qed.

(* Σ z_i²/(n²d) = 1v/(nd), Σ z² = nv [field] *)
Lemma sharp_gaussian_width_3 : forall (v_d : R) (v_n : R) (v_v : R),
  (0 < v_d) ->
  (0 < v_n) ->
  (0 < v_v) ->
  ((v_n * v_v) / ((v_n ^ 2) * v_d)) = ((1 * v_v) / (v_n * v_d)).
Proof.
identity.
Qed.

(* hᵀΣh ≤ (c/d)|h|², coordinate by coordinate in the eigenbasis [nonlinear arithmetic] *)
Lemma sharp_gaussian_width_4 : forall (v_a : R) (v_b : R) (v_h : R),
  (v_a <= v_b) ->
  (v_a * (v_h ^ 2)) <= (v_b * (v_h ^ 2)).
Proof.
intros; nra.
Qed.

(* τ/(L√(cv/(nd))) = q there [powers of atoms] *)
Lemma sharp_gaussian_width_5 : forall (v_c : R) (v_d : R) (v_n : R) (v_q : R) (v_tau : R) (v_v : R),
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_n) ->
  (0 < v_q) ->
  (0 < v_tau) ->
  (0 < v_v) ->
  (v_tau / ((((v_tau / (sqrt v_v)) * (sqrt ((v_n * v_d) / v_c))) / v_q) * (sqrt ((v_c * v_v) / (v_n * v_d))))) = v_q.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt ((v_n * v_d) / v_c)) = ((sqrt v_d) ^ 1 * (sqrt v_n) ^ 1) / ((sqrt v_c) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt ((v_c * v_v) / (v_n * v_d))) = ((sqrt v_c) ^ 1 * (sqrt v_v) ^ 1) / ((sqrt v_d) ^ 1 * (sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_v) ^ 2 = v_v) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_v)) by posit.
set (s0 := (sqrt v_v)) in *. clearbody s0.
subst v_v.
assert (Rs1 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_d)) by posit.
set (s1 := (sqrt v_d)) in *. clearbody s1.
subst v_d.
assert (Rs2 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_n)) by posit.
set (s2 := (sqrt v_n)) in *. clearbody s2.
subst v_n.
assert (Rs3 : (sqrt v_c) ^ 2 = v_c) by (apply pow2_sqrt; posit).
assert (Ps3 : 0 < (sqrt v_c)) by posit.
set (s3 := (sqrt v_c)) in *. clearbody s3.
subst v_c.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* τ/√v = √v - √s for g = 0: (v - √(vs))/√v [field] *)
Lemma sharp_gaussian_width_6 : forall (v_q : R) (v_theta : R),
  (0 < v_q) ->
  (0 < v_theta) ->
  (((v_theta ^ 2) - (v_theta * v_q)) / v_theta) = (v_theta - v_q).
Proof.
identity.
Qed.

(* χ_k increases with k: a further square only adds [nonlinear arithmetic] *)
Lemma sharp_gaussian_width_7 : forall (v_a : R) (v_b : R),
  (v_a ^ 2) <= ((v_a ^ 2) + (v_b ^ 2)).
Proof.
intros; nra.
Qed.

(* the smallest value over directions of w of length a√d: -a<h, w/|w|> ≥ -ar, r = |h|, by the discriminant [case distinction] *)
Lemma sharp_gordon_1 : forall (v_D : R) (v_r_1 : R) (v_r_2 : R),
  (v_r_2 > 0) ->
  ((v_D - ((v_r_1 ^ 2) / v_r_2)) >= 0) ->
  (v_r_1 ^ 2) <= (v_D * v_r_2).
Proof.
by_cases.
Qed.

(* the smallest value over directions of w of length a√d: -a<h, w/|w|> ≥ -ar, r = |h|, by the discriminant: every part has a value [definedness] *)
Lemma sharp_gordon_1_defined : forall (v_D : R) (v_r_1 : R) (v_r_2 : R),
  (v_r_2 > 0) -> v_r_2 <> 0.
Proof.
defined.
Qed.

(* |y - ag|² - (√(ns) + ar)² = n(v - s) - 2aB + a²(g₁² + Q - r²), B = √(nv)g₁ + √(ns)r [case distinction] *)
Lemma sharp_gordon_2 : forall (v_Q : R) (v_a : R) (v_g : R) (v_n : R) (v_r : R) (v_s : R) (v_v : R),
  (0 < v_a) ->
  (0 < v_n) ->
  (0 < v_r) ->
  (0 < v_s) ->
  (0 < v_v) ->
  ((- (((v_a * v_r) + ((sqrt v_n) * (sqrt v_s))) ^ 2)) + (v_n * v_v) + ((v_a ^ 2) * (v_Q + (v_g ^ 2))) - (2 * v_g * v_a * (sqrt v_n) * (sqrt v_v))) = ((v_n * (v_v - v_s)) + ((v_a ^ 2) * (v_Q + (v_g ^ 2) - (v_r ^ 2))) - (2 * v_a * ((v_g * (sqrt v_n) * (sqrt v_v)) + (v_r * (sqrt v_n) * (sqrt v_s))))).
Proof.
by_cases.
Qed.

(* divided by a²: Q ≤ r² - g₁² + 2B/a - Δ/a², Δ = n(v - s) [cleared denominators] *)
Lemma sharp_gordon_3 : forall (v_B : R) (v_Delta : R) (v_Q : R) (v_a : R) (v_g : R) (v_r : R),
  (0 < v_Delta) ->
  (0 < v_a) ->
  (0 < v_r) ->
  ((v_Delta + ((v_a ^ 2) * (v_Q + (v_g ^ 2) - (v_r ^ 2))) - (2 * v_B * v_a)) <= 0) ->
  v_Q <= ((v_r ^ 2) - (v_g ^ 2) - (v_Delta / (v_a ^ 2)) + (2 * v_B / v_a)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- v_Delta) + ((v_a ^ 2) * (v_r ^ 2)) - (v_Q * (v_a ^ 2)) - ((v_g ^ 2) * (v_a ^ 2)) + (2 * v_B * v_a)))) (1 * (v_a) ^ 2)); [ field; nonzero | posit | ].
all: try (assert ((v_Delta + ((v_a ^ 2) * (v_Q + (v_g ^ 2) - (v_r ^ 2))) - (2 * v_B * v_a)) ^ 2 <= 0 ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* the right-hand side is largest over a at Δ/B: the square of 1/a - B/Δ [cleared denominators] *)
Lemma sharp_gordon_4 : forall (v_B : R) (v_Delta : R) (v_a : R),
  (0 < v_Delta) ->
  (0 < v_a) ->
  ((- (v_Delta / (v_a ^ 2))) + (2 * v_B / v_a)) <= ((v_B ^ 2) / v_Delta).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (((- v_Delta) + (v_B * v_a))) ^ 2) (1 * (v_Delta) * (v_a) ^ 2)); [ field; nonzero | posit | ].
posit.
Qed.

(* and increases in a up to there, so that α is best below it [cleared denominators] *)
Lemma sharp_gordon_5 : forall (v_B : R) (v_Delta : R) (v_a : R) (v_alpha : R),
  (0 < v_Delta) ->
  (0 < v_a) ->
  (0 < v_alpha) ->
  (v_a <= v_alpha) ->
  (v_Delta >= (v_B * v_alpha)) ->
  ((- (v_Delta / (v_a ^ 2))) + (2 * v_B / v_a)) <= ((- (v_Delta / (v_alpha ^ 2))) + (2 * v_B / v_alpha)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((v_alpha - v_a)) * (((v_Delta * v_a) + (v_Delta * v_alpha) - (2 * v_B * v_a * v_alpha)))) (1 * (v_a) ^ 2 * (v_alpha) ^ 2)); [ field; nonzero | posit | ].
all: try (assert (v_a ^ 2 <= v_alpha ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert ((v_B * v_alpha) ^ 2 <= v_Delta ^ 2) by (apply square_le; first [lra | nra])).
posit.
Qed.

(* Q ≤ r² - g₁² + 2(B₀ + √(ns)r)/a - Δ/a² for r also holds for r + θ [cleared denominators] *)
Lemma sharp_gordon_6 : forall (v_B : R) (v_Delta : R) (v_Q : R) (v_S : R) (v_a : R) (v_g : R) (v_r : R) (v_theta : R),
  (0 < v_Delta) ->
  (0 < v_a) ->
  (0 < v_r) ->
  (0 < v_theta) ->
  (v_Q <= ((v_r ^ 2) - (v_g ^ 2) + (((2 * v_B) + (2 * v_S * v_r)) / v_a) - (v_Delta / (v_a ^ 2)))) ->
  (v_S >= 0) ->
  v_Q <= (((v_r + v_theta) ^ 2) - (v_g ^ 2) + (((2 * v_B) + (2 * v_S * (v_r + v_theta))) / v_a) - (v_Delta / (v_a ^ 2))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. assert (0 <= ((v_theta ^ 2) + (2 * v_r * v_theta) + (2 * v_S * v_theta / v_a))) by posit.
assert ((((v_r + v_theta) ^ 2) - (v_g ^ 2) + (((2 * v_B) + (2 * v_S * (v_r + v_theta))) / v_a) - (v_Delta / (v_a ^ 2))) - v_Q = ((v_r ^ 2) - (v_g ^ 2) + (((2 * v_B) + (2 * v_S * v_r)) / v_a) - (v_Delta / (v_a ^ 2))) - v_Q + ((v_theta ^ 2) + (2 * v_r * v_theta) + (2 * v_S * v_theta / v_a))) by (field; nonzero). lra.
Qed.

(* |θy - Xw| ≥ θ|y - X(w/θ)| with |w/θ| ≤ L for θ ≥ 1: a distance D of y gives at least D [nonlinear arithmetic] *)
Lemma sharp_gordon_7 : forall (v_D : R) (v_theta : R),
  (0 < v_theta) ->
  (v_theta >= 1) ->
  (v_D >= 0) ->
  (v_D * v_theta) >= v_D.
Proof.
intros; nra.
Qed.

(* divided by n [powers of atoms] *)
Lemma sharp_gordon_8 : forall (v_a : R) (v_n : R) (v_s : R) (v_theta : R),
  (0 < v_a) ->
  (0 < v_n) ->
  (0 < v_s) ->
  (0 < v_theta) ->
  ((((v_n * (1 - v_s)) - (((2 * v_a) * (sqrt (v_n * v_s))) * (sqrt (v_theta * v_n)))) + ((v_a ^ 2) * (v_n - (v_theta * v_n)))) / v_n) = (((1 - v_s) - ((2 * v_a) * (sqrt (v_s * v_theta)))) + ((v_a ^ 2) * (1 - v_theta))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (v_n * v_s)) = (sqrt v_n) ^ 1 * (sqrt v_s) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (sqrt (v_theta * v_n)) = (sqrt v_n) ^ 1 * (sqrt v_theta) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E2 : (sqrt (v_s * v_theta)) = (sqrt v_s) ^ 1 * (sqrt v_theta) ^ 1) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E2. clear E2.
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_n)) by posit.
set (s0 := (sqrt v_n)) in *. clearbody s0.
subst v_n.
assert (Rs1 : (sqrt v_s) ^ 2 = v_s) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_s)) by posit.
set (s1 := (sqrt v_s)) in *. clearbody s1.
subst v_s.
assert (Rs2 : (sqrt v_theta) ^ 2 = v_theta) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_theta)) by posit.
set (s2 := (sqrt v_theta)) in *. clearbody s2.
subst v_theta.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* exchanging a chosen square for a larger one does not lower the sum [linear arithmetic] *)
Lemma sharp_all_masks_1 : forall (v_c : R) (v_h : R) (v_l : R),
  (v_l <= v_h) ->
  (v_c + v_l) <= (v_c + v_h).
Proof.
intros; lra.
Qed.

(* (E X)² ≤ E X²: the variance [linear arithmetic] *)
Lemma sharp_all_masks_2 : forall (v_a : R) (v_b : R),
  ((v_b - (v_a ^ 2)) >= 0) ->
  (v_a ^ 2) <= v_b.
Proof.
intros; lra.
Qed.

(* x ≤ t² + (x - t²)₊ for each of the k chosen, and (x - t²)₊ ≥ 0 for the others [case distinction] *)
Lemma sharp_all_masks_3 : forall (v_t : R) (v_x : R),
  (0 < v_t) ->
  v_x <= ((v_t ^ 2) + (Rmax (v_x - (v_t ^ 2)) 0)).
Proof.
by_cases.
Qed.

(* x φ(x) has the derivative φ(x) - x² φ(x), so ∫ over x > t of x² φ is tφ(t) + Q(t) [powers of atoms] *)
Lemma sharp_all_masks_4 : forall (v_t : R),
  (0 < v_t) ->
  (Derive (fun v_t : R => (v_t * (exp (- ((v_t ^ 2) / 2))))) v_t) = ((- ((v_t ^ 2) * (exp (- ((v_t ^ 2) / 2))))) + (exp (- ((v_t ^ 2) / 2)))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_t : R => (v_t * (exp (- ((v_t ^ 2) / 2))))) v_t) = ((- ((v_t ^ 2) * (exp (- ((v_t ^ 2) / 2))))) + (exp (- ((v_t ^ 2) / 2))))) by (derivative). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* x φ(x) has the derivative φ(x) - x² φ(x), so ∫ over x > t of x² φ is tφ(t) + Q(t): every part has a value [definedness] *)
Lemma sharp_all_masks_4_defined : forall (v_t : R),
  (0 < v_t) ->
  ex_derive (fun v_t : R => (v_t * (exp (- ((v_t ^ 2) / 2))))) v_t.
Proof.
defined.
Qed.

(* E(g² - t²)₊ = 2(tφ + Q) - 2t²Q; with p = k/(2Q) the sum is k(1 + tφ/Q) [field] *)
Lemma sharp_all_masks_5 : forall (v_Q : R) (v_k : R) (v_phi : R) (v_t : R),
  (0 < v_Q) ->
  (0 < v_k) ->
  (0 < v_phi) ->
  (0 < v_t) ->
  ((v_k * (v_t ^ 2)) + ((v_k / (2 * v_Q)) * ((2 * ((v_t * v_phi) + v_Q)) - ((2 * (v_t ^ 2)) * v_Q)))) = (v_k * (1 + ((v_t * v_phi) / v_Q))).
Proof.
identity.
Qed.

(* a maximum of two 1-Lipschitz functions is 1-Lipschitz [case distinction] *)
Lemma sharp_all_masks_6 : forall (v_a : R) (v_b : R) (v_h : R) (v_l : R) (v_u : R),
  (0 < v_u) ->
  ((v_a - v_l) <= v_u) ->
  ((v_b - v_h) <= v_u) ->
  ((- (Rmax v_h v_l)) + (Rmax v_a v_b)) <= v_u.
Proof.
by_cases.
Qed.

(* Gaussian concentration: -λu + λ²/2 = -u²/2 at λ = u [linear arithmetic] *)
Lemma sharp_all_masks_7 : forall (v_u : R),
  (0 < v_u) ->
  (((- v_u) * v_u) + ((v_u ^ 2) / 2)) = ((- (v_u ^ 2)) / 2).
Proof.
intros; lra.
Qed.

(* an eigenvalue l ≤ h: l x² ≤ h x² [nonlinear arithmetic] *)
Lemma sharp_all_masks_8 : forall (v_h : R) (v_l : R) (v_x : R),
  (v_l <= v_h) ->
  (v_l * (v_x ^ 2)) <= (v_h * (v_x ^ 2)).
Proof.
intros; nra.
Qed.

(* a pair: (e_i - e_j)² = 2(e_i² + e_j²) - (e_i + e_j)²; summed, Σ over pairs = k Σe² - (Σe)² [linear arithmetic] *)
Lemma sharp_any_function_1 : forall (v_x : R) (v_y : R),
  ((v_x - v_y) ^ 2) = ((2 * ((v_x ^ 2) + (v_y ^ 2))) - ((v_x + v_y) ^ 2)).
Proof.
intros; lra.
Qed.

(* (k Σe² - (Σe)²)/k ≤ Σe² [cleared denominators] *)
Lemma sharp_any_function_2 : forall (v_k : R) (v_q : R) (v_t : R),
  (0 < v_k) ->
  (((- (v_t ^ 2)) + (v_q * v_k)) / v_k) <= v_q.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * (v_t) ^ 2) (1 * (v_k))); [ field; nonzero | posit | ].
posit.
Qed.

(* labels 1 and -1 and v_i - v_j ≤ u: ((1 - v_i) - (-1 - v_j))² ≥ (2 - u)₊² [cleared denominators] *)
Lemma sharp_any_function_3 : forall (v_u : R) (v_x : R) (v_y : R),
  ((v_x - v_y) <= v_u) ->
  (v_u >= 0) ->
  ((2 + v_y - v_x) ^ 2) >= ((Rmax 0 (2 - v_u)) ^ 2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
split_cases.
all: pose proof (pow2_ge_0 (v_u - v_x)); pose proof (pow2_ge_0 (v_u - v_y)); pose proof (pow2_ge_0 (v_x - v_y)); idtac.
all: try (assert ((v_x - v_y) ^ 2 <= v_u ^ 2) by (apply square_le; first [lra | nra])).
all: try (assert (0 ^ 2 <= v_u ^ 2) by (apply square_le; first [lra | nra])).
all: psatz R 2.
Qed.

(* 1 ≤ 1 + θ(ns - l), which is at most exp(θ(ns - l)), where l ≤ ns [nonlinear arithmetic] *)
Lemma sharp_any_function_4 : forall (v_l : R) (v_m : R) (v_theta : R),
  (0 < v_theta) ->
  (v_l <= v_m) ->
  (v_theta * (v_m - v_l)) >= 0.
Proof.
intros; nra.
Qed.

(* exp is convex: its second derivative is itself [powers of atoms] *)
Lemma sharp_any_function_5 : forall (v_x : R),
  (Derive (fun v_x : R => (Derive (fun v_x : R => (exp v_x)) v_x)) v_x) = (exp v_x).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_x : R => (Derive (fun v_x : R => (exp v_x)) v_x)) v_x) = (exp v_x)) by (second_derivative (fun v_x : R => (exp v_x))). rewrite D0; clear D0.
first [ solve [ring] | field; nonzero ].
Qed.

(* exp is convex: its second derivative is itself: every part has a value [second derivative] *)
Lemma sharp_any_function_5_defined : forall (v_x : R),
  (ex_derive (fun v_x : R => (exp v_x)) v_x)
  /\ (ex_derive (fun v_x : R => (Derive (fun v_x : R => (exp v_x)) v_x)) v_x).
Proof.
intros; repeat split; first [ defined | second_exists (fun v_x : R => (exp v_x)) ].
Qed.

(* H grows with a point more: (a + 1)b/(a + 1 + b) - ab/(a + b) = b²/((a + b)(a + b + 1)) [field] *)
Lemma sharp_any_function_6 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((((v_a + 1) * v_b) / ((v_a + 1) + v_b)) - ((v_a * v_b) / (v_a + v_b))) = ((v_b ^ 2) / ((v_a + v_b) * ((v_a + v_b) + 1))).
Proof.
identity.
Qed.

(* the covariance for two values of a count: p(1 - p)(f_1 - f_2)(g_1 - g_2) [linear arithmetic] *)
Lemma sharp_any_function_7 : forall (v_f : R) (v_g : R) (v_p : R) (v_x : R) (v_y : R),
  (0 < v_p) ->
  ((((v_p * v_x) * v_f) + (((1 - v_p) * v_y) * v_g)) - (((v_p * v_x) + ((1 - v_p) * v_y)) * ((v_p * v_f) + ((1 - v_p) * v_g)))) = (((v_p * (1 - v_p)) * (v_x - v_y)) * (v_f - v_g)).
Proof.
intros; lra.
Qed.

(* it is at most 0 for a falling factor and a growing expectation of the others [nonlinear arithmetic] *)
Lemma sharp_any_function_8 : forall (v_f : R) (v_g : R) (v_x : R) (v_y : R),
  (v_x >= v_y) ->
  (v_f <= v_g) ->
  ((v_f - v_g) * (v_x - v_y)) <= 0.
Proof.
intros; nra.
Qed.

(* the inequality of the means [cleared denominators] *)
Lemma sharp_any_function_9 : forall (v_x : R) (v_y : R),
  (v_x * v_y) <= (((v_x / 2) + (v_y / 2)) ^ 2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((v_x - v_y)) ^ 2) (4)); [ field; nonzero | posit | ].
posit.
Qed.

(* the second derivative is α exp(-α(2 - √w)²) (α√w(2 - √w)² - 1)/√w³ [powers of atoms] *)
Lemma sharp_any_function_10 : forall (v_alpha : R) (v_w : R),
  (0 < v_w) ->
  (Derive (fun v_w : R => (Derive (fun v_w : R => (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2))))) v_w)) v_w) = (v_alpha * ((- 1) + (v_alpha * (sqrt v_w) * ((2 - (sqrt v_w)) ^ 2))) * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / ((sqrt v_w) ^ 3)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (D0 : (Derive (fun v_w : R => (Derive (fun v_w : R => (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2))))) v_w)) v_w) = ((- (v_alpha * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / (2 * v_w))) + ((v_alpha ^ 2) * ((2 - (sqrt v_w)) ^ 2) * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / v_w) - (v_alpha * (2 - (sqrt v_w)) * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / (2 * ((sqrt v_w) ^ 3))))) by (second_derivative (fun v_w : R => (v_alpha * (2 - (sqrt v_w)) * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / (sqrt v_w)))). rewrite D0; clear D0.
assert (E0 : (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) = ((exp (v_alpha * (sqrt v_w))) ^ 4) / ((exp v_alpha) ^ 4 * (exp (v_alpha * v_w)) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
assert (E1 : (/ ((sqrt v_w) ^ 3)) = (1) / ((sqrt v_w) ^ 3)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E1. clear E1.
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_w) ^ 2 = v_w) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_w)) by posit.
set (s0 := (sqrt v_w)) in *. clearbody s0.
assert (Ps1 : 0 < (exp v_alpha)) by posit. set (s1 := (exp v_alpha)) in *. clearbody s1.
assert (Ps2 : 0 < (exp (v_alpha * v_w))) by posit. set (s2 := (exp (v_alpha * v_w))) in *. clearbody s2.
assert (Ps3 : 0 < (exp (v_alpha * (sqrt v_w)))) by posit. set (s3 := (exp (v_alpha * (sqrt v_w)))) in *. clearbody s3.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* the second derivative is α exp(-α(2 - √w)²) (α√w(2 - √w)² - 1)/√w³: every part has a value [second derivative] *)
Lemma sharp_any_function_10_defined : forall (v_alpha : R) (v_w : R),
  (0 < v_w) ->
  (ex_derive (fun v_w : R => (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2))))) v_w)
  /\ (ex_derive (fun v_w : R => (Derive (fun v_w : R => (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2))))) v_w)) v_w).
Proof.
intros; repeat split; first [ defined | second_exists (fun v_w : R => (v_alpha * (2 - (sqrt v_w)) * (exp (- (v_alpha * ((2 - (sqrt v_w)) ^ 2)))) / (sqrt v_w))) ].
Qed.

(* 32/27 - u(2 - u)² = (u - 2/3)²(8/3 - u) [linear arithmetic] *)
Lemma sharp_any_function_11 : forall (v_s : R),
  (0 < v_s) ->
  ((32 / 27) - (v_s * ((2 - v_s) ^ 2))) = (((v_s - (2 / 3)) ^ 2) * ((8 / 3) - v_s)).
Proof.
intros; lra.
Qed.

(* it is at least 0 on [0, 2] [cleared denominators] *)
Lemma sharp_any_function_12 : forall (v_s : R),
  (0 < v_s) ->
  (v_s <= 2) ->
  ((((- 2 / 3) + v_s) ^ 2) * ((8 / 3) - v_s)) >= 0.
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive. apply Rle_ge. apply Rnot_lt_le; intro N. assert (0 <= ((((- 2 / 3) + v_s) ^ 2) * ((8 / 3) - v_s))) by posit.
assert (0 < (0 - ((((- 2 / 3) + v_s) ^ 2) * ((8 / 3) - v_s))) * (0 + ((((- 2 / 3) + v_s) ^ 2) * ((8 / 3) - v_s)))) by (apply Rmult_lt_0_compat; lra). nra.
Qed.

(* α u(2 - u)² ≤ 1 for u(2 - u)² ≤ 32/27 [nonlinear arithmetic] *)
Lemma sharp_any_function_13 : forall (v_alpha : R) (v_c : R),
  (v_alpha <= (27 / 32)) ->
  (v_alpha >= 0) ->
  (v_c >= 0) ->
  (v_c <= (32 / 27)) ->
  (v_alpha * v_c) <= 1.
Proof.
intros; nra.
Qed.

(* the slope, a multiple of 2 - √w, is 0 at w = 4, where the constant 1 goes on [case distinction] *)
Lemma sharp_any_function_14 : (2 - (sqrt 4)) = 0.
Proof.
by_cases.
Qed.

(* |x - y|² = x² + y² - 2xy, and the last has mean 0 for centred independent x, y [linear arithmetic] *)
Lemma sharp_any_function_15 : forall (v_x : R) (v_y : R),
  ((v_x - v_y) ^ 2) = (((v_x ^ 2) + (v_y ^ 2)) - ((2 * v_x) * v_y)).
Proof.
intros; lra.
Qed.

(* ∫ min(1, 2exp(-dv/(2c))) dv a coordinate: 1 up to v_0 = (2c/d) log 2, then 2(2c/d)exp(-dv_0/(2c)) = 2c/d [powers of atoms] *)
Lemma sharp_any_function_16 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  ((((2 * v_b) / v_a) * (ln 2)) + ((2 * ((2 * v_b) / v_a)) * (exp (- (ln 2))))) = (((2 * (1 + (ln 2))) * v_b) / v_a).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (exp (- (ln 2))) = (1) / (2 ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* a = (k + S)/2: a(k - a)/k = (k - S²/k)/4 [field] *)
Lemma sharp_any_function_17 : forall (v_k : R) (v_t : R),
  (0 < v_k) ->
  ((((v_k + v_t) / 2) * (v_k - ((v_k + v_t) / 2))) / v_k) = ((v_k - ((v_t ^ 2) / v_k)) / 4).
Proof.
identity.
Qed.

(* -x²/2 + βx²/4 = -(1 - β/2)x²/2 [linear arithmetic] *)
Lemma sharp_any_function_18 : forall (v_beta : R) (v_x : R),
  (0 < v_beta) ->
  (((- (v_x ^ 2)) / 2) + ((v_beta * (v_x ^ 2)) / 4)) = (((- (1 - (v_beta / 2))) * (v_x ^ 2)) / 2).
Proof.
intros; lra.
Qed.
