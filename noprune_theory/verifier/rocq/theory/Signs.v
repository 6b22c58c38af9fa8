(** Exported obligations: the functions they use, and goals about signs.

    Rocq's functions are total: [ln] and [sqrt] of a negative number are 0, as is [/ 0]. An obligation says nothing
    about such values; that every part of it has one is exported as a goal of its own, named [..._defined]. *)
From Coq Require Export Reals Lra Lia Psatz Classical Rpower.
From Coquelicot Require Export Coquelicot.
From Interval Require Export Tactic.
Export RIneq.
Open Scope R_scope.

(** The error function, which Coquelicot does not have. *)
Definition erf (x : R) : R := 2 / sqrt PI * RInt (fun t : R => exp (- t ^ 2)) 0 x.

(** ** Signs of the functions *)

Lemma ln_gt_0 : forall x, 1 < x -> 0 < ln x.
Proof. intros x H. rewrite <- ln_1. apply ln_increasing; lra. Qed.

Lemma ln_ge_0 : forall x, 1 <= x -> 0 <= ln x.
Proof. intros x H. rewrite <- ln_1. apply ln_le; lra. Qed.

Lemma ln_le_0 : forall x, 0 < x <= 1 -> ln x <= 0.
Proof. intros x H. rewrite <- ln_1. apply ln_le; lra. Qed.

Lemma ln_lt_0 : forall x, 0 < x < 1 -> ln x < 0.
Proof. intros x H. rewrite <- ln_1. apply ln_increasing; lra. Qed.

Lemma sinh_gt_0 : forall x, 0 < x -> 0 < sinh x.
Proof. intros x H. rewrite <- sinh_0. apply sinh_lt. exact H. Qed.

Lemma cosh_gt_0 : forall x, 0 < cosh x.
Proof. intros x. unfold cosh. pose proof (exp_pos x). pose proof (exp_pos (- x)). lra. Qed.

Lemma square_le : forall a b, 0 <= a -> a <= b -> a ^ 2 <= b ^ 2.
Proof. intros. nra. Qed.

(** ** [posit]: a product, quotient, sum, power or function of positive parts is positive *)

Ltac posit :=
  lazymatch goal with
  | |- _ > _ => apply Rlt_gt; posit
  | |- _ >= _ => apply Rle_ge; posit
  | |- 0 < ?a * ?b => first [ apply Rmult_lt_0_compat; posit | nra ]
  | |- 0 < ?a / ?b => first [ apply Rdiv_lt_0_compat; posit | nra ]
  | |- 0 < / ?b => apply Rinv_0_lt_compat; posit
  | |- 0 < ?a + ?b => first [ lra | apply Rplus_lt_0_compat; posit | nra ]
  | |- 0 < exp _ => apply exp_pos
  | |- 0 < cosh _ => apply cosh_gt_0
  | |- 0 < sinh _ => apply sinh_gt_0; posit
  | |- 0 < Rpower _ _ => apply exp_pos
  | |- 0 < sqrt _ => apply sqrt_lt_R0; posit
  | |- 0 < _ ^ _ => apply pow_lt; posit
  | |- 0 < PI => exact PI_RGT_0
  | |- 0 < ln _ => first [ lra | apply ln_gt_0; lra | nra ]
  | |- 0 < _ => first [ lra | nra ]
  | |- 0 <= sqrt _ => apply sqrt_pos
  | |- 0 <= exp _ => apply Rlt_le, exp_pos
  | |- 0 <= ?a / ?b => first [ lra | apply Rdiv_le_0_compat; posit ]
  | |- 0 <= ?a * ?b => first [ lra | apply Rmult_le_pos; posit | nra ]
  | |- 0 <= _ ^ 2 => apply pow2_ge_0
  | |- 0 <= _ ^ _ => first [ lra | apply pow_le; posit | nra ]
  | |- 0 <= _ + _ => first [ lra | apply Rplus_le_le_0_compat; posit | nra ]
  | |- 0 <= ?a => first [ lra | apply Rlt_le; posit | nra ]
  | |- ?a <> 0 => first [ lra | apply Rgt_not_eq; red; posit | apply Rlt_not_eq; nra | nra ]
  | |- _ /\ _ => split; posit
  end.

(** Side conditions of [field]: factors that are not zero. *)
Ltac nonzero := repeat split; posit.

(** ** Facts to be had for nothing *)

Ltac pose_new t := let T := type of t in match goal with H : T |- _ => fail 1 | |- _ => pose proof t end.

Ltac pose_logarithms := repeat match goal with |- context [ln 2] => pose_new (ln_gt_0 2 ltac:(lra)) end.

Ltac pose_positive := repeat match goal with
  | |- context [exp ?a] => pose_new (exp_pos a)
  | H : context [exp ?a] |- _ => pose_new (exp_pos a)
  | |- context [cosh ?a] => pose_new (cosh_gt_0 a)
  | |- context [sinh ?a] => let H := fresh in assert (H : 0 < sinh a) by (apply sinh_gt_0; lra);
      match goal with F : 0 < sinh a |- _ => first [ constr_eq H F; fail 1 | clear H; fail 2 ] | |- _ => idtac end
  end.

(** [a - b <= 0] for [a <= b]: [interval] wants a constant bound. *)
Ltac one_side := lazymatch goal with
  | |- _ >= _ => apply Rle_ge; apply Rminus_le
  | |- _ > _ => apply Rlt_gt; apply Rminus_lt
  | |- _ <= _ => apply Rminus_le
  | |- _ < _ => apply Rminus_lt
  end.
