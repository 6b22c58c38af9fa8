(** Exported obligations with absolute values, maxima, cases, quotients and roots. *)
From Obligations Require Export Signs.

Ltac split_hypotheses := repeat match goal with
  | H : _ /\ _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : ?A -> ?B |- _ => match type of A with Prop => specialize (H ltac:(lra)) end
  end.

Ltac split_cases := repeat match goal with
  | H : context [Rabs ?x] |- _ =>
      destruct (Rle_lt_dec 0 x); [ rewrite (Rabs_right x) in * by lra | rewrite (Rabs_left x) in * by lra ]
  | |- context [Rabs ?x] =>
      destruct (Rle_lt_dec 0 x); [ rewrite (Rabs_right x) in * by lra | rewrite (Rabs_left x) in * by lra ]
  | |- context [Rmax ?x ?y] =>
      destruct (Rle_lt_dec x y); [ rewrite (Rmax_right x y) in * by lra | rewrite (Rmax_left x y) in * by lra ]
  | |- context [Rmin ?x ?y] =>
      destruct (Rle_lt_dec x y); [ rewrite (Rmin_left x y) in * by lra | rewrite (Rmin_right x y) in * by lra ]
  | H : context [Rmax ?x ?y] |- _ =>
      destruct (Rle_lt_dec x y); [ rewrite (Rmax_right x y) in * by lra | rewrite (Rmax_left x y) in * by lra ]
  | H : context [Rmin ?x ?y] |- _ =>
      destruct (Rle_lt_dec x y); [ rewrite (Rmin_left x y) in * by lra | rewrite (Rmin_right x y) in * by lra ]
  | |- context [if Rlt_dec ?x ?y then _ else _] => destruct (Rlt_dec x y)
  | |- context [if Rle_dec ?x ?y then _ else _] => destruct (Rle_dec x y)
  | H : context [if Rlt_dec ?x ?y then _ else _] |- _ => destruct (Rlt_dec x y)
  | H : context [if Rle_dec ?x ?y then _ else _] |- _ => destruct (Rle_dec x y)
  end.

Ltac is_numeral e := match e with IZR _ => idtac end.

(** A quotient becomes a product with a new variable [i] of which [b * i = 1] is known. *)
Ltac name_inverse b :=
  let i := fresh "inverse" in
  assert (b * / b = 1) by (apply Rinv_r; posit);
  try assert (0 < / b) by (apply Rinv_0_lt_compat; posit);
  set (i := / b) in *; clearbody i.
Ltac name_inverses := unfold Rdiv in *; repeat match goal with
  | H : context [/ ?b] |- _ => tryif is_numeral b then fail else name_inverse b
  | |- context [/ ?b] => tryif is_numeral b then fail else name_inverse b
  end.

(** A root becomes a new variable of which the square is known. *)
Ltac name_roots := repeat match goal with
  | |- context [sqrt ?b] =>
      let s := fresh "root" in
      assert (sqrt b * sqrt b = b) by (apply sqrt_sqrt; posit);
      assert (0 <= sqrt b) by apply sqrt_pos;
      set (s := sqrt b) in *; clearbody s
  end.

Ltac arithmetic :=
  first [ lra | nra | name_inverses; first [ lra | nra ] | name_roots; name_inverses; nra ].

(** Of a disjunction, the first member is shown where the second fails. *)
Ltac each_case := lazymatch goal with
  | |- _ /\ _ => split; each_case
  | |- ?a \/ ?b =>
      let N := fresh "N" in
      destruct (classic b) as [N | N];
      [ right; exact N | left; try (apply Rnot_ge_lt in N); try (apply Rnot_le_lt in N); each_case ]
  | |- _ => arithmetic
  end.
Ltac by_cases := intros; split_hypotheses; split_cases; each_case.

(** ** Clearing denominators *)

Lemma quotient_le : forall l r n d, r - l = n / d -> 0 < d -> 0 <= n -> l <= r.
Proof. intros l r n d E Hd Hn. assert (0 <= n / d) by (apply Rdiv_le_0_compat; lra). lra. Qed.

Lemma quotient_lt : forall l r n d, r - l = n / d -> 0 < d -> 0 < n -> l < r.
Proof. intros l r n d E Hd Hn. assert (0 < n / d) by (apply Rdiv_lt_0_compat; lra). lra. Qed.

(** ** Sides of the same shape: part by part *)

Ltac part_by_part := first
  [ lra
  | lazymatch goal with
    | |- _ >= _ => apply Rle_ge; part_by_part
    | |- _ * _ <= _ * _ => apply Rmult_le_compat; [ posit | posit | part_by_part | part_by_part ]
    | |- _ + _ <= _ + _ => apply Rplus_le_compat; part_by_part
    | |- _ / ?b <= _ / ?b => apply Rmult_le_compat_r; [ apply Rlt_le, Rinv_0_lt_compat; posit | part_by_part ]
    | |- _ ^ ?n <= _ ^ ?n => apply pow_incr; split; [ posit | part_by_part ]
    | |- sqrt _ <= sqrt _ => apply sqrt_le_1_alt; part_by_part
    end ].
