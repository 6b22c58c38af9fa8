(** Equations between terms with logarithms, exponentials, real powers and roots. *)
From Obligations Require Export Slopes.

(** ** Relations of roots, for [field] *)

Ltac pose_roots := repeat match goal with
  | |- context [sqrt ?a] => lazymatch goal with
      | H : sqrt a ^ 2 = a |- _ => fail
      | |- _ => assert (sqrt a ^ 2 = a) by (apply pow2_sqrt; posit)
      end
  end.
Ltac field_with_roots := first
  [ solve [ring] | solve [field; nonzero]
  | match goal with
    | H1 : ?a ^ _ = _, H2 : ?b ^ _ = _, H3 : ?c ^ _ = _, H4 : ?d ^ _ = _ |- _ => solve [field [H1 H2 H3 H4]; nonzero]
    | H1 : ?a ^ _ = _, H2 : ?b ^ _ = _, H3 : ?c ^ _ = _ |- _ => solve [field [H1 H2 H3]; nonzero]
    | H1 : ?a ^ _ = _, H2 : ?b ^ _ = _ |- _ => solve [field [H1 H2]; nonzero]
    | H1 : ?a ^ _ = _ |- _ => solve [field [H1]; nonzero]
    end ].

(** ** Equal positive numbers have equal logarithms *)

(** [ln 12 = ln 2 + (ln 2 + ln 3)] *)
Ltac split_numeral z p :=
  lazymatch eval vm_compute in (andb (Z.eqb (Z.modulo z p) 0) (Z.ltb p z)) with
  | true =>
      let q := eval vm_compute in (Z.div z p) in
      replace (ln (IZR z)) with (ln (IZR p) + ln (IZR q)) by (rewrite <- ln_mult by lra; f_equal; lra)
  end.
Ltac split_numerals := repeat match goal with
  | |- context [ln (IZR ?z)] =>
      first [ split_numeral z 2%Z | split_numeral z 3%Z | split_numeral z 5%Z | split_numeral z 7%Z ]
  end.
Ltac expand_power := match goal with |- context [ln (?a ^ ?n)] => rewrite (ln_pow a n) by posit end.
Ltac by_logarithms :=
  apply ln_inv;
  [ posit | posit
  | unfold Rpower; repeat first [ expand_logarithm | expand_power ]; simpl INR;
    first [ solve [ring] | solve [field; nonzero] | solve [split_numerals; field; nonzero]
          | pose_roots; field_with_roots ] ].

Ltac close_equation := first [ field_with_roots | split_numerals; field_with_roots ].
Ltac identity :=
  intros; split_hypotheses; pose_logarithms; expand_logarithms; expand_hypotheses;
  first [ reflexivity | solve [ring] | solve [field; nonzero] | f_equal; solve [field; nonzero] ].

(** ** Derivatives *)

Lemma is_derive_erf : forall x, is_derive erf x (2 / sqrt PI * exp (- x ^ 2)).
Proof.
  intros x. unfold erf. apply (is_derive_scal (fun y => RInt (fun t => exp (- t ^ 2)) 0 y)).
  apply (is_derive_RInt (fun t => exp (- t ^ 2)) (fun y => RInt (fun t => exp (- t ^ 2)) 0 y) 0 x).
  - apply filter_forall. intros b. apply (@RInt_correct R_CompleteNormedModule).
    apply (@ex_RInt_continuous R_CompleteNormedModule). intros z _.
    apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
  - apply (@ex_derive_continuous R_AbsRing R_NormedModule). auto_derive. exact I.
Qed.

Lemma Derive_erf : forall x, Derive erf x = 2 / sqrt PI * exp (- x ^ 2).
Proof. intros. apply is_derive_unique, is_derive_erf. Qed.

Lemma ex_derive_erf : forall x, ex_derive erf x.
Proof. intros. eexists. apply is_derive_erf. Qed.

Ltac part_exists := repeat split; first [ apply ex_derive_erf | solve [auto] | posit ].
Ltac derivative_exists := try unfold Rpower; auto_derive; part_exists.

(** [Derive M x] is what [auto_derive] writes [Derive (fun y => M y) x]. *)
Ltac contract := repeat match goal with
  | |- context [Derive (fun y => ?f y) ?z] => progress change (Derive (fun y => f y) z) with (Derive f z)
  end.

(** [Derive f x = d]; the powers are multiplied out, as [auto_derive] does even inside functions. *)
Ltac plain_derivative :=
  apply is_derive_unique; auto_derive;
  [ part_exists
  | try rewrite Derive_erf; contract; cbn [pow]; unfold Rminus, Rdiv;
    first [ solve [ring] | solve [field; nonzero] | pose_roots; field_with_roots ] ].
(** [exp (- (sqrt 2 * x / 2) ^ 2)] is written [exp (- (x ^ 2 / 2))]. *)
Ltac derivative_of_erf :=
  apply is_derive_unique; auto_derive; [ part_exists | ]; rewrite Derive_erf;
  assert (sqrt 2 ^ 2 = 2) by (apply pow2_sqrt; lra); assert (0 < sqrt PI) by posit;
  match goal with |- context [exp (- (?a) ^ 2)] => match goal with |- context [exp (- (?b / 2))] =>
    replace (- (a) ^ 2) with (- (b / 2)) by (unfold Rdiv, Rminus; field_with_roots) end end;
  first [ solve [field_with_roots] | cbn [pow]; unfold Rminus, Rdiv; field_with_roots ].
Ltac derivative := first
  [ solve [plain_derivative] | solve [derivative_of_erf] | solve [unfold Rpower; plain_derivative] ].

(** ** Second derivatives: the first one is known in a neighbourhood *)

Lemma locally_positive : forall (P : R -> Prop) x, 0 < x -> (forall y, 0 < y -> P y) -> locally x P.
Proof.
  intros P x Hx H. exists (mkposreal x Hx). intros y Hy. apply H.
  unfold ball in Hy; simpl in Hy. unfold AbsRing_ball, abs, minus, plus, opp in Hy; simpl in Hy.
  unfold Rabs in Hy. destruct (Rcase_abs _) in Hy; lra.
Qed.

Ltac nearby tac := first
  [ solve [apply filter_forall; intros; tac] | solve [apply locally_positive; [ posit | intros; tac ]] ].

(** [Derive (fun x => Derive f x) x = d], where [d1] is the first derivative. *)
Ltac second_derivative d1 := rewrite (Derive_ext_loc _ d1); [ derivative | nearby derivative ].
Ltac second_exists d1 :=
  apply (ex_derive_ext_loc d1); [ nearby ltac:(symmetry; derivative) | derivative_exists ].
