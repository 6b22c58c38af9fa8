(** Probabilities of Boolean events: finitely additive, expanded over the atoms that the events generate. *)
From Obligations Require Export Signs.
From Coq Require Export Bool List.
Export ListNotations.

Record probability {Omega : Type} (P : (Omega -> bool) -> R) : Prop := {
  p_nonneg : forall A, 0 <= P A;
  p_total : P (fun _ => true) = 1;
  p_ext : forall A B, (forall w, A w = B w) -> P A = P B;
  p_add : forall A B, P A = P (fun w => A w && B w) + P (fun w => A w && negb (B w)) }.

Section Atoms.
Context {Omega : Type} (P : (Omega -> bool) -> R) (HP : probability P).

Lemma p_empty : forall A, (forall w, A w = false) -> P A = 0.
Proof.
  intros A H. pose proof (p_add P HP A A) as E.
  rewrite (p_ext P HP (fun w => A w && A w) A) in E by (intros w; apply andb_diag).
  rewrite (p_ext P HP (fun w => A w && negb (A w)) A) in E by (intros w; rewrite H; reflexivity). lra.
Qed.

(** The probability that the events [es] take values for which [F] holds, within [G]. *)
Fixpoint atoms (es : list (Omega -> bool)) (F : list bool -> bool) (G : Omega -> bool) : R :=
  match es with
  | [] => if F [] then P G else 0
  | e :: es' => atoms es' (fun v => F (true :: v)) (fun w => G w && e w)
              + atoms es' (fun v => F (false :: v)) (fun w => G w && negb (e w))
  end.

Lemma expand_within : forall es F G, P (fun w => G w && F (map (fun e => e w) es)) = atoms es F G.
Proof.
  induction es as [|e es IH]; intros F G; cbn.
  - destruct (F []); [ apply (p_ext P HP); intros; apply andb_true_r | apply p_empty; intros; apply andb_false_r ].
  - rewrite <- !IH. rewrite (p_add P HP _ e). f_equal; apply (p_ext P HP); intros w;
      destruct (G w), (e w); cbn; rewrite ?andb_true_r, ?andb_false_r; reflexivity.
Qed.

Lemma expand : forall es F, P (fun w => F (map (fun e => e w) es)) = atoms es F (fun _ => true).
Proof. intros. rewrite <- expand_within. apply (p_ext P HP). reflexivity. Qed.
End Atoms.
