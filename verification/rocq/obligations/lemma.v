(** Obligations exported and proved by machine; the comments are their names, and the methods. *)
From Obligations Require Import Portfolio.
From ByHand Require Import Convexity.
From ByHand Require Import ErrorFunction.
From ByHand Require Import Limits.

(* exp(-y) ≤ 1 - y + y²/2 for y ≥ 0 [mean value theorem] *)
Lemma lemma_1_2 : forall (v_y : R),
  (0 < v_y) ->
  (exp (- v_y)) <= (1 + ((v_y ^ 2) / 2) - v_y).
Proof.
intros. split_hypotheses.
assert (L3 : forall v_y_t : R, 0 < v_y_t -> 0 <= (exp (- v_y_t))).
{ intros v_y_t; intros. first [ solve [slope_by_signs v_y_t] | replace (exp (- v_y_t)) with (exp (- v_y_t)) by (pose_positive; field; nonzero); slope_by_signs v_y_t ]. }
assert (L2 : forall v_y_t : R, 0 < v_y_t -> 0 <= (1 - (exp (- v_y_t)))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => (1 - (exp (- v_y_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => (1 - (exp (- v_y_t)))) (fun v_y_t : R => (exp (- v_y_t))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L3 v_y_t_u. }
assert (L1 : forall v_y_t : R, 0 < v_y_t -> 0 <= ((- 1) + v_y_t + (exp (- v_y_t)))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => ((- 1) + v_y_t + (exp (- v_y_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => ((- 1) + v_y_t + (exp (- v_y_t)))) (fun v_y_t : R => (1 - (exp (- v_y_t)))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L2 v_y_t_u. }
assert (L0 : forall v_y_t : R, 0 < v_y_t -> 0 <= (1 + ((v_y_t ^ 2) / 2) - v_y_t - (exp (- v_y_t)))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => (1 + ((v_y_t ^ 2) / 2) - v_y_t - (exp (- v_y_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => (1 + ((v_y_t ^ 2) / 2) - v_y_t - (exp (- v_y_t)))) (fun v_y_t : R => ((- 1) + v_y_t + (exp (- v_y_t)))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L1 v_y_t_u. }
use_level L0 v_y.
Qed.

(* exp(y) ≤ 1 + y + y²/2 + y³/2 for 0 ≤ y ≤ 1 [mean value theorem] *)
Lemma lemma_1_3 : forall (v_y : R),
  (0 < v_y) ->
  (v_y <= 1) ->
  (exp v_y) <= (1 + v_y + ((v_y ^ 2) / 2) + ((v_y ^ 3) / 2)).
Proof.
intros. split_hypotheses.
assert (L3 : forall v_y_t : R, 0 < v_y_t -> v_y_t <= 1 -> 0 <= (3 - (exp v_y_t))).
{ intros v_y_t; intros. slope_by_balls v_y_t. }
assert (L2 : forall v_y_t : R, 0 < v_y_t -> v_y_t <= 1 -> 0 <= (1 - (exp v_y_t) + (3 * v_y_t))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => (1 - (exp v_y_t) + (3 * v_y_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => (1 - (exp v_y_t) + (3 * v_y_t))) (fun v_y_t : R => (3 - (exp v_y_t))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L3 v_y_t_u. }
assert (L1 : forall v_y_t : R, 0 < v_y_t -> v_y_t <= 1 -> 0 <= (1 + v_y_t - (exp v_y_t) + ((3 / 2) * (v_y_t ^ 2)))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => (1 + v_y_t - (exp v_y_t) + ((3 / 2) * (v_y_t ^ 2)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => (1 + v_y_t - (exp v_y_t) + ((3 / 2) * (v_y_t ^ 2)))) (fun v_y_t : R => (1 - (exp v_y_t) + (3 * v_y_t))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L2 v_y_t_u. }
assert (L0 : forall v_y_t : R, 0 < v_y_t -> v_y_t <= 1 -> 0 <= (1 + v_y_t + ((v_y_t ^ 2) / 2) + ((v_y_t ^ 3) / 2) - (exp v_y_t))).
{ intros v_y_t; intros.
  apply Rle_trans with ((fun v_y_t : R => (1 + v_y_t + ((v_y_t ^ 2) / 2) + ((v_y_t ^ 3) / 2) - (exp v_y_t))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_y_t : R => (1 + v_y_t + ((v_y_t ^ 2) / 2) + ((v_y_t ^ 3) / 2) - (exp v_y_t))) (fun v_y_t : R => (1 + v_y_t - (exp v_y_t) + ((3 / 2) * (v_y_t ^ 2)))) 0 v_y_t); [ | in_range | ].
  - intros v_y_t_u ?. cbv beta. differentiate.
  - intros v_y_t_u ?. cbv beta. slope_from L1 v_y_t_u. }
use_level L0 v_y.
Qed.

(* exp(x) ≤ x + exp(x²) for x = -y ≤ 0 [nonlinear arithmetic] *)
Lemma lemma_1_4 : forall (v_y : R),
  (0 < v_y) ->
  ((exp (- v_y)) <= (1 + ((v_y ^ 2) / 2) - v_y)) ->
  ((exp (v_y ^ 2)) >= (1 + (v_y ^ 2))) ->
  (exp (- v_y)) <= ((- v_y) + (exp (v_y ^ 2))).
Proof.
intros; nra.
Qed.

(* exp(x) ≤ x + exp(x²) for x = y in [0, 1] [nonlinear arithmetic] *)
Lemma lemma_1_5 : forall (v_y : R),
  (0 < v_y) ->
  (v_y <= 1) ->
  (((v_y <= 1) -> ((exp v_y) <= (1 + v_y + ((v_y ^ 2) / 2) + ((v_y ^ 3) / 2))))) ->
  ((exp (v_y ^ 2)) >= (1 + (v_y ^ 2))) ->
  (exp v_y) <= (v_y + (exp (v_y ^ 2))).
Proof.
intros; nra.
Qed.

(* exp(x) ≤ x + exp(x²) for x = 1 + y ≥ 1, where a = exp(1 + y) and exp(x²) = a exp(y + y²) [nonlinear arithmetic] *)
Lemma lemma_1_6 : forall (v_a : R) (v_y : R),
  (0 < v_a) ->
  (0 < v_y) ->
  ((exp (v_y + (v_y ^ 2))) >= (1 + v_y + (v_y ^ 2))) ->
  v_a <= (1 + v_y + (v_a * (exp (v_y + (v_y ^ 2))))).
Proof.
intros; nra.
Qed.

(* ℓ ≤ 1/2: E exp(λX) ≤ E exp(λ²X²) ≤ 2^ℓ/(1-ℓ) ≤ exp(9ℓ/2) [mean value theorem] *)
Lemma lemma_1_11 : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell <= (1 / 2)) ->
  ((- (ln (1 - v_ell))) + (v_ell * (ln 2))) <= ((9 / 2) * v_ell).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t <= (1 / 2) -> 0 <= ((2 + (((- 1) + v_ell_t) * (9 - (2 * (ln 2))))) / (2 * ((- 1) + v_ell_t)))).
{ intros v_ell_t; intros. slope_by_balls v_ell_t. }
assert (L0 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t <= (1 / 2) -> 0 <= (((9 / 2) * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))).
{ intros v_ell_t; intros.
  apply Rle_trans with ((fun v_ell_t : R => (((9 / 2) * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_ell_t : R => (((9 / 2) * v_ell_t) - (v_ell_t * (ln 2)) + (ln (1 - v_ell_t)))) (fun v_ell_t : R => ((2 + (((- 1) + v_ell_t) * (9 - (2 * (ln 2))))) / (2 * ((- 1) + v_ell_t)))) 0 v_ell_t); [ | in_range | ].
  - intros v_ell_t_u ?. cbv beta. differentiate.
  - intros v_ell_t_u ?. cbv beta. slope_from L1 v_ell_t_u. }
use_level L0 v_ell.
Qed.

(* ℓ ≤ 1/2: E exp(λX) ≤ E exp(λ²X²) ≤ 2^ℓ/(1-ℓ) ≤ exp(9ℓ/2): every part has a value [definedness] *)
Lemma lemma_1_11_defined : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell <= (1 / 2)) -> (1 - v_ell) > 0.
Proof.
defined.
Qed.

(* ℓ ≥ 1/2: λX ≤ λ²/2 + X²/2 [cleared denominators] *)
Lemma lemma_1_12 : forall (v_lambda : R) (v_x : R),
  (v_lambda * v_x) <= (((v_lambda ^ 2) / 2) + ((v_x ^ 2) / 2)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply (quotient_le _ _ (1 * ((v_x - v_lambda)) ^ 2) (2)); [ field; nonzero | posit | ].
posit.
Qed.

(* ℓ ≥ 1/2: exp(ℓ/2) E exp(X²/2) ≤ exp(ℓ/2) 2√2 ≤ exp(9ℓ/2) [mean value theorem] *)
Lemma lemma_1_13 : forall (v_ell : R),
  (0 < v_ell) ->
  (v_ell >= (1 / 2)) ->
  ((v_ell / 2) + (ln (2 * (sqrt 2)))) <= ((9 / 2) * v_ell).
Proof.
intros. split_hypotheses.
assert (L1 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t >= (1 / 2) -> 0 <= 4).
{ intros v_ell_t; intros. first [ solve [slope_by_signs v_ell_t] | replace 4 with 4 by (pose_positive; field; nonzero); slope_by_signs v_ell_t ]. }
assert (L0 : forall v_ell_t : R, 0 < v_ell_t -> v_ell_t >= (1 / 2) -> 0 <= ((- (ln (2 * (sqrt 2)))) + (4 * v_ell_t))).
{ intros v_ell_t; intros.
  apply Rle_trans with ((fun v_ell_t : R => ((- (ln (2 * (sqrt 2)))) + (4 * v_ell_t))) (1 / 2)); [ cbv beta; end_by_balls | ].
  apply (rises (fun v_ell_t : R => ((- (ln (2 * (sqrt 2)))) + (4 * v_ell_t))) (fun v_ell_t : R => 4) (1 / 2) v_ell_t); [ | in_range | ].
  - intros v_ell_t_u ?. cbv beta. differentiate.
  - intros v_ell_t_u ?. cbv beta. slope_from L1 v_ell_t_u. }
use_level L0 v_ell.
Qed.

(* 8 · 9 = 72 [linear arithmetic] *)
Lemma lemma_1_26 : (8 * 9) = 72.
Proof.
intros; lra.
Qed.

(* -(1-δ) log(1-δ) ≤ δ [mean value theorem] *)
Lemma lemma_1_27 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 1) ->
  (((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta.
Proof.
intros. split_hypotheses.
assert (L2 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 1 -> 0 <= (- (/ ((- 1) + v_delta_t)))).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (- (/ ((- 1) + v_delta_t))) with (- (/ ((- 1) + v_delta_t))) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 1 -> 0 <= (- (ln (1 - v_delta_t)))).
{ intros v_delta_t; intros.
  apply Rle_trans with ((fun v_delta_t : R => (- (ln (1 - v_delta_t)))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_delta_t : R => (- (ln (1 - v_delta_t)))) (fun v_delta_t : R => (- (/ ((- 1) + v_delta_t)))) 0 v_delta_t); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L2 v_delta_t_u. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t < 1 -> 0 <= (v_delta_t - (((- 1) + v_delta_t) * (ln (1 - v_delta_t))))).
{ intros v_delta_t; intros.
  apply Rle_trans with ((fun v_delta_t : R => (v_delta_t - (((- 1) + v_delta_t) * (ln (1 - v_delta_t))))) 0); [ cbv beta; end_by_signs | ].
  apply (rises (fun v_delta_t : R => (v_delta_t - (((- 1) + v_delta_t) * (ln (1 - v_delta_t))))) (fun v_delta_t : R => (- (ln (1 - v_delta_t)))) 0 v_delta_t); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* -(1-δ) log(1-δ) ≤ δ: every part has a value [definedness] *)
Lemma lemma_1_27_defined : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta < 1) -> (1 - v_delta) > 0.
Proof.
defined.
Qed.

(* log 2 ≥ 1/2 [interval arithmetic] *)
Lemma lemma_1_28 : (ln 2) >= (1 / 2).
Proof.
intros; split_hypotheses; interval.
Qed.

(* log δ ≤ 0 [mean value theorem] *)
Lemma lemma_1_29 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta <= 1) ->
  (ln v_delta) <= 0.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t <= 1 -> 0 <= (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t <= 1 -> 0 <= (- (ln v_delta_t))).
{ intros v_delta_t; intros.
  apply Rle_trans with ((fun v_delta_t : R => (- (ln v_delta_t))) 1); [ cbv beta; end_by_signs | ].
  apply (falls (fun v_delta_t : R => (- (ln v_delta_t))) (fun v_delta_t : R => (- (/ v_delta_t))) v_delta_t 1); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* (I + h(δ))/δ + log 2 ≤ 72 (I/δ + log(2/δ)), times δ [nonlinear arithmetic] *)
Lemma lemma_1_30 : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  (v_delta < 1) ->
  (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) ->
  ((ln 2) >= (1 / 2)) ->
  (((v_delta <= 1) -> ((ln v_delta) <= 0))) ->
  (v_I - (ln (1 - v_delta)) + (v_delta * (ln 2)) + (v_delta * (ln (1 - v_delta))) - (v_delta * (ln v_delta))) <= ((72 * v_I) + (72 * v_delta * ((- (ln v_delta)) + (ln 2)))).
Proof.
intros; nra.
Qed.

(* (I + h(δ))/δ + log 2 ≤ 72 (I/δ + log(2/δ)), times δ: every part has a value [definedness] *)
Lemma lemma_1_30_defined : forall (v_I : R) (v_delta : R),
  (0 <= v_I) ->
  (0 < v_delta) ->
  ((v_delta < 1) -> ((ln 2) >= (1 / 2)) -> (((v_delta <= 1) -> ((ln v_delta) <= 0))) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((v_delta < 1) -> (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) -> ((ln 2) >= (1 / 2)) -> (((v_delta <= 1) -> ((ln v_delta) <= 0))) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* h(δ) + δ log 2 ≤ 1.5076 δ log(2/δ) for s = 1 - δ in [1/50, 9/10] [interval arithmetic] *)
Lemma lemma_1_44 : forall (v_s : R),
  (0 < v_s) ->
  (v_s >= (1 / 50)) ->
  (v_s <= (9 / 10)) ->
  (((1269 / 2500) - ((1269 / 2500) * v_s)) * ((- (ln (1 - v_s))) + (ln 2))) >= (- (v_s * (ln v_s))).
Proof.
intros; split_hypotheses; one_side; interval with (i_bisect v_s).
Qed.

(* h(δ) + δ log 2 ≤ 1.5076 δ log(2/δ) for s = 1 - δ in [1/50, 9/10]: every part has a value [definedness] *)
Lemma lemma_1_44_defined : forall (v_s : R),
  (0 < v_s) ->
  (v_s >= (1 / 50)) -> (v_s <= (9 / 10)) -> (1 - v_s) > 0.
Proof.
defined.
Qed.

(* log(2/δ) ≥ 2 for δ ≤ 1/10 [mean value theorem] *)
Lemma lemma_1_45 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta <= (1 / 10)) ->
  ((- (ln v_delta)) + (ln 2)) >= 2.
Proof.
intros. split_hypotheses.
assert (L1 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t <= (1 / 10) -> 0 <= (/ v_delta_t)).
{ intros v_delta_t; intros. first [ solve [slope_by_signs v_delta_t] | replace (/ v_delta_t) with (/ v_delta_t) by (pose_positive; field; nonzero); slope_by_signs v_delta_t ]. }
assert (L0 : forall v_delta_t : R, 0 < v_delta_t -> v_delta_t <= (1 / 10) -> 0 <= ((- 2) - (ln v_delta_t) + (ln 2))).
{ intros v_delta_t; intros.
  apply Rle_trans with ((fun v_delta_t : R => ((- 2) - (ln v_delta_t) + (ln 2))) (1 / 10)); [ cbv beta; end_by_balls | ].
  apply (falls (fun v_delta_t : R => ((- 2) - (ln v_delta_t) + (ln 2))) (fun v_delta_t : R => (- (/ v_delta_t))) v_delta_t (1 / 10)); [ | in_range | ].
  - intros v_delta_t_u ?. cbv beta. differentiate.
  - intros v_delta_t_u ?. cbv beta. slope_from L1 v_delta_t_u. }
use_level L0 v_delta.
Qed.

(* the same for δ ≤ 1/10, where -(1-δ) log(1-δ) ≤ δ and log(2/δ) ≥ 2 [nonlinear arithmetic] *)
Lemma lemma_1_46 : forall (v_delta : R),
  (0 < v_delta) ->
  (v_delta <= (1 / 10)) ->
  (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) ->
  (((- (ln v_delta)) + (ln 2)) >= 2) ->
  ((1269 / 2500) * v_delta * ((- (ln v_delta)) + (ln 2))) >= (((- 1) + v_delta) * (ln (1 - v_delta))).
Proof.
intros; nra.
Qed.

(* the same for δ ≤ 1/10, where -(1-δ) log(1-δ) ≤ δ and log(2/δ) ≥ 2: every part has a value [definedness] *)
Lemma lemma_1_46_defined : forall (v_delta : R),
  (0 < v_delta) ->
  ((v_delta <= (1 / 10)) -> (((- (ln v_delta)) + (ln 2)) >= 2) -> (v_delta < 1) -> (1 - v_delta) > 0)
  /\ ((v_delta <= (1 / 10)) -> (((v_delta < 1) -> ((((- 1) + v_delta) * (ln (1 - v_delta))) <= v_delta))) -> (((- (ln v_delta)) + (ln 2)) >= 2) -> (1 - v_delta) > 0).
Proof.
defined.
Qed.

(* -s log s ≤ 1/10 for s ≤ 1/50 [mean value theorem] *)
Lemma lemma_1_47 : forall (v_s : R),
  (0 < v_s) ->
  (v_s <= (1 / 50)) ->
  (- (v_s * (ln v_s))) <= (1 / 10).
Proof.
intros. split_hypotheses.
assert (L2 : forall v_s_t : R, 0 < v_s_t -> v_s_t <= (1 / 50) -> 0 <= (/ v_s_t)).
{ intros v_s_t; intros. first [ solve [slope_by_signs v_s_t] | replace (/ v_s_t) with (/ v_s_t) by (pose_positive; field; nonzero); slope_by_signs v_s_t ]. }
assert (L1 : forall v_s_t : R, 0 < v_s_t -> v_s_t <= (1 / 50) -> 0 <= ((- 1) - (ln v_s_t))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => ((- 1) - (ln v_s_t))) (1 / 50)); [ cbv beta; end_by_balls | ].
  apply (falls (fun v_s_t : R => ((- 1) - (ln v_s_t))) (fun v_s_t : R => (- (/ v_s_t))) v_s_t (1 / 50)); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L2 v_s_t_u. }
assert (L0 : forall v_s_t : R, 0 < v_s_t -> v_s_t <= (1 / 50) -> 0 <= ((1 / 10) + (v_s_t * (ln v_s_t)))).
{ intros v_s_t; intros.
  apply Rle_trans with ((fun v_s_t : R => ((1 / 10) + (v_s_t * (ln v_s_t)))) (1 / 50)); [ cbv beta; end_by_balls | ].
  apply (falls (fun v_s_t : R => ((1 / 10) + (v_s_t * (ln v_s_t)))) (fun v_s_t : R => (1 + (ln v_s_t))) v_s_t (1 / 50)); [ | in_range | ].
  - intros v_s_t_u ?. cbv beta. differentiate.
  - intros v_s_t_u ?. cbv beta. slope_from L1 v_s_t_u. }
use_level L0 v_s.
Qed.

(* (1-s)(log 2 - log(1-s)) ≥ 1/2 for s ≤ 1/50 [interval arithmetic] *)
Lemma lemma_1_48 : forall (v_s : R),
  (0 < v_s) ->
  (v_s <= (1 / 50)) ->
  ((1 - v_s) * ((- (ln (1 - v_s))) + (ln 2))) >= (1 / 2).
Proof.
intros; split_hypotheses; interval.
Qed.

(* (1-s)(log 2 - log(1-s)) ≥ 1/2 for s ≤ 1/50: every part has a value [definedness] *)
Lemma lemma_1_48_defined : forall (v_s : R),
  (0 < v_s) ->
  (v_s <= (1 / 50)) -> (1 - v_s) > 0.
Proof.
defined.
Qed.

(* so the same for s ≤ 1/50 [linear arithmetic] *)
Lemma lemma_1_49 : forall (v_a : R) (v_b : R),
  (0 < v_a) ->
  (0 < v_b) ->
  (v_a <= (1 / 10)) ->
  (v_b >= (1 / 2)) ->
  ((1269 / 2500) * v_b) >= v_a.
Proof.
intros; lra.
Qed.

(* 1.5076 < 72 [linear arithmetic] *)
Lemma lemma_1_51 : forall (v_a : R),
  (0 < v_a) ->
  (v_a = (3769 / 2500)) ->
  v_a < 72.
Proof.
intros; lra.
Qed.

(* mean fz ≥ 1/4 ε; F, G, Z, Q are the sample means of fz, gz, z², (f-g)² [linear arithmetic] *)
Lemma lemma_2_2 : forall (v_F : R) (v_G : R) (v_MSE : R) (v_Q : R) (v_Z : R) (v_epsilon : R) (v_sigma_2 : R),
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (v_MSE = (v_Q + v_Z - (2 * v_F) + (2 * v_G))) ->
  (v_Q >= 0) ->
  (v_MSE <= (v_sigma_2 - v_epsilon)) ->
  (v_Z >= (v_sigma_2 - (v_epsilon / 6))) ->
  (v_G >= (- (v_epsilon / 6))) ->
  v_F >= (v_epsilon / 4).
Proof.
intros; lra.
Qed.

(* |z| ≤ 2, so 0 ≤ z² ≤ 4 and |zg| ≤ 2 [nonlinear arithmetic] *)
Lemma lemma_2_10 : forall (v_g : R) (v_y : R) (v_z : R),
  (v_z = (v_y - v_g)) ->
  (v_y <= 1) ->
  (v_y >= (- 1)) ->
  (v_g <= 1) ->
  (v_g >= (- 1)) ->
  (((v_g * v_z) <= 2) /\ ((v_g * v_z) >= (- 2)) /\ ((v_z ^ 2) <= 4)).
Proof.
intros; nra.
Qed.

(* interval length 4, variance proxy 4²/4: the exponent at ε/6 is nε²/288 [linear arithmetic] *)
Lemma lemma_2_11 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  ((v_n * ((v_epsilon / 6) ^ 2)) / ((2 * (4 ^ 2)) / 4)) = ((v_n * (v_epsilon ^ 2)) / 288).
Proof.
intros; lra.
Qed.

(* which is at least nε²/8³ [nonlinear arithmetic] *)
Lemma lemma_2_12 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (v_n * (v_epsilon ^ 2) / 288) >= (v_n * (v_epsilon ^ 2) / 512).
Proof.
intros; nra.
Qed.

(* union bound [atoms of events] *)
Lemma lemma_2_13 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_B : Omega -> bool) (v_C : Omega -> bool),
  (probability P) ->
  (P (fun w => ((negb (v_B w)) || (negb (v_C w))))) <= ((P (fun w => (negb (v_B w)))) + (P (fun w => (negb (v_C w))))).
Proof.
intros Omega P v_B v_C; intros.
assert (HP : probability P) by assumption.
pose proof (expand P HP (v_B :: v_C :: nil) (fun v => match v with b0 :: b1 :: nil => (negb b0) | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_B :: v_C :: nil) (fun v => match v with b0 :: b1 :: nil => ((negb b0) || (negb b1)) | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_B :: v_C :: nil) (fun v => match v with b0 :: b1 :: nil => (negb b1) | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_B :: v_C :: nil) (fun v => match v with b0 :: b1 :: nil => true | _ => false end)) as X3; cbn in X3.
pose proof (p_nonneg P HP (fun w => ((true && v_B w) && v_C w))).
pose proof (p_nonneg P HP (fun w => ((true && v_B w) && negb (v_C w)))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_B w)) && v_C w))).
pose proof (p_nonneg P HP (fun w => ((true && negb (v_B w)) && negb (v_C w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* mean fz = X + T ≥ ε/4 forces X ≥ 1/8 ε or A ≥ ε/8; X the fluctuation term, T = Σ e_l S_l, A = Σ |S_l| [linear arithmetic] *)
Lemma lemma_2_15 : forall (v_A : R) (v_F : R) (v_T : R) (v_X : R) (v_epsilon : R),
  (0 < v_epsilon) ->
  (v_F = (v_T + v_X)) ->
  (v_F >= (v_epsilon / 4)) ->
  (v_T <= v_A) ->
  ((v_A >= (v_epsilon / 8)) \/ (v_X >= (v_epsilon / 8))).
Proof.
intros; lra.
Qed.

(* √(q/k) ≤ (q + 1/k)/2, and Σ_l (q_l + 1/k)/2 = 1 for the shares q_l = n_l/n: otherwise Σ |S_l| < ε/8 [cleared denominators] *)
Lemma lemma_2_16 : forall (v_k : R) (v_q : R),
  (0 < v_k) ->
  (0 < v_q) ->
  ((sqrt v_q) / (sqrt v_k)) <= ((v_q / 2) + (1 / (2 * v_k))).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (Rv_root_k : sqrt v_k ^ 2 = v_k) by (apply pow2_sqrt; posit). assert (0 < sqrt v_k) by posit. set (v_root_k := sqrt v_k) in *. clearbody v_root_k. subst v_k.
assert (Rv_root_q : sqrt v_q ^ 2 = v_q) by (apply pow2_sqrt; posit). assert (0 < sqrt v_q) by posit. set (v_root_q := sqrt v_q) in *. clearbody v_root_q. subst v_q.
apply (quotient_le _ _ (1 * (((- 1) + (v_root_k * v_root_q))) ^ 2) (2 * (v_root_k) ^ 2)); [ field; nonzero | posit | ].
posit.
Qed.

(* Σ_l (q_l + 1/k)/2 = (1 + k/k)/2 [field] *)
Lemma lemma_2_17 : forall (v_k : R),
  (0 < v_k) ->
  ((1 + (v_k / v_k)) / 2) = 1.
Proof.
identity.
Qed.

(* n_l terms in an interval of length 4: the exponent is nε²/(8³k) [powers of atoms] *)
Lemma lemma_2_25 : forall (v_epsilon : R) (v_k : R) (v_n : R) (v_n_l : R),
  (0 < v_epsilon) ->
  (0 < v_k) ->
  (0 < v_n) ->
  (0 < v_n_l) ->
  (((((v_n * v_epsilon) / 8) * (sqrt (v_n_l / (v_n * v_k)))) ^ 2) / (((2 * v_n_l) * (4 ^ 2)) / 4)) = ((v_n * (v_epsilon ^ 2)) / (512 * v_k)).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (v_n_l / (v_n * v_k))) = ((sqrt v_n_l) ^ 1) / ((sqrt v_k) ^ 1 * (sqrt v_n) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_n_l) ^ 2 = v_n_l) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_n_l)) by posit.
set (s0 := (sqrt v_n_l)) in *. clearbody s0.
subst v_n_l.
assert (Rs1 : (sqrt v_k) ^ 2 = v_k) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_k)) by posit.
set (s1 := (sqrt v_k)) in *. clearbody s1.
subst v_k.
assert (Rs2 : (sqrt v_n) ^ 2 = v_n) by (apply pow2_sqrt; posit).
assert (Ps2 : 0 < (sqrt v_n)) by posit.
set (s2 := (sqrt v_n)) in *. clearbody s2.
subst v_n.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* union bound on the event algebra [atoms of events] *)
Lemma lemma_2_26 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_A_f : Omega -> bool) (v_B : Omega -> bool) (v_C : Omega -> bool) (v_E_f : Omega -> bool) (v_F : Omega -> bool),
  (probability P) ->
  (forall w, (implb (v_A_f w) ((v_E_f w) || (v_F w) || (negb (v_B w)) || (negb (v_C w)))) = true) ->
  (P (fun w => (v_A_f w))) <= ((P (fun w => (v_E_f w))) + (P (fun w => (v_F w))) + (P (fun w => ((negb (v_B w)) || (negb (v_C w)))))).
Proof.
intros Omega P v_A_f v_B v_C v_E_f v_F; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb (v_A_f w) ((v_E_f w) || (v_F w) || (negb (v_B w)) || (negb (v_C w))))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb (v_A_f w) ((v_E_f w) || (v_F w) || (negb (v_B w)) || (negb (v_C w)))) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => b3 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => b4 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => ((negb b1) || (negb b2)) | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => (negb (implb b0 (b3 || b4 || (negb b1) || (negb b2)))) | _ => false end)) as X4; cbn in X4.
pose proof (expand P HP (v_A_f :: v_B :: v_C :: v_E_f :: v_F :: nil) (fun v => match v with b0 :: b1 :: b2 :: b3 :: b4 :: nil => true | _ => false end)) as X5; cbn in X5.
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && v_C w) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && v_C w) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && v_C w) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && v_C w) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && negb (v_C w)) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && negb (v_C w)) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && negb (v_C w)) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && v_B w) && negb (v_C w)) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && v_C w) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && v_C w) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && v_C w) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && v_C w) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && negb (v_C w)) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && negb (v_C w)) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && negb (v_C w)) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && v_A_f w) && negb (v_B w)) && negb (v_C w)) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && v_C w) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && v_C w) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && v_C w) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && v_C w) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && negb (v_C w)) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && negb (v_C w)) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && negb (v_C w)) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && v_B w) && negb (v_C w)) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && v_C w) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && v_C w) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && v_C w) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && v_C w) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && negb (v_C w)) && v_E_f w) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && negb (v_C w)) && v_E_f w) && negb (v_F w)))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && negb (v_C w)) && negb (v_E_f w)) && v_F w))).
pose proof (p_nonneg P HP (fun w => (((((true && negb (v_A_f w)) && negb (v_B w)) && negb (v_C w)) && negb (v_E_f w)) && negb (v_F w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* b - b/k ≥ 0 [case distinction] *)
Lemma lemma_2_28 : forall (v_b : R) (v_k : R),
  (0 < v_b) ->
  (0 < v_k) ->
  (v_k >= 1) ->
  (v_b - (v_b / v_k)) >= 0.
Proof.
by_cases.
Qed.

(* a = exp(-b) and a exp(s) = exp(-b/k) with s = b - b/k [nonlinear arithmetic] *)
Lemma lemma_2_29 : forall (v_a : R) (v_k : R) (v_s : R),
  (0 < v_a) ->
  (0 < v_k) ->
  (0 < v_s) ->
  ((exp v_s) >= (1 + v_s)) ->
  (v_k >= 1) ->
  ((2 * v_a) + (2 * v_a * v_k * (exp v_s))) <= (v_a * (2 + (2 * v_k)) * (exp v_s)).
Proof.
intros; nra.
Qed.

(* union bound on the event algebra [atoms of events] *)
Lemma lemma_2_76 : forall (Omega : Type) (P : (Omega -> bool) -> R) (v_A_f : Omega -> bool) (v_E_f : Omega -> bool) (v_S : Omega -> bool),
  (probability P) ->
  (forall w, (implb ((v_A_f w) && (negb (v_E_f w))) (v_S w)) = true) ->
  (P (fun w => (v_A_f w))) <= ((P (fun w => (v_E_f w))) + (P (fun w => (v_S w)))).
Proof.
intros Omega P v_A_f v_E_f v_S; intros.
assert (HP : probability P) by assumption.
assert (S0 : P (fun w => negb (implb ((v_A_f w) && (negb (v_E_f w))) (v_S w))) = 0) by (apply (p_empty P HP); intros w; match goal with H : forall w, (implb ((v_A_f w) && (negb (v_E_f w))) (v_S w)) = true |- _ => rewrite (H w); reflexivity end).
pose proof (expand P HP (v_A_f :: v_E_f :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b0 | _ => false end)) as X0; cbn in X0.
pose proof (expand P HP (v_A_f :: v_E_f :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b1 | _ => false end)) as X1; cbn in X1.
pose proof (expand P HP (v_A_f :: v_E_f :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => b2 | _ => false end)) as X2; cbn in X2.
pose proof (expand P HP (v_A_f :: v_E_f :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => (negb (implb (b0 && (negb b1)) b2)) | _ => false end)) as X3; cbn in X3.
pose proof (expand P HP (v_A_f :: v_E_f :: v_S :: nil) (fun v => match v with b0 :: b1 :: b2 :: nil => true | _ => false end)) as X4; cbn in X4.
pose proof (p_nonneg P HP (fun w => (((true && v_A_f w) && v_E_f w) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && v_A_f w) && v_E_f w) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && v_A_f w) && negb (v_E_f w)) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && v_A_f w) && negb (v_E_f w)) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_A_f w)) && v_E_f w) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_A_f w)) && v_E_f w) && negb (v_S w)))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_A_f w)) && negb (v_E_f w)) && v_S w))).
pose proof (p_nonneg P HP (fun w => (((true && negb (v_A_f w)) && negb (v_E_f w)) && negb (v_S w)))).
pose proof (p_total P HP). cbn in *. first [ lra | repeat split; lra ].
Qed.

(* 2n(ε/2)²/17 = nε²/34 [linear arithmetic] *)
Lemma lemma_2_77 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (((2 * v_n) * ((v_epsilon / 2) ^ 2)) / 17) = ((v_n * (v_epsilon ^ 2)) / 34).
Proof.
intros; lra.
Qed.

(* data processing [elemental inequalities] *)
Lemma lemma_3_1 : forall (h_D : R) (h_W : R) (h_X : R) (h_l : R) (h_D_W : R) (h_D_X : R) (h_D_l : R) (h_W_X : R) (h_W_l : R) (h_X_l : R) (h_D_W_X : R) (h_D_W_l : R) (h_D_X_l : R) (h_W_X_l : R) (h_D_W_X_l : R),
  (0 <= h_D_W_X_l - h_W_X_l) ->
  (0 <= h_D_W_X_l - h_D_X_l) ->
  (0 <= h_D_W_X_l - h_D_W_l) ->
  (0 <= h_D_W_X_l - h_D_W_X) ->
  (0 <= h_D + h_W - h_D_W - 0) ->
  (0 <= h_D_X + h_W_X - h_D_W_X - h_X) ->
  (0 <= h_D_l + h_W_l - h_D_W_l - h_l) ->
  (0 <= h_D_X_l + h_W_X_l - h_D_W_X_l - h_X_l) ->
  (0 <= h_D + h_X - h_D_X - 0) ->
  (0 <= h_D_W + h_W_X - h_D_W_X - h_W) ->
  (0 <= h_D_l + h_X_l - h_D_X_l - h_l) ->
  (0 <= h_D_W_l + h_W_X_l - h_D_W_X_l - h_W_l) ->
  (0 <= h_D + h_l - h_D_l - 0) ->
  (0 <= h_D_W + h_W_l - h_D_W_l - h_W) ->
  (0 <= h_D_X + h_X_l - h_D_X_l - h_X) ->
  (0 <= h_D_W_X + h_W_X_l - h_D_W_X_l - h_W_X) ->
  (0 <= h_W + h_X - h_W_X - 0) ->
  (0 <= h_D_W + h_D_X - h_D_W_X - h_D) ->
  (0 <= h_W_l + h_X_l - h_W_X_l - h_l) ->
  (0 <= h_D_W_l + h_D_X_l - h_D_W_X_l - h_D_l) ->
  (0 <= h_W + h_l - h_W_l - 0) ->
  (0 <= h_D_W + h_D_l - h_D_W_l - h_D) ->
  (0 <= h_W_X + h_X_l - h_W_X_l - h_X) ->
  (0 <= h_D_W_X + h_D_X_l - h_D_W_X_l - h_D_X) ->
  (0 <= h_X + h_l - h_X_l - 0) ->
  (0 <= h_D_X + h_D_l - h_D_X_l - h_D) ->
  (0 <= h_W_X + h_W_l - h_W_X_l - h_W) ->
  (0 <= h_D_W_X + h_D_W_l - h_D_W_X_l - h_D_W) ->
  ((h_D_X_l - h_D_l) = 0) ->
  ((h_D_W + h_D_l - h_D_W_l - h_D) = 0) ->
  (h_W + h_X - h_W_X - 0) <= (h_W + h_D - h_D_W - 0).
Proof.
intros; repeat split; lra.
Qed.

(* if W can be read off f^W (t ↦ f^t one to one) [elemental inequalities] *)
Lemma lemma_3_2 : forall (h_D : R) (h_W : R) (h_f : R) (h_D_W : R) (h_D_f : R) (h_W_f : R) (h_D_W_f : R),
  (0 <= h_D_W_f - h_W_f) ->
  (0 <= h_D_W_f - h_D_f) ->
  (0 <= h_D_W_f - h_D_W) ->
  (0 <= h_D + h_W - h_D_W - 0) ->
  (0 <= h_D_f + h_W_f - h_D_W_f - h_f) ->
  (0 <= h_D + h_f - h_D_f - 0) ->
  (0 <= h_D_W + h_W_f - h_D_W_f - h_W) ->
  (0 <= h_W + h_f - h_W_f - 0) ->
  (0 <= h_D_W + h_D_f - h_D_W_f - h_D) ->
  ((h_W_f - h_W) = 0) ->
  ((h_W_f - h_f) = 0) ->
  (h_W + h_D - h_D_W - 0) = (h_f + h_D - h_D_f - 0).
Proof.
intros; repeat split; lra.
Qed.

(* with r = qN: -q log q = q log N - (r log r)/N, so summing over N values gives H ≤ log N [field] *)
Lemma lemma_3_5 : forall (v_N : R) (v_q : R),
  (0 < v_N) ->
  (0 < v_q) ->
  (- (v_q * (ln v_q))) = ((v_q * (ln v_N)) - (v_q * (ln (v_N * v_q)))).
Proof.
identity.
Qed.

(* I(f; D) ≤ I(m; D) + H(W | m), and H(W | m) ≤ Λ = E log N_m [elemental inequalities] *)
Lemma lemma_3_6 : forall (h_D : R) (h_W : R) (h_f : R) (h_m : R) (h_D_W : R) (h_D_f : R) (h_D_m : R) (h_W_f : R) (h_W_m : R) (h_f_m : R) (h_D_W_f : R) (h_D_W_m : R) (h_D_f_m : R) (h_W_f_m : R) (h_D_W_f_m : R) (v_Lambda : R),
  (0 <= v_Lambda) ->
  (0 <= h_D_W_f_m - h_W_f_m) ->
  (0 <= h_D_W_f_m - h_D_f_m) ->
  (0 <= h_D_W_f_m - h_D_W_m) ->
  (0 <= h_D_W_f_m - h_D_W_f) ->
  (0 <= h_D + h_W - h_D_W - 0) ->
  (0 <= h_D_f + h_W_f - h_D_W_f - h_f) ->
  (0 <= h_D_m + h_W_m - h_D_W_m - h_m) ->
  (0 <= h_D_f_m + h_W_f_m - h_D_W_f_m - h_f_m) ->
  (0 <= h_D + h_f - h_D_f - 0) ->
  (0 <= h_D_W + h_W_f - h_D_W_f - h_W) ->
  (0 <= h_D_m + h_f_m - h_D_f_m - h_m) ->
  (0 <= h_D_W_m + h_W_f_m - h_D_W_f_m - h_W_m) ->
  (0 <= h_D + h_m - h_D_m - 0) ->
  (0 <= h_D_W + h_W_m - h_D_W_m - h_W) ->
  (0 <= h_D_f + h_f_m - h_D_f_m - h_f) ->
  (0 <= h_D_W_f + h_W_f_m - h_D_W_f_m - h_W_f) ->
  (0 <= h_W + h_f - h_W_f - 0) ->
  (0 <= h_D_W + h_D_f - h_D_W_f - h_D) ->
  (0 <= h_W_m + h_f_m - h_W_f_m - h_m) ->
  (0 <= h_D_W_m + h_D_f_m - h_D_W_f_m - h_D_m) ->
  (0 <= h_W + h_m - h_W_m - 0) ->
  (0 <= h_D_W + h_D_m - h_D_W_m - h_D) ->
  (0 <= h_W_f + h_f_m - h_W_f_m - h_f) ->
  (0 <= h_D_W_f + h_D_f_m - h_D_W_f_m - h_D_f) ->
  (0 <= h_f + h_m - h_f_m - 0) ->
  (0 <= h_D_f + h_D_m - h_D_f_m - h_D) ->
  (0 <= h_W_f + h_W_m - h_W_f_m - h_W) ->
  (0 <= h_D_W_f + h_D_W_m - h_D_W_f_m - h_D_W) ->
  ((h_W_f - h_W) = 0) ->
  ((h_W_m - h_W) = 0) ->
  ((h_W_m - h_m) <= v_Lambda) ->
  (h_f + h_D - h_D_f - 0) <= (v_Lambda + (h_m + h_D - h_D_m - 0)).
Proof.
intros; repeat split; lra.
Qed.

(* in one go, with no assumption on t ↦ f^t [elemental inequalities] *)
Lemma lemma_3_10 : forall (h_D : R) (h_W : R) (h_X : R) (h_l : R) (h_m : R) (h_D_W : R) (h_D_X : R) (h_D_l : R) (h_D_m : R) (h_W_X : R) (h_W_l : R) (h_W_m : R) (h_X_l : R) (h_X_m : R) (h_l_m : R) (h_D_W_X : R) (h_D_W_l : R) (h_D_W_m : R) (h_D_X_l : R) (h_D_X_m : R) (h_D_l_m : R) (h_W_X_l : R) (h_W_X_m : R) (h_W_l_m : R) (h_X_l_m : R) (h_D_W_X_l : R) (h_D_W_X_m : R) (h_D_W_l_m : R) (h_D_X_l_m : R) (h_W_X_l_m : R) (h_D_W_X_l_m : R) (v_Lambda : R),
  (0 <= v_Lambda) ->
  (0 <= h_D_W_X_l_m - h_W_X_l_m) ->
  (0 <= h_D_W_X_l_m - h_D_X_l_m) ->
  (0 <= h_D_W_X_l_m - h_D_W_l_m) ->
  (0 <= h_D_W_X_l_m - h_D_W_X_m) ->
  (0 <= h_D_W_X_l_m - h_D_W_X_l) ->
  (0 <= h_D + h_W - h_D_W - 0) ->
  (0 <= h_D_X + h_W_X - h_D_W_X - h_X) ->
  (0 <= h_D_l + h_W_l - h_D_W_l - h_l) ->
  (0 <= h_D_m + h_W_m - h_D_W_m - h_m) ->
  (0 <= h_D_X_l + h_W_X_l - h_D_W_X_l - h_X_l) ->
  (0 <= h_D_X_m + h_W_X_m - h_D_W_X_m - h_X_m) ->
  (0 <= h_D_l_m + h_W_l_m - h_D_W_l_m - h_l_m) ->
  (0 <= h_D_X_l_m + h_W_X_l_m - h_D_W_X_l_m - h_X_l_m) ->
  (0 <= h_D + h_X - h_D_X - 0) ->
  (0 <= h_D_W + h_W_X - h_D_W_X - h_W) ->
  (0 <= h_D_l + h_X_l - h_D_X_l - h_l) ->
  (0 <= h_D_m + h_X_m - h_D_X_m - h_m) ->
  (0 <= h_D_W_l + h_W_X_l - h_D_W_X_l - h_W_l) ->
  (0 <= h_D_W_m + h_W_X_m - h_D_W_X_m - h_W_m) ->
  (0 <= h_D_l_m + h_X_l_m - h_D_X_l_m - h_l_m) ->
  (0 <= h_D_W_l_m + h_W_X_l_m - h_D_W_X_l_m - h_W_l_m) ->
  (0 <= h_D + h_l - h_D_l - 0) ->
  (0 <= h_D_W + h_W_l - h_D_W_l - h_W) ->
  (0 <= h_D_X + h_X_l - h_D_X_l - h_X) ->
  (0 <= h_D_m + h_l_m - h_D_l_m - h_m) ->
  (0 <= h_D_W_X + h_W_X_l - h_D_W_X_l - h_W_X) ->
  (0 <= h_D_W_m + h_W_l_m - h_D_W_l_m - h_W_m) ->
  (0 <= h_D_X_m + h_X_l_m - h_D_X_l_m - h_X_m) ->
  (0 <= h_D_W_X_m + h_W_X_l_m - h_D_W_X_l_m - h_W_X_m) ->
  (0 <= h_D + h_m - h_D_m - 0) ->
  (0 <= h_D_W + h_W_m - h_D_W_m - h_W) ->
  (0 <= h_D_X + h_X_m - h_D_X_m - h_X) ->
  (0 <= h_D_l + h_l_m - h_D_l_m - h_l) ->
  (0 <= h_D_W_X + h_W_X_m - h_D_W_X_m - h_W_X) ->
  (0 <= h_D_W_l + h_W_l_m - h_D_W_l_m - h_W_l) ->
  (0 <= h_D_X_l + h_X_l_m - h_D_X_l_m - h_X_l) ->
  (0 <= h_D_W_X_l + h_W_X_l_m - h_D_W_X_l_m - h_W_X_l) ->
  (0 <= h_W + h_X - h_W_X - 0) ->
  (0 <= h_D_W + h_D_X - h_D_W_X - h_D) ->
  (0 <= h_W_l + h_X_l - h_W_X_l - h_l) ->
  (0 <= h_W_m + h_X_m - h_W_X_m - h_m) ->
  (0 <= h_D_W_l + h_D_X_l - h_D_W_X_l - h_D_l) ->
  (0 <= h_D_W_m + h_D_X_m - h_D_W_X_m - h_D_m) ->
  (0 <= h_W_l_m + h_X_l_m - h_W_X_l_m - h_l_m) ->
  (0 <= h_D_W_l_m + h_D_X_l_m - h_D_W_X_l_m - h_D_l_m) ->
  (0 <= h_W + h_l - h_W_l - 0) ->
  (0 <= h_D_W + h_D_l - h_D_W_l - h_D) ->
  (0 <= h_W_X + h_X_l - h_W_X_l - h_X) ->
  (0 <= h_W_m + h_l_m - h_W_l_m - h_m) ->
  (0 <= h_D_W_X + h_D_X_l - h_D_W_X_l - h_D_X) ->
  (0 <= h_D_W_m + h_D_l_m - h_D_W_l_m - h_D_m) ->
  (0 <= h_W_X_m + h_X_l_m - h_W_X_l_m - h_X_m) ->
  (0 <= h_D_W_X_m + h_D_X_l_m - h_D_W_X_l_m - h_D_X_m) ->
  (0 <= h_W + h_m - h_W_m - 0) ->
  (0 <= h_D_W + h_D_m - h_D_W_m - h_D) ->
  (0 <= h_W_X + h_X_m - h_W_X_m - h_X) ->
  (0 <= h_W_l + h_l_m - h_W_l_m - h_l) ->
  (0 <= h_D_W_X + h_D_X_m - h_D_W_X_m - h_D_X) ->
  (0 <= h_D_W_l + h_D_l_m - h_D_W_l_m - h_D_l) ->
  (0 <= h_W_X_l + h_X_l_m - h_W_X_l_m - h_X_l) ->
  (0 <= h_D_W_X_l + h_D_X_l_m - h_D_W_X_l_m - h_D_X_l) ->
  (0 <= h_X + h_l - h_X_l - 0) ->
  (0 <= h_D_X + h_D_l - h_D_X_l - h_D) ->
  (0 <= h_W_X + h_W_l - h_W_X_l - h_W) ->
  (0 <= h_X_m + h_l_m - h_X_l_m - h_m) ->
  (0 <= h_D_W_X + h_D_W_l - h_D_W_X_l - h_D_W) ->
  (0 <= h_D_X_m + h_D_l_m - h_D_X_l_m - h_D_m) ->
  (0 <= h_W_X_m + h_W_l_m - h_W_X_l_m - h_W_m) ->
  (0 <= h_D_W_X_m + h_D_W_l_m - h_D_W_X_l_m - h_D_W_m) ->
  (0 <= h_X + h_m - h_X_m - 0) ->
  (0 <= h_D_X + h_D_m - h_D_X_m - h_D) ->
  (0 <= h_W_X + h_W_m - h_W_X_m - h_W) ->
  (0 <= h_X_l + h_l_m - h_X_l_m - h_l) ->
  (0 <= h_D_W_X + h_D_W_m - h_D_W_X_m - h_D_W) ->
  (0 <= h_D_X_l + h_D_l_m - h_D_X_l_m - h_D_l) ->
  (0 <= h_W_X_l + h_W_l_m - h_W_X_l_m - h_W_l) ->
  (0 <= h_D_W_X_l + h_D_W_l_m - h_D_W_X_l_m - h_D_W_l) ->
  (0 <= h_l + h_m - h_l_m - 0) ->
  (0 <= h_D_l + h_D_m - h_D_l_m - h_D) ->
  (0 <= h_W_l + h_W_m - h_W_l_m - h_W) ->
  (0 <= h_X_l + h_X_m - h_X_l_m - h_X) ->
  (0 <= h_D_W_l + h_D_W_m - h_D_W_l_m - h_D_W) ->
  (0 <= h_D_X_l + h_D_X_m - h_D_X_l_m - h_D_X) ->
  (0 <= h_W_X_l + h_W_X_m - h_W_X_l_m - h_W_X) ->
  (0 <= h_D_W_X_l + h_D_W_X_m - h_D_W_X_l_m - h_D_W_X) ->
  ((h_D_X_l - h_D_l) = 0) ->
  ((h_D_W + h_D_l - h_D_W_l - h_D) = 0) ->
  ((h_W_m - h_W) = 0) ->
  ((h_W_m - h_m) <= v_Lambda) ->
  (((h_W + h_D - h_D_W - 0) <= (v_Lambda + (h_m + h_D - h_D_m - 0))) /\ ((h_W + h_X - h_W_X - 0) <= (h_W + h_D - h_D_W - 0))).
Proof.
intros; repeat split; lra.
Qed.

(* y² - g² = z² + 2gz [linear arithmetic] *)
Lemma lemma_4_15 : forall (v_g : R) (v_z : R),
  (((v_g + v_z) ^ 2) - (v_g ^ 2)) = ((v_z ^ 2) + (2 * v_g * v_z)).
Proof.
intros; lra.
Qed.

(* mean fz ≥ ε/4; Y is the mean of y² - g² [linear arithmetic] *)
Lemma lemma_4_16 : forall (v_F : R) (v_MSE : R) (v_Q : R) (v_Y : R) (v_epsilon : R) (v_sigma_2 : R),
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (v_MSE = (v_Q + v_Y - (2 * v_F))) ->
  (v_Q >= 0) ->
  (v_MSE <= (v_sigma_2 - v_epsilon)) ->
  (v_Y >= (v_sigma_2 - (v_epsilon / 2))) ->
  v_F >= (v_epsilon / 4).
Proof.
intros; lra.
Qed.

(* B and C give G [linear arithmetic] *)
Lemma lemma_4_17 : forall (v_G : R) (v_Z : R) (v_epsilon : R) (v_sigma_2 : R),
  (0 < v_epsilon) ->
  (0 < v_sigma_2) ->
  (v_Z >= (v_sigma_2 - (v_epsilon / 6))) ->
  (v_G >= (- (v_epsilon / 6))) ->
  (v_Z + (2 * v_G)) >= (v_sigma_2 - (v_epsilon / 2)).
Proof.
intros; lra.
Qed.

(* 0 ≤ y² ≤ 1 [nonlinear arithmetic] *)
Lemma lemma_4_25 : forall (v_y : R),
  (v_y <= 1) ->
  (v_y >= (- 1)) ->
  (v_y ^ 2) <= 1.
Proof.
intros; nra.
Qed.

(* two intervals of length 1: proxy 1/4 + 1/4 [linear arithmetic] *)
Lemma lemma_4_26 : ((1 / 4) + (1 / 4)) = (1 / 2).
Proof.
intros; lra.
Qed.

(* n(vλ²/2 - λu) = -nu²/(2v) at λ = u/v [linear arithmetic] *)
Lemma lemma_4_27 : forall (v_n : R) (v_u : R),
  (0 < v_n) ->
  (0 < v_u) ->
  (v_n * (((((v_u / (1 / 2)) ^ 2) / 2) / 2) - ((v_u / (1 / 2)) * v_u))) = (((- v_n) * (v_u ^ 2)) / (2 / 2)).
Proof.
intros; lra.
Qed.

(* at deviation ε/2 [linear arithmetic] *)
Lemma lemma_4_28 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (((- v_n) * ((v_epsilon / 2) ^ 2)) / (2 / 2)) = (((- v_n) * (v_epsilon ^ 2)) / 4).
Proof.
intros; lra.
Qed.

(* nε²/4 > nε²/8³ [cleared denominators] *)
Lemma lemma_4_29 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (v_n * (v_epsilon ^ 2) / 4) > (v_n * (v_epsilon ^ 2) / 512).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
apply Rlt_gt. apply (quotient_lt _ _ (127 * (v_n) * (v_epsilon) ^ 2) (512)); [ field; nonzero | posit | ].
posit.
Qed.

(* |S_l| = max(S_l, -S_l) [case distinction] *)
Lemma lemma_5_26 : forall (v_S_l : R),
  (Rabs v_S_l) = (Rmax (- v_S_l) v_S_l).
Proof.
by_cases.
Qed.

(* exponent at ε/8 [linear arithmetic] *)
Lemma lemma_5_34 : forall (v_epsilon : R) (v_n : R),
  (0 < v_epsilon) ->
  (0 < v_n) ->
  ((v_n * ((v_epsilon / 8) ^ 2)) / ((2 * (2 ^ 2)) / 4)) = ((v_n * (v_epsilon ^ 2)) / 128).
Proof.
intros; lra.
Qed.

(* d t²/(2cL²) = y²/2 at t = yL√(c/d) [powers of atoms] *)
Lemma lemma_6_41 : forall (v_L : R) (v_c : R) (v_d : R) (v_y : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_y) ->
  ((v_d * (((v_y * v_L) * (sqrt (v_c / v_d))) ^ 2)) / ((2 * v_c) * (v_L ^ 2))) = ((v_y ^ 2) / 2).
Proof.
intros. split_hypotheses. pose_logarithms. pose_positive.
assert (E0 : (sqrt (v_c / v_d)) = ((sqrt v_c) ^ 1) / ((sqrt v_d) ^ 1)) by first [ solve [by_logarithms] | solve [simpl; ring] ].
try rewrite !E0. clear E0.
assert (Rs0 : (sqrt v_c) ^ 2 = v_c) by (apply pow2_sqrt; posit).
assert (Ps0 : 0 < (sqrt v_c)) by posit.
set (s0 := (sqrt v_c)) in *. clearbody s0.
subst v_c.
assert (Rs1 : (sqrt v_d) ^ 2 = v_d) by (apply pow2_sqrt; posit).
assert (Ps1 : 0 < (sqrt v_d)) by posit.
set (s1 := (sqrt v_d)) in *. clearbody s1.
subst v_d.
expand_logarithms. expand_hypotheses. field_with_roots.
Qed.

(* (t/2)²/2 = t²/8 [linear arithmetic] *)
Lemma lemma_6_42 : forall (v_t : R),
  (0 < v_t) ->
  (((v_t / 2) ^ 2) / 2) = ((v_t ^ 2) / 8).
Proof.
intros; lra.
Qed.

(* log E exp(λX) ≤ 9Cλ²/2 for each of n terms: P(mean ≥ u) ≤ exp(-nu²/(18C)) [field] *)
Lemma lemma_6_43 : forall (v_C : R) (v_n : R) (v_u : R),
  (0 < v_C) ->
  (0 < v_n) ->
  (0 < v_u) ->
  (((- v_n) * (v_u ^ 2)) / (18 * v_C)) = ((- (v_u ^ 2)) / ((18 * v_C) / v_n)).
Proof.
identity.
Qed.

(* 18 · 8 = 144 [linear arithmetic] *)
Lemma lemma_6_44 : (18 * 8) = 144.
Proof.
intros; lra.
Qed.

(* (ε/4)² nd/(8cL²) = ε² nd/(128cL²) [field] *)
Lemma lemma_6_194 : forall (v_L : R) (v_c : R) (v_d : R) (v_epsilon : R) (v_n : R),
  (0 < v_L) ->
  (0 < v_c) ->
  (0 < v_d) ->
  (0 < v_epsilon) ->
  (0 < v_n) ->
  (((((v_epsilon / 4) ^ 2) * v_n) * v_d) / ((8 * v_c) * (v_L ^ 2))) = ((((v_epsilon ^ 2) * v_n) * v_d) / ((128 * v_c) * (v_L ^ 2))).
Proof.
identity.
Qed.
